"""The trained reader: which sentences of a passage answer a question, with which words, or that none does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

import index
from index.errors import BylineError
from index.passages import Span

WEIGHTS = Path(__file__).parent / "models" / "reader.int8.onnx"
TOKENIZER = Path(index.__file__).parent / "models" / "tokenizer.json"
WINDOW = 192  # tokens read at once, as in training: question, passage and three marks
LONGEST_QUESTION = 64  # tokens
LONGEST_SPAN = 30  # tokens
CLS, SEP = 101, 102
START, END, SAYS, COUNTS = range(4)  # what the model gives for each token


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of one passage. Scores are logits: at 0 it holds yes and no for equally likely."""

    answers: float  # that the passage answers at all
    scores: tuple[float, ...]  # for each sentence, that it answers; −inf for one without a word
    span: Span  # the words that answer best, characters of the text
    span_score: float  # of these words against "no words answer"


class Piece(NamedTuple):
    """A sentence, or as much of a very long one as fits a window."""

    sentence: int  # its number in the passage
    ids: tuple[int, ...]
    offsets: tuple[Span, ...]  # characters of the passage's text under each token


class Reader:
    """Read passages with the shipped model, one window a run: no score depends on what is read with it."""

    def __init__(self, *, weights: Path = WEIGHTS, tokenizer: Path = TOKENIZER, threads: int = 0) -> None:
        for path in (weights, tokenizer):
            if not path.is_file():
                raise BylineError(f"{path}: a file of the reader is missing; install Byline again.")
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads  # 0: one for each core
        self._session = ort.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def read(self, question: str, text: str, sentences: Sequence[Span]) -> Reading:
        """Say which of `sentences`, characters [start, end) of `text` in order, answer the question.

        What does not fit one window is read in windows that overlap by half; the best that any of them
        says counts. Of a question, the first 64 tokens are read.
        """
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[:LONGEST_QUESTION]
        room = WINDOW - len(asked) - 3
        pieces = [piece for n, span in enumerate(sentences) for piece in self._pieces(n, text, span, room)]
        readings = [self._judge(asked, window, len(sentences)) for window in windows(pieces, room)]
        if not readings:
            return Reading(-np.inf, (-np.inf,) * len(sentences), (0, 0), -np.inf)
        best = max(readings, key=lambda reading: reading.span_score)
        scores = np.max([reading.scores for reading in readings], axis=0)
        return Reading(max(r.answers for r in readings), tuple(scores.tolist()), best.span, best.span_score)

    def _pieces(self, number: int, text: str, span: Span, room: int) -> Iterator[Piece]:
        """Yield the sentence whole, or in pieces that overlap by half where it is longer than `room` tokens."""
        found = self._tokenizer.encode(text[span[0] : span[1]], add_special_tokens=False)
        offsets = tuple((span[0] + a, span[0] + b) for a, b in found.offsets)
        for first in range(0, max(len(found.ids) - room // 2, min(len(found.ids), 1)), room // 2):
            last = len(found.ids) if len(found.ids) <= room else first + room
            yield Piece(number, tuple(found.ids[first:last]), offsets[first:last])

    def _judge(self, asked: list[int], window: Sequence[Piece], count: int) -> Reading:
        """Return what the model says of one window; the score of a sentence outside it is −inf."""
        ids = [CLS, *asked, SEP, *(token for piece in window for token in piece.ids), SEP]
        types = [0] * (len(asked) + 2) + [1] * (len(ids) - len(asked) - 2)
        tokens, whole = self._session.run(None, {"ids": np.array([ids]), "types": np.array([types])})
        scores, best, at = [-np.inf] * count, ((0, 0), -np.inf), len(asked) + 2
        for piece in window:
            logits = tokens[0, at : at + len(piece.ids)]
            at += len(piece.ids)
            scores[piece.sentence] = max(scores[piece.sentence], relevance(logits))
            first, last, score = best_span(logits)
            if score > best[1]:
                best = ((piece.offsets[first][0], piece.offsets[last][1]), score)
        none = float(tokens[0, 0, START] + tokens[0, 0, END])
        return Reading(float(whole[0]), tuple(scores), best[0], best[1] - none)


def windows(pieces: Sequence[Piece], room: int) -> Iterator[Sequence[Piece]]:
    """Yield runs of neighbouring pieces of at most `room` tokens; the next begins in the middle of the last."""
    first, last = 0, 0
    while last < len(pieces):
        last, used = first, 0
        while last < len(pieces) and (last == first or used + len(pieces[last].ids) <= room):
            used += len(pieces[last].ids)
            last += 1
        yield pieces[first:last]
        first += max((last - first + 1) // 2, 1)


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
