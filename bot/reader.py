"""The trained reader: which sentences of a passage answer a question, with which words, or that none does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.errors import BylineError
from index.minilm import FIRST, MODELS
from index.minilm import LAST as BETWEEN  # [SEP] closes the question and the passage
from index.passages import Span

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

WEIGHTS = Path(__file__).with_name("models") / "reader.int8.onnx"
TOKENIZER = MODELS / "tokenizer.json"
WINDOW = 160  # tokens read at once: question, passage, three marks
LONGEST_QUESTION = 64  # tokens
LONGEST_SPAN = 30  # tokens
START, END, SAYS, COUNTS = range(4)  # what the model gives for each token


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the reader says of one sentence. Scores are logits: at 0, yes and no are equally likely to it."""

    score: float  # that the sentence answers
    span: Span  # its words that answer best, characters of the text
    span_score: float  # of these words against "no words answer"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of one passage: its sentences in order, and two logits of the whole."""

    answers: float  # that it answers the question
    supports: float  # that it supports the statement, where a statement was read instead of a question
    sentences: tuple[Judgement, ...]

    @property
    def best(self) -> Judgement:
        """Return the sentence whose words answer best."""
        return max(self.sentences, key=lambda judgement: judgement.span_score)


class Piece(NamedTuple):
    """A sentence, or as much of a very long one as fits a window."""

    sentence: int  # its number in the passage
    ids: list[int]
    offsets: list[Span]  # characters of the passage's text under each token


class Reader:
    """Read passages with the shipped model, one window a run: no score depends on what is read with it."""

    def __init__(self, *, weights: Path = WEIGHTS, tokenizer: Path = TOKENIZER, threads: int = 1) -> None:
        self.weights = weights
        self.tokenizer = tokenizer
        self.threads = threads  # for one window; several passages side by side gain more than several threads

    def read(self, question: str, text: str, sentences: Sequence[Span]) -> Reading:
        """Say which of `sentences`, characters [start, end) of `text` in order, answer the question.

        What does not fit one window is read in windows that overlap by a sentence; the best that any of them
        says counts. Of a question, the first 64 tokens are read.
        """
        asked = self._tokens(question)[0][:LONGEST_QUESTION]
        room = WINDOW - len(asked) - 3
        pieces = [piece for n, span in enumerate(sentences) for piece in self._pieces(n, text, span, room)]
        read = [self._read_window(asked, window) for window in windows(pieces, room)]
        said: dict[int, list[Judgement]] = {n: [] for n in range(len(sentences))}
        for number, judgement in (pair for _, pairs in read for pair in pairs):
            said[number].append(judgement)
        wholes = np.array([whole for whole, _ in read]).reshape(-1, 2)
        answers, supports = wholes.max(axis=0, initial=-np.inf)
        return Reading(float(answers), float(supports), tuple(_best(said[n], span) for n, span in enumerate(sentences)))

    def _pieces(self, number: int, text: str, span: Span, room: int) -> Iterator[Piece]:
        """Yield the sentence whole, or in pieces of `room` tokens that overlap by half where it is longer."""
        ids, offsets = self._tokens(text[span[0] : span[1]])
        placed = [(span[0] + start, span[0] + end) for start, end in offsets]
        step = room // 2 if len(ids) > room else max(len(ids), 1)
        for first in range(0, len(ids) if len(ids) <= room else len(ids) - step, step):
            yield Piece(number, ids[first : first + room], placed[first : first + room])

    def _read_window(
        self, asked: list[int], window: Sequence[Piece]
    ) -> tuple[NDArray[np.float32], list[tuple[int, Judgement]]]:
        """Return what the window says as a whole, (2,), and each piece's sentence number and judgement."""
        ids = [FIRST, *asked, BETWEEN, *(token for piece in window for token in piece.ids), BETWEEN]
        types = [0] * (len(asked) + 2) + [1] * (len(ids) - len(asked) - 2)
        tokens, whole = self._session.run(None, {"ids": np.array([ids]), "types": np.array([types])})
        none, at, said = float(tokens[0, 0, START] + tokens[0, 0, END]), len(asked) + 2, []
        for piece in window:
            logits = tokens[0, at : at + len(piece.ids)]
            at += len(piece.ids)
            first, last, score = best_span(logits)
            span = (piece.offsets[first][0], piece.offsets[last][1])
            said.append((piece.sentence, Judgement(relevance(logits), span, score - none)))
        return whole[0], said

    def _tokens(self, text: str) -> tuple[list[int], list[Span]]:
        """Return token ids and the characters of `text` under each."""
        whole = text.encode("utf-8", "replace").decode()  # a lone surrogate is no character to the tokenizer
        found = self._tokenizer.encode(whole, add_special_tokens=False)
        return found.ids, found.offsets

    @cached_property
    def _session(self) -> "InferenceSession":
        return open_session(self.weights, threads=self.threads)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return open_tokenizer(self.tokenizer)


def open_session(weights: Path, *, threads: int) -> "InferenceSession":
    """Load a trained model; BylineError where the file is missing."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(_present(weights)), options, providers=["CPUExecutionProvider"])


def open_tokenizer(path: Path) -> "Tokenizer":
    """Load the tokenizer, which neither cuts nor pads; BylineError where the file is missing."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_present(path)))
    tokenizer.encode_special_tokens = True  # an article that says "[SEP]" means the five characters
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _present(path: Path) -> Path:
    """Return `path`; raise BylineError where there is no such file."""
    if not path.is_file():
        raise BylineError(f"{path}: this file of the reader is missing; install Byline again.")
    return path


def windows(pieces: Sequence[Piece], room: int) -> Iterator[Sequence[Piece]]:
    """Yield runs of neighbouring pieces of at most `room` tokens, each from the last of the one before."""
    first, last = 0, 0
    while last < len(pieces):
        last, used = first, 0
        while last < len(pieces) and (last == first or used + len(pieces[last].ids) <= room):
            used += len(pieces[last].ids)
            last += 1
        yield pieces[first:last]
        first = max(last - 1, first + 1)


def _best(said: Sequence[Judgement], sentence: Span) -> Judgement:
    """Return the best that was said of a sentence; −inf where it has no word to say anything of."""
    if not said:
        return Judgement(-np.inf, (sentence[0], sentence[0]), -np.inf)
    words = max(said, key=lambda judgement: judgement.span_score)
    return Judgement(max(judgement.score for judgement in said), words.span, words.span_score)


def relevance(logits: NDArray[np.float32]) -> float:
    """Return what the tokens of a sentence, (tokens, 4), say of it, each as much as it counts."""
    counts = np.exp(logits[:, COUNTS] - logits[:, COUNTS].max())
    return float(counts @ logits[:, SAYS] / counts.sum())


def best_span(logits: NDArray[np.float32]) -> tuple[int, int, float]:
    """Return the first and the last token of the best words of a sentence, (tokens, 4), and their score."""
    scores = logits[:, None, START] + logits[None, :, END]
    allowed = np.triu(np.ones_like(scores)) - np.triu(np.ones_like(scores), LONGEST_SPAN)
    first, last = np.unravel_index(np.where(allowed > 0, scores, -np.inf).argmax(), scores.shape)
    return int(first), int(last), float(scores[first, last])
