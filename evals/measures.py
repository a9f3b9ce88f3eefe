"""Measures over character spans and lists of values."""

from collections.abc import Iterable, Sequence
from statistics import fmean

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


def mean(values: Iterable[float]) -> float:
    """Return the mean, or NaN of nothing."""
    held = list(values)
    return fmean(held) if held else float("nan")


def _characters(places: Iterable[Place]) -> dict[str, set[int]]:
    held: dict[str, set[int]] = {}
    for id, start, end in places:
        held.setdefault(id, set()).update(range(start, end))
    return held
