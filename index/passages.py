"""Passages and sentences as spans of an article's text, split by construction and never searched for."""

from dataclasses import dataclass

Span = tuple[int, int]  # half-open [start, end) in characters


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring whole sentences of one article: `[start, end)` of its text."""

    article_id: str
    start: int
    end: int
    sentences: tuple[Span, ...]  # in order, each inside [start, end), offsets in the article's text
