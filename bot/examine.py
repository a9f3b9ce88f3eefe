"""What passages say of a statement: which sentences carry it, and what a verdict can be built on."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bot import claims
from bot.orders import speaks_to_a_machine
from index.lexical import terms
from index.passages import Span

if TYPE_CHECKING:
    from bot.evidence import Reads
    from index.minilm import Vector

READ = 5  # sentences that are looked at closely for one statement
_POOL = 20  # sentences whose vectors are looked at: a vector costs a millisecond
_CARRY = 3  # sentences that one statement may need
_GAIN = 0.12  # of the statement's weight that a further sentence must add, by two words at least
_NEW = 1.0  # how much a further sentence counts for what it adds
_CONTRARY = 0.15  # share of denied words that tells more than chance
_STEM = 4  # letters that two terms must share for one to stand for the other
_NEAR = 4  # words between two that count as standing together
_BOUND = 3.0  # of the trained model's logits, halved: beyond it is sure enough

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


class Features(NamedTuple):
    """What a verdict looks at; `evals.verdicts` fits how much each counts."""

    carried: float = 0.0  # share of the statement's words, by their weight, in the five best sentences
    best: float = 0.0  # the same in the best one
    cosine: float = 0.0  # of the best sentence
    second: float = 0.0  # mean cosine of the best three
    together: float = 0.0  # share of its neighbouring words that stand together there too
    supports: float = -_BOUND  # the trained model's logit that the best sentences support it
    says: float = -_BOUND  # its best sentence's logit
    absent: float = 1.0  # share of the names and numbers that the carrying passages do not have
    afar: float = 1.0  # share of them that only stand far from the carrying sentences
    swapped: float = 0.0  # a name or number stands where the best sentences have another
    contrary: float = 0.0  # share of the shared words that only one of the two denies
    polarity: float = 0.0  # one denies something and the other does not
    turned: float = 0.0  # all three signs that it says the opposite: denied words, one denies, a negation more
    negation: float = 0.0  # one has a plain negation more
    hedges: float = 0.0  # the passages say it with a hedge or as somebody's claim, the statement flatly
    order: float = 0.0  # the names that both have come in another order
    length: float = 0.0  # words of the statement, logarithm


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one statement."""

    features: Features
    ranked: tuple[tuple[int, Span], ...] = ()  # (source, sentence), at most READ, best first
    carrying: tuple[tuple[int, Span], ...] = ()  # those that carry it
    quoted: bool = False  # it is word for word in a source
    misquoted: bool = False  # what it puts in quotation marks is in none
    displaced: bool = False  # a name or number stands where the best sentences have another
    missing: tuple[str, ...] = ()  # names and numbers that no passage with a carrying sentence has

    @property
    def wrong(self) -> bool:
        """Tell whether a name, a number or a quotation is not what the passages have."""
        return bool(self.missing) or self.misquoted or self.displaced


class _Bag(NamedTuple):
    """The terms of a text, ready to be asked for forms of a term: iran for iranian, either way."""

    words: frozenset[str]
    beginnings: frozenset[str]  # of those words, from `_STEM` letters

    def has(self, term: str) -> bool:
        if term in self.words or len(term) < _STEM:
            return term in self.words
        return term in self.beginnings or any(term[:k] in self.words for k in range(_STEM, len(term)))


@lru_cache(4_000)
def _bag(text: str) -> _Bag:
    words = frozenset(terms(text))
    return _Bag(words, frozenset(word[:k] for word in words for k in range(_STEM, len(word))))


@dataclass(frozen=True, slots=True)
class _Sentences:
    """Every sentence of the sources, and which of the statement's terms each has."""

    places: list[tuple[int, Span]]
    texts: list[str]
    bylines: str
    has: Bools  # (terms, sentences)
    weights: Floats  # of the terms, by their rarity in English and among the sentences; sum 1
    local: Floats  # the same by their rarity among the sentences alone

    @classmethod
    def of(cls, statement: str, sources: Sequence[Source], model: Embedding) -> _Sentences:
        places = [(n, span) for n, source in enumerate(sources) for span in _believable(source)]
        texts = [sources[n].text[slice(*span)] for n, span in places]
        bylines = " ".join(dict.fromkeys(source.byline for source in sources))
        rarity = {term: model.rarity(word) for word in _WORD.findall(statement) for term in terms(word)}
        bags = [_bag(text) for text in texts]
        has = np.array([[bag.has(term) for bag in bags] for term in rarity], bool).reshape(len(rarity), len(texts))
        counts, total = has.sum(1), len(texts) + 1
        weights = np.array(list(rarity.values())) * (1 + np.log(total / (counts + 1)))
        local = np.log(total / (counts + 0.5))
        return cls(places, texts, bylines, has, weights / max(weights.sum(), 1e-9), local / max(local.sum(), 1e-9))

    def covered(self, chosen: Sequence[int], weights: Floats) -> float:
        """Return the share of the statement that the `chosen` sentences have together, 0 to 1."""
        return float(weights @ self.has[:, list(chosen)].any(1))

    def around(self, i: int) -> list[int]:
        """Return the sentences next to `i` in its passage, and itself."""
        return [j for j in (i - 1, i, i + 1) if 0 <= j < len(self.places) and self.places[j][0] == self.places[i][0]]

    def before(self, i: int) -> list[int]:
        """Return the sentences before `i` that its pronouns may point to."""
        reach = 3 if claims.PRONOUN.search(self.texts[i]) else 1
        return [j for j in range(max(i - reach, 0), i) if self.places[j][0] == self.places[i][0]]


