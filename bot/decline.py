"""Do the articles answer at all? A calibrated decision, not a feeling."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from bot.similarity import Scored
from index.errors import BylineError

CAUTION = 0.05

# Printed by `python -m evals.calibrate --data DIR`.
THRESHOLDS = {
    0.0: 0.0,
    0.02: 0.245,
    0.05: 0.266,
    0.1: 0.345,
    0.2: 0.526,
    0.5: 0.778,
    1.0: 1.0,
}  # by caution: the quantiles of questions that have an answer

# The same for `similarity.score_sentences`, which evaluations compare the reader with.
PLAIN_INTERCEPT, PLAIN_COSINE, PLAIN_CARRIED, PLAIN_THRESHOLD = -4.16, 5.73, 1.83, 0.25
_SEEN = 4  # sentences whose words count there; further down, somewhere, every word occurs


def answerability(scored: Sequence[Scored]) -> float:
    """Return the probability, 0 to 1, that the articles answer; `scored` comes from `evidence`, best first."""
    return scored[0].answerability if scored else 0.0


def plain_answerability(scored: Sequence[Scored]) -> float:
    """Return the same for what similarity alone has scored."""
    if not scored:
        return 0.0
    cosine, carried = max(one.cosine for one in scored), max(one.carried for one in scored[:_SEEN])
    return 1 / (1 + math.exp(-(PLAIN_INTERCEPT + PLAIN_COSINE * cosine + PLAIN_CARRIED * carried)))


def threshold(caution: float = CAUTION) -> float:
    """Return the probability below which Byline declines, from 0 (never) to 1 (always).

    `caution` is the share of questions with an answer that may be declined wrongly: the more, the fewer of those
    without one are answered. It moves along the risk–coverage curve; between measured points in a straight line.
    """
    if not 0 <= caution <= 1:
        raise BylineError(f"BYLINE_CAUTION is {caution:g}; choose a number from 0 (never decline) to 1 (always).")
    for (low, at_low), (high, at_high) in pairwise(sorted(THRESHOLDS.items())):
        if caution <= high:
            return at_low + (at_high - at_low) * (caution - low) / (high - low)
    return 1.0


def caution_from(environment: Mapping[str, str]) -> float:
    """Read `BYLINE_CAUTION`, 0.05 where it is not set; BylineError if it is no number from 0 to 1."""
    value = environment.get("BYLINE_CAUTION", "")
    try:
        caution = float(value) if value.strip() else CAUTION
    except ValueError:
        raise BylineError(f"BYLINE_CAUTION is {value!r}; set a number from 0 (never decline) to 1 (always).") from None
    threshold(caution)
    return caution
