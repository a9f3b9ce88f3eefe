"""The trained resolver: which words of what was said before a question leaves out.

Query resolution by term classification: Voskarides et al., Query Resolution for Conversational Search with Limited
Supervision, 2020.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bot.phrases import WORD
from bot.reader import TOKENIZER, open_session, open_tokenizer
from index.lexical import terms
from index.minilm import FIRST
from index.minilm import LAST as BETWEEN

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

WEIGHTS = Path(__file__).with_name("models") / "resolver.int8.onnx"
LONGEST_QUESTION = 48  # tokens, of this one and of each before it
RECENT = 6  # of the questions before are read, besides the first
LAST, BEFORE_LAST = 200, 60  # tokens read of the last answer, and of the one before it
LEFT_OUT = 0.25  # probability from which a word is taken to be left out; chosen on held-out conversations: evals/LOG.md
BESIDE = 0.15  # and from which one beside it belongs to the same phrase; names are not cut
ALSO = 0.7  # of the likeliest phrase's probability that a further one must have
MOST = 4  # phrases that a question is taken to leave out
_JOINS = frozenset("of and & de la al the for in on del von van".split())

Talk = Sequence[tuple[str, str]]  # earlier questions and what was said to each, oldest first


class Word(NamedTuple):
    """A word of an earlier question or answer, where it stands there, and the tokens [first, after) under it."""

    piece: int
    text: str  # of the whole question or answer
    start: int
    end: int
    first: int
    after: int

    @property
    def said(self) -> str:
        """Return the word itself."""
        return self.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Said:
    """A question and what was said before it as the model reads them."""

    ids: list[int]  # [CLS] question [SEP] then each piece of what was said before, with [SEP] behind it
    second: int  # the first token of what was said before
    words: list[Word]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the resolver says of a question."""

    needs: float  # the logit that anything is left out
    words: tuple[tuple[Word, float], ...]  # of each word said before, in order, the probability that it is left out

    def phrases(self, question: str) -> list["LeftOut"]:
        """Return what the question leaves out, the likeliest first, each with a term that no other and no word has."""
        found: dict[frozenset[str], LeftOut] = {}
        for one in map(_phrase, _runs(self.words)):
            if one.chance < LEFT_OUT:
                continue
            key = frozenset(terms(one.text))
            other = found.get(key, one)
            # a capital at the beginning may not belong to the word
            shown = one if other.opens and not one.opens else other
            found[key] = replace(shown, chance=max(one.chance, other.chance))
        held = set(terms(question))
        chosen: list[LeftOut] = []
        for key, one in sorted(found.items(), key=lambda item: -item[1].chance):
            enough = ALSO * chosen[0].chance if chosen else 0.0
            if len(chosen) < MOST and one.chance >= enough and not key <= held:
                chosen.append(one)
                held |= key
        return chosen


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Neighbouring words said before that a question leaves out."""

    text: str
    has_the: bool  # an article stands before it
    opens: bool  # it begins the question or answer
    chance: float  # the greatest of its words

    @property
    def shown(self) -> str:
        """Return the phrase as it is put into a question."""
        return f"the {self.text}" if self.has_the else self.text


def _runs(words: Sequence[tuple[Word, float]]) -> Iterator[list[tuple[Word, float]]]:
    """Yield neighbouring words that are left out, with the small words that join them and the rest of their names."""
    run: list[tuple[Word, float]] = []
    joins: list[tuple[Word, float]] = []
    for word, chance in words:
        said = word.said
        if run and _is_apart((joins or run)[-1][0], word):
            yield run
            run, joins = [], []
        if terms(said) and (chance >= BESIDE or said[0].isupper()):
            run, joins = [*run, *joins, (word, chance)], []
        elif run and said.lower() in _JOINS:
            joins.append((word, chance))
        elif run:
            yield run
            run, joins = [], []
    if run:
        yield run


def _is_apart(one: Word, other: Word) -> bool:
    """Tell whether more than a space stands between two words; the last point of U.S. is none."""
    between = one.text[one.end : other.start] if one.piece == other.piece else "|"
    if _INITIALS.fullmatch(one.said):
        between = between.removeprefix(".")
    return bool(between.strip(" -–’'\"“”"))


def _phrase(run: Sequence[tuple[Word, float]]) -> LeftOut:
    first, last = run[0][0], run[-1][0]
    end = last.end + 1 if _INITIALS.fullmatch(last.said) and last.text[last.end :].startswith(".") else last.end
    has_the = bool(_ARTICLE.search(first.text[: first.start]))
    return LeftOut(first.text[first.start : end], has_the, first.start == 0, max(chance for _, chance in run))


_ARTICLE = re.compile(r"\b(?:the|an?) $", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[A-Z]\.)+[A-Z]")


def lay_out(question: str, before: Talk, tokenizer: "Tokenizer") -> Said:
    """Return what the model reads: the question, the questions before it, and the last two answers in their places."""
    ids = [FIRST, *_encode(question, tokenizer)[0][:LONGEST_QUESTION], BETWEEN]
    second, words = len(ids), []
    for number, (text, room) in enumerate(_pieces(before)):
        found, offsets = _encode(text, tokenizer)
        found, offsets = found[:room], offsets[:room]
        at, token = len(ids), 0
        ids += [*found, BETWEEN]
        for word in WORD.finditer(text):
            while token < len(offsets) and offsets[token][1] <= word.start():
                token += 1
            first = token
            while token < len(offsets) and offsets[token][0] < word.end():
                token += 1
            if token > first:
                words.append(Word(number, text, word.start(), word.end(), at + first, at + token))
    return Said(ids, second, words)


def _pieces(before: Talk) -> list[tuple[str, int]]:
    """Return the questions and answers that are read, each with how many of its tokens."""
    pieces = []
    for number, (asked, answer) in enumerate(before):
        ago = len(before) - number
        if number == 0 or ago <= RECENT:
            pieces.append((asked, LONGEST_QUESTION))
        if answer and ago <= 2:
            pieces.append((answer, LAST if ago == 1 else BEFORE_LAST))
    return pieces


def _encode(text: str, tokenizer: "Tokenizer") -> tuple[list[int], list[tuple[int, int]]]:
    plain = text.encode("utf-8", "replace").decode()  # a lone surrogate is no character to the tokenizer
    found = tokenizer.encode(plain, add_special_tokens=False)
    return found.ids, found.offsets


class Resolver:
    """Reads questions with the shipped model."""

    def __init__(self, *, weights: Path = WEIGHTS, tokenizer: Path = TOKENIZER, threads: int = 1) -> None:
        """Name the files; they are read when first needed. `threads` share the work on one question."""
        self.weights = weights
        self.tokenizer = tokenizer
        self.threads = threads

    def resolve(self, question: str, before: Talk) -> Resolution:
        """Say which words of `before` the question leaves out; of long talk, the last and the first are read."""
        said = lay_out(question, before, self._tokenizer)
        types = [0] * said.second + [1] * (len(said.ids) - said.second)
        tokens, whole = self._session.run(None, {"ids": np.array([said.ids]), "types": np.array([types])})
        chances = 1 / (1 + np.exp(-tokens[0].astype(float)))
        words = tuple((word, float(chances[word.first : word.after].mean())) for word in said.words)
        return Resolution(float(whole[0]), words)

    @cached_property
    def _session(self) -> "InferenceSession":
        return open_session(self.weights, threads=self.threads)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return open_tokenizer(self.tokenizer)
