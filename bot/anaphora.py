"""The words of a question that point at something said before, such as “it”, “his”, “that”, “the others”."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.phrases import FUNCTION, WORD, Phrase, bare, find_phrases

Kind = Literal["person", "plural", "thing", "place", "this", "one"]

POSSESSIVE = frozenset(["his", "her", "hers", "its", "their", "theirs"])
_WORDS: dict[Kind, str] = {
    "person": "he him his she her hers himself herself",
    "plural": "they them their theirs themselves",
    "thing": "it its itself",
    "place": "there",
    "this": "this that these those",
    "one": "one ones other others another else both same former latter similar instead",
}
_KINDS = {word: kind for kind, said in _WORDS.items() for word in said.split()}
_EMPTY_IT = re.compile(  # “how long does it take”, “is it safe to …”: nothing is meant
    r"\b(?:does|did|will|would|can) it (?:take|mean to|cost (?:to|for))\b"
    r"|\b(?:is|was) it (?:\w+ )?(?:safe|easy|hard|difficult|possible|legal|necessary|better|best|worth|true|likely|"
    r"normal|time|clear|known|wise|common|ok|okay) (?:to|that|for)\b"
    r"|\bit (?:is|was) \w+ (?:to|that)\b|\bit['’]?s (?:\w+ )?(?:to|that)\b",
    re.IGNORECASE,
)
_BE = frozenset("is are was were be been".split())
_BEFORE_THAT = frozenset("about is was does did of for in why with like and do".split())  # here “that” is no relative


@dataclass(frozen=True, slots=True)
class Anaphor:
    """A word, `[start, end)` of a question, that stands for something named elsewhere."""

    kind: Kind
    word: str
    start: int
    end: int
    bound: bool  # whether it needs nothing from before: it is named earlier in the question, or nothing is meant


def find_anaphors(question: str) -> list[Anaphor]:
    """Return the pointing words of `question` in order."""
    said = list(WORD.finditer(question))
    phrases = find_phrases(question)
    found = []
    for number, word in enumerate(said):
        lower = bare(word.group())
        before = bare(said[number - 1].group()) if number else ""
        after = bare(said[number + 1].group()) if number + 1 < len(said) else ""
        kind = _KINDS.get(lower)
        if kind and not _only_looks_so(lower, before, after):
            bound = _is_bound(kind, word, question, phrases)
            found.append(Anaphor(kind, lower, word.start(), word.start() + len(lower), bound))
    return found


def _only_looks_so(word: str, before: str, after: str) -> bool:
    """Tell “is there a”, “the people that live”, and “how are they different” from words that point back."""
    if word == "there":
        return before in _BE or after in _BE or after in ("any", "a", "an")
    if word == "that":
        return bool(before) and before not in _BEFORE_THAT and (before not in FUNCTION or bool(after))
    return False


def _is_bound(kind: Kind, word: re.Match[str], question: str, phrases: list[Phrase]) -> bool:
    if kind == "thing" and any(m.start() <= word.start() < m.end() for m in _EMPTY_IT.finditer(question)):
        return True
    before = [phrase for phrase in phrases if phrase.end <= word.start()]
    if kind == "one" or not before:
        return False
    if kind == "person" and word.group().lower() != "him" and any(phrase.is_name for phrase in before):
        return True  # “why did Sadr withdraw his men”
    joined = re.search(r"\b(?:and|but|or|if|when|so)\b|[,;.?!]", question[before[0].end : word.start()])
    return bool(joined) and (kind != "person" or any(phrase.is_name for phrase in before))
