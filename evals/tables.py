"""Runs and comparisons as text that a person reads in a terminal."""

from collections.abc import Sequence

from evals.compare import Change
from evals.intervals import Figure
from evals.runs import Part, Run
from evals.suite import Measure

_MOST = 10  # questions of a kind that are listed


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


def render_changes(changes: Sequence[Change]) -> str:
    """Return a table of what changed, and under it which questions got better or worse."""
    widest = max((len(one.measure.says) for one in changes), default=0)
    lines = [f"{'':{widest}}    first  second  difference  95 % interval        p  better  worse     n"]
    for suite in dict.fromkeys(one.suite for one in changes):
        lines.append(f"{suite}:")
        lines += [f"  {one.measure.says:{widest}}  {_format_change(one)}" for one in changes if one.suite == suite]
    for title, attribute in (("Better", "improved"), ("Worse", "worsened")):
        for one in changes:
            ids = getattr(one, attribute)
            if ids and one.measure.better != "neither" and not one.measure.timed:
                more = f" and {len(ids) - _MOST} more" if len(ids) > _MOST else ""
                lines.append(f"{title}, {one.suite}, {one.measure.says}: {' '.join(ids[:_MOST])}{more}")
    return "\n".join(lines)


def _format_change(one: Change) -> str:
    digits, found = one.measure.digits, one.difference
    interval = f"[{found.low:+.{digits}f}, {found.high:+.{digits}f}]"
    return (
        f"{one.first:7.{digits}f} {one.second:7.{digits}f} {found.value:+11.{digits}f}  {interval:18} {found.p:5.3f} "
        f"{len(one.improved):6} {len(one.worsened):6} {found.n:6}"
    )


def changes_json(changes: Sequence[Change]) -> list[dict[str, object]]:
    """Return the changes as JSON, one object a measure."""
    return [
        {
            "suite": one.suite,
            "measure": one.measure.name,
            "first": one.first,
            "second": one.second,
            "difference": one.difference.value,
            "low": one.difference.low,
            "high": one.difference.high,
            "p": one.difference.p,
            "n": one.difference.n,
            "better": list(one.improved),
            "worse": list(one.worsened),
        }
        for one in changes
    ]
