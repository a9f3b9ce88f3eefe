"""Write the figures of runs into evals/README.md, and keep one as the baseline.

    byline eval --out runs/quick && python -m evals.publish --baseline runs/quick
    python -m evals.publish runs/spans runs/speed
    python -m evals.publish --check

A row is replaced by the figures of the same suite and command, so that the table holds what was printed last.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from evals import runs
from evals.intervals import Figure
from evals.runs import Part, Run
from evals.suite import Case, Measure
from evals.suites import SUITES
from index.errors import BylineError

README = Path(__file__).with_name("README.md")
BASELINE = Path(__file__).with_name("baseline.json")
_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->"
_HEAD = "| suite | cases | figures with 95 % interval and n | command | commit | date |\n|---|---|---|---|---|---|\n"
_KEPT = ("code", "models", "libraries", "command", "started")


def stripped(run: Run) -> Run:
    """Return what a later run is held against: every steady value, without texts, timings and machine."""
    parts = tuple(_steady(part) for part in run.parts)
    return Run(tuple(part for part in parts if part.measures), {name: run.about[name] for name in _KEPT}, run.complete)


def _steady(part: Part) -> Part:
    measures = tuple(one for one in part.measures if not one.timed)
    needed = {name for one in measures for name in one.needs}
    cases = (
        Case(case.id, {name: round(value, 12) for name, value in case.values.items() if name in needed})
        for case in part.cases
    )
    return replace(part, measures=measures, cases=tuple(cases))


def row(part: Part, run: Run) -> str:
    """Return the line of a suite: its headline figures, and where they come from."""
    figures, measures = part.figures(), {one.name: one for one in part.measures}
    told = "<br>".join(_told(measures[name], figures[name]) for name in part.headline if name in figures)
    about = run.about
    commit, date = about["code"]["commit"] or about["code"]["version"], str(about["started"])[:10]
    return f"| {part.suite} | {len(part.cases):,} | {told} | `{about['command']}` | {commit} | {date} |\n"


def _told(measure: Measure, found: Figure) -> str:
    value, low, high = (f"{one:.{measure.digits}f}" for one in (found.value, found.low, found.high))
    return f"{measure.says} {value} [{low}, {high}], n {found.n:,}"


def published(text: str) -> dict[tuple[str, str], str]:
    """Return the lines of the table in `text` by suite and command; BylineError if there is no table."""
    begin, end = text.find(_BEGIN), text.find(_END)
    if begin < 0 or end < begin:
        raise BylineError(f"{README} has lost the marks {_BEGIN.strip()} and {_END}, between which the table stands.")
    lines = text[begin + len(_BEGIN) : end].splitlines(keepends=True)[2:]
    found = {}
    for line in lines:
        suite, command = re.fullmatch(r"\| (\w+) \|.*\| `([^`]+)` \|[^|]*\|[^|]*\|\n", line).groups()  # type: ignore[union-attr]
        found[suite, command] = line
    return found


def put(text: str, lines: dict[tuple[str, str], str]) -> str:
    """Return `text` with its table made of `lines`, in the order of the suites."""
    order = [suite.name for suite in SUITES]
    known = sorted((key for key in lines if key[0] in order), key=lambda key: (order.index(key[0]), key[1]))
    table = _HEAD + "".join(lines[key] for key in known)
    return text[: text.index(_BEGIN) + len(_BEGIN)] + table + text[text.index(_END) :]


def rows_of(run: Run) -> dict[tuple[str, str], str]:
    """Return a run's lines by suite and command."""
    return {(part.suite, run.about["command"]): row(part, run) for part in run.parts}


def problems(text: str, baseline: Run) -> Iterator[str]:
    """Yield what of the table in `text` is not so: a suite without a line, a line that is not the baseline's."""
    lines = published(text)
    for suite in SUITES:
        if not any(name == suite.name for name, _ in lines):
            yield f"no line for the suite {suite.name!r}"
    for key, line in rows_of(baseline).items():
        if lines.get(key) != line:
            yield f"the line of {key[0]!r} is not what {BASELINE.name} holds"


@click.command(help=__doc__)
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="RUN…")
@click.option("--baseline", type=click.Path(exists=True, path_type=Path), help="Keep this run as the baseline, too.")
@click.option("--check", is_flag=True, help="Change nothing; fail if the table is out of date.")
def main(folders: Sequence[Path], baseline: Path | None, check: bool) -> None:
    """Write or check the table."""
    if check:
        found = list(problems(README.read_text(encoding="utf-8"), runs.read(BASELINE)))
        if found:
            raise click.ClickException(f"{README}: " + "; ".join(found))
        return
    held = [runs.read(folder) for folder in folders]
    if baseline:
        run = stripped(_whole(runs.read(baseline)))
        runs.write(run, BASELINE)
        held.append(run)
    text = README.read_text(encoding="utf-8")
    lines = published(text)
    for run in held:
        lines |= rows_of(_whole(run))
    README.write_text(put(text, lines), encoding="utf-8")


def _whole(run: Run) -> Run:
    if not run.complete:
        raise click.ClickException("A run that was cut short proves nothing; go on with it by --resume first.")
    return run


if __name__ == "__main__":
    main()
