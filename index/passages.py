"""Passages as spans of an article: neighbouring whole sentences, split by construction and never searched."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from index.paragraphs import Span, split_paragraphs
from index.sentences import paragraph_sentences, split_sentences

__all__ = ["Passage", "Span", "split_passages", "split_sentences"]

_MOST_SENTENCES = 32  # in one passage: keeps a million one-word lines from costing minutes
_CUT_PARAGRAPH = 0.25  # what ending inside a paragraph costs; a passage left half empty costs as much
_STOPS = tuple(".!?…。！？\"'”’»)")  # without one a paragraph is a heading, and leads to the next


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring whole sentences of one article: `[start, end)` of its text."""

    article_id: str
    start: int
    end: int
    sentences: tuple[Span, ...]  # in order, each inside [start, end), offsets in the article's text


def split_passages(
    text: str, *, article_id: str, size: int, count_tokens: Callable[[str], int], adds_up: bool = False
) -> tuple[Passage, ...]:
    """Return passages of at most `size` tokens that hold each sentence of `text` once, in order.

    Passages end with paragraphs unless that leaves them far from full, and are even in size: no tiny last
    one. A sentence longer than `size` is a passage by itself. `count_tokens` counts the tokens of a slice
    without special ones, and is called once for every sentence and once for every passage; not for passages of
    sentences with a space or a line's end between them if it `adds_up` over those, as WordPiece does.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1 token, not {size}")
    paragraphs = [tuple(paragraph_sentences(text, paragraph)) for paragraph in split_paragraphs(text)]
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    tokens = [count_tokens(text[start:end]) for start, end in sentences]
    costs = [cost for paragraph in paragraphs for cost in _costs_of_ending(text, paragraph)]
    return tuple(
        Passage(article_id, part[0][0], part[-1][1], part)
        for start, end in _pack(tokens, costs, size)
        for part in _checked(text, tuple(sentences[start:end]), size, count_tokens, adds_up)
    )


def _costs_of_ending(text: str, paragraph: tuple[Span, ...]) -> list[float]:
    """Return what a passage that ends with each sentence of `paragraph` costs."""
    complete = text.endswith(_STOPS, *paragraph[-1])
    return [_CUT_PARAGRAPH] * (len(paragraph) - 1) + [0.0 if complete else _CUT_PARAGRAPH]


def _pack(tokens: list[int], costs: list[float], size: int) -> list[Span]:
    """Group sentences `[start, end)` at the least sum of what each end costs and each space left, squared.

    Because of the square, two even passages cost less than a full and a tiny one. The dynamic programme is
    that of Knuth and Plass, Breaking Paragraphs into Lines, 1981.
    """
    least = [0.0]  # least[i]: the cost of the first i sentences
    begins = [0]  # begins[i]: where the last passage of the first i sentences begins
    for end, cost in enumerate(costs, 1):
        best, begin, filled = float("inf"), end - 1, 0
        for start in range(end - 1, max(-1, end - 1 - _MOST_SENTENCES), -1):
            filled += tokens[start]
            if filled > size and start < end - 1:
                break
            empty = 1 - filled / size if filled < size else 0.0
            total = least[start] + empty * empty
            if total < best:
                best, begin = total, start
        least.append(best + cost)
        begins.append(begin)
    groups: list[Span] = []
    end = len(tokens)
    while end:
        groups.append((begins[end], end))
        end = begins[end]
    return groups[::-1]


def _checked(
    text: str, sentences: tuple[Span, ...], size: int, count_tokens: Callable[[str], int], adds_up: bool
) -> Iterator[tuple[Span, ...]]:
    """Yield `sentences`, halved until each part has at most `size` tokens: counts need not add up exactly."""
    gaps = (text[before[1] : after[0]] for before, after in pairwise(sentences))
    counted = adds_up and all(" " in gap or "\n" in gap for gap in gaps)
    if counted or len(sentences) == 1 or count_tokens(text[sentences[0][0] : sentences[-1][1]]) <= size:
        yield sentences
    else:
        middle = len(sentences) // 2
        yield from _checked(text, sentences[:middle], size, count_tokens, adds_up)
        yield from _checked(text, sentences[middle:], size, count_tokens, adds_up)
