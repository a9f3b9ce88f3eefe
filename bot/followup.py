"""Makes a follow-up question stand alone, without a language model, from what was asked and quoted before.

Two decisions, each a logistic regression over a few features that can be read below: does the question need
something from before, and which phrase of the earlier questions is it? Weights: training/followup.py.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.anaphora import POSSESSIVE, Anaphor, find_anaphors
from bot.phrases import FUNCTION, Phrase, bare, find_phrases, is_content, is_inside, words
from index.lexical import terms
from index.passages import split_sentences

History = Sequence[tuple[str, str]]


class Model(Protocol):
    """What is needed of the embedding model."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, unit length."""

    def rarity(self, word: str) -> float:
        """Return how rare a word is in English."""


_RAREST = 10.3  # about what `Model.rarity` gives to a word that English has not
_ELLIPSIS = re.compile(r"^\W*(?:and|or|but|so|what about|how about|also|besides|what if)\b", re.IGNORECASE)
_INTRODUCES = re.compile(
    r"^\W*(?:(?:what|who)(?:['’]s| is| are| was| were)|tell me (?:more )?about|what do you know about|describe)\s+"
    r"(?:an? |the )?",
    re.IGNORECASE,
)
_THE = re.compile(r"\b(?:the|this|that|these|those) [a-z][\w-]*(?: [a-z][\w-]*)?\s*(?:\?|\.|$|,|and\b)", re.IGNORECASE)
_PREPOSITION = re.compile(r"\b(?:of|in|about|for|from|on|at|to|with|by)\s+(?:the |an? )?$", re.IGNORECASE)
_ADJECTIVE = re.compile(r"^\w+(?:ful|able|ible|ive|ous|less|est|ical|ent|ant)$")


@dataclass(frozen=True, slots=True)
class Asked:
    """An earlier question, what was said to it, and how it was understood."""

    typed: str
    answer: str = ""
    standalone: str = ""
    carried: tuple[str, ...] = ()  # the phrases that were added to it

    @property
    def terms(self) -> frozenset[str]:
        """Return the terms that it was about."""
        return frozenset(terms(" ".join((self.typed, *self.carried))))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that may be what the question is about, and where it was said. Turns count from 0."""

    text: str
    terms: frozenset[str]
    turns: tuple[int, ...] = ()  # whose question, made to stand alone, has all its terms
    asked: tuple[int, ...] = ()  # whose question as typed has them
    answers: tuple[int, ...] = ()  # whose answer has them, of the last two
    is_name: bool = False
    is_part: bool = False  # of a longer phrase
    introduced: int | None = None  # the last turn that was a question for nothing else
    starts: bool = False  # at its last mention, the first phrase, the end, behind a preposition
    ends: bool = False
    follows: bool = False
    times: int = 0  # in the last answer
    opens: bool = False  # the last answer, or a sentence of it
    sentences: tuple[str, ...] = ()  # of the last answer that have it

    @property
    def last(self) -> int:
        """Return the turn that had it last."""
        return max((*self.turns, *self.answers))

    @property
    def first(self) -> int:
        """Return the turn that had it first."""
        return min((*self.turns, *self.answers))


def need(question: str, earlier: Sequence[Asked], model: Model) -> dict[str, float]:
    """Return the features of whether `question` needs something of the `earlier` questions."""
    anaphors = find_anaphors(question)
    phrases, said = find_phrases(question), words(question)
    content = [bare(word.group()) for word in said if is_content(word, question)]
    rarities = sorted((_rarity(model, word) for word in content), reverse=True) or [0.0]
    names = [
        word for word in said if is_inside(word, question) and word.group()[0].isupper() and is_content(word, question)
    ]
    own, before = set(terms(question)), {term for one in earlier for term in one.terms}
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
        "rare name": alone * max((_rarity(model, bare(word.group())) for word in names), default=0.0),
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


def _shared(candidate: Candidate, own: set[str]) -> float:
    """Return how much of the question's terms a sentence has that has the candidate too."""
    wanted = own - candidate.terms
    return max((len(wanted & set(terms(one))) / max(1, len(wanted)) for one in candidate.sentences), default=0.0)


