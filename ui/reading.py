"""An article in the reading pane: its text in paragraphs, with marks around exactly the cited characters."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from markupsafe import Markup

from bot.answer import Answer, Citation
from index.articles import Article
from index.passages import Span
from ui.markup import format_date, html, join
from ui.render import CHANGED

_FACTS = {"title": "Headline", "outlet": "Outlet", "authors": "Authors", "published": "Date", "url": "Address"}


def render_article(article: Article, *, citations: Sequence[Citation] = (), notice: str = "") -> Markup:
    """Render an article; each citation of it is marked, and page.js lights the one that was opened."""
    return html(
        '<header class="sheet-head"><p class="outlet" dir="auto">{outlet}</p>'
        '<h2 id="sheet-title" dir="auto">{label}</h2><p class="printed">{printed}</p>{origins}</header>'
        '{notice}<div class="text">{text}</div>',
        label=article.label,
        outlet=article.outlet or "Unknown outlet",
        printed=_printed(article),
        origins=_origins(article),
        notice=notice,
        text=render_text(article.text, citations, pages=article.pages),
    )


def render_cited(answer: Answer, article: Article, *, current: Article | None) -> Markup:
    """Render an article that an answer cites, as it is now (`current`, None where it was removed)."""
    shown = answer.nearest if answer.declined else answer.citations
    here = [citation for citation in shown if citation.article_id == article.id]
    kept = [citation for citation in here if not citation.changed]
    lost = [citation for citation in here if citation.changed]
    quotations = join(html('<blockquote dir="auto">{}</blockquote>', answer.quote(citation)) for citation in lost)
    notice = html('<div class="changed"><p>{}</p>{}</div>', CHANGED, quotations) if lost else Markup()
    return render_article(current or article, citations=kept if current else (), notice=notice)


def render_text(text: str, citations: Sequence[Citation], *, pages: Sequence[int] = ()) -> Markup:
    """Render the paragraphs of a text with marks around exactly the cited characters, and where a page begins."""
    anchored: set[int] = set()
    paragraphs = []
    begun = 0  # pages
    for line in re.finditer(r"[^\n]*\S[^\n]*", text):
        pieces = []
        for piece in _pieces(line.span(), citations, pages):
            page = bisect_right(pages, piece[0])
            if page > begun:
                begun = page
                pieces.append(html('<span class="page" data-page="{}"></span>', page))
            covering = [c.number for c in citations if c.start <= piece[0] and piece[1] <= c.end]
            fresh = [number for number in covering if number not in anchored]
            anchored.update(fresh)
            pieces.append(_piece(text[slice(*piece)], covering, fresh))
        paragraphs.append(html('<p dir="auto">{}</p>', join(pieces)))
    return join(paragraphs)


def _pieces(span: Span, citations: Sequence[Citation], pages: Sequence[int]) -> Iterable[Span]:
    """Cut `span` wherever a citation or page starts or ends, so that each piece is wholly inside or outside."""
    ends = [*pages, *(offset for citation in citations for offset in (citation.start, citation.end))]
    return pairwise(sorted({*span, *(offset for offset in ends if span[0] < offset < span[1])}))


def _piece(text: str, covering: list[int], fresh: list[int]) -> Markup:
    if not covering:
        return html("{}", text)
    anchors = join(html('<span id="cited-{0}" class="anchor" data-number="{0}"></span>', number) for number in fresh)
    return html('<mark data-cited="{}">{}{}</mark>', " ".join(map(str, covering)), anchors, text)


def _printed(article: Article) -> Markup:
    """Say who wrote it, when, and where it is on the web, as far as the article tells."""
    by = [html("By <bdi>{}</bdi>", ", ".join(article.authors))] if article.authors else []
    return html(" · ").join([*by, html("{}", format_date(article.published)), *_address(article.url)])


def _origins(article: Article) -> Markup:
    """Say where each fact of the article was found, and which are stated nowhere."""
    found = dict(article.origins)
    told = [(name, found.get(fact) or "") for fact, name in _FACTS.items() if getattr(article, fact)]
    told = [(name, where) for name, where in told if where]
    missing = [_FACTS[fact] for fact in ("outlet", "published") if not getattr(article, fact)]
    lines = [*(f"{name}: {where}" for name, where in told), *(f"{name}: stated nowhere" for name in missing)]
    if not lines:
        return Markup()
    return html(
        '<details class="origins"><summary>How Byline knows</summary><ul>{}</ul></details>',
        join(html("<li>{}</li>", line) for line in lines),
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
    return [html(link, parts.geturl(), host.removeprefix("www."))]