def _believable(source: Source) -> Iterator[Span]:
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


@dataclass(frozen=True, slots=True)
class Examiner:
    """Compares statements with sources; `reader` is the trained model."""

    model: Embedding
    reader: Reads | None = None
    _vectors: dict[str, Vector] = field(default_factory=dict, repr=False)  # of one answer's sentences

    def examine(self, statement: str, sources: Sequence[Source]) -> Finding:
        """Return what `sources` say of `statement`."""
        held = _Sentences.of(statement, sources, self.model)
        length = math.log1p(len(statement.split()))
        if not held.places:
            return Finding(Features(length=length), misquoted=bool(claims.quotations(statement)))
        covered = held.weights @ held.has
        cosines = self._cosines(statement, held.texts, covered)
        ranked = _rank(statement, held, cosines)
        carrying = _carrying(ranked, held)
        compared = _compare(statement, held, ranked, carrying)
        supports, says = self._read(statement, [held.texts[i] for i in sorted(carrying)])
        features = compared.features._replace(
            carried=held.covered(ranked, held.weights),
            best=float(covered[ranked[0]]),
            cosine=cosines[ranked[0]],
            second=float(np.mean(sorted((cosines[i] for i in ranked), reverse=True)[:3])),
            supports=supports,
            says=says,
            length=length,
        )
        places = tuple(held.places[i] for i in ranked)
        folded = claims.fold(" ".join(held.texts))
        bare = claims.fold(statement).strip(' ".,;:!?…')
        return Finding(
            features,
            places,
            tuple(held.places[i] for i in carrying),
            quoted=len(bare.split()) > 2 and bare in folded,
            misquoted=any(quote not in folded for quote in claims.quotations(statement)),
            displaced=compared.features.swapped > 0,
            missing=compared.missing,
        )

    def _cosines(self, statement: str, texts: Sequence[str], covered: Floats) -> dict[int, float]:
        """Return the cosines of the sentences that share most words with the statement."""
        pool = np.argsort(-covered, kind="stable")[:_POOL].tolist()
        own, *vectors = self._embed([statement, *(texts[i] for i in pool)])
        return {i: float(own @ vector) for i, vector in zip(pool, vectors, strict=True)}

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return vectors; those of the last answers are remembered, as its sentences cite the same passages."""
        known = {text: self._vectors[text] for text in texts if text in self._vectors}
        if len(self._vectors) > 1000:
            self._vectors.clear()
        new = [text for text in dict.fromkeys(texts) if text not in known]
        made = dict(zip(new, self.model.embed(new), strict=True)) if new else {}
        self._vectors.update(made)
        return [made[text] if text in made else known[text] for text in texts]

    def _read(self, statement: str, sentences: Sequence[str]) -> tuple[float, float]:
        """Return the trained model's logits, halved and bounded; 0 without a model."""
        if self.reader is None:
            return 0.0, 0.0
        ends = np.cumsum([len(sentence) + 1 for sentence in sentences])
        spans = [(int(end) - len(one) - 1, int(end) - 1) for one, end in zip(sentences, ends, strict=True)]
        reading = self.reader.read(statement, " ".join(sentences), spans)
        best = max(one.score for one in reading.sentences)
        return _bounded(reading.supports), _bounded(best)


@dataclass(frozen=True, slots=True)
class _Compared:
    features: Features
    missing: tuple[str, ...]


def _bounded(logit: float) -> float:
    return float(np.clip(logit / 2, -_BOUND, _BOUND))