def _rest(question: str, phrase: Phrase) -> str:
    return question[phrase.end :].strip(" ?.!,").lower()


def find_candidates(earlier: Sequence[Asked]) -> list[Candidate]:
    """Return the phrases of the earlier questions, what was added to them, and phrases of the last two answers."""
    about = [one.terms for one in earlier]
    typed = [frozenset(terms(one.typed)) for one in earlier]
    said = {n: frozenset(terms(earlier[n].answer)) for n in range(max(0, len(earlier) - 2), len(earlier))}
    found: dict[frozenset[str], Candidate] = {}
    for number, one in enumerate(earlier):
        phrases = find_phrases(one.typed)
        for place, phrase in enumerate(phrases):
            key = phrase.terms
            old = found.get(key, Candidate(phrase.text, key))
            name = phrase.text[0].isupper() and (phrase.start > 0 or old.is_name)
            found[key] = replace(
                old,
                text=phrase.text if name and not old.is_name else old.text,
                is_name=name or old.is_name,
                is_part=_is_part(phrase, phrases),
                introduced=number if place == 0 and _INTRODUCES.match(one.typed) else old.introduced,
                starts=place == 0,
                ends=not _rest(one.typed, phrase),
                follows=bool(_PREPOSITION.search(one.typed[: phrase.start])),
            )
        for text in one.carried:
            found.setdefault(frozenset(terms(text)), Candidate(text, frozenset(terms(text)), is_name=text[0].isupper()))
    for key, one in found.items():
        found[key] = replace(
            one,
            turns=tuple(n for n, held in enumerate(about) if key <= held),
            asked=tuple(n for n, held in enumerate(typed) if key <= held),
            answers=tuple(n for n, held in said.items() if key <= held),
        )
    for number in said:
        _add_answer(found, earlier[number].answer, number, last=number == len(earlier) - 1)
    found.pop(frozenset(), None)
    return list(found.values())


def _is_part(phrase: Phrase, phrases: Sequence[Phrase]) -> bool:
    return any(one is not phrase and one.start <= phrase.start and phrase.end <= one.end for one in phrases)


def _add_answer(found: dict[frozenset[str], Candidate], answer: str, number: int, *, last: bool) -> None:
    """Add the names of an answer, and what it says twice or first."""
    sentences = [answer[start:end] for start, end in split_sentences(answer)]
    counts = Counter(phrase.terms for sentence in sentences for phrase in find_phrases(sentence))
    for sentence in sentences:
        phrases = find_phrases(sentence)
        for place, phrase in enumerate(phrases):
            key = phrase.terms
            name = phrase.text[0].isupper() and (phrase.start > 0 or len(phrase.text.split()) > 1)
            old = found.get(key, Candidate(phrase.text, key))
            found[key] = replace(
                old,
                answers=tuple(sorted({*old.answers, number})),
                is_name=name or old.is_name,
                times=counts[key] if last else 0,
                opens=old.opens or (last and place == 0),
                is_part=old.is_part or _is_part(phrase, phrases),
                sentences=(*old.sentences, sentence) if last else (),
            )


