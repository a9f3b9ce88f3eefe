"""What a sentence shares with a question: words, meaning, and the passage that it stands in."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.articles import Article
from index.lexical import terms
from index.passages import Span
from index.search import Hit
from index.stores import Embedder, Stores, searchable

EMBEDDED = 24  # sentences that are embedded: this bounds the time of an answer, and loses 1 to 3 % of the gold
_COVERAGE_WEIGHT = 0.5  # both weights chosen on data: evals/LOG.md
_PASSAGE_WEIGHT = 0.15
_WORD = re.compile(r"[^\W_]+")
_STEM = 4  # letters that two terms must share for one to stand for the other: iran, iranian


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence of a hit, and what of the question's words it has."""

    article_id: str
    span: Span
    coverage: float  # share of the question's words in the sentence, by their idf in the library, 0 to 1
    carried: float  # the same by their rarity in English: a small library does not know which words are rare
    held: float  # the same again of its whole passage, with headline, outlet and date
    behind: float  # how far its passage's score is behind the best

    @property
    def plain(self) -> float:
        """Return what is known of the sentence without its meaning."""
        return _COVERAGE_WEIGHT * self.coverage - _PASSAGE_WEIGHT * self.behind


@dataclass(frozen=True, slots=True)
class Scored:
    """One sentence and how well it answers."""

    article_id: str
    span: Span
    score: float  # of sentences for one question, the better answers more; what else it means says who gave it
    cosine: float
    coverage: float
    carried: float
    vector: NDArray[np.float32]
    words: Span | None = None  # the characters of the article that answer best, where the reader has read it
    words_score: float = 0.0  # what the reader says of them against none, a logit
    answerability: float = 0.0  # probability that the articles answer, if this is the best sentence that they have


def candidates(
    stores: Stores, question: str, hits: Sequence[Hit], articles: Mapping[str, Article]
) -> dict[Hit, list[Candidate]]:
    """Return the sentences of each hit, in order."""
    by_idf, by_rarity = weigh_by_idf(stores, question), weigh_by_rarity(stores.model, question)
    found: dict[Hit, list[Candidate]] = {}
    for hit in hits:
        id, behind = hit.passage.article_id, hits[0].score - hit.score
        held = coverage(by_rarity, terms(searchable(articles[id], hit.passage)))
        for span in hit.passage.sentences:
            words = terms(articles[id].text[slice(*span)])
            one = Candidate(id, span, coverage(by_idf, words), coverage(by_rarity, words), held, behind)
            found.setdefault(hit, []).append(one)
    return found


def embed(stores: Stores, question: str, chosen: Sequence[Candidate], articles: Mapping[str, Article]) -> list[Scored]:
    """Return the candidates with their vectors, in their order; the score is their cosine."""
    texts = (articles[one.article_id].text[slice(*one.span)] for one in chosen)
    query, *vectors = stores.model.embed([question, *texts])
    cosines = [float(query @ vector) for vector in vectors]
    return [
        Scored(one.article_id, one.span, cosine, cosine, one.coverage, one.carried, vector)
        for one, cosine, vector in zip(chosen, cosines, vectors, strict=True)
    ]


def score_sentences(
    stores: Stores, question: str, hits: Sequence[Hit], articles: Mapping[str, Article]
) -> list[Scored]:
    """Score the sentences of `hits` by similarity alone, best first: what evaluations compare the reader with."""
    found = [one for sentences in candidates(stores, question, hits, articles).values() for one in sentences]
    chosen = sorted(found, key=lambda one: (-one.plain, one.article_id, one.span))[:EMBEDDED]
    embedded = embed(stores, question, chosen, articles)
    return best_first(
        replace(scored, score=scored.cosine + one.plain) for one, scored in zip(chosen, embedded, strict=True)
    )


def best_first(scored: Iterable[Scored]) -> list[Scored]:
    """Return sentences by their scores; the same scores in order of article and place."""
    return sorted(scored, key=lambda one: (-one.score, one.article_id, one.span))


def weigh_by_idf(stores: Stores, question: str) -> dict[str, float]:
    """Return the idf of each term of the question, as BM25 has it: log(1 + (N - n + 0.5) / (n + 0.5))."""
    total = stores.lexical.count()
    counts = {word: stores.lexical.frequency(word) for word in terms(question)}
    return {word: math.log1p((total - n + 0.5) / (n + 0.5)) for word, n in counts.items()}


def weigh_by_rarity(model: Embedder, question: str) -> dict[str, float]:
    """Return the rarity in English of each term of the question."""
    return {term: model.rarity(word) for word in _WORD.findall(question) for term in terms(word)}


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
