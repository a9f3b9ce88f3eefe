"""Which sentences answer, and whether any does: the reader's word on the best passages, weighed with similarity."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from bot.logistic import probability
from bot.reader import Judgement, Reading
from bot.similarity import Candidate, Scored, best_first, candidates, embed
from index.articles import Article
from index.passages import Span
from index.search import Hit
from index.stores import Stores

READ = 4  # passages that are read at most, two at a time: this bounds the time of an answer
SURE = 6.0  # what the reader says of a passage, a logit, from which those further down are not read
EMBEDDED = 16  # sentences whose vectors are made

# Printed by `python -m evals.calibrate --data DIR`: the log-odds that a sentence answers, by its features,
WEIGHTS = {
    "relevance": 0.108,
    "words": 0.166,
    "cosine": 2.299,
    "carried": 0.701,
    "held": 0.749,
    "behind": -3.275,
    "answers": -0.221,
    "always": -2.599,
}
# and that the articles answer at all, by those of the best sentence.
ANSWERABILITY = {
    "relevance": 0.272,
    "words": 0.012,
    "cosine": 1.756,
    "carried": -0.647,
    "held": 0.731,
    "behind": -2.662,
    "answers": 0.015,
    "always": -0.422,
}


class Reads(Protocol):
    """What reads a passage: `bot.reader.Reader`, or a double in a test."""

    def read(self, question: str, text: str, sentences: Sequence[Span]) -> Reading:
        """Say which sentences answer."""


@dataclass(frozen=True, slots=True)
class Read:
    """A sentence of a passage that was read."""

    candidate: Candidate
    judgement: Judgement
    answers: float  # what the reader says of the whole passage, a logit


def weigh_evidence(
    stores: Stores, reader: Reads, question: str, hits: Sequence[Hit], articles: Mapping[str, Article]
) -> list[Scored]:
    """Return the sentences that may answer, best first; the score is the probability that one does."""
    chosen = promising(read_passages(stores, reader, question, hits, articles))
    embedded = embed(stores, question, [one.candidate for one in chosen], articles)
    return best_first(_weighed(one, scored) for one, scored in zip(chosen, embedded, strict=True))


def promising(read: Sequence[Read]) -> list[Read]:
    """Return the sentences that are worth embedding: the best by the reader alone."""
    return sorted(read, key=lambda one: (-one.judgement.score, one.candidate.article_id, one.candidate.span))[:EMBEDDED]


def read_passages(
    stores: Stores,
    reader: Reads,
    question: str,
    hits: Sequence[Hit],
    articles: Mapping[str, Article],
    *,
    sure: float = SURE,
) -> list[Read]:
    """Read the best passages, until one answers for sure or enough are read."""
    found = candidates(stores, question, hits, articles)
    order = sorted(hits, key=lambda hit: (-max(one.plain for one in found[hit]), hit.rank))[:READ]
    done: list[Read] = []
    with ThreadPoolExecutor(2) as pool:
        for pair in (order[i : i + 2] for i in range(0, len(order), 2)):
            texts = [articles[hit.passage.article_id].text for hit in pair]
            readings = pool.map(lambda hit, text: reader.read(question, text, hit.passage.sentences), pair, texts)
            for hit, reading in zip(pair, readings, strict=True):
                judged = zip(found[hit], reading.sentences, strict=True)
                done += [Read(candidate, judgement, reading.answers) for candidate, judgement in judged]
            if any(one.answers > sure for one in done):
                break
    return done


def features(one: Read, cosine: float) -> dict[str, float]:
    """Return what decides whether a sentence answers."""
    return {
        "relevance": one.judgement.score,
        "words": one.judgement.span_score,
        "cosine": cosine,
        "carried": one.candidate.carried,
        "held": one.candidate.held,
        "behind": one.candidate.behind,
        "answers": one.answers,
        "always": 1.0,
    }


def _weighed(read: Read, scored: Scored) -> Scored:
    values = features(read, scored.cosine)
    return replace(
        scored,
        score=probability(WEIGHTS, values),
        answerability=probability(ANSWERABILITY, values),
        words=read.judgement.span,
        words_score=read.judgement.span_score,
    )
