"""Does the cited text support the sentence? A verdict on each, without a model call, and the sentences that carry it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from bot import claims
from bot.similarity import coverage
from index.lexical import terms
from index.passages import Span

if TYPE_CHECKING:
    from bot.reader import Reading
    from index.minilm import Vector

READ = 5  # sentences that are read closely for one statement
POOL = 10  # sentences whose vectors are looked at
CARRY = 3  # sentences that one statement may need


class Embedding(Protocol):
    """What is needed of the embedding model."""

    def embed(self, texts: Sequence[str]) -> Vector:
        """Return one row a text, unit length."""

    def rarity(self, word: str) -> float:
        """Return how rare a word is in English."""


class Reading_(Protocol):
    """What is needed of the trained reader."""

    def read(self, question: str, text: str, sentences: Sequence[Span]) -> Reading:
        """Say what the sentences say of a question or statement."""


@dataclass(frozen=True, slots=True)
class Source:
    """One passage that may support a statement: its article's text, its sentences, and its byline in words."""

    article_id: str
    text: str
    sentences: tuple[Span, ...]
    byline: str = ""


class Features(NamedTuple):
    """What a verdict looks at; `evals.verdicts` fits how much each counts."""

    carried: float  # share of the statement's words, by rarity, in the five best sentences
    best: float  # the same in the best one
    cosine: float  # of the best sentence
    second: float  # mean cosine of the best three
    bigrams: float  # share of neighbouring words that stand as near each other there
    supports: float  # the trained model's logit of the best sentences, halved and bounded
    says: float  # its best sentence's logit, likewise
    absent: float  # names and numbers that the passages do not have, as a share
    afar: float  # names and numbers that only other sentences have, as a share
    swapped: float  # names and numbers that the carrying sentences lack while they have others
    contrary: float  # share of the shared words that only one of the two denies
    polarity: float  # one denies and the other does not
    negation: float  # difference in plain negations, at most 1
    hedges: float  # hedges that the statement dropped, at most 1
    order: float  # whether shared names come in another order
    length: float  # words of the statement, logarithm


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one statement."""

    features: Features
    carrying: tuple[tuple[int, Span], ...]  # (source, sentence), best first
    quoted: bool  # it is word for word in a source
    misquoted: bool  # what it puts in quotation marks is in none
    missing: tuple[str, ...] = ()  # names and numbers that no source has


@dataclass(slots=True)
class Examiner:
    """Compare statements with sources; remembers the vectors of sentences that it has seen."""

    model: Embedding
    reader: Reading_ | None = None
    _vectors: dict[str, Vector] = field(default_factory=dict)

    def examine(self, statement: str, sources: Sequence[Source]) -> Finding:
        """Return what the sources say of `statement`."""
        weights = self._weights(statement)
        places = [(n, span) for n, source in enumerate(sources) for span in source.sentences]
        texts = [sources[n].text[slice(*span)] for n, span in places]
        bags = [frozenset(terms(text)) for text in texts]
        covered = np.array([coverage(weights, tuple(bag)) for bag in bags])
        pool = list(np.argsort(-covered, kind="stable")[:POOL])
        cosines = np.full(len(texts), -1.0)
        if pool:
            own, *rows = self._embed([statement, *(texts[i] for i in pool)])
            cosines[pool] = [float(own @ row) for row in rows]
        ranked = sorted(pool, key=lambda i: -(cosines[i] + covered[i]))
        return self._finding(statement, sources, places, texts, bags, weights, covered, cosines, ranked)

    def _finding(self, statement, sources, places, texts, bags, weights, covered, cosines, ranked):
        best = ranked[:READ]
        supports, says, ranked_says = self._read(statement, [texts[i] for i in best])
        union = set().union(*(bags[i] for i in best)) if best else set()
        main = best[0] if best else None
        if main is None:
            zero = Features(0, 0, 0, 0, 0, -3, -3, 1, 1, 0, 0, 0, 0, 0, 0, math.log1p(len(statement.split())))
            return Finding(zero, (), False, bool(claims.quotations(statement)))
        carrying = _carry(best, bags, weights, covered)
        everything = "\n".join({source.text for source in sources})
        around = [texts[i] for i in carrying]
        n, span = places[main]
        before = _before(places, texts, main)
        bylines = " ".join(source.byline for source in sources)
        local = " ".join([*before, *around]) + "\n" + bylines
        known = claims.small_words(everything)
        said = _facts(statement, known)
        if not claims.dates(statement):
            bylines = re.sub(r"\d", "", bylines)
        held_all = _facts(" ".join(texts) + "\n" + bylines, frozenset())
        held_main = _facts(" ".join(around), frozenset())
        elsewhere = [one for one in said if not _held(one, held_main)]
        unsaid = [one for one in held_main if not _held(one, said)]
        held_local = _facts(local, frozenset())
        missing = tuple(sorted(str(one) for one in said if not _held(one, held_all)))
        afar = [one for one in said if not _held(one, held_local)]
        quotes = claims.quotations(statement)
        folded = claims.fold(
            "\n".join(" ".join(texts[i] for i in range(len(texts)) if places[i][0] == m) for m in range(len(sources)))
        )
        words_here = " ".join(around)
        feats = Features(
            carried=coverage(weights, tuple(union)),
            best=float(covered[main]),
            cosine=float(cosines[main]),
            second=float(np.mean(sorted((cosines[i] for i in best), reverse=True)[:3])),
            bigrams=_near(statement, [texts[i] for i in best]),
            supports=supports,
            says=says,
            absent=len(missing) / max(len(said), 1),
            afar=len(afar) / max(len(said), 1),
            swapped=float(min(len(elsewhere), len(unsaid), 2)) / 2,
            contrary=_contrary(statement, words_here),
            polarity=float(claims.denies(statement) != claims.denies(words_here)),
            negation=float(min(abs(claims.negations(statement) - claims.negations(texts[main])), 1)),
            hedges=float(min(len(claims.hedges(words_here)) > 0 and not claims.hedges(statement), 1)),
            order=_disorder(statement, texts[main], known),
            length=math.log1p(len(statement.split())),
        )
        bare = claims.fold(statement).strip(' ".,;:!?…')
        return Finding(
            feats,
            tuple(places[i] for i in carrying),
            quoted=len(bare) > 12 and bare in folded,
            misquoted=any(quote not in folded for quote in quotes if " " in quote or len(quote) > 3),
            missing=missing,
        )

    def _read(self, statement: str, sentences: list[str]) -> tuple[float, float, list[float]]:
        if self.reader is None or not sentences:
            return 0.0, 0.0, []
        spans, at = [], 0
        for sentence in sentences:
            spans.append((at, at + len(sentence)))
            at += len(sentence) + 1
        reading = self.reader.read(statement, " ".join(sentences), spans)
        scores = [one.score for one in reading.sentences]
        whole = getattr(reading, "supports", None)
        whole = reading.answers if whole is None else whole
        return float(np.clip(whole / 2, -3, 3)), float(np.clip(max(scores) / 2, -3, 3)), scores

    def _weights(self, statement: str) -> dict[str, float]:
        return {term: self.model.rarity(word) for word in claims.words(statement) for term in terms(word)}

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors.update(zip(new, self.model.embed(new), strict=True) if new else ())
        return [self._vectors[text] for text in texts]


def _facts(text, known):
    return claims.names(text, known=known) | claims.numbers(text) | claims.directions(text)


def _held(one, held):
    if isinstance(one, float):
        return one in held
    return claims.has_name(one, {other for other in held if isinstance(other, str)})


def _carry(best, bags, weights, covered):
    kept = [best[0]]
    union = set(bags[best[0]])
    while len(kept) < CARRY:
        gains = {}
        for i in best:
            if i in kept:
                continue
            both = union | bags[i]
            gain = coverage(weights, tuple(both)) - coverage(weights, tuple(union))
            new = sum(1 for term in weights if coverage({term: 1.0}, tuple(both)) > coverage({term: 1.0}, tuple(union)))
            if gain > 0.12 and new >= 2:
                gains[i] = gain
        if not gains:
            break
        top = max(gains, key=gains.get)
        kept.append(top)
        union |= bags[top]
    return kept


def _before(places, texts, main):
    """Return the sentences before `main` that its pronouns may point to."""
    n, span = places[main]
    reach = 3 if claims.PRONOUN.search(texts[main]) else 1
    return [texts[i] for i in range(max(main - reach, 0), main) if places[i][0] == n]


def _contrary(statement, carrying):
    said, held = claims.stances(statement), claims.stances(carrying)
    both = said.keys() & held.keys()
    return sum(said[t] != held[t] for t in both) / max(len(both), 1)


def _near(statement, texts):
    own = terms(statement)
    pairs = list(zip(own, own[1:]))
    if not pairs:
        return 0.0
    best = set()
    for text in texts:
        held = terms(text)
        for k, w in enumerate(held):
            for v in held[max(0, k - 4) : k + 5]:
                best.add((w, v))
    return sum(pair in best for pair in pairs) / len(pairs)


def _disorder(statement, main, known):
    """Return 1 where the names that both have come in another order."""
    order = []
    low = claims.fold(main)
    a = [n for n in _ordered(statement, known)]
    b = [n for n in _ordered(main, frozenset())]
    shared = [n for n in a if n in b]
    other = [n for n in b if n in shared]
    if len(shared) < 2:
        return 0.0
    return float(shared != other)


def _ordered(text, known):
    found = []
    for match in claims._CAPITAL.finditer(text):
        for n in claims.names("x " + match[0]):
            if n not in found:
                found.append(n)
    return found
