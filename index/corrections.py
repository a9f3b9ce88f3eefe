"""Corrections: facts of an article that a person knows better than its file does."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from index.articles import Article
from index.bylines import FACTS, read_byline
from index.errors import BylineError
from index.library import Correction

CORRECTED = "corrected by hand"  # where such a fact was found
_TIME = "2014-09-15T10:30:00+02:00"
_EXAMPLES = {"published": _TIME, "modified": _TIME, "url": "https://example.org/story", "language": "en"}


def read_corrections(article: Article, changes: Mapping[str, str], kept: Mapping[str, Correction]) -> list[Correction]:
    """Return corrections of facts, by their names; `kept` are those that the article, as given, has already.

    Raises BylineError for a fact that articles do not have, or a value that cannot be one.
    """
    return [
        Correction(article.id, fact, _value(fact, text), kept[fact].before if fact in kept else _stated(article, fact))
        for fact, text in changes.items()
    ]


def corrected(article: Article, corrections: Iterable[Correction]) -> Article:
    """Return the article as its file and its corrections give it together."""
    facts: dict[str, Any] = {one.fact: one.value for one in corrections}
    origins = {**dict(article.origins), **dict.fromkeys(facts, CORRECTED)}
    return replace(article, **facts, origins=tuple(sorted(origins.items())))


def withdrawn(article: Article, corrections: Iterable[Correction]) -> Article:
    """Return the article as it is without some of its corrections."""
    facts: dict[str, Any] = {}
    origins = dict(article.origins)
    for one in corrections:
        facts[one.fact], origin = one.before
        origins.pop(one.fact, None)
        origins |= {one.fact: origin} if origin else {}
    return replace(article, **facts, origins=tuple(sorted(origins.items())))


def moved(article: Article, corrections: Iterable[Correction]) -> list[Correction]:
    """Return those corrections under which `article`, as its file gives it now, states another thing than before."""
    now = [(one, _stated(article, one.fact)) for one in corrections]
    return [replace(one, before=before) for one, before in now if before != one.before]


def checked_facts(changes: Mapping[str, object]) -> None:
    """Raise BylineError if one of these is no fact of an article."""
    for fact in changes:
        if fact not in FACTS:
            raise BylineError(f"An article has no {fact!r} that can be corrected. It has {', '.join(FACTS)}.")


def _value(fact: str, text: str) -> Any:
    value = getattr(read_byline({fact: text}), fact)
    if not value:
        example = f" Write it as {_EXAMPLES[fact]}." if fact in _EXAMPLES else " Write it in words."
        raise BylineError(f"{fact} cannot be {text!r}.{example}")
    return value


def _stated(article: Article, fact: str) -> tuple[Any, str | None]:
    return getattr(article, fact), dict(article.origins).get(fact)
