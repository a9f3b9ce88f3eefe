"""What may a question be about that it does not name? Phrases said before, and how well each would fit."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.anaphora import find_anaphors
from bot.dependence import INTRODUCES, Model, rarity, rest
from bot.logistic import probability
from bot.phrases import FUNCTION, Phrase, bare, find_phrases
from index.lexical import terms
from index.passages import split_sentences

MOST = 3  # phrases added to a question
ALSO = 0.2  # a further one from this probability on
PREPOSITION = re.compile(r"\b(?:of|in|about|for|from|on|at|to|with|by)\s+(?:the |an? )?$", re.IGNORECASE)
LEAST = 0.05  # the first from this probability on
_NO_PERSON = frozenset(
    "state states kingdom emirates nations union city street university house republic islands river lake mount museum "
    "party army council court company bank league team club president minister america britain england france germany "
    "iraq iran syria russia china india europe africa asia washington london paris baghdad tehran".split()
)
_THE = re.compile(r"\bthe $", re.IGNORECASE)
_PAST = re.compile(r"^[a-z]{3,}ed$")
_ADJECTIVE = re.compile(r"^\w+(?:ful|able|ible|ive|ous|less|est|ical|ent|ant)$")

# Fitted by training/followup.py.
FITNESS: Mapping[str, float] = {
    "always": -3.81,
    "last turn": 0.50,
    "typed in last turn": 0.43,
    "carried by last turn": 0.07,
    "long ago": -0.50,
    "since typed": -0.52,
    "typed turns": 0.57,
    "first turn": 1.26,
    "new in last turn": -0.21,
    "turns": 1.29,
    "share of turns": 0.05,
    "name": 0.81,
    "rarest": 0.35,
    "rare": 0.78,
    "words": -2.68,
    "joined": -1.20,
    "in question": 0.16,
    "names a word": 0.58,
    "part": -0.43,
    "starts": -0.28,
    "ends": -0.05,
    "follows": 0.26,
    "introduced": -0.45,
    "introduced lately": -0.06,
    "introduced in last turn": -0.62,
    "since introduced": -1.39,
    "adjective": 0.57,
    "person": 0.18,
    "no person": -1.40,
    "plural": 0.29,
    "singular": 0.42,
    "plural for one": -1.71,
    "it, new": 0.37,
    "it, introduced in last turn": 0.20,
    "number": 1.05,
    "like question": -0.23,
    "like last turn": 4.47,
    "answer": 0.26,
    "answer, sentence": 0.12,
    "also in sentence": 0.46,
    "answer, shared": 0.40,
    "also shared": 0.48,
    "answer, rare": -0.04,
    "answer, words": -0.58,
    "answer, part": 0.00,
    "answer, like question": 0.09,
    "answer, like last turn": 0.65,
    "answer, plural": 0.20,
    "answer, singular": -0.29,
    "answer, last": 0.44,
    "answer, name": 0.20,
    "answer, first": 0.46,
    "answer, twice": 0.40,
    "answer, points": -0.14,
    "answer, person": -0.13,
    "answer, names a word": -0.16,
    "also in answer": -0.99,
    "also first in answer": 0.04,
    "also twice in answer": -0.10,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An earlier question, what was said to it, and how it was understood."""

    typed: str
    answer: str = ""
    standalone: str = ""
    carried: tuple[str, ...] = ()  # the phrases that were added to it
    leans: bool = False  # whether what was said before counts when it is searched for

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
    has_the: bool = False  # “the” stood before it
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
    def shown(self) -> str:
        """Return the phrase as it is put into a question."""
        return f"the {self.text}" if self.has_the else self.text

    @property
    def last(self) -> int:
        """Return the turn that had it last."""
        return max((*self.turns, *self.answers))

    @property
    def first(self) -> int:
        """Return the turn that had it first."""
        return min((*self.turns, *self.answers))


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
                has_the=old.has_the or bool(_THE.search(one.typed[: phrase.start])),
                is_part=_is_part(phrase, phrases),
                introduced=number if place == 0 and INTRODUCES.match(one.typed) else old.introduced,
                starts=place == 0,
                ends=not rest(one.typed, phrase),
                follows=bool(PREPOSITION.search(one.typed[: phrase.start])),
            )
        for text in one.carried:
            found.setdefault(frozenset(terms(text)), Candidate(text, frozenset(terms(text)), is_name=text[0].isupper()))
    for key, candidate in found.items():
        found[key] = replace(
            candidate,
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
                has_the=old.has_the or bool(_THE.search(sentence[: phrase.start])),
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
    rarities = [rarity(model, word) for word in said if word not in FUNCTION] or [0.0]
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


def _shared(candidate: Candidate, own: set[str]) -> float:
    """Return how much of the question's terms a sentence has that has the candidate too."""
    wanted = own - candidate.terms
    return max((len(wanted & set(terms(one))) / max(1, len(wanted)) for one in candidate.sentences), default=0.0)


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


def choose(question: str, earlier: Sequence[Asked], model: Model) -> list[Candidate]:
    """Return the phrases that the question leaves out, the likeliest first."""
    own = frozenset(terms(question))
    candidates = [one for one in find_candidates(earlier) if not one.terms <= own]
    scored = [
        (
            _plausibility(one, question, earlier)
            * probability(FITNESS, fitness(one, question, len(earlier), model, alike)),
            one,
        )
        for one, alike in zip(candidates, likenesses(question, earlier[-1], candidates, model), strict=True)
    ]
    chosen: list[Candidate] = []
    for chance, candidate in sorted(scored, key=lambda pair: (-pair[0], pair[1].text)):
        held = own.union(*(one.terms for one in chosen))
        longer = any(one.terms < candidate.terms for one in chosen)
        if len(chosen) < MOST and chance >= (ALSO if chosen else LEAST) and not longer and not candidate.terms <= held:
            chosen.append(candidate)
    return chosen


def is_person(name: str) -> bool:
    """Tell whether a phrase looks like a person's name: capitals only, and no word that only places and bodies have."""
    said = name.split()
    proper = [word for word in said if word[0].isupper()]
    small = all(
        word in ("al", "bin", "de", "la", "von", "van", "der", "el") or "-" in word
        for word in said
        if word not in proper
    )
    return bool(proper) and len(said) <= 4 and small and not any(bare(word) in _NO_PERSON for word in said)


def _plausibility(candidate: Candidate, question: str, earlier: Sequence[Asked]) -> float:
    """Return what grammar says of `candidate`, 0 to above 1: “he” is no country, “they” is no man.

    Set by hand: the conversations that the weights are fitted on have no answers.
    """
    kinds = {one.kind for one in find_anaphors(question) if not one.bound}
    if _PAST.match(candidate.text):  # “disclosed”: no noun
        return 0.0
    if _ADJECTIVE.match(candidate.text):  # “treatable”
        return 0.2
    person = is_person(candidate.text)
    if "person" in kinds:
        said = len(candidate.text.split()) > 1 or _speaks(candidate.text, earlier)
        return 3.0 if person and said else 0.1
    if kinds & {"thing", "place"} and "plural" not in kinds and person and _speaks(candidate.text, earlier):
        return 0.3
    if "plural" in kinds and candidate.is_name and candidate.follows and not candidate.text.endswith("s"):
        return 0.3
    return 1.0


def _speaks(name: str, earlier: Sequence[Asked]) -> bool:
    """Tell whether somebody called so says or does something, or has a title, in what was said before."""
    own = re.escape(name)
    acts = rf"\b{own}(?:, |,? who | has | said| says| told| asked| wants| promised| warned| rejected)"
    titled = (
        rf"\b(?:President|Minister|King|Queen|Pope|Mr|Mrs|Ms|Dr|Sen|Rep|Gen|Secretary|Ayatollah)\.? (?:\w+ )?{own}\b"
    )
    return any(re.search(f"{acts}|{titled}", f"{one.typed} {one.answer}") for one in earlier)
