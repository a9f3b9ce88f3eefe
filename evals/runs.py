"""A run: suites asked case by case into a folder, kept when interrupted, and gone on with."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import numpy as np

from evals import provenance
from evals.intervals import Array, Figure, figure
from evals.suite import Case, Inputs, Measure, Plan, Suite
from index.errors import BylineError

FORMAT = 1
RUN = "run.json"
REPORT = "report.html"
UNFINISHED = "unfinished.jsonl"  # cases of a run that goes on: a line each, written as soon as they are there


@dataclass(frozen=True, slots=True)
class Part:
    """What one suite gave in a run."""

    suite: str
    asks: str
    corpus: str
    questions: str
    configuration: Mapping[str, Any]
    headline: tuple[str, ...]
    measures: tuple[Measure, ...]
    cases: tuple[Case, ...]
    planned: int  # how many cases there are in all

    @property
    def complete(self) -> bool:
        """Tell whether every case was asked."""
        return len(self.cases) == self.planned

    def figures(self) -> dict[str, Figure]:
        """Return the figures by measure; those that no case has a value for are left out."""
        found = {one.name: figure(rows(self.cases, one), one.combine) for one in self.measures}
        return {name: one for name, one in found.items() if one.n}


@dataclass(frozen=True, slots=True)
class Run:
    """Suites that were run together, and what they were run with."""

    parts: tuple[Part, ...]
    about: Mapping[str, Any]  # code, models, libraries, machine, command, started, seconds
    complete: bool  # whether nothing was cut short


def rows(cases: Sequence[Case], measure: Measure) -> Array:
    """Return the values of `measure`, (cases, fields), of the cases that have them."""
    needs = measure.needs
    held = [[case.values[name] for name in needs] for case in cases if all(name in case.values for name in needs)]
    return np.array(held, float).reshape(len(held), len(needs))


def execute(suites: Sequence[Suite], inputs: Inputs, out: Path, *, command: str = "", resume: bool = False) -> Run:
    """Run `suites` into the folder `out`, and return what they gave; `command` is noted as what did it.

    Ctrl-C ends it early with what was done; the same call with `resume` goes on from there. Raises BylineError
    if `out` has a run already, or, with `resume`, if what is there was begun with anything else.
    """
    about = _about(command)
    done = _opened(out, resume=resume)
    began = time.perf_counter()
    parts: list[Part] = []
    try:
        with (out / UNFINISHED).open("a", encoding="utf-8") as file:
            for suite in suites:
                parts.append(_part(suite, inputs, about, done.get(suite.name), file))
                if not parts[-1].complete:
                    break
    except KeyboardInterrupt:
        if not parts:
            raise
    finally:
        if not (out / UNFINISHED).stat().st_size:
            (out / UNFINISHED).unlink()  # nothing was begun: a mistake in the input must not block the folder
    complete = len(parts) == len(suites) and all(part.complete for part in parts)
    run = Run(tuple(parts), {**about, "seconds": round(time.perf_counter() - began, 1)}, complete)
    write(run, out / RUN)
    if complete:
        (out / UNFINISHED).unlink()
    return run


def _about(command: str) -> dict[str, Any]:
    return {
        "code": provenance.code(),
        "models": provenance.models(),
        "libraries": provenance.libraries(),
        "machine": provenance.machine(),
        "command": command,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _part(
    suite: Suite, inputs: Inputs, about: Mapping[str, Any], done: Sequence[Mapping[str, Any]] | None, file: IO[str]
) -> Part:
    with import_module(suite.module).plan(inputs) as plan:
        identity = _identity(suite, plan, about)
        cases = {}
        if not done:
            _put(file, suite, {"begun": identity})
        else:
            _refuse_other(done[0]["begun"], identity, suite)
            cases = {one["case"]["id"]: _case(one["case"]) for one in done[1:]}
        with suppress(KeyboardInterrupt):  # what was done is worth keeping; the part tells that it is not complete
            for number, (id, task) in enumerate(plan.tasks.items(), start=1):
                if id not in cases:
                    cases[id] = _asked(suite, id, task)
                    _put(file, suite, {"case": _case_json(cases[id])})
                inputs.progress(suite.name, number, len(plan.tasks))
        return Part(
            suite.name,
            suite.asks,
            plan.corpus,
            plan.questions,
            plan.configuration,
            plan.headline,
            tuple(plan.measures),
            tuple(cases[id] for id in plan.tasks if id in cases),
            len(plan.tasks),
        )


def _asked(suite: Suite, id: str, task: Callable[[], Case]) -> Case:
    try:
        return task()
    except BylineError as error:
        raise BylineError(f"{suite.name}, case {id!r}: {error}") from error


def _identity(suite: Suite, plan: Plan, about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "articles": plan.corpus,
        "questions": plan.questions,
        "configuration": dict(plan.configuration),
        "code": about["code"]["sources"],
        "models": about["models"],
    }


def _refuse_other(begun: Mapping[str, Any], now: Mapping[str, Any], suite: Suite) -> None:
    other = [name for name, value in json.loads(json.dumps(now)).items() if begun.get(name) != value]
    if other:
        raise BylineError(
            f"--resume: suite {suite.name!r} was begun with other {' and '.join(other)}, and figures must not be "
            "mixed. Start anew in another folder with --out."
        )


def _opened(out: Path, *, resume: bool) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of the unfinished run in `out`, by suite; make the folder where there is none."""
    if out.exists() and not out.is_dir():
        raise BylineError(f"{out} is a file; --out names a folder for the results.")
    unfinished = out / UNFINISHED
    if not resume and (unfinished.exists() or (out / RUN).exists()):
        raise BylineError(
            f"{out} holds a run already. Name another folder with --out, or go on with an interrupted one by --resume."
        )
    if resume and not unfinished.exists():
        raise BylineError(f"--resume: there is no unfinished run in {out}; --out names the folder of the one you mean.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        unfinished.touch()
    except OSError as error:
        raise BylineError(f"{out} cannot be written to ({error.strerror}); name another folder with --out.") from error
    done: dict[str, list[dict[str, Any]]] = {}
    for line in _whole_lines(unfinished):
        done.setdefault(line["suite"], []).append(line)
    return done


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of an unfinished run; a last line that was cut off is dropped from the file."""
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        path.write_bytes(whole)
    for line in whole.decode("utf-8").splitlines():
        yield json.loads(line)


def _put(file: IO[str], suite: Suite, record: Mapping[str, Any]) -> None:
    file.write(json.dumps({"suite": suite.name, **record}, ensure_ascii=False) + "\n")
    file.flush()


def write(run: Run, path: Path) -> None:
    """Write a run as JSON, one case a line, so that two runs can be laid side by side."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(as_text(run), encoding="utf-8")
    temporary.replace(path)


def as_text(run: Run) -> str:
    """Return the run as JSON text."""
    parts = []
    for part in run.parts:
        head = json.dumps(_part_json(part), ensure_ascii=False, indent=1)
        cases = ",\n".join(json.dumps(_case_json(case), ensure_ascii=False) for case in part.cases)
        parts.append(f'{head[: head.rindex("}")].rstrip()},\n "cases": [\n{cases}\n ]\n}}')
    about = json.dumps({"format": FORMAT, "complete": run.complete, **run.about}, ensure_ascii=False, indent=1)
    return f'{about[: about.rindex("}")].rstrip()},\n "suites": [\n{",".join(parts)}\n]}}\n'


def read(path: Path) -> Run:
    """Return the run in a folder or a file; BylineError if there is none or it cannot be read."""
    file = path / RUN if path.is_dir() else path
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        if held["format"] != FORMAT:
            raise BylineError(f"{file} has format {held['format']}, and this Byline reads {FORMAT}. Run it again.")
        parts, complete = tuple(_part_from(part) for part in held.pop("suites")), bool(held["complete"])
    except OSError as error:
        reason = f"{error.strerror}: name a folder that `byline eval` wrote"
        raise BylineError(f"{file} cannot be read ({reason}).") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BylineError(f"{file} is not a run of `byline eval` ({error!r}).") from error
    return Run(parts, {key: value for key, value in held.items() if key not in ("format", "complete")}, complete)


def _part_json(part: Part) -> dict[str, Any]:
    plain = {name: getattr(part, name) for name in Part.__slots__ if name not in ("cases", "measures")}
    figures = part.figures()
    measures = [
        {**asdict(one), **(asdict(figures[one.name]) if one.name in figures else {"n": 0})} for one in part.measures
    ]
    return {**plain, "measures": measures}


def _part_from(held: dict[str, Any]) -> Part:
    names = Measure.__slots__
    measures = [{name: one[name] for name in names} for one in held["measures"]]
    return Part(
        **{name: held[name] for name in ("suite", "asks", "corpus", "questions", "configuration", "planned")},
        headline=tuple(held["headline"]),
        measures=tuple(Measure(**one | {"fields": tuple(one["fields"])}) for one in measures),
        cases=tuple(_case(one) for one in held["cases"]),
    )


def _case_json(case: Case) -> dict[str, Any]:
    return {"id": case.id, "values": dict(case.values), "tags": list(case.tags), "shown": dict(case.shown)}


def _case(held: Mapping[str, Any]) -> Case:
    return Case(held["id"], held["values"], held["shown"], tuple(held["tags"]))
