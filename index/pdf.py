"""PDF: words, paragraphs and pages by PDFium; lines that were broken by width are joined."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

import pypdfium2

from index.bylines import Byline, complete, read_byline
from index.canonical import canonical, clean_characters
from index.drafts import Draft
from index.errors import BylineError
from index.plain import read_plain

MAX_PAGES = 2000
_PASSWORD = "assword"
_HYPHEN = re.compile(r"(?<=[^\W\d_])(?:[\ufffe\x02\u00ad]|-)$")  # PDFium writes U+FFFE or U+0002 for a soft one
_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?)?")
_MADE_UP = re.compile(r"^(?:microsoft (?:word|powerpoint) - |untitled|print)|\.\w{2,5}$", re.IGNORECASE)
_STOPS = (".", "!", "?", "…", ":", "”", "’", '"', "»", ")")


@dataclass(slots=True)
class _Text:
    """Paragraphs in the making, and where pages begin."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    pages: list[int] = field(default_factory=list)

    def put(self, words: str) -> None:
        self.parts.append(words)
        self.length += len(words)


def read_pdf(data: bytes) -> Draft:
    """Return the words of a PDF with the place of each page; BylineError if it is locked, broken or has none."""
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if _PASSWORD in str(error):
            raise BylineError("is locked with a password; save it without one and add it again") from None
        raise BylineError("is no PDF that can be opened, or a part of one; save it again") from None
    if len(pdf) > MAX_PAGES:
        raise BylineError(f"has more than {MAX_PAGES:,} pages; split it into its articles")
    text, pages = _joined(_without_running_heads([_lines(pdf[number]) for number in range(len(pdf))]))
    if not any(map(str.isalnum, text)):
        raise BylineError("shows no words, only pictures of them; run it through text recognition and add that")
    stated = _stated(pdf.get_metadata_dict(skip_empty=True))
    body, printed = read_plain(text)
    if not text.endswith(body):  # its lines were joined once more, and no page would be where it was
        return Draft(text, complete(stated, printed), pages)
    lost = len(text) - len(body)
    return Draft(body, complete(printed, stated), tuple(max(0, page - lost) for page in pages))


def _lines(page: pypdfium2.PdfPage) -> list[str]:
    try:
        words = page.get_textpage().get_text_bounded()
    except pypdfium2.PdfiumError:
        return []
    words = re.sub("\r\n?", "\n", words)
    return [line.strip() for line in re.sub("(?<=[\ufffe\x02])(?!\n)", "\n", words).split("\n")]


def _without_running_heads(pages: list[list[str]]) -> list[list[str]]:
    """Take off what stands at the top or the bottom of half of the pages, numbers aside."""
    trimmed = [_trimmed(lines) for lines in pages]
    often = max(3, len(pages) / 2)
    for end in (0, -1):
        seen = Counter(_shape(lines[end]) for lines in trimmed if lines)
        trimmed = [
            (lines[1:] if end == 0 else lines[:-1]) if lines and seen[_shape(lines[end])] >= often else lines
            for lines in trimmed
        ]
    return trimmed


def _trimmed(lines: list[str]) -> list[str]:
    inked = [number for number, line in enumerate(lines) if line]
    return lines[inked[0] : inked[-1] + 1] if inked else []


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line)


def _joined(pages: list[list[str]]) -> tuple[str, tuple[int, ...]]:
    """Return one canonical text of all pages, and where each begins."""
    widths = [len(line) for lines in pages for line in lines if line]
    full = 0.75 * median(widths) if widths else 0.0
    out = _Text()
    before = ""
    for lines in pages:
        fresh = True
        for line in lines:
            _put_line(out, before, line, full, fresh=fresh)
            fresh = fresh and not line
            before = line or (before if fresh else "")
        if fresh:
            out.pages.append(out.length)
    text = "".join(out.parts)
    settled = canonical(text)
    return settled, tuple(min(page, len(settled)) for page in out.pages) if settled == text else ()


def _put_line(out: _Text, before: str, line: str, full: float, *, fresh: bool) -> None:
    """Put a line after `before`, in its paragraph or in one of its own; `fresh` where it is the first of a page."""
    words = " ".join(clean_characters(line).split())
    if not words:
        return
    if out.parts:
        hyphen = bool(before) and _HYPHEN.search(before) and words[0].islower()
        if hyphen:
            last = out.parts.pop()
            out.length -= len(last)
            out.put(last.rstrip("-\ufffe"))
        elif not before or _ends_paragraph(before, full):
            out.put("\n\n")
        else:
            out.put(" ")
    if fresh:
        out.pages.append(out.length)
    out.put(words)


def _ends_paragraph(line: str, full: float) -> bool:
    return len(line) < full and (line.endswith(_STOPS) or len(line) < full / 1.5)


def _stated(facts: dict[str, str]) -> Byline:
    title = facts.get("Title", "").strip()
    fields = {
        "title": "" if _MADE_UP.search(title) else title,
        "author": facts.get("Author"),
        "published": next(_dates(facts.get("CreationDate", "")), None),
    }
    return read_byline({name: value for name, value in fields.items() if value}, origin="PDF metadata")


def _dates(text: str) -> Iterator[str]:
    """Yield the date of `D:20140915103000+02'00'` in ISO 8601, nothing for another text."""
    if match := _DATE.match(text):
        year, month, day, hour, minute, second, utc, zone, rest = match.groups()
        clock = f"T{hour}:{minute}:{second or '00'}" if hour else ""
        offset = "+00:00" if utc else f"{zone}:{rest or '00'}" if zone else ""
        yield f"{year}-{month}-{day}{clock}{offset if clock else ''}"