def fitness(
    candidate: Candidate, question: str, turn: int, model: Model, likeness: tuple[float, float, float]
) -> dict[str, float]:
    """Return the features of whether `candidate` is what `question`, turn number `turn`, leaves out.

    `likeness`: its cosine with the question, and with the one before; that of the question with the sentence of the
    last answer that has it.
    """
    said = [bare(word) for word in candidate.text.split()]
    own = set(terms(question))
    kinds = {one.kind for one in find_anaphors(question) if not one.bound}
    points = bool(kinds & {"thing", "plural", "person"})
    rarities = [_rarity(model, word) for word in said if word not in FUNCTION] or [0.0]
    back = turn - candidate.last
    since = turn - candidate.introduced if candidate.introduced is not None else 9
    person = candidate.is_name and candidate.text.istitle() and 1 <= len(said) <= 3
    plural = said[-1].endswith("s") and not said[-1].endswith("ss")
    fresh = bool(candidate.asked) and candidate.asked[-1] == turn - 1
    asked_in_last = bool(candidate.turns) and candidate.turns[-1] == turn - 1
    new = candidate.first == turn - 1 and turn > 1
    answer = not candidate.turns
    values = {
        "always": True,
        "last turn": asked_in_last,
        "typed in last turn": fresh,
        "carried by last turn": asked_in_last and not fresh,
        "long ago": back >= 3,
        "since typed": min(turn - candidate.asked[-1], 6) / 6 if candidate.asked else 1,
        "typed turns": min(len(candidate.asked), 4) / 4,
        "first turn": 0 in candidate.turns,
        "new in last turn": new and not answer,
        "turns": min(len(candidate.turns), 4) / 4,
        "share of turns": len(candidate.turns) / turn,
        "name": candidate.is_name,
        "rarest": max(rarities),
        "rare": sum(rarities) / len(rarities),
        "words": min(len(said), 5) / 5,
        "joined": any(word in ("of", "and", "in", "for", "the", "on") for word in said),
        "in question": len(candidate.terms & own) / len(candidate.terms),
        "names a word": bool(candidate.terms & own),
        "part": candidate.is_part,
        "starts": candidate.starts,
        "ends": candidate.ends,
        "follows": candidate.follows,
        "introduced": candidate.introduced is not None,
        "introduced lately": since <= 2,
        "introduced in last turn": since == 1,
        "since introduced": min(since, 9) / 9,
        "adjective": len(said) == 1 and bool(_ADJECTIVE.match(said[0])),
        "person": "person" in kinds and person,
        "no person": "person" in kinds and not person,
        "plural": "plural" in kinds and plural,
        "singular": "thing" in kinds and not plural,
        "plural for one": "thing" in kinds and plural,
        "it, new": points and new and not answer,
        "it, introduced in last turn": points and since == 1,
        "number": any(word[0].isdigit() for word in said),
        "like question": likeness[0],
        "like last turn": likeness[1],
        "answer": answer,
        "answer, sentence": answer * likeness[2],
        "also in sentence": (not answer) * likeness[2],
        "answer, shared": answer * _shared(candidate, own),
        "also shared": (not answer) * _shared(candidate, own),
        "answer, rare": answer * max(rarities),
        "answer, words": answer * min(len(said), 5) / 5,
        "answer, part": answer and candidate.is_part,
        "answer, like question": answer * likeness[0],
        "answer, like last turn": answer * likeness[1],
        "answer, plural": answer and "plural" in kinds and plural,
        "answer, singular": answer and "thing" in kinds and not plural,
        "answer, last": answer and back == 1,
        "answer, name": answer and candidate.is_name,
        "answer, first": answer and candidate.opens,
        "answer, twice": answer and candidate.times > 1,
        "answer, points": answer and points,
        "answer, person": answer and "person" in kinds and person and len(said) > 1,
        "answer, names a word": answer and bool(candidate.terms & own),
        "also in answer": not answer and bool(candidate.answers) and back == 1,
        "also first in answer": not answer and candidate.opens,
        "also twice in answer": not answer and candidate.times > 1,
    }
    return {name: float(value) for name, value in values.items()}


@lru_cache(10_000)
def _rarity(model: Model, word: str) -> float:
    return min(model.rarity(word) / _RAREST, 1.0)


NEEDED = 0.4  # from this probability on, the question is taken to need something from before
MOST = 2  # phrases added
ALSO = 0.25  # a further phrase is added from this probability on

