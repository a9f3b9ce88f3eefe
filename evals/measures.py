"""Measures: character spans, citations, rankings and confidence."""

import math
from collections.abc import Callable, Iterable, Sequence, Set
from statistics import fmean

import numpy as np
from numpy.typing import ArrayLike, NDArray

Place = tuple[str, int, int]  # article id, start, end


def overlap(found: Iterable[Place], wanted: Iterable[Place]) -> int:
    """Return how many characters are in both; spans of one side may overlap each other."""
    gold = _characters(wanted)
    return sum(len(gold.get(id, set()) & held) for id, held in _characters(found).items())


def length(places: Iterable[Place]) -> int:
    """Return how many different characters `places` hold."""
    return sum(map(len, _characters(places).values()))


def span_scores(found: Sequence[Place], wanted: Sequence[Place]) -> tuple[float, float, float]:
    """Return span recall, precision and intersection over union.

    As in Chroma's chunking evaluation (Smith & Troynikov 2024), for `wanted` that is not empty; nothing
    found has precision 0.
    """
    both, n_found, n_wanted = overlap(found, wanted), length(found), length(wanted)
    return both / n_wanted, both / n_found if n_found else 0.0, both / (n_found + n_wanted - both)


def carries(found: Sequence[Place], gold: Iterable[Place]) -> bool:
    """Tell whether `found` shows the reader gold evidence.

    It does where at least half of a gold span is in it, or where at least half of one of its own places is gold,
    as a sentence is that gold spans begin before and end after.
    """
    wanted = list(gold)
    return any(2 * overlap(found, [one]) >= length([one]) for one in wanted) or any(
        2 * overlap([one], wanted) >= length([one]) for one in found
    )


def citation_scores(
    sentences: Sequence[Sequence[int]], supports: Callable[[int, Sequence[int]], bool]
) -> tuple[float, float]:
    """Return citation recall and precision of one answer that has sentences (ALCE: Gao et al., EMNLP 2023, § 3).

    `sentences` gives the numbers that each cites; `supports(i, numbers)` tells whether what stands there, taken
    together, supports sentence i. Recall is the share of sentences that their citations support. A citation is
    precise where its sentence is supported and it is not irrelevant: alone it supports the sentence, or without
    it the others do not. No citation at all has precision 0.
    """
    supported = [bool(cited) and supports(i, cited) for i, cited in enumerate(sentences)]
    precise = 0
    for i, cited in enumerate(sentences):
        for place, number in enumerate(cited if supported[i] else ()):
            others = [*cited[:place], *cited[place + 1 :]]
            precise += supports(i, [number]) or not (others and supports(i, others))
    total = sum(map(len, sentences))
    return sum(supported) / len(sentences), precise / total if total else 0.0


def risk_coverage(confidence: ArrayLike, right: ArrayLike) -> NDArray[np.float64]:
    """Return the error rate of the k most confident answers for k = 1, 2, … (El-Yaniv & Wiener, JMLR 2010).

    Answers of equal confidence stand in the mean of all their orders, so that no order of questions is better than
    another.
    """
    held, good = np.asarray(confidence, float), np.asarray(right, float)
    _, group, sizes = np.unique(-held, return_inverse=True, return_counts=True)
    wrong = np.bincount(group, weights=1 - good) / sizes  # error rate of each group, the most confident first
    return np.cumsum(np.repeat(wrong, sizes)) / np.arange(1, len(held) + 1)


def area_under_risk_coverage(confidence: ArrayLike, right: ArrayLike) -> float:
    """Return the mean of the risk–coverage curve, 0 at best (AURC: Geifman et al., ICLR 2019).

    An order by chance gives the error rate itself.
    """
    return float(np.mean(risk_coverage(confidence, right)))


def recall_at(ranked: Sequence[str], relevant: Set[str], *, k: int) -> float:
    """Return the share of `relevant`, which is not empty, among the first `k` (TREC's recall.k)."""
    return len(relevant & set(ranked[:k])) / len(relevant)


def ndcg_at(ranked: Sequence[str], relevant: Set[str], *, k: int) -> float:
    """Return nDCG@k for gains of 0 and 1 (Järvelin & Kekäläinen, TOIS 2002; TREC's ndcg_cut.k)."""
    gains = [1 / math.log2(rank + 1) for rank, id in enumerate(ranked[:k], start=1) if id in relevant]
    ideal = [1 / math.log2(rank + 1) for rank in range(1, min(len(relevant), k) + 1)]
    return sum(gains) / sum(ideal)


def mean(values: Iterable[float]) -> float:
    """Return the mean, or NaN of nothing."""
    held = list(values)
    return fmean(held) if held else float("nan")


def _characters(places: Iterable[Place]) -> dict[str, set[int]]:
    held: dict[str, set[int]] = {}
    for id, start, end in places:
        held.setdefault(id, set()).update(range(start, end))
    return held


def area_under_roc(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Return how often a true case scores above a false one, ties half (Hanley & McNeil 1982); NaN of one kind only."""
    yes, no = scores[truth], np.sort(scores[~truth])
    if not len(yes) or not len(no):
        return float("nan")
    below, above = np.searchsorted(no, yes, "left"), np.searchsorted(no, yes, "right")
    return float((below + above).sum() / 2 / len(yes) / len(no))


def held_out(topic: str) -> bool:
    """Tell whether a page is kept from training: about one in sixteen, by its name."""
    return sum(map(ord, topic)) % 16 == 3
