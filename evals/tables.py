"""Runs and comparisons as text that a person reads in a terminal."""

from collections.abc import Sequence

from evals.intervals import Figure
from evals.runs import Part, Run
from evals.suite import Measure


def render(run: Run) -> str:
    """Return one table of every figure, with the number of cases and the 95 % interval."""
    widest = max((len(one.says) for part in run.parts for one in part.measures), default=0)
    lines = []
    for part in run.parts:
        lines += ["", f"{part.suite}: {part.asks}"]
        if not part.complete:
            lines.append(f"  only {len(part.cases)} of {part.planned} cases were asked")
        figures = part.figures()
        for one in part.measures:
            if one.name in figures:
                lines.append(f"  {one.says:{widest}}  {format_figure(one, figures[one.name])}")
    return "\n".join([*lines[1:], "", "In brackets: 95 % bootstrap interval over the cases; n: how many there are."])


def format_figure(measure: Measure, found: Figure) -> str:
    """Return value, interval and n, as in `0.912  [0.861, 0.956]  n = 137`."""
    low, high = (f"{one:.{measure.digits}f}" for one in (found.low, found.high))
    return f"{found.value:7.{measure.digits}f}  {f'[{low}, {high}]':16} n = {found.n}"


def as_json(parts: Sequence[Part]) -> list[dict[str, object]]:
    """Return the figures as JSON, one object a figure."""
    return [
        {"suite": part.suite, "measure": name, "value": one.value, "low": one.low, "high": one.high, "n": one.n}
        for part in parts
        for name, one in part.figures().items()
    ]