NEED: Mapping[str, float] = {
    "always": 1.94,
    "points": 3.07,
    "points vaguely": 2.87,
    "bound": 1.64,
    "ellipsis": 2.34,
    "rarest": -2.47,
    "rare": -1.41,
    "content": -3.14,
    "names": 0.10,
    "rare name": -0.44,
    "length": 0.41,
    "the": 0.28,
    "said before": 0.79,
    "nothing": -1.65,
    "introduces": 1.11,
    "acronym": 0.38,
    "points, rarest": 0.11,
    "points, names": -0.96,
    "points, content": -2.40,
}

FITNESS: Mapping[str, float] = {
    "always": -4.14,
    "last turn": -0.49,
    "typed in last turn": -0.01,
    "carried by last turn": -0.48,
    "long ago": -0.45,
    "since typed": 0.21,
    "typed turns": 2.48,
    "first turn": 1.05,
    "new in last turn": 0.09,
    "turns": 0.63,
    "share of turns": 0.46,
    "name": 0.90,
    "rarest": -0.16,
    "rare": 0.92,
    "words": -4.17,
    "joined": -0.11,
    "in question": 2.39,
    "names a word": -0.15,
    "part": -0.01,
    "starts": 0.05,
    "ends": 0.17,
    "follows": 0.41,
    "introduced": 0.28,
    "introduced lately": -0.23,
    "introduced in last turn": -0.37,
    "since introduced": -0.72,
    "adjective": -0.19,
    "person": 0.62,
    "no person": -1.11,
    "plural": 0.47,
    "singular": -0.03,
    "plural for one": -0.93,
    "it, new": -0.33,
    "it, introduced in last turn": 0.37,
    "number": -0.37,
    "like question": -0.62,
    "like last turn": 4.66,
    "answer": 0.16,
    "answer, sentence": 0.44,
    "also in sentence": 0.27,
    "answer, shared": 0.93,
    "also shared": 1.44,
    "answer, rare": -0.33,
    "answer, words": -1.64,
    "answer, part": 0.05,
    "answer, like question": 1.43,
    "answer, like last turn": 0.60,
    "answer, plural": 0.96,
    "answer, singular": 0.35,
    "answer, last": -0.48,
    "answer, name": -0.46,
    "answer, first": 0.96,
    "answer, twice": 0.21,
    "answer, points": 0.04,
    "answer, person": 1.13,
    "answer, names a word": 0.63,
    "also in answer": -0.67,
    "also first in answer": -0.16,
    "also twice in answer": 0.08,
}


def standalone(question: str, history: History, model: Model) -> str:
    """Return `question` so that it says what it is about; as it stands where it needs nothing from `history`."""
    earlier: tuple[Asked, ...] = ()
    for asked, answered in history:
        understood = understand(asked, earlier, model)
        earlier = (*earlier, replace(understood, answer="" if answered == _NOTHING else answered))
    return understand(question, earlier, model).standalone


_NOTHING = "The articles do not say."
_WHO_SAID = re.compile(
    r"^\W*(?:and )?(?:(?:which|what) (?:outlet|paper|newspaper|source|article|site|agency)s? |who |whose |says who|when was (?:that|this|it) "
    r"(?:said|printed|published|reported))",
    re.IGNORECASE,
)
_SAID_SO = re.compile(
    r"\b(?:said|says|say|reports?|reported|claims?|claimed|wrote|writes|printed|published) (?:so|that|this|it)\W*$|^\W*says who\W*$"
    r"|\b(?:that|this|it) (?:said|printed|published|reported)\W*$",
    re.IGNORECASE,
)
_LONGEST_QUOTED = 25  # words of an earlier answer that are put into a question


