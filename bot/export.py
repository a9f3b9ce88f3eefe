"""A conversation as Markdown, its sources in footnotes, or as JSON; every citation leads where it should."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from bot.answer import UNKNOWN, Answer, Citation, as_json
from bot.conversations import Conversation, Turn
from bot.telling import headed
from bot.telling import said as said_by

FORMAT = 1  # of the JSON object
CHANGED = "the article has changed since; these words stood there when it was asked"
CAVEATS = {"partly": "supported in part", "unsupported": "not supported by the articles"}

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>&#~|$])")  # what an article says must stay words: no markup, no address
_MARKER = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=:]))")  # what would begin a list, a heading or a rule
_WORDS = 5  # at each end of a quotation that an address names: more would make it break on every small change


def to_json(conversation: Conversation, turns: Sequence[Turn]) -> dict[str, Any]:
    """Return everything that is kept of a conversation, as one JSON object."""
    return {
        "format": FORMAT,
        "id": conversation.id,
        "title": conversation.title,
        "created": conversation.created,
        "changed": conversation.changed,
        "turns": [
            {
                "number": turn.number,
                "asked": turn.asked,
                "limits": dict(turn.limits),
                "settings": dict(turn.settings),
                "verdict": turn.verdict,
                "why": turn.why,
                "answer": as_json(turn.answer),
            }
            for turn in turns
        ],
    }


def to_markdown(conversation: Conversation, turns: Sequence[Turn]) -> str:
    """Return the conversation as a Markdown document with footnotes, as GitHub, Pandoc and Obsidian read them."""
    blocks = [f"# {_plain(conversation.title) or f'Conversation {conversation.id}'}"]
    blocks += [block for turn in turns for block in _blocks(turn)]
    blocks += [_footnote(turn, citation) for turn in turns for citation in _shown(turn.answer)]
    return "\n\n".join(blocks) + "\n"


def link_to(url: str | None, words: str) -> str | None:
    """Return an address that opens the page at the quoted words; None for what is no web page.

    The form is that of https://wicg.github.io/scroll-to-text-fragment/, which browsers that do not know it ignore.
    """
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:  # such as an unclosed bracket
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    said = words.split()
    ends = [said] if len(said) <= 2 * _WORDS else [said[:_WORDS], said[-_WORDS:]]
    fragment = ",".join(quote(" ".join(end), safe="").replace("-", "%2D") for end in ends)
    address = quote(parts._replace(fragment="").geturl(), safe="/:?=&%@+,;~!$'()*-._")
    return f"{address}#{quote(parts.fragment, safe='%')}:~:text={fragment}"


def _blocks(turn: Turn) -> Iterator[str]:
    answer = turn.answer
    yield f"## {_plain(answer.question)}"
    if answer.standalone not in ("", answer.question):
        yield f"*Searched for: {_plain(answer.standalone)}*"
    elif answer.in_context:
        yield "*Searched for with what was said before in mind.*"
    if answer.declined:
        yield "The articles do not say." + (" Nearest to it:" if answer.nearest else "")
        for citation in answer.nearest:
            yield f"> “{_plain(answer.quote(citation))}”[^{turn.number}-{citation.number}]"
    for sentence in answer.sentences:
        said = f"“{_plain(sentence.text)}”" if sentence.support == "quoted" else _plain(sentence.text)
        caveat = f" *({CAVEATS[sentence.support]})*" if sentence.support in CAVEATS else ""
        yield f"> {said}" + "".join(f"[^{turn.number}-{number}]" for number in sentence.citations) + caveat
    for sides in answer.differences:
        yield f"**{headed(answer, sides)}:** " + "; ".join(_side(turn, *side) for side in said_by(answer, sides)) + "."


def _side(turn: Turn, side: Citation, later: str, words: str) -> str:
    printed = _byline(turn.answer, side) + (f", {later}" if later else "")
    return f"{printed}: “{_plain(words)}”[^{turn.number}-{side.number}]"


def _byline(answer: Answer, citation: Citation) -> str:
    article = answer.articles[citation.article_id]
    return f"{_plain(article.outlet or f'{UNKNOWN} outlet')}, {_plain((article.published or 'undated')[:10])}"


def _footnote(turn: Turn, citation: Citation) -> str:
    article = turn.answer.articles[citation.article_id]
    words = turn.answer.quote(citation)
    address = link_to(article.url, words)
    title = _plain(article.title or UNKNOWN)
    headline = f"[{title}](<{address}>)" if address else title
    byline = _byline(turn.answer, citation)
    page = None if citation.changed else article.page(citation.start)
    place = f"{_plain(article.file)}, " + (f"page {page}, " if page else "")
    place += f"characters {citation.start}–{citation.end}"
    note = f" *{CHANGED[0].upper()}{CHANGED[1:]}.*" if citation.changed else ""
    return f"[^{turn.number}-{citation.number}]: {byline}: {headline} ({place}): “{_plain(words)}”{note}"


def _shown(answer: Answer) -> tuple[Citation, ...]:
    return answer.nearest if answer.declined else answer.citations


def _plain(text: str) -> str:
    """Return the text as one line that Markdown shows as it stands."""
    line = _ACTIVE.sub(r"\\\1", " ".join(text.split()))
    return _MARKER.sub(lambda found: f"{found[1]}\\", line, count=1)
