"""Do the articles answer at all? A calibrated decision, not a feeling."""

import math
from collections.abc import Sequence

from bot.similarity import Scored

# Fitted by `python -m evals.calibrate`.
_INTERCEPT, _COSINE, _COVERAGE = -4.0, 5.0, 3.0
THRESHOLD = 0.5


def answerability(scored: Sequence[Scored]) -> float:
    """Return the probability, 0 to 1, that the best of these sentences answer the question."""
    if not scored:
        return 0.0
    return 1 / (1 + math.exp(-(_INTERCEPT + _COSINE * features(scored)[0] + _COVERAGE * features(scored)[1])))


def features(scored: Sequence[Scored]) -> tuple[float, float]:
    """Return what the decision looks at: the highest cosine and the highest coverage."""
    return max(one.cosine for one in scored), max(one.coverage for one in scored)
