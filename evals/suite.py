"""What a suite is: figures it prints, and cases that are asked one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bot.answer import Answer
from index.errors import BylineError
from index.settings import PASSAGE_TOKENS

Progress = Callable[[str, int, int], None]  # what is going on, how much is done, how much there is
Better = Literal["higher", "lower", "neither"]


def silent(label: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One row of the table of suites; `module` has `plan(inputs)`, a context manager that yields a Plan."""

    name: str
    asks: str  # the question that it answers
    module: str  # imported when the suite runs
    data: str = ""  # what --data names; empty where the suite makes its own
    set: str = ""  # what --set names; empty where the suite takes none
    options: tuple[str, ...] = ()  # further options that it understands, by their names in Inputs
    quick: bool = False  # whether `byline eval` alone runs it, on the bundled articles


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run measures on; without `data` and `set`, the bundled articles and questions."""

    data: Path | None = None
    set: Path | None = None
    split: str | None = None
    passage_tokens: int = PASSAGE_TOKENS
    passages: tuple[int, ...] = ()  # sizes of the libraries that `speed` makes
    progress: Progress = silent
    answers: dict[tuple[object, ...], Answer] = field(default_factory=dict)  # to bundled questions, for the next suite

    def refuse_split(self, what: str) -> None:
        """Raise BylineError if a split is asked for of `what`, which has none."""
        if self.split:
            raise BylineError(f"--split {self.split}: {what} has no splits; leave the option out.")

    def reporting(self, label: str) -> Callable[[int, int], None]:
        """Return a callback (done, total) that shows progress under `label`."""
        return lambda done, total: self.progress(label, done, total)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: how the values of the cases that have them become a number."""

    name: str
    says: str  # what a person reads in the table
    better: Better = "higher"
    fields: tuple[str, ...] = ()  # the values that it is made of; empty: the one called as it is
    combine: str = "mean"  # a key of `evals.intervals.COMBINE`
    digits: int = 3
    timed: bool = False  # depends on the machine and the moment, so no baseline holds it

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the values that a case must have to count."""
        return self.fields or (self.name,)


@dataclass(frozen=True, slots=True)
class Case:
    """What one question gave."""

    id: str
    values: Mapping[str, float]  # by name; what does not apply to this question is absent
    shown: Mapping[str, Any] = field(default_factory=dict)  # JSON for the report: question, answer, gold, …
    tags: tuple[str, ...] = ()  # what the report can be filtered by


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a suite will ask, ready to run."""

    measures: Sequence[Measure]
    headline: tuple[str, ...]  # measures in order of importance: the worst cases are worst by these
    tasks: Mapping[str, Callable[[], Case]]  # by the id of the case that each gives, in order
    corpus: str  # digest of the articles
    questions: str  # digest of the questions and of what answers them
    configuration: Mapping[str, Any] = field(default_factory=dict)  # what else decides the figures
