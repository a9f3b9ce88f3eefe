"""Copies: the same report in several outlets, found by MinHash and confirmed word by word."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

# MinHash: Broder, SEQUENCES 1997; bands: Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, chapter 3.
PERMUTATIONS = 128
ROWS = 2  # of a band: articles that share 2 of 10 shingles meet in a band with probability 0.93, 3 of 10 with 0.998
SHINGLE = 3  # words
FEWEST = 20  # shingles; of a shorter text nobody can say that it was copied
OVERLAP = 0.5  # share of the shorter text from which two articles are one account; chosen on data: evals/LOG.md
_LOOK = 0.3  # of an estimated overlap: the estimate from bands is coarse
_SEED = 7
# Scripts without spaces count each character as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True, slots=True)
class Bands:
    """How many shingles a text has, and the numbers of which similar texts share some."""

    size: int = 0
    numbers: tuple[int, ...] = ()


def shingles(text: str) -> frozenset[str]:
    """Return the runs of `SHINGLE` words of `text`, without regard to case and punctuation."""
    words = _WORD.findall(text.casefold())
    return frozenset(map(" ".join, zip(*(words[i:] for i in range(SHINGLE)), strict=False)))


def bands(text: str) -> Bands:
    """Return what tells which texts may share much with `text`; of a very short text it tells nothing."""
    return bands_of(shingles(text))


def bands_of(found: frozenset[str]) -> Bands:
    """Return the same of a text's shingles."""
    if len(found) < FEWEST:
        return Bands()
    from rensa import RMinHash

    digest = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    digest.update(list(found))  # the least of each hash: their order does not matter
    values = digest.digest()
    numbers = (_number(i, values[i : i + ROWS]) for i in range(0, PERMUTATIONS - ROWS + 1, ROWS))
    return Bands(len(found), tuple(dict.fromkeys(numbers)))


def is_likely(shared: int, one: int, other: int) -> bool:
    """Tell whether texts of `one` and `other` shingles that share so many bands are worth an exact look.

    The share of bands is that of the shingles of both, to the power of `ROWS`; from it follows the overlap.
    """
    jaccard: float = (shared * ROWS / PERMUTATIONS) ** (1 / ROWS)
    return jaccard * (one + other) >= _LOOK * (1 + jaccard) * min(one, other)


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return which share of the smaller set the larger has too, 0 to 1."""
    return len(one & other) / (min(len(one), len(other)) or 1)


def _number(band: int, values: Sequence[int]) -> int:
    """Return a signed 64-bit number of one band: SQL's integers are signed."""
    packed = band.to_bytes(2, "little") + b"".join(value.to_bytes(8, "little") for value in values)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "little", signed=True)
