"""Makes a follow-up question stand alone, without a language model, from what was asked and quoted before.

What is put in is shown to the person, so it goes where a person would put it: in place of the word that points at it,
in the frame of the question before (“and the Emirates?”), or in brackets where the grammar would have to be guessed.
A wrong guess must not lose what the words as typed would find, so these are searched for too, and so, counting less,
is the talk before them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.anaphora import POSSESSIVE, Anaphor, find_anaphors
from bot.antecedents import PREPOSITION, Asked, Candidate, choose, is_person
from bot.dependence import LEANING, NEED, NEEDED, NEEDED_UNSAID, Model, need
from bot.logistic import probability
from bot.phrases import Phrase, find_phrases, is_content, is_verb, words
from index.passages import split_sentences
from index.search import Also

History = Sequence[tuple[str, str]]  # earlier questions and what was said to each, oldest first

NOTHING = "The articles do not say."  # what a page may have shown for a decline
# What is searched for beside the words as typed, by meaning and by words; chosen on data: evals/LOG.md. Words that were
# guessed count half: a wrong one would find its own passages first. Those of the answer would find that answer again.
REWRITTEN, TALK, QUOTED = (0.8, 0.4), (0.7, 0.35), (0.3, 0.0)
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
_OPENS_CLAUSE = frozenset(
    "who what when where why how which whose whom is are was were do does did can could will would should has have had "
    "the that if".split()
)
_PLACE = frozenset("in on at for from with by of during before after under over against to near among".split())


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


def query_for(question: str, history: History, model: Model, *, rewrite: str | None = None) -> Query:
    """Return what to search for; the question as it stands where it needs nothing from `history`.

    `rewrite` is somebody's wording that stands alone, used in place of ours.
    """
    earlier = remember(history, model)
    asked = understand(question, earlier, model)
    text = rewrite or asked.standalone
    if not asked.leans:
        return Query(text, text)
    before = [one.standalone for one in earlier]
    talk = " ".join((*before[:1], *before[1:][-RECENT:], question))
    also = [Also(text, *REWRITTEN), Also(talk, *TALK)]
    if said := _closest_sentence(question, earlier[-1].answer, model):
        also.append(Also(f"{said} {question}", *QUOTED))
    return Query(text, question, tuple(also))


def standalone(question: str, history: History, model: Model) -> str:
    """Return `question` so that it says what it is about; as it stands where it needs nothing from `history`."""
    return understand(question, remember(history, model), model).standalone


def remember(history: History, model: Model) -> tuple[Asked, ...]:
    """Return the turns of `history` as they were understood."""
    earlier: tuple[Asked, ...] = ()
    for asked, answered in history:
        understood = understand(asked, earlier, model)
        earlier = (*earlier, replace(understood, answer="" if answered == NOTHING else answered))
    return earlier


def needs_rewriting(question: str, history: History, model: Model) -> bool:
    """Tell whether `question` leaves out something that has to be guessed: the guard of every rewrite."""
    asked = understand(question, remember(history, model), model)
    return asked.standalone != question and not _asks_who_said_so(question)


@lru_cache(512)  # a conversation asks for the same beginning at every turn
def understand(question: str, earlier: tuple[Asked, ...], model: Model) -> Asked:
    """Return the question with what it leaves out."""
    if not earlier:
        return Asked(question, standalone=question)
    last = earlier[-1]
    if _asks_who_said_so(question):
        said = _quote(last.answer) or last.standalone
        return Asked(question, standalone=_append(question, [said]), carried=last.carried)
    if _is_bare(question):  # “why?”
        return Asked(question, standalone=f"{last.standalone} {question}", carried=_topics(last))
    if (framed := _in_frame(question, last, model)) is not None:
        return framed
    before = frozenset(term for one in earlier for term in one.terms)
    needed = probability(NEED, need(question, before, model))
    if needed < (NEEDED if find_anaphors(question) else NEEDED_UNSAID):
        return Asked(question, standalone=question, leans=needed >= LEANING)
    chosen = choose(question, earlier, model)
    return Asked(question, standalone=_word(question, chosen), carried=tuple(one.text for one in chosen), leans=True)


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


def _topics(asked: Asked) -> tuple[str, ...]:
    return (*asked.carried, *(phrase.text for phrase in find_phrases(asked.typed)))


def _in_frame(question: str, last: Asked, model: Model) -> Asked | None:
    """Return “and the Emirates?” as the question before, asked of the Emirates; None for anything else."""
    match = _FRAGMENT.match(question)
    what = match["what"].strip() if match else ""
    said = [word.group().lower() for word in words(what)]
    if not said or len(said) > 6 or find_anaphors(what) or any(is_verb(word) for word in said):
        return None
    if said[0] in _PLACE:
        return Asked(question, standalone=f"{last.standalone.rstrip(' ?.!')} {what}?", carried=_topics(last))
    phrases = [one for one in find_phrases(last.standalone) if one.terms]
    if (said[0] in _OPENS_CLAUSE and said[0] != "the") or not phrases or not find_phrases(what):
        return None
    replaced = _most_alike(find_phrases(what)[-1], phrases, model)
    if replaced is None:
        return None
    new = (
        re.sub(r"^(?:the|an?) ", "", what) if re.search(r"\b(?:the|an?) $", last.standalone[: replaced.start]) else what
    )
    text = last.standalone[: replaced.start] + new + last.standalone[replaced.end :]
    kept = tuple(one.text for one in phrases if one.end <= replaced.start or replaced.end <= one.start)
    return Asked(question, standalone=text, carried=kept, leans=True)


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


def _word(question: str, chosen: Sequence[Candidate]) -> str:
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
    return _append(question, [one.shown for one in left])


def _can_replace(candidate: Candidate, anaphor: Anaphor, question: str) -> bool:
    if anaphor.bound or anaphor.kind == "one":
        return False
    if anaphor.kind == "this":  # “this tradition” says more than a pronoun, and stays
        return not question[anaphor.end :].lstrip()[:1].isalnum()
    return (anaphor.kind == "person") == is_person(candidate.text) or anaphor.kind == "plural"


def _in_place(candidate: Candidate, anaphor: Anaphor, question: str) -> str:
    text = candidate.shown
    if anaphor.kind == "place" and not PREPOSITION.search(question[: anaphor.start]):
        text = f"in {text}"
    after = question[anaphor.end :]
    object_her = re.match(r"\W*(?:$|[?.!,]|(?:in|on|at|to|for|by|with|and|as|after|before)\b)", after)
    if anaphor.word not in POSSESSIVE or (anaphor.word == "her" and object_her):
        return text
    return f"{text}’" if text.endswith("s") else f"{text}’s"
