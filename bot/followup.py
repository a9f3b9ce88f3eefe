"""Makes a follow-up question stand alone, without a language model, from what was asked and quoted before.

What is put in is shown to the person, so it goes where a person would put it: in place of the word that points at it,
in the frame of the question before (“and the Emirates?”), or in brackets where the grammar would have to be guessed.
A wrong guess must not lose what the words as typed would find, so these are searched for too, and so, counting less,
is the talk before them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from bot.anaphora import POSSESSIVE, Anaphor, find_anaphors
from bot.dependence import NEED, Model, need
from bot.logistic import logit
from bot.phrases import Phrase, bare, find_phrases, is_content, is_verb, words
from bot.resolver import LeftOut, Resolution
from index.lexical import terms
from index.passages import split_sentences
from index.search import Also

History = Sequence[tuple[str, str]]  # earlier questions and what was said to each, oldest first
Talk = tuple[tuple[str, str], ...]  # the same, with nothing said where that was declined

# The sum of two logits that a question leaves something out, one of a regression over what can be read off it and one
# of the trained model: from where it is reworded, and from where what was said before counts in the search though the
# words stay as they are. Most questions stand on their own, and one that is reworded without need annoys more than
# one missed. Chosen on bundled questions asked after another conversation, and on held-out ones: evals/LOG.md.
NEEDED, LEANING = 6.5, 2.5
NOTHING = "The articles do not say."  # what a page may have shown for a decline
# What is searched for beside the words as typed, by meaning and by words; chosen on data: evals/LOG.md. Words that were
# guessed count half: a wrong one would find its own passages first. Those of the answer would find that answer again.
REWRITTEN, TALK, QUOTED = (1.2, 0.6), (0.7, 0.35), (0.3, 0.0)
RECENT = 3  # of the questions before, besides the first
_SENTENCES = 12  # of the last answer
_LONGEST_QUOTED = 25  # words of an earlier answer that are put into a question
_ALIKE = 0.2  # cosine from which two phrases count as of one kind
_WHO = re.compile(
    r"^\W*(?:and )?(?:(?:which|what) (?:outlet|paper|newspaper|source|article|site|agency|magazine)s?\b|who\b|whose\b"
    r"|says who\b|when was (?:that|this|it)\b|where was (?:that|this|it)\b)",
    re.IGNORECASE,
)
_SAID_SO = re.compile(
    r"\b(?:said|says?|report(?:s|ed)?|claim(?:s|ed)?|wrote|writes?|printed|published) (?:so|that|this|it)\W*$"
    r"|\bsays who\W*$|\b(?:that|this|it) (?:said|printed|published|reported)\W*$",
    re.IGNORECASE,
)
_FRAGMENT = re.compile(
    r"^\W*(?:(?:and|or|but|so|ok|okay)[\s,]+)*(?:(?:what|how) about\s+|(?<=d )|(?<=r ))(?P<what>[^?.!,;]{2,60})\W*$",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(r"\b(?:of|in|about|for|from|on|at|to|with|by)\s+(?:the |an? )?$", re.IGNORECASE)
_NO_PERSON = frozenset(
    "state states kingdom emirates nations union city street university house republic islands river lake mount museum "
    "party army council court company bank league team club president minister america britain england france germany "
    "iraq iran syria russia china india europe africa asia washington london paris baghdad tehran".split()
)
_TITLE = re.compile(r"^(?:(?:Prime|Foreign|Vice|President|Minister|King|Queen|Secretary|Pope|Mr|Mrs|Ms|Dr)\.?\s)+")
_OPENS_CLAUSE = frozenset(
    "who what when where why how which whose whom is are was were do does did can could will would should has have had "
    "the that if".split()
)
_PLACE = frozenset("in on at for from with by of during before after under over against to near among".split())


class Resolves(Protocol):
    """What says which words a question leaves out: `bot.resolver.Resolver`, or a double in a test."""

    def resolve(self, question: str, before: Sequence[tuple[str, str]]) -> Resolution:
        """Return what `question` leaves out of what was said `before`."""

    def __hash__(self) -> int:
        """Return a hash: what was understood with it is remembered."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a question is searched for."""

    text: str  # what the person is shown: the question, so that it stands alone
    typed: str  # what counts 1
    also: tuple[Also, ...] = ()  # and what counts beside it

    @property
    def in_context(self) -> bool:
        """Tell whether the conversation before counts in the search."""
        return bool(self.also)


