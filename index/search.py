"""Hybrid search: cosine and BM25 over the same passages, their scores added."""

import difflib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.errors import BylineError
from index.lexical import terms
from index.limits import Limits, checked_limits
from index.passages import Passage
from index.stores import Stores

__all__ = ["Also", "Hit", "Limits", "search"]

POOL = 50  # passages that each side may put forward
LEXICAL_WEIGHT = 0.05  # chosen on data: evals/LOG.md


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that came up."""

    passage: Passage
    score: float  # cosine + LEXICAL_WEIGHT · BM25
    rank: int  # counts from 1


@dataclass(frozen=True, slots=True)
class Also:
    """A text that is searched for beside the query, and what it counts where the query counts 1."""

    text: str
    meaning: float  # for the cosine
    words: float  # for BM25


def search(
    stores: Stores,
    query: str,
    *,
    k: int,
    also: Sequence[Also] = (),
    outlets: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
) -> list[Hit]:
    """Return the best `k` passages for `query`, best first, of articles within the limits; see `Limits`.

    Scores are added, not ranks: reciprocal rank fusion throws away how much better the best is, and found
    fewer of the answering characters (evals/LOG.md). Ties are broken by article and place, so the same library
    gives the same hits. A passage's score is the mean of what it scores for `query` and for each of `also`, weighted.
    Raises BylineError for an outlet that the library does not have, or what is no day.
    """
    stores.refresh()
    limits = checked_limits(Limits(tuple(outlets), since, until))
    allowed = _allowed(stores, limits)
    vector, length = _meaning(stores, query, also)
    pool = POOL + stores.library.count_waiting()  # passages being written may come up, and are dropped below
    cosine = stores.dense.search(vector, k=pool, keys=allowed)
    bm25 = stores.lexical.search(_words(query, also), k=pool, keys=allowed)
    cosine |= stores.dense.cosines(vector, [key for key in bm25 if key not in cosine])
    scores = {key: length * score + LEXICAL_WEIGHT * bm25.get(key, 0.0) for key, score in cosine.items()}
    passages = stores.library.passages(scores)
    best = sorted(passages, key=lambda key: (-scores[key], passages[key].article_id, passages[key].start))
    return [Hit(passages[key], scores[key], rank) for rank, key in enumerate(best[:k], start=1)]


def _meaning(stores: Stores, query: str, also: Sequence[Also]) -> tuple[NDArray[np.float32], float]:
    """Return the direction in which to search, unit length, and what its cosines are multiplied by.

    The mean of the cosines of several vectors is the cosine with their mean, times its length: one search does.
    """
    vectors = stores.model.embed([query, *(one.text for one in also)])
    if not also:
        return vectors[0], 1.0
    weights = np.array([1.0, *(one.meaning for one in also)], np.float32)
    mean = weights @ vectors / weights.sum()
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length, np.float32), length


def _words(query: str, also: Sequence[Also]) -> Mapping[str, float]:
    """Return the terms to search for, and what each counts; those of the query alone count 1."""
    weights: defaultdict[str, float] = defaultdict(float)
    for text, weight in ((query, 1.0), *((one.text, one.words) for one in also)):
        for word in dict.fromkeys(terms(text)) if weight > 0 else ():
            weights[word] += weight
    total = 1.0 + sum(one.meaning for one in also)  # the same mean as for the cosines
    return {word: weight / total for word, weight in weights.items()}


def _allowed(stores: Stores, limits: Limits) -> list[int] | None:
    """Return the keys of the passages within `limits`, None where every one is."""
    if not limits:
        return None
    known = stores.library.outlets()
    folded = {outlet.casefold() for outlet in known}
    for outlet in limits.outlets:
        if outlet.casefold() not in folded:
            near = difflib.get_close_matches(outlet, known, n=3, cutoff=0.4)
            hint = f"Did you mean {' or '.join(near)}?" if near else "`byline articles` shows the outlets that it has."
            raise BylineError(f"The library has no article of the outlet {outlet!r}. {hint}")
    return stores.library.keys_within(limits)
