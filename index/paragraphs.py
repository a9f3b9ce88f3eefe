"""Paragraphs as spans of a text, whether it has one a line or was wrapped by hand."""

import re
from collections.abc import Iterator
from itertools import pairwise

Span = tuple[int, int]  # half-open [start, end) in characters

_NEWLINE = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_WIDTHS = range(30, 101)  # columns at which plain text is wrapped; a longer line is a paragraph by itself
_HEADING = re.compile(r"\s*(?:#{1,6}\s|[|=])")
_ITEM = re.compile(r"\s*(?:[-*+•‣◦·]|\(?(?:\d{1,3}|[A-Za-z])[.)]|>)\s")


def split_paragraphs(text: str) -> tuple[Span, ...]:
    """Return the paragraphs of `text`, in order; none is empty or begins or ends with white space.

    A blank line always ends a paragraph. Any other newline does, unless the next line's first word would not
    have fitted before it: that is what tells hard-wrapped text from one paragraph a line.
    """
    lines = [tighten(text, *line) for line in _lines(text)]
    width = _wrap_width(text, lines)
    ends = [not _wraps(text, *pair, width) for pair in pairwise(lines)]
    paragraphs: list[Span] = []
    open_ = False
    for line, ends_here in zip(lines, [*ends, True], strict=True):
        if open_:
            paragraphs[-1] = (paragraphs[-1][0], line[1])
        elif line[0] < line[1]:
            paragraphs.append(line)
        open_ = not ends_here
    return tuple(paragraphs)


def tighten(text: str, start: int, end: int) -> Span:
    """Return `[start, end)` without the white space at either end; empty where there is nothing else."""
    part = text[start:end]
    kept = part.lstrip()
    start += len(part) - len(kept)
    return start, start + len(kept.rstrip())


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for newline in _NEWLINE.finditer(text):
        yield start, newline.start()
        start = newline.end()
    yield start, len(text)


def _wrap_width(text: str, lines: list[Span]) -> int:
    """Return the column at which `text` was wrapped, or 0 if most of its lines could have gone on."""
    width = max((end - start for start, end in lines if " " in text[start:end]), default=0)
    if width not in _WIDTHS:
        return 0
    broken = [pair for pair in pairwise(lines) if _could_be_one(text, *pair)]
    full = sum(_wraps(text, *pair, width) for pair in broken)
    return width if 2 * full > len(broken) else 0


def _wraps(text: str, line: Span, following: Span, width: int) -> bool:
    """Say whether `line` goes on in `following`, whose first word had no room before column `width`."""
    if not width or not _could_be_one(text, line, following):
        return False
    word = text[following[0] : following[0] + width + 1].split(None, 1)[0]
    return line[1] - line[0] + 1 + len(word) > width


def _could_be_one(text: str, line: Span, following: Span) -> bool:
    """Say whether no layout parts two lines: blank, heading, table row, or the beginning of a list item."""
    if line[0] == line[1] or following[0] == following[1]:
        return False
    if _HEADING.match(text, *line):
        return False
    return not (_HEADING.match(text, *following) or _ITEM.match(text, *following))
