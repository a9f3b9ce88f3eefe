"""Escaped HTML out of templates of our own; bylines, dates and counts in words."""

import re
from collections.abc import Iterable
from datetime import datetime

from markupsafe import Markup, escape

from index.articles import Article
from index.library import Entry

# No browser can show these, UTF-8 cannot carry the surrogates, and NUL upsets the parser.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def html(template: str, *values: object, **named: object) -> Markup:
    """Fill a template of our own; every value that is not already Markup is escaped."""
    return Markup(template).format(*map(_safe, values), **{name: _safe(value) for name, value in named.items()})


def join(parts: Iterable[Markup]) -> Markup:
    """Return the parts as one."""
    return Markup().join(parts)


def byline(article: Article | Entry) -> Markup:
    """Say who printed it and when, the outlet kept apart where it runs from right to left."""
    return html("<bdi>{}</bdi>, {}", article.outlet or "unknown outlet", format_date(article.published))


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
    return ", ".join(count(n, noun) for n, noun in counts if n)


def count(number: int, noun: str) -> str:
    """Return “1 article”, “1,235 articles”."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _safe(value: object) -> Markup:
    return value if isinstance(value, Markup) else escape(_UNPRINTABLE.sub("\ufffd", str(value)))
