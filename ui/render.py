"""A turn of the conversation as HTML: the question as a headline, the answer, who printed it, and what one may do."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from bot.answer import Answer, Citation, Sentence, count_accounts
from bot.prompt import visible
from bot.telling import headed, said
from index.articles import Article
from ui.footnotes import DECLINE, in_quotes, with_footnotes
from ui.markup import byline, count, format_byline, format_date, format_extent, html, join

State = Literal["growing", "answered", "stopped"]

# A mark for the eye, and words for everybody: colour alone says nothing here.
VERDICTS = {
    "supported": ("✓", "Supported: the passages it cites say so."),
    "partly": ("◐", "Supported in part: the passages it cites say some of it, not all."),
    "unsupported": ("○", "Not supported: no passage that it cites says so."),
}
CHANGED = "The article has changed or gone since; these words stood there when you asked."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn stands: its conversation and its number there, from 1."""

    conversation: int
    turn: int

    def anchor(self, number: int) -> str:
        """Return the id of a citation, by which a link finds it."""
        return f"t{self.turn}-c{number}"

    def link(self, number: int) -> str:
        """Return the address of a citation, below the page's own."""
        return f"?c={self.conversation}#{self.anchor(number)}"


def render_turn(
    answer: Answer,
    place: Place,
    *,
    state: State = "answered",
    limits: str = "",
    verdict: str | None = None,
    why: str = "",
) -> Markup:
    """Render one question with its answer; `limits` says in words where it looked, where that was narrowed."""
    declined = answer.declined
    body = _draft(answer) + (_declined(answer, place) if declined else _answered(answer, place) + _written(answer))
    shown = answer.nearest if declined else answer.citations
    tools = Markup() if state == "growing" else _tools(answer, place, verdict, why)
    sources = _sources(answer, place)
    parts = [
        html('<div class="columns"><div class="answer">{}{}{}</div>{}</div>', body, _stopped(state), tools, sources),
        html('<div class="cards">{}</div>', join(_card(answer, citation, place) for citation in shown)),
    ]
    return _turn(answer.question, place, join([_understood(answer), _within(limits), _notice(answer), *parts]), state)


def render_notice(
    question: str,
    notice: str,
    place: Place,
    *,
    wrong: bool = False,
    limits: str = "",
    also: Mapping[str, object] | None = None,
) -> Markup:
    """Render a turn that has no answer: still reading, or, where `wrong`, why there will be none.

    `also` is how it was asked, where it is to be asked again in the same way; `limits` says so in words.
    """
    template = '<p class="wrong" role="alert">{}</p>' if wrong else '<p class="reading">{}</p>'
    button = '<p class="tools"><button type="button" data-do="again" data-also="{}">Ask again</button></p>'
    again = html(button, json.dumps(also or {})) if wrong else Markup()
    return _turn(question, place, _within(limits) + html(template, notice) + again, "wrong" if wrong else "growing")


def spoken(answer: Answer) -> str:
    """Return what a screen reader says when the answer is complete."""
    if answer.declined:
        return f"{DECLINE} {count(len(answer.nearest), 'nearest passage')}."
    cited = {citation.article_id for citation in answer.citations}
    extent = format_extent(answer.articles[article_id] for article_id in cited)
    differ = "".join(f" {headed(answer, sides)}." for sides in answer.differences[:1])
    return f"Answer from {extent}: {' '.join(sentence.text for sentence in answer.sentences)}{differ}"


def _turn(question: str, place: Place, body: Markup, state: str) -> Markup:
    return html(
        '<article class="turn {state}" id="t{turn}" data-turn="{turn}" aria-labelledby="t{turn}-q" tabindex="-1">'
        '<h2 id="t{turn}-q" class="question" dir="auto">{question}</h2>{body}</article>',
        state=state,
        turn=place.turn,
        question=question,
        body=body,
    )


def _understood(answer: Answer) -> Markup:
    if answer.standalone not in ("", answer.question):
        how = html('as: <bdi class="standalone">{}</bdi>', answer.standalone)
    elif answer.in_context:
        how = html("with what was said before.")
    else:
        return Markup()
    return html(
        '<p class="understood">Understood {} '
        '<button type="button" data-do="as-typed">Ask it as I typed it</button></p>',
        how,
    )


def _within(limits: str) -> Markup:
    return html('<p class="within">Looked only in articles {}.</p>', limits) if limits else Markup()


def _stopped(state: State) -> Markup:
    if state != "stopped":
        return Markup()
    return html('<p class="stopped">Stopped here, as you asked.</p>')


def _draft(answer: Answer) -> Markup:
    """Show what a language model writes while nobody has checked it yet."""
    if not answer.draft or answer.sentences:
        return Markup()
    return html(
        '<p class="unchecked">{} writes; not checked yet.</p><p class="draft" dir="auto">{}</p>',
        answer.model,
        visible(answer.draft),
    )


def _notice(answer: Answer) -> Markup:
    return html('<p class="notice">{}</p>', answer.notice) if answer.notice else Markup()


