"""A verdict on each sentence that a language model wrote, without asking a model again, and what to cite for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from bot.examine import Examiner, Features, Finding

if TYPE_CHECKING:
    from bot.answer import Support
    from bot.generate import Said
    from bot.sources import Source

# Printed by `python -m evals.verdicts --data DATA --articles SEEDS`.
WEIGHTS = Features(-1.65, 5.19, 3.30, 0.44, -4.85, -0.38, -3.33, -2.29, -2.78, -0.56)
INTERCEPT = -2.74
SUPPORTED = 0.460  # probability from which a sentence counts as supported
PARTLY = 0.421  # and from which as supported in part
LEAST = -2.93  # of the trained model's word, `Features.supports`; below it nothing counts as supported
ELSEWHERE = 0.5  # share of a sentence's words below which the passages that it cites are about something else

Place = tuple[str, int, int]  # article id, start, end


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict, and the sentences that carry what it is about."""

    support: Support
    places: tuple[Place, ...]
    probability: float
    missing: tuple[str, ...] = ()  # names and numbers that the passages do not have


@dataclass(frozen=True, slots=True)
class Checker:
    """Judges sentences by the passages that were offered."""

    examiner: Examiner

    def check(self, sentences: Sequence[Said], offered: Sequence[Source]) -> list[Checked]:
        """Return one verdict a sentence.

        A sentence is judged by the passages that it cites. Where it cites none, or its words are not in those at
        all, whatever was offered is looked through: it gets the citation that it should have had, if there is one.
        """
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda one: self._check(one, offered), sentences))

    @contextmanager
    def preparing(self, offered: Sequence[Source]) -> Iterator[None]:
        """Look at what was offered while a model writes, so that its sentences wait for less."""
        looking = Thread(target=self.examiner.prepare, args=(offered,), daemon=True)
        looking.start()
        try:
            yield
        finally:
            looking.join()

    def _check(self, said: Said, offered: Sequence[Source]) -> Checked:
        cited = [offered[number - 1] for number in said.numbers]
        finding = self.examiner.examine(said.text, cited)
        first = judge(finding, cited) if cited else None
        if first and (first.support in ("quoted", "supported") or finding.carried >= ELSEWHERE):
            return first
        second = judge(self.examiner.examine(said.text, offered), offered)
        if second.support in ("quoted", "supported") or first is None:
            return second if second.support != "unsupported" else Checked("unsupported", (), second.probability)
        return first


def judge(finding: Finding, sources: Sequence[Source]) -> Checked:
    """Return the verdict that follows from what was found in `sources`.

    A name, number or quotation that is not what they have keeps a sentence from being supported, whatever else fits;
    so does the trained model where it is sure that it is not.
    """
    places = tuple((sources[n].article_id, *span) for n, span in finding.carrying)
    chance = probability(finding)
    if finding.quoted:
        return Checked("quoted", places[:1], 1.0)
    if chance >= SUPPORTED and not finding.wrong and finding.features.supports >= LEAST:
        return Checked("supported", places, chance)
    if chance >= PARTLY:
        return Checked("partly", places, chance, finding.missing)
    return Checked("unsupported", places[:1], chance, finding.missing)


def probability(finding: Finding) -> float:
    """Return how likely the sentence is supported, 0 to 1, by a logistic regression."""
    logit = INTERCEPT + sum(weight * value for weight, value in zip(WEIGHTS, finding.features, strict=True))
    return 1 / (1 + math.exp(-logit))