def query_for(
    question: str, history: History, model: Model, resolver: Resolves, *, rewrite: str | None = None
) -> Query:
    """Return what to search for; the question as it stands where it needs nothing from `history`.

    `rewrite` is somebody's wording that stands alone, used in place of ours.
    """
    before = _said(history)
    understood = understand(question, before, model, resolver)
    text = rewrite or understood.text
    if understood.beside is None:
        return Query(text, text)
    asked = [one for one, _ in before]
    talk = " ".join((*asked[:1], *asked[1:][-RECENT:], question))
    also = [Also(rewrite or understood.beside, *REWRITTEN), Also(talk, *TALK)]
    if said := _closest_sentence(question, before[-1][1], model):
        also.append(Also(f"{said} {question}", *QUOTED))
    return Query(text, question, tuple(also))


def standalone(question: str, history: History, model: Model, resolver: Resolves) -> str:
    """Return `question` so that it says what it is about; as it stands where it needs nothing from `history`."""
    return understand(question, _said(history), model, resolver).text


def needs_rewriting(question: str, history: History, model: Model, resolver: Resolves) -> bool:
    """Tell whether `question` leaves out something that has to be guessed: the guard of every rewrite."""
    return standalone(question, history, model, resolver) != question and not _asks_who_said_so(question)


def _said(history: History) -> Talk:
    return tuple((asked, "" if answered == NOTHING else answered) for asked, answered in history)


class Understood(NamedTuple):
    """A question with what it leaves out."""

    text: str
    beside: str | None = None  # what is searched for beside the words as typed, where what was said before counts


@lru_cache(512)  # what came before is asked for once more by “why?”
def understand(question: str, before: Talk, model: Model, resolver: Resolves) -> Understood:
    """Return the question with what it leaves out of what was said `before`."""
    if not before:
        return Understood(question)
    if _asks_who_said_so(question):
        said = _quote(before[-1][1]) or _last(before, model, resolver)
        return Understood(_append(question, [said]))
    if _is_bare(question):  # “why?”
        return Understood(f"{_last(before, model, resolver)} {question}")
    if _FRAGMENT.match(question) and (framed := _in_frame(question, _last(before, model, resolver), model)):
        return framed
    known = frozenset(term for asked, _ in before for term in terms(asked))
    alone = logit(NEED, need(question, known, model))
    resolution = resolver.resolve(question, before)
    leaves_out = alone + resolution.needs
    if leaves_out < LEANING:
        return Understood(question)
    worded = _word(question, resolution.phrases(question))
    return Understood(worded if leaves_out >= NEEDED else question, beside=worded)


def _last(before: Talk, model: Model, resolver: Resolves) -> str:
    """Return the question before, made to stand alone."""
    return understand(before[-1][0], before[:-1], model, resolver).text


def _closest_sentence(question: str, answer: str, model: Model) -> str:
    """Return the sentence of `answer` that is likest to `question`, empty where it has none."""
    said = [answer[start:end] for start, end in split_sentences(answer)][:_SENTENCES]
    if not said:
        return ""
    own, *vectors = model.embed([question, *said])
    return max(zip(vectors, said, strict=True), key=lambda pair: float(own @ pair[0]))[1]


def with_answer(query: Query, history: History) -> Query:
    """Return `query` with what was said last: “and the Emirates?” may ask who else did what that tells of."""
    text = _append(query.text, [said] if (said := _quote(history[-1][1])) and said != NOTHING else [])
    return Query(text, text)


def _quote(answer: str) -> str:
    return " ".join(answer.split()[:_LONGEST_QUOTED])


def _asks_who_said_so(question: str) -> bool:
    return bool(_WHO.match(question) and _SAID_SO.search(question))


def is_fragment(question: str) -> bool:
    """Tell whether a question is no more than “and the Emirates?”, whose frame has to be guessed."""
    return bool(_FRAGMENT.match(question))


