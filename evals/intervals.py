"""Figures with their uncertainty: bootstrap intervals, and paired tests between two runs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.measures import area_under_risk_coverage, area_under_roc

Array = NDArray[np.float64]

RESAMPLES = 2000
SEED = 20141124  # fixed, so that the same values always have the same interval
LEVEL = 0.95
_BATCH = 200_000  # values drawn at once


def _each(one: Callable[[Array], float]) -> Callable[[Array], Array]:
    return lambda many: np.array([one(rows) for rows in many])


def _balanced(truth: Array, said: Array) -> Array:
    """Return the mean of the shares of true and of false cases that are told right, a sample a row."""
    true, false = np.maximum(truth.sum(1), 1), np.maximum((1 - truth).sum(1), 1)
    return np.asarray(((truth * said).sum(1) / true + ((1 - truth) * (1 - said)).sum(1) / false) / 2)


# From many samples, (samples, cases, fields), to a number of each.
COMBINE: Mapping[str, Callable[[Array], Array]] = {
    "mean": lambda many: np.mean(many[:, :, 0], axis=1),
    "median": lambda many: np.median(many[:, :, 0], axis=1),
    "p95": lambda many: np.quantile(many[:, :, 0], 0.95, axis=1),
    "balanced": lambda many: _balanced(many[:, :, 0], many[:, :, 1]),  # truth, said
    "roc": _each(lambda rows: area_under_roc(rows[:, 0], rows[:, 1] > 0)),  # score, truth
    "risk-coverage": _each(lambda rows: area_under_risk_coverage(rows[:, 0], rows[:, 1])),  # confidence, right
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


def combine(rows: Array, how: str = "mean") -> float:
    """Return the number that `rows`, (cases, fields), make."""
    return float(COMBINE[how](rows[None])[0])


def figure(rows: Array, how: str = "mean") -> Figure:
    """Return the figure with its percentile bootstrap interval over cases (Efron & Tibshirani 1993, ch. 13)."""
    if not len(rows):
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    drawn = np.concatenate([COMBINE[how](rows[picked]) for picked, _ in _draws(len(rows))])
    return Figure(combine(rows, how), *_interval(drawn), len(rows))


def difference(first: Array, second: Array, how: str = "mean") -> Difference:
    """Return `second` less `first`, row i of both being the same case.

    The interval resamples cases, keeping the pairs; p is that of the paired randomisation test, which swaps
    the two runs' values case by case (Smucker, Allan & Carterette, CIKM 2007).
    """
    statistic, n = COMBINE[how], len(first)
    if not n:
        return Difference(float("nan"), float("nan"), float("nan"), 0, float("nan"))
    found = combine(second, how) - combine(first, how)
    drawn, swapped = [], []
    for picked, swap in _draws(n):
        drawn.append(statistic(second[picked]) - statistic(first[picked]))
        swapped.append(statistic(np.where(swap, first, second)) - statistic(np.where(swap, second, first)))
    as_large = np.sum(np.abs(np.concatenate(swapped)) >= abs(found) - 1e-12)
    return Difference(found, *_interval(np.concatenate(drawn)), n, float(as_large + 1) / (RESAMPLES + 1))


def _draws(n: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.bool_]]]:
    """Yield batches of resamples: which cases are drawn, (samples, n), and which are swapped, (samples, n, 1)."""
    chance = np.random.default_rng(SEED)
    size = max(1, min(RESAMPLES, _BATCH // n))
    for done in range(0, RESAMPLES, size):
        shape = (min(size, RESAMPLES - done), n)
        yield chance.integers(n, size=shape), chance.integers(2, size=(*shape, 1)) == 1


def _interval(drawn: Array) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
