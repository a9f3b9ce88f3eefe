"""Does a question need something that was said before? A logistic regression over features that can be read below."""

import re
from collections.abc import Mapping, Sequence, Set
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.anaphora import find_anaphors
from bot.phrases import Phrase, bare, find_phrases, is_content, is_inside, words
from index.lexical import terms


class Model(Protocol):
    """What is needed of the embedding model."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, unit length."""

    def rarity(self, word: str) -> float:
        """Return how rare a word is in English."""

    def __hash__(self) -> int:
        """Return a hash: what a model says of a word is remembered."""


_RAREST = 10.3  # about what `Model.rarity` gives to a word that English has not
_ELLIPSIS = re.compile(r"^\W*(?:and|or|but|so|what about|how about|also|besides|what if)\b", re.IGNORECASE)
_INTRODUCES = re.compile(
    r"^\W*(?:(?:what|who)(?:['’]s| is| are| was| were)|tell me (?:more )?about|what do you know about|describe)\s+"
    r"(?:an? |the )?",
    re.IGNORECASE,
)
_THE = re.compile(r"\b(?:the|this|that|these|those) [a-z][\w-]*(?: [a-z][\w-]*)?\s*(?:\?|\.|$|,|and\b)", re.IGNORECASE)

# Fitted by training/need.py.
NEED: Mapping[str, float] = {
    "always": 2.91,
    "points": 1.31,
    "points vaguely": 1.05,
    "bound": -0.29,
    "ellipsis": 1.01,
    "rarest": -1.44,
    "rare": -2.25,
    "content": -2.69,
    "names": -0.49,
    "rare name": -0.71,
    "length": -0.13,
    "the": 1.16,
    "said before": 0.47,
    "nothing": 0.07,
    "introduces": 0.22,
    "acronym": -0.17,
    "points, rarest": -0.54,
    "points, names": -1.16,
    "points, content": -3.05,
}


def need(question: str, before: Set[str], model: Model) -> dict[str, float]:
    """Return the features of whether `question` needs something of the earlier questions."""
    anaphors = find_anaphors(question)
    phrases, said = find_phrases(question), words(question)
    content = [bare(word.group()) for word in said if is_content(word, question)]
    rarities = sorted((rarity(model, word) for word in content), reverse=True) or [0.0]
    names = [
        word for word in said if is_inside(word, question) and word.group()[0].isupper() and is_content(word, question)
    ]
    own = set(terms(question))
    free = [one for one in anaphors if not one.bound]
    points = float(any(one.kind not in ("one", "this") for one in free))
    alone = 1 - points
    match = _INTRODUCES.match(question)
    introduces = bool(
        match
        and phrases
        and phrases[0].start - match.end() <= 0
        and _rest(question, phrases[0]) in ("", "and why", "work")
    )
    return {
        "always": 1.0,
        "points": points,
        "points vaguely": alone * any(one.kind in ("one", "this") for one in free),
        "bound": alone * any(one.bound for one in anaphors),
        "ellipsis": alone * bool(_ELLIPSIS.search(question)),
        "rarest": alone * rarities[0],
        "rare": alone * sum(rarities[:3]) / 3,
        "content": alone * min(len(content), 6) / 6,
        "names": alone * bool(names),
        "rare name": alone * max((rarity(model, bare(word.group())) for word in names), default=0.0),
        "length": alone * min(len(said), 15) / 15,
        "the": alone * bool(_THE.search(question)),
        "said before": alone * len(own & before) / max(1, len(own)),
        "nothing": alone * (not content),
        "introduces": alone * introduces,
        "acronym": alone * any(word.group().isupper() and len(word.group()) > 1 for word in said),
        "points, rarest": points * rarities[0],
        "points, names": points * bool(names),
        "points, content": points * min(len(content), 6) / 6,
    }


def _rest(question: str, phrase: Phrase) -> str:
    """Return what `question` says behind `phrase`, without its full stop."""
    return question[phrase.end :].strip(" ?.!,").lower()


@lru_cache(10_000)
def rarity(model: Model, word: str) -> float:
    """Return how rare `word` is in English, 0 to 1."""
    return min(model.rarity(word) / _RAREST, 1.0)