def _is_bare(question: str) -> bool:
    said = words(question)
    return len(said) <= 3 and not any(is_content(word, question) for word in said) and not find_anaphors(question)


def _in_frame(question: str, last: str, model: Model) -> Understood | None:
    """Return “and the Emirates?” as the question before, asked of the Emirates; None for anything else."""
    match = _FRAGMENT.match(question)
    what = match["what"].strip() if match else ""
    said = [word.group().lower() for word in words(what)]
    if not said or len(said) > 6 or find_anaphors(what) or any(is_verb(word) for word in said):
        return None
    if said[0] in _PLACE:
        return Understood(f"{last.rstrip(' ?.!')} {what}?")
    phrases = [one for one in find_phrases(last) if one.terms]
    if (said[0] in _OPENS_CLAUSE and said[0] != "the") or not phrases or not find_phrases(what):
        return None
    replaced = _most_alike(find_phrases(what)[-1], phrases, model)
    if replaced is None:
        return None
    new = re.sub(r"^(?:the|an?) ", "", what) if re.search(r"\b(?:the|an?) $", last[: replaced.start]) else what
    text = last[: replaced.start] + new + last[replaced.end :]
    return Understood(text, beside=text)


def _most_alike(phrase: Phrase, others: Sequence[Phrase], model: Model) -> Phrase | None:
    """Return the one of `others` that is most of the kind of `phrase`; None where none is."""
    own, *vectors = model.embed([phrase.text, *(one.text for one in others)])
    likeness = [
        float(own @ vector) + 0.1 * (phrase.is_name == one.is_name) for one, vector in zip(others, vectors, strict=True)
    ]
    best = max(range(len(others)), key=likeness.__getitem__)
    return others[best] if likeness[best] >= _ALIKE and not others[best].terms & phrase.terms else None


def _append(question: str, added: Sequence[str]) -> str:
    return f"{question} ({', '.join(added)})" if added else question


def _word(question: str, chosen: Sequence[LeftOut]) -> str:
    """Put phrases in place of the words that point at them, where that reads well, and add the others."""
    left = list(chosen)
    edits = []
    for anaphor in find_anaphors(question):
        fitting = next((one for one in left if _can_replace(one, anaphor, question)), None)
        if fitting:
            left.remove(fitting)
            edits.append((anaphor, fitting))
    for anaphor, candidate in reversed(edits):
        question = question[: anaphor.start] + _in_place(candidate, anaphor, question) + question[anaphor.end :]
    # Where a word that points back has got what it means, more would rather be noise.
    return _append(question, [] if edits else [one.shown for one in left])


def _can_replace(candidate: LeftOut, anaphor: Anaphor, question: str) -> bool:
    if anaphor.bound or anaphor.kind == "one":
        return False
    if anaphor.kind == "this":  # “this tradition” says more than a pronoun, and stays
        return not question[anaphor.end :].lstrip()[:1].isalnum()
    return (anaphor.kind == "person") == _is_person(candidate.text) or anaphor.kind == "plural"


def _in_place(candidate: LeftOut, anaphor: Anaphor, question: str) -> str:
    text = candidate.shown
    if anaphor.kind == "place" and not _PREPOSITION.search(question[: anaphor.start]):
        text = f"in {text}"
    after = question[anaphor.end :]
    object_her = re.match(r"\W*(?:$|[?.!,]|(?:in|on|at|to|for|by|with|and|as|after|before)\b)", after)
    if anaphor.word not in POSSESSIVE or (anaphor.word == "her" and object_her):
        return text
    return f"{text}’" if text.endswith("s") else f"{text}’s"


def _is_person(name: str) -> bool:
    """Tell whether a phrase looks like a person's name: capitals only, and no word that only places and bodies have."""
    said = _TITLE.sub("", name).split()
    proper = [word for word in said if word[0].isupper()]
    small = all(
        word in ("al", "bin", "de", "la", "von", "van", "der", "el") or "-" in word
        for word in said
        if word not in proper
    )
    return bool(proper) and len(said) <= 4 and small and not any(bare(word) in _NO_PERSON for word in said)
