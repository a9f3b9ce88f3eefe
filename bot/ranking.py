"""Which sentences carry a statement, the likeliest first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from bot import amounts, claims
from bot.sources import Floats, Sentences
from index.lexical import terms

READ = 5  # sentences that are looked at closely for one statement
_NEW = 6.0  # how much a further sentence counts for what it adds
_NEAR = 4  # words between two that count as standing together
_SHORT = 5  # words of a heading or a button


class Hints(NamedTuple):
    """What tells that a sentence carries a statement."""

    own: float  # share of the statement's words, by their rarity among these sentences
    around: float  # the same with the sentences next to it
    cosine: float
    together: float  # share of the statement's neighbouring words that stand together there
    facts: float  # share of its names and amounts
    rare: float  # as `own`, by rarity in English, too
    before: float  # as `own`, of the sentence before it
    behind: float
    beside: float  # the better cosine of its neighbours
    behind_best: float  # cosine, less the best
    behind_most: float  # `own`, less the most
    length: float  # words, logarithm
    short: float
    place: float  # in the text, from 0 to 1
    first: float
    ends: float  # it ends as a sentence does
    wide: float  # as `around`, with two sentences on either side


@dataclass(frozen=True, slots=True)
class Ranking:
    """How much each hint counts, for the sentence that is cited first and for those after it."""

    first: Hints
    further: Hints

    def rank(self, statement: str, held: Sentences, cosines: Mapping[int, float]) -> list[int]:
        """Return the sentences of `cosines` that carry the statement, the likeliest first, at most `READ`.

        After the first, a sentence counts the more, the more of the statement it has that those before it lack.
        """
        found = hints(statement, held, cosines)
        scores = {i: weigh(self.first, one) for i, one in found.items()}
        further = {i: weigh(self.further, one) for i, one in found.items()}
        return ranked(held, scores, further)


def weigh(weights: Hints, one: Hints) -> float:
    """Return the weighted sum of a sentence's hints."""
    return sum(weight * value for weight, value in zip(weights, one, strict=True))


def ranked(held: Sentences, scores: Mapping[int, float], further: Mapping[int, float]) -> list[int]:
    """Return the best by `scores`, and then those that are best by `further` and what they add."""
    found = [max(scores, key=lambda i: (scores[i], -i))]
    while len(found) < min(READ, len(scores)):
        left = {i: further[i] + _NEW * held.covered([*found, i], held.local) for i in scores if i not in found}
        found.append(max(left, key=lambda i: (left[i], -i)))
    return found


def hints(statement: str, held: Sentences, cosines: Mapping[int, float]) -> dict[int, Hints]:
    """Return what tells of each sentence of `cosines` whether it carries the statement."""
    own, rare = held.local @ held.has, held.weights @ held.has
    best, most = max(cosines.values()), max(float(own[i]) for i in cosines)
    return {i: _hints(statement, held, cosines, i, own, rare, best, most) for i in cosines}  # fmt: skip


def _hints(
    statement: str,
    held: Sentences,
    cosines: Mapping[int, float],
    i: int,
    own: Floats,
    rare: Floats,
    best: float,
    most: float,
) -> Hints:
    text, around = held.texts[i], held.around(i)
    words = len(text.split())
    return Hints(
        own=float(own[i]),
        around=held.covered(around, held.local),
        cosine=cosines[i],
        together=together(statement, [text]),
        facts=_facts(statement, text),
        rare=float(rare[i]),
        before=max((float(own[j]) for j in around if j < i), default=0.0),
        behind=max((float(own[j]) for j in around if j > i), default=0.0),
        beside=max((cosines.get(j, 0.0) for j in around if j != i), default=0.0),
        behind_best=cosines[i] - best,
        behind_most=float(own[i]) - most,
        length=math.log1p(words),
        short=float(words < _SHORT),
        place=i / len(held.texts),
        first=float(i == 0),
        ends=float(text.rstrip()[-1:] in tuple('.!?"”')),
        wide=held.covered(held.around(i, 2), held.local),
    )


def _facts(statement: str, text: str) -> float:
    said, measured = claims.facts(statement), amounts.amounts(statement)
    lacking = len(claims.lacking(said, claims.facts(text)))
    lacking += len(amounts.unmatched(measured, amounts.amounts(text)))
    return 1 - lacking / max(len(said) + len(measured), 1)


def together(statement: str, texts: Sequence[str]) -> float:
    """Return the share of the statement's pairs of neighbouring words that stand near each other in a text."""
    pairs = list(pairwise(terms(statement)))
    if not pairs:
        return 0.0
    near = frozenset().union(*(neighbours(text) for text in texts))
    return sum(pair in near for pair in pairs) / len(pairs)


@lru_cache(8_000)
def neighbours(text: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of words that stand within `_NEAR` of each other."""
    held = terms(text)
    return frozenset((held[i], other) for i in range(len(held)) for other in held[max(0, i - _NEAR) : i + _NEAR + 1])


# Printed by `python -m evals.verdicts --data DATA`, fitted on WiCE.
RANKING = Ranking(
    first=Hints(
        *(5.76, 2.83, 3.12, 0.76, 0.04, 0.00, 0.00, 0.00, 0.00),
        *(0.00, 0.00, 0.00, 0.00, -1.10, 0.00, 0.00, 0.00),
    ),
    further=Hints(
        *(-0.51, 5.83, 1.51, 0.69, 0.18, -0.93, -6.00, -3.71, 1.02),
        *(1.99, 5.15, -0.33, -0.36, -1.11, -0.27, 0.15, 4.07),
    ),
)
