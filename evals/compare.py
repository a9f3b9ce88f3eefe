"""Two runs, question by question: what changed, how surely, and which questions got better or worse."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.intervals import Difference, combine, difference
from evals.runs import Part, Run, rows
from evals.suite import Case, Measure
from index.errors import BylineError

_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """What one measure did from the first run to the second."""

    suite: str
    measure: Measure
    first: float
    second: float
    difference: Difference
    improved: tuple[str, ...]  # ids of the cases whose value got better, most first
    worsened: tuple[str, ...]

    @property
    def loss(self) -> float:
        """Return how much worse the second run is; below 0 where it is better, 0 where no direction is better."""
        return _loss(self.measure, self.difference.value)

    @property
    def surely_worse(self) -> bool:
        """Tell whether the whole interval of the difference lies on the worse side of nothing."""
        return min(_loss(self.measure, self.difference.low), _loss(self.measure, self.difference.high)) > _TINY


def compare(first: Run, second: Run, *, timed: bool = True) -> list[Change]:
    """Return what each measure that both runs have did, on the cases that both asked.

    Without `timed`, measures of the machine are left out. Raises BylineError with the reason if the runs are not
    of the same suites, articles and questions.
    """
    before = {part.suite: part for part in first.parts}
    after = {part.suite: part for part in second.parts}
    shared = [name for name in before if name in after]
    if not shared:
        raise BylineError(f"The runs have no suite in common: {_names(before)} in one, {_names(after)} in the other.")
    return [
        change for name in shared for change in _changes(before[name], after[name]) if timed or not change.measure.timed
    ]


def settings_changed(first: Run, second: Run) -> list[str]:
    """Return what the runs were made with differently, a phrase each: what a difference may come from."""
    pairs = {what: (first.about.get(what, {}), second.about.get(what, {})) for what in ("code", "models", "libraries")}
    after = {part.suite: part.configuration for part in second.parts}
    pairs |= {part.suite: (part.configuration, after[part.suite]) for part in first.parts if part.suite in after}
    return [
        f"{what}: {name} {a.get(name)} → {b.get(name)}"
        for what, (a, b) in pairs.items()
        for name in {**a, **b}
        if a.get(name) != b.get(name)
    ]


def _changes(before: Part, after: Part) -> Iterator[Change]:
    _refuse_different(before, after)
    old, new = {case.id: case for case in before.cases}, {case.id: case for case in after.cases}
    measures = {one.name: one for one in before.measures}
    for measure in after.measures:
        if measure.name not in measures:
            continue
        needs = set(measure.needs)
        ids = [id for id, case in old.items() if id in new and needs <= case.values.keys() & new[id].values.keys()]
        if ids:
            yield _change(before.suite, measure, [old[id] for id in ids], [new[id] for id in ids])


def _change(suite: str, measure: Measure, old: Sequence[Case], new: Sequence[Case]) -> Change:
    a, b = rows(old, measure), rows(new, measure)
    found = difference(a, b, measure.combine)
    single = len(measure.needs) == 1  # a curve's share of one question has no meaning
    losses = {one.id: _loss(measure, y - x) for one, x, y in zip(old, a[:, 0], b[:, 0], strict=True)} if single else {}
    better = sorted((id for id, loss in losses.items() if loss < -_TINY), key=lambda id: losses[id])
    worse = sorted((id for id, loss in losses.items() if loss > _TINY), key=lambda id: -losses[id])
    first, second = combine(a, measure.combine), combine(b, measure.combine)
    return Change(suite, measure, first, second, found, tuple(better), tuple(worse))


def _loss(measure: Measure, by: float) -> float:
    return {"higher": -by, "lower": by, "neither": 0.0}[measure.better]


def _refuse_different(before: Part, after: Part) -> None:
    for what, a, b in (
        ("articles", before.corpus, after.corpus),
        ("questions", before.questions, after.questions),
    ):
        if a != b:
            raise BylineError(
                f"Suite {before.suite!r} was run on different {what} ({before.planned} cases, digest {a}, in the first "
                f"run; {after.planned}, digest {b}, in the second), so its figures cannot be paired. "
                f"Run it again on the same {what}."
            )


def _names(parts: dict[str, Part]) -> str:
    return ", ".join(sorted(parts)) or "nothing"
