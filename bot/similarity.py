"""The plain sentence scorer: similarity and shared words. The baseline that a trained reader has to beat."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.articles import Article
from index.lexical import terms
from index.passages import Span
from index.search import Hit
from index.stores import Stores

_EMBEDDED = 24  # sentences that are embedded; at 2 ms each this bounds the time of an answer
_COVERAGE_WEIGHT = 0.4
_STEM = 4  # letters that two terms must share for one to stand for the other: iran, iranian


@dataclass(frozen=True, slots=True)
class Scored:
    """One sentence and how well it answers."""

    article_id: str
    span: Span
    score: float
    cosine: float
    coverage: float  # share of the question's idf weight that the sentence's words carry, 0 to 1
    vector: NDArray[np.float32]


def score_sentences(
    stores: Stores, question: str, hits: Sequence[Hit], articles: Mapping[str, Article]
) -> list[Scored]:
    """Score the sentences of `hits` against the question, best first."""
    weights = weigh(stores, question)
    spans = list(dict.fromkeys((hit.passage.article_id, span) for hit in hits for span in hit.passage.sentences))
    texts = [articles[id].text[start:end] for id, (start, end) in spans]
    covered = [coverage(weights, terms(text)) for text in texts]
    chosen = sorted(range(len(spans)), key=lambda i: (-covered[i], i))[:_EMBEDDED]
    query, *vectors = stores.model.embed([question, *(texts[i] for i in chosen)])
    scored = []
    for i, vector in zip(chosen, vectors, strict=True):
        cosine = float(query @ vector)
        score = cosine + _COVERAGE_WEIGHT * covered[i]
        scored.append(Scored(*spans[i], score, cosine, covered[i], vector))
    return sorted(scored, key=lambda one: (-one.score, one.article_id, one.span))


def weigh(stores: Stores, question: str) -> dict[str, float]:
    """Return the idf of each term of the question, as BM25 has it: log(1 + (N - n + 0.5) / (n + 0.5))."""
    total = stores.lexical.count()
    counts = {word: stores.lexical.frequency(word) for word in terms(question)}
    return {word: math.log1p((total - n + 0.5) / (n + 0.5)) for word, n in counts.items()}


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
