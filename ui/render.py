"""Answers and articles as HTML: whatever others wrote is escaped here, and only here."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from bot.answer import Answer, Citation, Sentence
from index.articles import Article
from index.library import Entry
from index.passages import Span

DECLINE = "The articles do not say."
SHELF_LIMIT = 60  # headlines; a stack of thousands would bury the page
CAVEATS = {"partly": "supported in part", "unsupported": "not supported by the articles"}

# No browser can show these, UTF-8 cannot carry the surrogates, and NUL upsets the parser.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def render_answer(answer: Answer, *, turn: int) -> Markup:
    """Render one turn of the conversation; its markers lead into `render_articles` of the same turn."""
    body = _declined(answer, turn) if answer.declined else _answered(answer, turn)
    return _turn(answer.question, _understood(answer) + body, turn)


def render_notice(question: str, notice: str, *, turn: int, wrong: bool = False) -> Markup:
    """Render a turn that has no answer: still reading, or, where `wrong`, why there will be none."""
    template = '<p class="wrong" role="alert">{}</p>' if wrong else '<p class="reading">{}</p>'
    return _turn(question, _html(template, notice), turn)


def render_articles(answer: Answer, *, turn: int) -> Markup:
    """Render every article that the answer points into, once, in the order of first citation."""
    cited = _by_article(_shown(answer))
    return _join(
        render_article(answer.articles[article_id], citations=citations, turn=turn)
        for article_id, citations in cited.items()
    )


def render_article(article: Article, *, citations: Sequence[Citation], turn: int) -> Markup:
    """Render an article with its quotations marked; page.css shows it while one of them is the target."""
    lit = _join(_lit(_anchor(turn, citation.number), citation.number) for citation in citations)
    return _html(
        '<article class="article" aria-label="{label}"><style>{lit}</style>'
        '<p class="bar"><span>{byline}</span>'
        '<a class="close" href="#closed" aria-label="Close the article">×</a></p>'
        '<h2 dir="auto">{label}</h2>{printed}{changed}<div class="text">{text}</div></article>',
        label=article.label,
        byline=_byline(article),
        lit=lit,
        printed=_printed(article),
        changed=_join(_changed(citation, turn) for citation in citations if citation.changed),
        text=_text(article.text, [citation for citation in citations if not citation.changed], turn),
    )


def render_shelf(entries: Sequence[Entry]) -> Markup:
    """Render what there is to ask about, newest first; an empty library explains what to do."""
    if not entries:
        return _html(
            '<section class="empty"><h2>There are no articles yet.</h2><p>Add a folder of them, then reload'
            " this page:</p><pre><code>byline add FOLDER</code></pre></section>"
        )
    newest = sorted(entries, key=lambda entry: entry.published or "", reverse=True)
    items = _join(
        _html(
            '<li><bdi class="headline">{}</bdi><span>{}</span></li>',
            entry.title or entry.file,
            _byline(entry),
        )
        for entry in newest[:SHELF_LIMIT]
    )
    rest = len(entries) - SHELF_LIMIT
    more = _html('<p class="more">and {} more</p>', f"{rest:,}") if rest > 0 else Markup()
    return _html('<section class="shelf"><h2>{}</h2><ul>{}</ul>{}</section>', format_extent(entries), items, more)


def format_byline(article: Article | Entry) -> str:
    """Return who printed it and when, as in “The Harbour Gazette, 15 September 2014”."""
    return f"{article.outlet or 'unknown outlet'}, {format_date(article.published)}"


def format_date(published: str | None) -> str:
    """Return “15 September 2014”, “undated” for None, and what is no ISO 8601 date as it stands."""
    if not published:
        return "undated"
    try:
        day = datetime.fromisoformat(published)
    except ValueError:
        return published
    return f"{day.day} {day:%B} {day.year}"


def format_extent(articles: Iterable[Article | Entry]) -> str:
    """Return “2 articles, 1 outlet”; articles of unknown outlet count for no outlet."""
    articles = list(articles)
    outlets = {article.outlet for article in articles} - {None}
    counts = [(len(articles), "article"), (len(outlets), "outlet")]
    return ", ".join(f"{n:,} {noun}{'' if n == 1 else 's'}" for n, noun in counts if n)


def _turn(question: str, body: Markup, turn: int) -> Markup:
    return _html('<section class="turn" id="t{}"><h2 dir="auto">{}</h2>{}</section>', turn, question, body)


def _understood(answer: Answer) -> Markup:
    if answer.standalone in ("", answer.question):
        return Markup()
    return _html('<p class="understood">Understood as: <bdi>{}</bdi></p>', answer.standalone)


def _answered(answer: Answer, turn: int) -> Markup:
    by_number = {citation.number: citation for citation in answer.citations}
    said = _join(_sentence(sentence, answer, by_number, turn) for sentence in answer.sentences)
    extent = format_extent(answer.articles[a] for a in _by_article(answer.citations))
    return said + _html('<h3>From {}</h3><ul class="cited">{}</ul>', extent, _cited(answer, turn))


def _declined(answer: Answer, turn: int) -> Markup:
    if not answer.nearest:
        return _html('<p class="decline">{}</p>', DECLINE)
    nearest = _join(
        _html(
            '<li><p class="nearest" dir="auto">{}</p><span>{}</span>{}</li>',
            answer.quote(citation),
            _byline(answer.articles[citation.article_id]),
            _marker(citation, answer.articles[citation.article_id], turn),
        )
        for citation in answer.nearest
    )
    template = '<p class="decline">{}</p><h3>The nearest passages</h3><ul class="passages">{}</ul>'
    return _html(template, DECLINE, nearest)


def _sentence(sentence: Sentence, answer: Answer, by_number: dict[int, Citation], turn: int) -> Markup:
    cited = [by_number[number] for number in sentence.citations if number in by_number]
    markers = _join(_marker(c, answer.articles[c.article_id], turn) for c in cited)
    caveat = CAVEATS.get(sentence.support)
    return _html(
        '<p class="sentence {support}" dir="auto">{text}{markers}{caveat}</p>',
        support=sentence.support,
        text=_quoted(sentence),
        markers=markers,
        caveat=_html(' <small class="caveat">{}</small>', caveat) if caveat else Markup(),
    )


def _quoted(sentence: Sentence) -> Markup:
    """Put quotation marks around a quotation, unless it opens with its own."""
    if sentence.support != "quoted" or sentence.text.startswith(('"', "“", "«", "„", "'", "‘")):
        return _html("{}", sentence.text)
    return _html("<q>{}</q>", sentence.text)


def _cited(answer: Answer, turn: int) -> Markup:
    return _join(
        _html(
            '<li><a class="headline" href="#{}"><bdi>{}</bdi></a><span>{}</span>{}</li>',
            _anchor(turn, citations[0].number),
            answer.articles[article_id].label,
            _byline(answer.articles[article_id]),
            _join(_marker(c, answer.articles[article_id], turn) for c in citations),
        )
        for article_id, citations in _by_article(answer.citations).items()
    )


def _marker(citation: Citation, article: Article, turn: int) -> Markup:
    return _html(
        '<a class="marker" href="#{}" aria-label="Source {}: {}">{}</a>',
        _anchor(turn, citation.number),
        citation.number,
        format_byline(article),
        citation.number,
    )


def _byline(article: Article | Entry) -> Markup:
    return _html("<bdi>{}</bdi>, {}", article.outlet or "unknown outlet", format_date(article.published))


def _printed(article: Article) -> Markup:
    """Say who wrote it and where it is on the web, as far as the article tells."""
    by = [_html("By <bdi>{}</bdi>", ", ".join(article.authors))] if article.authors else []
    parts = [*by, *_address(article.url)]
    return _html('<p class="printed">{}</p>', _html(" · ").join(parts)) if parts else Markup()


def _changed(citation: Citation, turn: int) -> Markup:
    """Show the words that the article no longer has; the marker leads here instead of to other words."""
    return _html(
        '<p class="changed"><span id="{}" class="anchor" data-number="{}"></span>The article has changed since. '
        'It said: <mark class="c{}"><q>{}</q></mark></p>',
        _anchor(turn, citation.number),
        citation.number,
        citation.number,
        citation.was,
    )


def _address(url: str | None) -> list[Markup]:
    """Link to where the article was printed, by http or https and nothing else."""
    try:
        parts = urlsplit((url or "").strip())
        host = parts.hostname
    except ValueError:  # such as an unclosed bracket
        return []
    if parts.scheme not in ("http", "https") or not host:
        return []
    link = '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>'
    return [_html(link, parts.geturl(), host.removeprefix("www."))]


def _text(text: str, citations: Sequence[Citation], turn: int) -> Markup:
    """Render the paragraphs of a text with marks around exactly the cited characters."""
    anchored: set[int] = set()
    paragraphs = []
    for line in re.finditer(r"[^\n]*\S[^\n]*", text):
        pieces = []
        for piece in _pieces(line.span(), citations):
            covering = [c.number for c in citations if c.start <= piece[0] and piece[1] <= c.end]
            fresh = [number for number in covering if number not in anchored]
            anchored.update(fresh)
            pieces.append(_piece(text[slice(*piece)], covering, fresh, turn))
        paragraphs.append(_html('<p dir="auto">{}</p>', _join(pieces)))
    return _join(paragraphs)


def _pieces(span: Span, citations: Sequence[Citation]) -> Iterable[Span]:
    """Cut `span` wherever a citation starts or ends, so that each piece is wholly inside or outside."""
    cuts = {offset for c in citations for offset in (c.start, c.end) if span[0] < offset < span[1]}
    return pairwise(sorted({*span, *cuts}))


def _piece(text: str, covering: list[int], fresh: list[int], turn: int) -> Markup:
    if not covering:
        return _html("{}", text)
    classes = " ".join(f"c{number}" for number in covering)
    anchors = _join(
        _html('<span id="{}" class="anchor" data-number="{}"></span>', _anchor(turn, number), number)
        for number in fresh
    )
    return _html('<mark class="{}">{}{}</mark>', classes, anchors, text)


def _shown(answer: Answer) -> tuple[Citation, ...]:
    return answer.nearest if answer.declined else answer.citations


def _lit(anchor: str, number: int) -> Markup:
    """Light one quotation, all of its pieces, and the markers that lead there, while it is the target."""
    return _html(
        ".article:has(#{0}:target) .c{1}{{background:var(--lit)}}:has(#{0}:target) [href='#{0}']{{--tint:var(--lit)}}",
        anchor,
        number,
    )


def _by_article(citations: Iterable[Citation]) -> dict[str, list[Citation]]:
    cited: dict[str, list[Citation]] = {}
    for citation in citations:
        cited.setdefault(citation.article_id, []).append(citation)
    return cited


def _anchor(turn: int, number: int) -> str:
    return f"t{turn}-c{number}"


def _html(template: str, *values: object, **named: object) -> Markup:
    """Fill a template of our own; every value that is not already Markup is escaped."""
    return Markup(template).format(*map(_safe, values), **{name: _safe(v) for name, v in named.items()})


def _safe(value: object) -> Markup:
    return value if isinstance(value, Markup) else escape(_UNPRINTABLE.sub("\ufffd", str(value)))


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup().join(parts)
