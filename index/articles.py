"""Articles: one canonical text each, and where it comes from."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from index.bylines import Byline
from index.canonical import canonical, clean_characters
from index.decoding import decode
from index.errors import BylineError
from index.plain import dateline_outlet, read_plain

PLAIN = frozenset([".txt", ".text"])
MARKDOWN = frozenset([".md", ".markdown"])
PAGES = frozenset([".html", ".htm", ".xhtml"])
SUFFIXES = PLAIN | MARKDOWN | PAGES
MAX_SIZE = 20_000_000  # bytes; the longest newspaper articles have 0.2 million


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

    @property
    def label(self) -> str:
        """Return the title, or the file's name where the file gives no title."""
        return self.title or self.file


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
    return path.suffix.lower() in SUFFIXES


def read_article(path: Path, *, root: Path, data: bytes | None = None) -> Article:
    """Read one file, or its bytes where the caller has them; `root` is the folder that was added.

    Raises BylineError, naming the file, if it cannot be read, is too large, is not text in a known encoding,
    has broken front matter or holds no words.
    """
    file = _name(path, root)
    try:
        data = _read(path) if data is None else data
        if len(data) > MAX_SIZE:
            raise BylineError(f"has more than {MAX_SIZE // 1_000_000} MB; split it into its articles")
        text, byline = _read_text(data, path.suffix.lower())
    except BylineError as error:
        raise BylineError(f"{file}: {error}") from None
    absolute = str(path.resolve())
    outlet = byline.outlet or dateline_outlet(text)
    return Article(
        id=_id(f"{outlet or ''}\0{byline.url}" if byline.url else absolute),
        text=text,
        file=file,
        path=absolute,
        title=byline.title,
        outlet=outlet,
        url=byline.url,
        published=byline.published,
        authors=byline.authors,
    )


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


def _name(path: Path, root: Path) -> str:
    inside = path.absolute().is_relative_to(root.absolute())
    file = path.absolute().relative_to(root.absolute()).as_posix() if inside else path.name
    try:
        file.encode()
    except UnicodeEncodeError:
        seen = os.fsencode(file).decode("utf-8", "replace")
        raise BylineError(f"{seen}: the file's name is not UTF-8; rename it and add it again") from None
    return file


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_SIZE + 1)
    except OSError as error:
        raise BylineError(f"cannot be read ({error.strerror}); check the file and its permissions") from None


def _read_text(data: bytes, suffix: str) -> tuple[str, Byline]:
    text = clean_characters(decode(data, markup=suffix in PAGES))
    if not text.strip():
        raise BylineError("is empty; add a file with words in it")
    body, byline = _reader(suffix)(text)
    body = _without_title(canonical(body), byline.title)
    if not any(map(str.isalnum, body)):
        raise BylineError("holds no words of an article, which a title alone is not; add its text")
    return body, byline


def _reader(suffix: str) -> Callable[[str], tuple[str, Byline]]:
    # Imported where needed: trafilatura takes 0.2 s, and Markdown half of that.
    if suffix in PAGES:
        from index.pages import read_page

        return read_page
    if suffix in MARKDOWN:
        from index.markdown import read_markdown

        return read_markdown
    return read_plain


def _without_title(text: str, title: str | None) -> str:
    """Take the title off the top of a text: it is the article's name, and begins none of its sentences."""
    first, _, rest = text.partition("\n")
    is_title = title is not None and " ".join(first.split()).casefold() == title.casefold()
    return rest.lstrip("\n") if is_title else text


def _id(origin: str) -> str:
    return hashlib.sha256(origin.encode("utf-8", "surrogateescape")).hexdigest()[:12]
