"""Figures with their uncertainty: bootstrap intervals, and paired tests between two runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.measures import area_under_risk_coverage

Array = NDArray[np.float64]  # (cases, fields)

RESAMPLES = 2000
SEED = 20141124  # fixed, so that the same values always have the same interval
LEVEL = 0.95


def _mean(rows: Array) -> float:
    return float(np.mean(rows[:, 0]))


def _quantile(share: float) -> Callable[[Array], float]:
    return lambda rows: float(np.quantile(rows[:, 0], share))


def _ratio(rows: Array) -> float:
    return float(np.sum(rows[:, 0]) / np.sum(rows[:, 1]))


COMBINE: Mapping[str, Callable[[Array], float]] = {
    "mean": _mean,
    "median": _quantile(0.5),
    "p95": _quantile(0.95),
    "ratio": _ratio,  # of sums
    "risk-coverage": lambda rows: area_under_risk_coverage(rows[:, 0], rows[:, 1]),  # confidence, right
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, the cases behind it and its 95 % interval; NaN of nothing."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How much the second of two runs is above the first on the same cases."""

    value: float
    low: float
    high: float
    n: int
    p: float  # how often chance alone would give a difference as large, two-sided


def figure(rows: Array, combine: str = "mean") -> Figure:
    """Return the figure with its percentile bootstrap interval over cases (Efron & Tibshirani 1993, ch. 13)."""
    statistic = COMBINE[combine]
    if not len(rows):
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    chance = np.random.default_rng(SEED)
    drawn = [statistic(rows[chance.integers(len(rows), size=len(rows))]) for _ in range(RESAMPLES)]
    return Figure(statistic(rows), *_interval(drawn), len(rows))


def difference(first: Array, second: Array, combine: str = "mean") -> Difference:
    """Return `second` less `first`, row i of both being the same case.

    The interval resamples cases, keeping the pairs; p is that of the paired randomisation test, which swaps
    the two runs' values case by case (Smucker, Allan & Carterette, CIKM 2007).
    """
    statistic, n = COMBINE[combine], len(first)
    if not n:
        return Difference(float("nan"), float("nan"), float("nan"), 0, float("nan"))
    found = statistic(second) - statistic(first)
    chance = np.random.default_rng(SEED)
    drawn, swapped = [], []
    for _ in range(RESAMPLES):
        picked = chance.integers(n, size=n)
        drawn.append(statistic(second[picked]) - statistic(first[picked]))
        swap = chance.integers(2, size=n)[:, None] == 1
        swapped.append(statistic(np.where(swap, first, second)) - statistic(np.where(swap, second, first)))
    as_large = sum(abs(one) >= abs(found) - 1e-12 for one in swapped)
    return Difference(found, *_interval(drawn), n, (as_large + 1) / (RESAMPLES + 1))


def _interval(drawn: list[float]) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