@lru_cache(512)
def understand(question: str, earlier: tuple[Asked, ...], model: Model) -> Asked:
    """Return the question with what it leaves out."""
    if not earlier:
        return Asked(question, standalone=question)
    last = earlier[-1]
    if _WHO_SAID.match(question) and _SAID_SO.search(question):
        said = _first_words(last.answer) or last.standalone
        return Asked(question, standalone=_append(question, [said]), carried=last.carried)
    content = [word for word in words(question) if is_content(word, question)]
    if not content and len(words(question)) <= 3 and not find_anaphors(question):
        carried = [phrase.text for phrase in find_phrases(last.typed)]
        return Asked(question, standalone=f"{last.standalone} {question}", carried=(*last.carried, *carried))  # “why?”
    if probability(NEED, need(question, earlier, model)) < NEEDED:
        return Asked(question, standalone=question)
    chosen = _choose(question, earlier, model)
    return Asked(question, standalone=_word(question, chosen), carried=tuple(one.text for one in chosen))


def probability(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """Return the logistic regression's probability."""
    return 1 / (1 + math.exp(-sum(weights[name] * value for name, value in features.items())))


def _first_words(text: str) -> str:
    return " ".join(text.split()[:_LONGEST_QUOTED])


def _append(question: str, added: Sequence[str]) -> str:
    return f"{question} ({', '.join(added)})" if added else question


def _choose(question: str, earlier: tuple[Asked, ...], model: Model) -> list[Candidate]:
    """Return the phrases that the question leaves out, the likeliest first."""
    own = set(terms(question))
    candidates = [one for one in find_candidates(earlier) if not one.terms <= own]
    if not candidates:
        return []
    scored = [
        (probability(FITNESS, fitness(one, question, len(earlier), model, alike)), one)
        for one, alike in zip(candidates, likenesses(question, earlier[-1], candidates, model), strict=True)
    ]
    scored.sort(key=lambda pair: -pair[0])
    chosen = [scored[0][1]]
    for chance, candidate in scored[1:]:
        if chance >= ALSO and not candidate.terms <= own.union(*(one.terms for one in chosen)) and len(chosen) < MOST:
            if any(one.terms < candidate.terms for one in chosen):
                continue
            chosen.append(candidate)
    return chosen


def likenesses(
    question: str, last: Asked, candidates: Sequence[Candidate], model: Model
) -> list[tuple[float, float, float]]:
    """Return the cosines that `fitness` wants, for each candidate."""
    sentences = list(dict.fromkeys(sentence for one in candidates for sentence in one.sentences))
    asked, before, *vectors = model.embed([question, last.standalone, *sentences, *(one.text for one in candidates)])
    said = {text: float(asked @ vector) for text, vector in zip(sentences, vectors, strict=False)}
    return [
        (float(asked @ vector), float(before @ vector), max((said[text] for text in one.sentences), default=0.0))
        for one, vector in zip(candidates, vectors[len(sentences) :], strict=True)
    ]


def _word(question: str, chosen: Sequence[Candidate]) -> str:
    """Put the first phrase in place of the word that points at it, where that reads well, and add the others."""
    if not chosen:
        return question
    first, *others = chosen
    for anaphor in find_anaphors(question):
        after = question[anaphor.end :].lstrip()
        if anaphor.bound or anaphor.kind == "one" or (anaphor.kind == "this" and after[:1].isalnum()):
            continue
        if anaphor.kind == "person" and not first.is_name:
            continue
        return _append(
            f"{question[: anaphor.start]}{_in_place(first, anaphor, question)}{question[anaphor.end :]}",
            [one.text for one in others],
        )
    return _append(question, [one.text for one in chosen])


def _in_place(candidate: Candidate, anaphor: Anaphor, question: str) -> str:
    text = candidate.text
    if anaphor.kind == "place" and not _PREPOSITION.search(question[: anaphor.start]):
        text = f"in {text}"
    if anaphor.word == "her" and re.match(
        r"\W*(?:$|[?.!,]|(?:in|on|at|to|for|by|with|and|as)\b)", question[anaphor.end :]
    ):
        return text
    if anaphor.word not in POSSESSIVE:
        return text
    return f"{text}’" if text.endswith("s") else f"{text}’s"
