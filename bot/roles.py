"""Who did what to whom, by the order of words around a verb that two texts share; a passive turns it round."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from bot import claims
from bot.phrases import is_verb
from index.lexical import terms

_CLAUSE = re.compile(
    r"[.;:!?—“”\"](?=\s|$)|\b(?:that|but|because|although|though|while|whereas|and|when|after|before|if)\b"
)
_TOKEN = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_AUXILIARY = frozenset("am is are was were be been being get got gets".split())
_BETWEEN = frozenset("not also never since later then now only just once all".split())  # was never seen
_PARTICIPLES = frozenset(
    "given taken seen shown told sent held kept paid made found sold bought brought left lost beaten struck shot hit "
    "known chosen written read put cut set thrown driven stolen built led met fed hung caught taught sought won".split()
)
_REACH = 6  # words on either side of a verb that may say who and whom


class Deed(NamedTuple):
    """A verb, and the words that stand where who does it stands, and whom it is done to."""

    verb: str
    agents: frozenset[str]
    patients: frozenset[str]


@lru_cache(8_000)
def deeds(text: str) -> tuple[Deed, ...]:
    """Return what each verb of `text` may have on either side."""
    return tuple(deed for clause in _CLAUSE.split(text.replace("’", "'")) for deed in _of_clause(clause))


def _of_clause(clause: str) -> list[Deed]:
    words = _TOKEN.findall(clause)
    named = [frozenset(claims.names(f"x {word}") if word[0].isupper() else terms(word)) for word in words]
    found = []
    for i, word in enumerate(words):
        if not named[i] or not _is_verb(word):
            continue
        before = frozenset().union(*named[max(0, i - _REACH) : i])
        behind = frozenset().union(*named[i + 1 : i + 1 + _REACH])
        if _is_passive(words, i):
            before, behind = behind, before
        found += [Deed(term, before, behind) for term in terms(word)]
    return found


def _is_verb(word: str) -> bool:
    if word[0].isupper():
        return False
    return word.endswith(("ed", "es", "ing")) or word in _PARTICIPLES or is_verb(word)


def _is_passive(words: list[str], i: int) -> bool:
    """Tell whether the participle at `i` has an auxiliary before it, or “by” soon after."""
    if not (words[i].endswith(("ed", "en")) or words[i] in _PARTICIPLES):
        return False
    k = i - 1
    while k >= 0 and (words[k] in _BETWEEN or words[k].endswith("ly")):
        k -= 1
    return (k >= 0 and words[k] in _AUXILIARY) or "by" in words[i + 1 : i + 4]


def exchanged(statement: str, there: Iterable[str]) -> float:
    """Return how much of what both say around the same verbs has changed places, 0 up to 1."""
    turned, kept = 0, 0
    by_verb: dict[str, list[Deed]] = {}
    for deed in (deed for text in there for deed in deeds(text)):
        by_verb.setdefault(deed.verb, []).append(deed)
    for said in deeds(statement):
        for held in by_verb.get(said.verb, ()):
            kept += len(said.agents & held.agents) + len(said.patients & held.patients)
            turned += len((said.agents & held.patients) - held.agents - said.patients)
            turned += len((said.patients & held.agents) - held.patients - said.agents)
    return turned / (turned + kept + 1)
