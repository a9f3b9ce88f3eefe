"""Measures against cases worked by hand, and against a second implementation where there is one."""

import random
from itertools import permutations
from statistics import fmean
from typing import Any

import ir_measures
import numpy as np
import pytest
import scipy.stats

from evals.intervals import combine, difference, figure
from evals.measures import (
    area_under_risk_coverage,
    carries,
    citation_scores,
    length,
    mean,
    ndcg_at,
    overlap,
    recall_at,
    risk_coverage,
    span_scores,
)


def test_overlap_counts_each_character_once() -> None:
    assert overlap([("a", 0, 10), ("a", 5, 12)], [("a", 8, 20), ("b", 0, 9)]) == 4
    assert length([("a", 0, 10), ("a", 5, 12), ("b", 0, 1)]) == 13


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([("a", 0, 10)], (0.5, 1.0, 0.5)),
        ([("a", 10, 30)], (0.5, 0.5, 1 / 3)),
        ([("a", 0, 20), ("b", 0, 20)], (1.0, 0.5, 0.5)),
        ([("b", 0, 20)], (0.0, 0.0, 0.0)),
        ([], (0.0, 0.0, 0.0)),
    ],
)
def test_span_scores(found: list[tuple[str, int, int]], expected: tuple[float, ...]) -> None:
    assert span_scores(found, [("a", 0, 20)]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("found", "does"),
    [
        ([("a", 100, 110)], True),  # half of the short gold span
        ([("a", 100, 109)], True),  # less than half of that, but all of itself
        ([("a", 60, 109)], False),  # neither
        ([("a", 300, 400)], True),  # one sentence of a gold span of five
        ([("a", 120, 300), ("b", 100, 120)], False),
        ([], False),
    ],
)
def test_gold_is_carried_by_half_of_it_or_by_a_sentence_of_it(found: list[tuple[str, int, int]], does: bool) -> None:
    assert carries(found, [("a", 100, 120), ("a", 300, 800)]) == does


def by_set(*good: set[int]) -> Any:
    """Support any sentence by each superset of one of `good`."""
    return lambda i, numbers: any(one <= set(numbers) for one in good)


@pytest.mark.parametrize(
    ("sentences", "supports", "recall", "precision"),
    [
        ([[1], [2]], by_set({1}), 1 / 2, 1 / 2),
        ([[1, 2]], by_set({1}), 1, 1 / 2),  # 2 is irrelevant: alone it says nothing, and 1 does without it
        ([[1, 2]], by_set({1, 2}), 1, 1),  # neither suffices, together they do
        ([[1, 2, 3]], by_set({1, 2}), 1, 2 / 3),
        ([[1, 2]], by_set({1}, {2}), 1, 1),
        ([[1], []], by_set({1}), 1 / 2, 1),  # a sentence without a citation lacks support, not precision
        ([[]], by_set({1}), 0, 0),
        ([[3]], by_set({1}), 0, 0),
    ],
)
def test_citation_recall_and_precision_are_alces(
    sentences: list[list[int]], supports: Any, recall: float, precision: float
) -> None:
    assert citation_scores(sentences, supports) == pytest.approx((recall, precision))


def test_risk_coverage_by_hand() -> None:
    assert risk_coverage([0.9, 0.1, 0.5], [1, 0, 0]).tolist() == pytest.approx([0, 1 / 2, 2 / 3])
    assert area_under_risk_coverage([0.9, 0.1, 0.5], [1, 0, 0]) == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)
    assert area_under_risk_coverage([0.0, 0.0], [1, 0]) == pytest.approx(0.5)


def test_ties_of_confidence_count_as_the_mean_of_their_orders() -> None:
    confidence, right = [0.8, 0.5, 0.5, 0.5, 0.2], [1, 0, 1, 0, 1]
    orders = [[0, *middle, 4] for middle in permutations([1, 2, 3])]
    areas = [fmean(fmean(1 - right[i] for i in order[: k + 1]) for k in range(5)) for order in orders]
    assert area_under_risk_coverage(confidence, right) == pytest.approx(fmean(areas))


def test_rankings_agree_with_ir_measures() -> None:
    chance = random.Random(7)
    for _ in range(50):
        documents = [f"d{number}" for number in range(12)]
        ranked = chance.sample(documents, k=chance.randint(1, 12))
        relevant = set(chance.sample(documents, k=chance.randint(1, 8)))
        qrels = [ir_measures.Qrel("q", one, 1) for one in relevant]
        run = [ir_measures.ScoredDoc("q", one, -rank) for rank, one in enumerate(ranked)]
        theirs = ir_measures.calc_aggregate([ir_measures.R @ 5, ir_measures.nDCG @ 5], qrels, run)
        assert recall_at(ranked, relevant, k=5) == pytest.approx(theirs[ir_measures.R @ 5])
        assert ndcg_at(ranked, relevant, k=5) == pytest.approx(theirs[ir_measures.nDCG @ 5])


def test_the_interval_agrees_with_scipys() -> None:
    rows = np.array([[0.0]] * 30 + [[1.0]] * 70)
    theirs = scipy.stats.bootstrap(
        (rows[:, 0],), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    ours = figure(rows)
    assert (ours.value, ours.n) == (pytest.approx(0.7), 100)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.015)
    assert figure(rows) == ours  # the same values, the same interval


def test_the_paired_test_agrees_with_scipys() -> None:
    chance = np.random.default_rng(3)
    first = chance.integers(2, size=(12, 1)).astype(float)
    second = np.minimum(1.0, first + (chance.random((12, 1)) < 0.4))
    theirs = scipy.stats.permutation_test(
        (second[:, 0], first[:, 0]), lambda x, y: np.mean(x) - np.mean(y), permutation_type="samples", vectorized=False
    )
    ours = difference(first, second)
    assert ours.value == pytest.approx(theirs.statistic)
    assert ours.p == pytest.approx(theirs.pvalue, abs=0.02)
    assert ours.low <= ours.value <= ours.high


def test_runs_that_do_not_differ_have_no_difference() -> None:
    rows = np.array([[0.0], [1.0], [1.0]])
    same = difference(rows, rows)
    assert (same.value, same.low, same.high, same.p) == (0, 0, 0, 1)


def test_nothing_measured_is_not_a_number() -> None:
    nothing = figure(np.empty((0, 1)))
    assert nothing.n == 0 and np.isnan(nothing.value)
    assert np.isnan(difference(np.empty((0, 1)), np.empty((0, 1))).value)
    assert np.isnan(mean([]))


def test_other_ways_to_make_a_number_of_values() -> None:
    rows = np.array([[1.0], [3.0], [8.0]])
    assert [combine(rows, how) for how in ("mean", "median")] == [4, 3]
    assert combine(rows, "p95") == pytest.approx(7.5)
    assert combine(np.array([[0.9, 1.0], [0.1, 0.0]]), "risk-coverage") == pytest.approx(1 / 4)
