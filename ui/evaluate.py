"""The command `byline eval`: measure, compare, and keep the figures that a release must not fall behind."""

from __future__ import annotations

import itertools
import json
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evals.suites import SUITES
from index.errors import BylineError
from ui.opening import library_option, opened

if TYPE_CHECKING:
    from evals.compare import Change
    from evals.runs import Run
    from evals.suite import Inputs, Progress, Suite

EXIT_WORSE = 1
EXIT_INTERRUPTED = 130
_QUICK = (50,)  # passages of the library that the quick set times
_WAIT = 2.0  # seconds that work may take without a bar
_path = click.Path(path_type=Path)
_out = click.option("--out", type=_path, help="Folder for run.json and report.html (default: a new one in runs/).")
_resume = click.option("--resume", is_flag=True, help="Go on with an interrupted run in OUT.")
_json = click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")


@click.group("eval", invoke_without_command=True)
@_out
@_resume
@click.option("--baseline", type=_path, help="A run that no figure may be surely worse than; exit 1 if one is.")
@_json
@click.pass_context
def evaluate(context: click.Context, out: Path | None, resume: bool, baseline: Path | None, as_json: bool) -> None:
    """Measure how good the answers are; every figure with n and its 95 % interval.

    \b
    byline eval                                     the quick set, on the bundled articles
    byline eval questions --data DIR --set FILE     one suite, on your own
    byline eval compare RUN RUN                     two runs, question by question
    """
    if context.invoked_subcommand is None:
        from evals.suite import Inputs

        quick = [suite for suite in SUITES if suite.quick]
        run = _run(quick, Inputs(passages=_QUICK), out, command="byline eval", resume=resume, as_json=as_json)
        if baseline:
            _hold_against(baseline, run)


def _run(
    suites: Sequence[Suite], inputs: Inputs, out: Path | None, *, command: str, resume: bool, as_json: bool
) -> Run:
    """Run suites, write the report and print the figures."""
    from evals import report, runs, tables

    name = suites[0].name if len(suites) == 1 else "quick"
    folder = out or Path("runs", f"{name}-{time.strftime('%Y%m%d-%H%M%S')}")
    with _progress() as progress:
        run = runs.execute(suites, replace(inputs, progress=progress), folder, command=command, resume=resume)
    (folder / runs.REPORT).write_text(report.render(run), encoding="utf-8")
    click.echo(json.dumps(tables.as_json(run.parts), indent=2) if as_json else tables.render(run))
    if not run.complete:
        go_on = f"{command} --resume --out {shlex.quote(str(folder))}"
        click.echo(f"Interrupted. What was done is in {folder}. To go on: {go_on}", err=True)
        sys.exit(EXIT_INTERRUPTED)
    click.echo(f"Every question: {folder / runs.REPORT}", err=True)
    return run


