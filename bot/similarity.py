"""The plain sentence scorer: similarity and shared words. The baseline that a trained reader has to beat."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.articles import Article
from index.lexical import terms
from index.passages import Span
from index.search import Hit
from index.stores import Stores

_EMBEDDED = 24  # sentences that are embedded: this bounds the time of an answer, and loses 1 to 3 % of the gold
_COVERAGE_WEIGHT = 0.5  # both weights chosen on data: evals/LOG.md
_PASSAGE_WEIGHT = 0.15
_WORD = re.compile(r"[^\W_]+")
_STEM = 4  # letters that two terms must share for one to stand for the other: iran, iranian


@dataclass(frozen=True, slots=True)
class Scored:
    """One sentence and how well it answers."""

    article_id: str
    span: Span
    score: float  # cosine + 0.5 · coverage - 0.15 · how far its passage's score is behind the best
    cosine: float
    coverage: float  # share of the question's words in the sentence, by their idf in the library, 0 to 1
    carried: float  # the same by their rarity in English: a small library does not know which words are rare
    vector: NDArray[np.float32]


def score_sentences(
    stores: Stores, question: str, hits: Sequence[Hit], articles: Mapping[str, Article]
) -> list[Scored]:
    """Score the sentences of `hits` against the question, best first."""
    by_idf, by_rarity = weigh_by_idf(stores, question), weigh_by_rarity(stores, question)
    candidates = []
    for hit in hits:
        text = articles[hit.passage.article_id].text
        behind = _PASSAGE_WEIGHT * (hits[0].score - hit.score)
        for start, end in hit.passage.sentences:
            words = terms(text[start:end])
            covered = coverage(by_idf, words)
            score = _COVERAGE_WEIGHT * covered - behind
            candidates.append((score, hit.passage.article_id, (start, end), covered, coverage(by_rarity, words)))
    candidates = sorted(candidates, key=lambda one: (-one[0], *one[1:3]))[:_EMBEDDED]
    texts = (articles[id].text[slice(*span)] for _, id, span, *_ in candidates)
    query, *vectors = stores.model.embed([question, *texts])
    scored = []
    for (score, id, span, covered, carried), vector in zip(candidates, vectors, strict=True):
        cosine = float(query @ vector)
        scored.append(Scored(id, span, score + cosine, cosine, covered, carried, vector))
    return sorted(scored, key=lambda one: (-one.score, one.article_id, one.span))


def weigh_by_idf(stores: Stores, question: str) -> dict[str, float]:
    """Return the idf of each term of the question, as BM25 has it: log(1 + (N - n + 0.5) / (n + 0.5))."""
    total = stores.lexical.count()
    counts = {word: stores.lexical.frequency(word) for word in terms(question)}
    return {word: math.log1p((total - n + 0.5) / (n + 0.5)) for word, n in counts.items()}


def weigh_by_rarity(stores: Stores, question: str) -> dict[str, float]:
    """Return the rarity in English of each term of the question."""
    return {term: stores.model.rarity(word) for word in _WORD.findall(question) for term in terms(word)}


def coverage(weights: Mapping[str, float], words: Sequence[str]) -> float:
    """Return the share of the weight of `weights` that `words` carry."""
    total = sum(weights.values())
    if not total:
        return 0.0
    held = set(words)
    return sum(weight for word, weight in weights.items() if _stands_in(word, held)) / total


def _stands_in(word: str, held: set[str]) -> bool:
    if word in held:
        return True
    return len(word) >= _STEM and any(
        len(other) >= _STEM and (other.startswith(word) or word.startswith(other)) for other in held
    )
