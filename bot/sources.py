"""Passages as the verdicts look at them: their sentences, and which of a statement's words each has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bot import claims, dates
from bot.orders import speaks_to_a_machine
from index.lexical import terms
from index.passages import Span

if TYPE_CHECKING:
    from index.minilm import Vector

_STEM = 4  # letters that two terms must share for one to stand for the other
_WORD = re.compile(r"[^\W_]+")

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Embedding(Protocol):
    """What is needed of the embedding model."""

    def embed(self, texts: Sequence[str], /) -> Vector:
        """Return one row a text, unit length."""

    def rarity(self, word: str, /) -> float:
        """Return how rare a word is in English."""


@dataclass(frozen=True, slots=True)
class Source:
    """One passage that may support a statement: its article's text, its sentences, and its byline in words."""

    article_id: str
    text: str
    sentences: tuple[Span, ...]
    byline: str = ""


class Bag(NamedTuple):
    """The terms of a text, ready to be asked for forms of a term: iran for iranian, either way."""

    words: frozenset[str]
    beginnings: frozenset[str]  # of those words, from `_STEM` letters

    def has(self, term: str) -> bool:
        """Tell whether the text has `term` in some form."""
        if term in self.words or len(term) < _STEM:
            return term in self.words
        return term in self.beginnings or any(term[:k] in self.words for k in range(_STEM, len(term)))


@lru_cache(8_000)
def bag_of(text: str) -> Bag:
    """Return the terms of `text`."""
    words = frozenset(terms(text))
    return Bag(words, frozenset(word[:k] for word in words for k in range(_STEM, len(word))))


@dataclass(frozen=True, slots=True)
class Sentences:
    """Every sentence of the sources, and which of the statement's terms each has."""

    places: list[tuple[int, Span]]
    texts: list[str]
    bylines: list[str]  # of each source
    published: date | None  # of the first article
    rarity: Callable[[str], float]
    has: Bools  # (terms, sentences)
    weights: Floats  # of the terms, by their rarity in English and among the sentences; sum 1
    local: Floats  # the same by their rarity among the sentences alone

    @classmethod
    def of(cls, statement: str, sources: Sequence[Source], model: Embedding) -> Sentences:
        """Look for the words of `statement` in the sentences of `sources`."""
        places = [(n, span) for n, source in enumerate(sources) for span in believable(source)]
        texts = [sources[n].text[slice(*span)] for n, span in places]
        bylines = [source.byline for source in sources]
        rarity = {term: model.rarity(word) for word in _WORD.findall(statement) for term in terms(word)}
        bags = [bag_of(text) for text in texts]
        has = np.array([[bag.has(term) for bag in bags] for term in rarity], bool).reshape(len(rarity), len(texts))
        counts, total = has.sum(1), len(texts) + 1
        weights = np.array(list(rarity.values())) * (1 + np.log(total / (counts + 1)))
        local = np.log(total / (counts + 0.5))
        published = dates.published_in(" ".join(bylines))
        weights, local = weights / max(weights.sum(), 1e-9), local / max(local.sum(), 1e-9)
        return cls(places, texts, bylines, published, model.rarity, has, weights, local)

    def facts(self, texts: Iterable[str]) -> frozenset[str]:
        """Return the names in sentences of the sources; a first word that need not be one is none."""
        return union(claims.facts(text, known=claims.plain_openers(text, self.rarity)) for text in texts)

    def covered(self, chosen: Sequence[int], weights: Floats) -> float:
        """Return the share of the statement that the `chosen` sentences have together, 0 to 1."""
        return float(weights @ self.has[:, list(chosen)].any(1))

    def around(self, i: int, reach: int = 1) -> list[int]:
        """Return the sentences next to `i` in its passage, and itself."""
        near = range(max(i - reach, 0), min(i + reach + 1, len(self.places)))
        return [j for j in near if self.places[j][0] == self.places[i][0]]

    def before(self, i: int) -> list[int]:
        """Return the sentences before `i` that its pronouns may point to."""
        reach = 3 if claims.PRONOUN.search(self.texts[i]) else 1
        return [j for j in range(max(i - reach, 0), i) if self.places[j][0] == self.places[i][0]]


def believable(source: Source) -> Iterator[Span]:
    """Yield the sentences that can support something.

    None that gives orders to a machine, and none after it in its paragraph, which may be what it wants said.
    """
    ordered_until = 0
    for start, end in source.sentences:
        if speaks_to_a_machine(source.text[start:end]):
            stop = source.text.find("\n", end)
            ordered_until = len(source.text) if stop < 0 else stop
        elif start >= ordered_until:
            yield start, end


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return what is in any of `sets`."""
    return frozenset().union(*sets)
