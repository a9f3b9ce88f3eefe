"""Articles: one canonical text each, and where it comes from."""

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from index.bylines import FACTS, Byline, complete
from index.drafts import MAX_SIZE, max_size, read_draft
from index.errors import BylineError
from index.parts import SUFFIXES, kind
from index.plain import dateline_outlet

__all__ = [
    "MAX_SIZE",
    "Article",
    "completed",
    "file_name",
    "find_files",
    "find_skipped",
    "make_article",
    "read_article",
]


@dataclass(frozen=True, slots=True)
class Article:
    """One article; `text` is canonical and every `[start, end)` of Byline counts its characters."""

    id: str  # 12 hex digits from outlet and address, or from the path; never from the text
    text: str
    file: str  # the name people know it by: its path below the folder that was added
    path: str  # absolute
    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    published: str | None = None  # ISO 8601 date or date and time
    authors: tuple[str, ...] = ()
    section: str | None = None
    language: str | None = None  # BCP 47
    modified: str | None = None  # when this edition was made, as `published`
    pages: tuple[int, ...] = ()  # where each printed page begins, of a PDF
    origins: tuple[tuple[str, str], ...] = field(default=(), compare=False)  # (fact, where it was found)
    account: str | None = field(default=None, compare=False)  # articles of one account are copies of one report

    @property
    def label(self) -> str:
        """Return the title, or the file's name where the file gives no title."""
        return self.title or self.file

    @property
    def version(self) -> str:
        """Return 12 hex digits that tell this text from any other that the article has had."""
        return _digest(self.text)

    def page(self, offset: int) -> int | None:
        """Return the page, from 1, on which the character at `offset` is printed; None where there are no pages."""
        return bisect_right(self.pages, offset) or None


def find_files(path: Path) -> Iterator[Path]:
    """Find the files of articles in a folder and below, in order of their paths; a file stands for itself.

    What is hidden is left out, and so is each file of another kind; see `find_skipped`. A file is found once,
    however many links lead to it. Raises BylineError for a path that does not exist, a single file of another
    kind, or a folder that cannot be searched.
    """
    if path.is_dir():
        return (file for file in _walk(path, {os.path.realpath(path)}) if is_article_file(file))
    if not path.is_file():
        raise BylineError(f"{path}: no such file or folder; check the path")
    if not is_article_file(path):
        kinds = ", ".join(sorted(SUFFIXES))
        raise BylineError(f"{path}: Byline reads {kinds}; save the article as one of these")
    return iter([path])


def find_skipped(folder: Path) -> Iterator[Path]:
    """Find the visible files of a folder that `find_files` leaves out for their kind, in the same order."""
    return (file for file in _walk(folder, {os.path.realpath(folder)}) if not is_article_file(file))


def is_article_file(path: Path) -> bool:
    """Tell whether a file's name ends as an article's does."""
    return bool(kind(path.name))


def read_article(path: Path, *, root: Path, data: bytes | None = None) -> Article:
    """Read a file of one article, or its bytes where the caller has them; `root` is the folder that was added.

    It is read here and now; what comes from strangers is better read by `index.reader`.

    Raises BylineError, naming the file, if it cannot be read, is too large, is not text in a known encoding,
    has broken front matter or holds no words.
    """
    file = file_name(path, root)
    suffix = path.suffix.lower()
    try:
        draft = read_draft(_read(path, suffix) if data is None else data, suffix)
    except BylineError as error:
        raise BylineError(f"{file}: {error}") from None
    return make_article(draft.text, draft.byline, file=file, path=str(path.resolve()), pages=draft.pages)


def make_article(text: str, byline: Byline, *, file: str, path: str, pages: tuple[int, ...] = ()) -> Article:
    """Make an article of a canonical text; a leading `PARIS (AP) —` names the outlet where nothing else does."""
    byline = complete(byline, Byline(outlet=dateline_outlet(text), origins={"outlet": "dateline"}))
    return Article(
        id=_digest(f"{byline.outlet or ''}\0{byline.url}" if byline.url else path),
        text=text,
        file=file,
        path=path,
        pages=pages,
        origins=tuple(sorted(byline.origins.items())),
        **{name: getattr(byline, name) for name in FACTS},
    )


def completed(article: Article, byline: Byline) -> Article:
    """Return the article with the facts that it lacks taken from `byline`; its id stays."""
    own: dict[str, Any] = {name: getattr(article, name) for name in FACTS}
    whole = complete(Byline(**own, origins=dict(article.origins)), byline)
    facts: dict[str, Any] = {name: getattr(whole, name) for name in FACTS}
    return replace(article, **facts, origins=tuple(sorted(whole.origins.items())))


def _walk(folder: Path, seen: set[str]) -> Iterator[Path]:
    """Yield the visible files below a folder, each real file and folder once: loops of links end."""
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        for entry in entries:
            real = os.path.realpath(entry)
            if real in seen:
                continue
            seen.add(real)
            if entry.is_dir():
                yield from _walk(entry, seen)
            elif entry.is_file():
                yield entry
    except OSError as error:
        problem = f"cannot be searched ({error.strerror}); allow reading it or add its parts"
        raise BylineError(f"{folder}: {problem}") from None


def file_name(path: Path, root: Path) -> str:
    """Return the name people know a file by: its path below the folder that was added; BylineError if it is no text."""
    inside = path.absolute().is_relative_to(root.absolute())
    file = path.absolute().relative_to(root.absolute()).as_posix() if inside else path.name
    try:
        file.encode()
    except UnicodeEncodeError:
        seen = os.fsencode(file).decode("utf-8", "replace")
        raise BylineError(f"{seen}: the file's name is not UTF-8; rename it and add it again") from None
    return file


def _read(path: Path, suffix: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(max_size(suffix) + 1)
    except OSError as error:
        raise BylineError(f"cannot be read ({error.strerror}); check the file and its permissions") from None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]
