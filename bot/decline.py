"""Do the articles answer at all? A calibrated decision, not a feeling."""

import math
from collections.abc import Sequence

from bot.similarity import Scored

# Printed by `python -m evals.calibrate --data ../shared/data`.
INTERCEPT, COSINE, CARRIED = -4.16, 5.73, 1.83
THRESHOLD = 0.25  # declines 5 % of the questions that it should answer

_READ = 4  # sentences whose words count; further down, somewhere, every word occurs


def answerability(scored: Sequence[Scored]) -> float:
    """Return the probability, 0 to 1, that the best of these sentences answer the question."""
    if not scored:
        return 0.0
    cosine, carried = features(scored)
    return 1 / (1 + math.exp(-(INTERCEPT + COSINE * cosine + CARRIED * carried)))


def features(scored: Sequence[Scored]) -> tuple[float, float]:
    """Return what the decision looks at: the best cosine, and the most of the question that a sentence carries.

    `scored` is best first and not empty.
    """
    return max(one.cosine for one in scored), max(one.carried for one in scored[:_READ])