def _written(answer: Answer) -> Markup:
    """Say who wrote an answer, where it was not the articles themselves."""
    if not answer.model or all(sentence.support == "quoted" for sentence in answer.sentences):
        return Markup()
    return html('<p class="by">Written by {}; each sentence is checked against what it cites.</p>', answer.model)


def _short(answer: Answer) -> Markup:
    """Put the few words in front that answer by themselves, where there are such."""
    if answer.short is None or not answer.sentences:
        return Markup()
    return html('<p class="short" dir="auto"><strong>{}</strong></p>', in_quotes(answer.quote(answer.short), "quoted"))


def _answered(answer: Answer, place: Place) -> Markup:
    by_number = {citation.number: citation for citation in answer.citations}
    return (
        _short(answer)
        + join(_sentence(n, sentence, answer, by_number, place) for n, sentence in enumerate(answer.sentences, 1))
        + join(_difference(answer, sides, place) for sides in answer.differences)
    )


def _sentence(n: int, sentence: Sentence, answer: Answer, by_number: Mapping[int, Citation], place: Place) -> Markup:
    cited = [by_number[number] for number in sentence.citations if number in by_number]
    quoted = sentence.support == "quoted"
    parts = [
        html("{}", in_quotes(sentence.text, sentence.support)),
        join(_marker(citation, answer, place) for citation in cited),
        _verdict(n, sentence, place),
    ]
    text = html('<p class="sentence {}" dir="auto">{}</p>', sentence.support, join(parts))
    return text + _attribution(cited, answer) if quoted else text


def _marker(citation: Citation, answer: Answer, place: Place) -> Markup:
    article = answer.articles[citation.article_id]
    return html(
        '<a class="marker" href="{link}" data-article="{article}" data-number="{number}"'
        ' aria-label="Source {number}: {byline}" aria-describedby="{card}">{number}</a>',
        link=place.link(citation.number),
        article=citation.article_id,
        number=citation.number,
        byline=format_byline(article) + _page(article, citation),
        card=_card_id(citation, place),
    )


def _difference(answer: Answer, sides: Sequence[Citation], place: Place) -> Markup:
    """Say in one line where cited outlets differ, each with its words and the way to them."""
    told = (
        html(
            "<li>{}{}: {}{}</li>",
            byline(answer.articles[side.article_id]),
            f", {later}" if later else "",
            html('<span class="said" dir="auto">“{}”</span>', words),
            _marker(side, answer, place),
        )
        for side, later, words in said(answer, sides)
    )
    return html('<div class="differ"><p>{}</p><ul>{}</ul></div>', headed(answer, sides), join(told))


def _verdict(n: int, sentence: Sentence, place: Place) -> Markup:
    if sentence.support not in VERDICTS:
        return Markup()
    mark, words = VERDICTS[sentence.support]
    card = f"t{place.turn}-v{n}"
    short = {"partly": "supported in part", "unsupported": "not supported"}.get(sentence.support)
    label = html(' <span class="words">{}</span>', short) if short else Markup()
    return html(
        '<span class="verdict {}" role="note" tabindex="0" aria-label="{}" data-card="{}">{}{}</span>'
        '<span class="card small" id="{}" hidden>{}</span>',
        *(sentence.support, words, card, mark, label, card, words),
    )


def _attribution(cited: Sequence[Citation], answer: Answer) -> Markup:
    """Say who printed a quotation, and whether anybody else says the same."""
    if not cited:
        return Markup()
    first, *others = (answer.articles[citation.article_id] for citation in cited)
    elsewhere = [one for one in others if one.outlet and one.outlet != first.outlet]
    copied = [one.outlet for one in elsewhere if first.account and one.account == first.account]
    also = [one.outlet for one in elsewhere if one.outlet not in copied]
    more = _agreement("Also in", also) + _agreement("The same report in", copied)
    return html('<p class="attribution">{}{}{}</p>', byline(first), _page(first, cited[0]), more)


def _agreement(words: str, outlets: Iterable[str | None]) -> Markup:
    names = [outlet for outlet in dict.fromkeys(outlets) if outlet]
    return html(' <span class="agreement">{} {}</span>', words, join(_names(names))) if names else Markup()


def _page(article: Article, citation: Citation) -> str:
    """Say on which page of a PDF a quotation stands."""
    page = None if citation.changed else article.page(citation.start)
    return f", page {page}" if page else ""


def _names(outlets: Sequence[str]) -> Iterable[Markup]:
    for n, outlet in enumerate(outlets):
        yield html("{}<bdi>{}</bdi>", (" and " if n == len(outlets) - 1 else ", ") if n else "", outlet)


def _declined(answer: Answer, place: Place) -> Markup:
    if not answer.nearest:
        return html('<p class="decline">{}</p>', DECLINE)
    nearest = join(
        html(
            '<li><p class="nearest" dir="auto">{}{}</p><p class="attribution">{}{}</p></li>',
            in_quotes(answer.quote(citation), "quoted"),
            _marker(citation, answer, place),
            byline(answer.articles[citation.article_id]),
            _page(answer.articles[citation.article_id], citation),
        )
        for citation in answer.nearest
    )
    return html(
        '<p class="decline">{}</p><p class="because">No sentence found carries enough of the question to stand as an'
        ' answer. The nearest that there is:</p><ul class="passages">{}</ul>',
        DECLINE,
        nearest,
    )