def _rank(statement: str, held: _Sentences, cosines: Mapping[int, float]) -> list[int]:
    """Return the sentences of `cosines` that carry the statement, the likeliest first, at most `READ`.

    After the first, a sentence counts the more, the more of the statement it has that those before it lack.
    The weights were fitted on pairs of sentences (evals/LOG.md).
    """
    said = claims.facts(statement)

    def score(i: int) -> float:
        lacking = claims.lacking(said, claims.facts(held.texts[i]))
        return (
            held.covered([i], held.local)
            + 1.4 * held.covered(held.around(i), held.local)
            + 0.84 * cosines[i]
            + 0.4 * _together(statement, [held.texts[i]])
            + 0.37 * (1 - len(lacking) / max(len(said), 1))
        )

    scores = {i: score(i) for i in cosines}
    ranked = [max(scores, key=lambda i: (scores[i], -i))]
    while len(ranked) < min(READ, len(scores)):
        left = {i: scores[i] + _NEW * held.covered([*ranked, i], held.local) for i in scores if i not in ranked}
        ranked.append(max(left, key=lambda i: (left[i], -i)))
    return ranked


def _carrying(ranked: Sequence[int], held: _Sentences) -> list[int]:
    """Return the best sentence and those that add to it, at most `_CARRY`.

    A sentence that adds a single word adds nothing: it is not about the same.
    """
    kept = [ranked[0]]
    while len(kept) < _CARRY:
        lacking = ~held.has[:, kept].any(1)
        added = {i: held.has[:, i] & lacking for i in ranked if i not in kept}
        gains = {i: float(held.weights @ new) for i, new in added.items() if new.sum() > 1}
        best = max(gains, key=lambda i: gains[i], default=None)
        if best is None or gains[best] < _GAIN:
            break
        kept.append(best)
    return kept


def _compare(statement: str, held: _Sentences, ranked: Sequence[int], carrying: Sequence[int]) -> _Compared:
    """Compare what can be compared without understanding: names, numbers, denials, hedges, order."""
    main, near = held.texts[ranked[0]], " ".join(held.texts[i] for i in carrying)
    before = " ".join(held.texts[i] for i in held.before(ranked[0]))
    bylines = held.bylines if claims.dates(statement) else re.sub(r"\d", "", held.bylines)
    said = claims.facts(statement, known=claims.small_words(" ".join(held.texts)))
    there = claims.facts(near)
    lacking = claims.lacking(said, there)
    far = claims.lacking(lacking, claims.facts(f"{before}\n{bylines}"))
    articles = {held.places[i][0] for i in carrying}
    whole = [text for text, (n, _) in zip(held.texts, held.places, strict=True) if n in articles]
    missing = claims.lacking(far, claims.facts("\n".join(whole)))
    count = max(len(said), 1)
    polarity = float(claims.denies(statement) != claims.denies(near))
    negation = float(claims.negations(statement) != claims.negations(main))
    contrary = _contrary(statement, near)
    features = Features(
        together=_together(statement, [held.texts[i] for i in ranked]),
        absent=len(missing) / count,
        afar=len(far) / count,
        swapped=_swapped(statement, said, main, near),
        contrary=contrary,
        polarity=polarity,
        turned=float(contrary > _CONTRARY and polarity > 0 and negation > 0),
        negation=negation,
        hedges=float(bool(claims.hedges(near)) and not claims.hedges(statement)),
        order=_disorder(statement, main),
    )
    return _Compared(features, tuple(sorted(map(str, missing))))


def _together(statement: str, texts: Sequence[str]) -> float:
    """Return the share of the statement's pairs of neighbouring words that stand near each other in a text."""
    pairs = list(pairwise(terms(statement)))
    if not pairs:
        return 0.0
    near = frozenset().union(*(_neighbours(text) for text in texts))
    return sum(pair in near for pair in pairs) / len(pairs)


@lru_cache(4_000)
def _neighbours(text: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of words that stand within `_NEAR` of each other."""
    held = terms(text)
    return frozenset((held[i], other) for i in range(len(held)) for other in held[max(0, i - _NEAR) : i + _NEAR + 1])


def _swapped(statement: str, said: frozenset[claims.Fact], main: str, near: str) -> float:
    """Return 1 where a name or number of the statement stands in the place of another one."""
    there = claims.facts(main)
    other = bool(claims.lacking(said, there)) and bool(claims.lacking(there, said))
    held = claims.qualified(near)  # “Iraqi jets” where the passage has “French jets”
    turned = any(
        term in held and claims.lacking(names, held[term]) for term, names in claims.qualified(statement).items()
    )
    return float(other or turned)


def _contrary(statement: str, carrying: str) -> float:
    said, there = claims.stances(statement), claims.stances(carrying)
    both = said.keys() & there.keys()
    return sum(said[term] != there[term] for term in both) / max(len(both), 1)


def _disorder(statement: str, main: str) -> float:
    """Return 1 where the names that both have come in another order, as where who did what to whom is turned."""
    said, there = claims.ordered_names(statement), claims.ordered_names(main)
    shared = [name for name in said if name in there]
    return float(len(shared) > 1 and shared != [name for name in there if name in shared])
