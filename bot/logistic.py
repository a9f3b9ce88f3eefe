"""What a fitted logistic regression says."""

import math
from collections.abc import Mapping


def probability(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """Return the logistic regression's probability, 0 to 1; `weights` has every name of `features`."""
    return 1 / (1 + math.exp(-logit(weights, features)))


def logit(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """Return the same as a logit, 0 where yes and no are equally likely."""
    return sum(weights[name] * value for name, value in features.items())