def _hold_against(baseline: Path, run: Run) -> None:
    from evals import compare, runs

    try:
        changes = compare.compare(runs.read(baseline), run, timed=False)
    except BylineError as error:
        raise BylineError(f"{baseline} does not fit this run. {error} `make baseline` renews it.") from error
    _exit_if([one for one in changes if one.surely_worse], f"than {baseline}, beyond the interval of the difference")


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar on standard error, where that is a terminal, for whatever takes more than two seconds."""
    if not sys.stderr.isatty():
        yield lambda label, done, total: None
        return
    bar = _Bar()
    try:
        yield bar.update
    finally:
        bar.end()


class _Bar:
    """One bar at a time; the next label begins the next."""

    def __init__(self) -> None:
        self._label = ""
        self._began = 0.0
        self._bar: Any = None

    def update(self, label: str, done: int, total: int) -> None:
        if label != self._label:
            self.end()
            self._label, self._began = label, time.monotonic()
        if self._bar is None and time.monotonic() - self._began > _WAIT:
            self._bar = click.progressbar(length=max(total, 1), label=label, file=sys.stderr, show_pos=True)
            self._bar.__enter__()
        if self._bar is not None:
            self._bar.update(done - self._bar.pos)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
        self._bar, self._label = None, ""


def _command(suite: Suite) -> click.Command:
    """Return the command of one suite, with the options that it understands."""

    def run(out: Path | None, resume: bool, as_json: bool, **given: Any) -> None:
        from evals.suite import Inputs

        held = {key: value for key, value in given.items() if value not in (None, ())}
        words = [(f"--{key.replace('_', '-')}", str(one)) for key, value in held.items() for one in _each(value)]
        command = shlex.join(["byline", "eval", suite.name, *itertools.chain(*words)])
        _run([suite], Inputs(**held), out, command=command, resume=resume, as_json=as_json)

    command: Callable[..., Any] = run
    for option in reversed([*_options(suite), _out, _resume, _json]):
        command = option(command)
    return click.command(suite.name, help=suite.asks)(command)


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _options(suite: Suite) -> Iterator[Callable[..., Any]]:
    further = {
        "split": click.option("--split", help='Only questions whose "split" says so.'),
        "passages": click.option(
            "--passages", type=click.IntRange(10), multiple=True, help="Size of a library; repeat."
        ),
        "passage_tokens": click.option("--passage-tokens", type=click.IntRange(16), help="Longest passage, in tokens."),
    }
    if suite.data:
        yield click.option("--data", type=_path, help=f"Names {suite.data}.")
    if suite.set:
        yield click.option("--set", type=_path, help=f"Names {suite.set}.")
    yield from (further[name] for name in suite.options)


for _suite in SUITES:
    evaluate.add_command(_command(_suite))


@evaluate.command("feedback")
@library_option
@click.option("--out", type=_path, default=Path("feedback.jsonl"), show_default=True, help="The question file.")
@_json
def _feedback(library: Path | None, out: Path, as_json: bool) -> None:
    """Turn what people said of answers into a question file, and ask again: is good still good, and bad gone?"""
    from bot.chat import Bot
    from bot.conversations import Conversations
    from evals import feedback

    with opened(library, must_exist=True) as stores:
        conversations = Conversations(stores.library)
        try:
            found = list(feedback.judged(conversations))
            feedback.write(found, out)
            figures = feedback.score(found, Bot(stores))
        finally:
            conversations.close()
    if as_json:
        click.echo(json.dumps({name: {"count": count, "n": n} for name, (count, n) in figures.items()}, indent=2))
        return
    for name, (count, n) in figures.items():
        click.echo(f"{name:<26} {f'{count} of {n}' if n else 'none judged'}")
    click.echo(f"{len(found)} questions in {out}")


@evaluate.command("compare")
@click.argument("first", type=_path)
@click.argument("second", type=_path)
@click.option(
    "--fail-if-worse", type=click.FloatRange(0), metavar="MARGIN", help="Exit 1 if a figure lost more than this."
)
@_json
def _compare(first: Path, second: Path, fail_if_worse: float | None, as_json: bool) -> None:
    """Pair two runs question by question, FIRST the older.

    Prints each figure's difference with its 95 % bootstrap interval and the p of a paired randomisation test. With
    --fail-if-worse, timings and figures that are neither good nor bad are not held against SECOND.
    """
    from evals import compare, runs, tables

    old, new = runs.read(first), runs.read(second)
    changes = compare.compare(old, new)
    if as_json:
        click.echo(json.dumps(tables.changes_json(changes), indent=2))
    else:
        click.echo("\n".join([*compare.settings_changed(old, new), tables.render_changes(changes)]))
    if fail_if_worse is not None:
        worse = [one for one in changes if one.loss > fail_if_worse and not one.measure.timed]
        _exit_if(worse, f"by more than {fail_if_worse}")


def _exit_if(worse: Sequence[Change], how: str) -> None:
    """End with the exit status of a loss if there is one, and name it."""
    for one in worse:
        click.echo(f"Worse {how}: {one.suite}, {one.measure.says}: {one.first:.3f} → {one.second:.3f}", err=True)
    if worse:
        sys.exit(EXIT_WORSE)