def _sources(answer: Answer, place: Place) -> Markup:
    """List the cited articles by outlet, then by date."""
    shown = answer.nearest if answer.declined else answer.citations
    if not shown:
        return Markup()
    cited = by_article(shown)
    articles = [answer.articles[article_id] for article_id in cited]
    outlets = dict.fromkeys(sorted((one.outlet or "" for one in articles), key=str.casefold))
    groups = join(
        html(
            '<li><span class="outlet" dir="auto">{}</span><ul>{}</ul></li>',
            outlet or "Unknown outlet",
            join(
                _source(answer, cited[one.id], place)
                for one in sorted(articles, key=lambda one: one.published or "9999")
                if (one.outlet or "") == outlet
            ),
        )
        for outlet in outlets
    )
    said = "" if answer.declined else _independence(articles)
    note = html('<p class="only">{}</p>', said) if said else Markup()
    return html(
        '<aside class="sources" aria-label="Articles cited"><h3>{} {}</h3>{}<ul class="outlets">{}</ul></aside>',
        *("Nearest:" if answer.declined else "From", format_extent(articles), note, groups),
    )


def _independence(articles: Sequence[Article]) -> str:
    """Say how many know of it by themselves: one outlet, or fewer accounts than articles; nothing where all do."""
    outlets, accounts = {one.outlet for one in articles}, count_accounts(articles)
    if len(outlets) == 1 and None not in outlets:
        return "Only one outlet says so."
    if accounts == len(articles):
        return ""
    return "Copies of one report." if accounts == 1 else f"{accounts} accounts; the rest are copies of these."


def _source(answer: Answer, citations: Sequence[Citation], place: Place) -> Markup:
    article = answer.articles[citations[0].article_id]
    return html(
        '<li><a class="headline" href="{}" data-article="{}" data-number="{}" dir="auto">{}</a>'
        '<span class="date">{}{}</span>{}</li>',
        *(place.link(citations[0].number), article.id, citations[0].number, article.label),
        *(format_date(article.published), _pages(article, citations)),
        join(_marker(citation, answer, place) for citation in citations),
    )


def _pages(article: Article, citations: Sequence[Citation]) -> str:
    """Say on which pages of a PDF its quotations stand."""
    found = sorted({page for one in citations if not one.changed and (page := article.page(one.start))})
    return f", page{'s' if len(found) > 1 else ''} {', '.join(map(str, found))}" if found else ""


def _card(answer: Answer, citation: Citation, place: Place) -> Markup:
    """Render what hovering over a marker shows: outlet, date, headline and the quotation."""
    article = answer.articles[citation.article_id]
    return html(
        '<div class="card" role="tooltip" id="{}" hidden><p class="byline">{}</p><p class="headline" dir="auto">{}</p>'
        '<p class="quotation" dir="auto">{}</p>{}</div>',
        _card_id(citation, place),
        html("{}{}", byline(article), _page(article, citation)),
        article.label,
        in_quotes(answer.quote(citation), "quoted"),
        html('<p class="changed">{}</p>', CHANGED) if citation.changed else Markup(),
    )


def _tools(answer: Answer, place: Place, verdict: str | None, why: str) -> Markup:
    """Offer what one may do with an answer; the text to copy travels with its button."""
    judged = [
        html(
            '<button type="button" data-do="judge" data-verdict="{}" aria-pressed="{}">{}</button>',
            *(name, "true" if verdict == name else "false", name.capitalize()),
        )
        for name in ("good", "bad")
    ]
    return html(
        '<div class="tools"><button type="button" data-do="copy" data-text="{}">Copy with sources</button>'
        '<button type="button" data-do="link" data-href="?c={}#t{}">Copy link</button>'
        '<button type="button" data-do="again">Ask again</button><button type="button" data-do="edit">Edit</button>'
        '<span class="judging" role="group" aria-label="Was this answer good?">{}</span></div>{}',
        *(with_footnotes(answer), place.conversation, place.turn, join(judged), _why(place, verdict, why)),
    )


def _why(place: Place, verdict: str | None, why: str) -> Markup:
    if not verdict:
        return Markup()
    return html(
        '<form class="why" data-form="why"><label for="t{0}-why">What makes it {1}?</label>'
        '<input id="t{0}-why" name="why" maxlength="500" value="{2}" autocomplete="off"><button>Save</button></form>',
        *(place.turn, verdict, why),
    )


def by_article(citations: Iterable[Citation]) -> dict[str, list[Citation]]:
    """Group citations by their article, in the order of first citation."""
    cited: dict[str, list[Citation]] = {}
    for citation in citations:
        cited.setdefault(citation.article_id, []).append(citation)
    return cited


def _card_id(citation: Citation, place: Place) -> str:
    return f"t{place.turn}-k{citation.number}"
