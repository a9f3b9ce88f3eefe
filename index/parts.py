"""The articles in a file: one, or one for each message, line, chapter or file of an archive."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from index.drafts import SINGLE, Draft, max_size, read_draft
from index.errors import BylineError

_TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz")
ARCHIVES = frozenset([".zip", ".tar"])
TABLES = frozenset([".jsonl", ".ndjson", ".csv", ".tsv"])
MANY = ARCHIVES | TABLES | frozenset([".epub", ".mbox"])
SUFFIXES = SINGLE | MANY
MAX_CONTAINER = 200_000_000  # bytes of an EPUB, or of an archive inside an archive
DEPTH = 3  # archives within archives

Columns = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """Something in a file that may be an article: its name there, empty for the whole, and what reads it."""

    name: str
    read: Callable[[], Draft]
    optional: bool = False  # a cover, a list of contents: nobody misses it


def kind(name: str) -> str:
    """Return the suffix that tells a file's format, `.tar` for every packed TAR; empty if Byline reads none such."""
    lower = name.lower()
    suffix = ".tar" if lower.endswith(_TARS) else PurePosixPath(lower).suffix
    return suffix if suffix in SUFFIXES else ""


def split_file(file: IO[bytes], suffix: str, *, columns: Columns, depth: int = DEPTH) -> Iterator[Part]:
    """Yield the parts of a file of many articles; BylineError where the rest of it cannot be read."""
    if suffix in ARCHIVES:
        yield from _split_archive(file, suffix, columns, depth)
        return
    for name, read in _splitter(file, suffix, columns):
        yield Part(name.replace("/", "∕") if suffix == ".mbox" else name, read, optional=suffix == ".epub")


def _splitter(file: IO[bytes], suffix: str, columns: Columns) -> Iterator[tuple[str, Callable[[], Draft]]]:
    if suffix == ".epub":
        from index.epub import split_epub

        return split_epub(_all(file))
    if suffix == ".mbox":
        from index.mail import split_mailbox

        return split_mailbox(file)
    from index.tables import split_csv, split_json_lines

    if suffix in (".csv", ".tsv"):
        return split_csv(file, columns, tabs=suffix == ".tsv")
    return split_json_lines(file, columns)


def _split_archive(file: IO[bytes], suffix: str, columns: Columns, depth: int) -> Iterator[Part]:
    from index.archives import checked_name, split_tar, split_zip

    if not depth:
        raise BylineError(f"is an archive in more than {DEPTH} others; unpack it")
    for raw, load in (split_zip if suffix == ".zip" else split_tar)(file):
        try:
            name = checked_name(raw)
            inner = kind(name)
            if inner in MANY:
                data = load(MAX_CONTAINER)
        except BylineError as error:
            yield _unreadable(raw.lstrip("/"), error)
            continue
        if inner in MANY:
            yield from _nested(name, data, inner, columns, depth - 1)
        elif inner:
            yield Part(name, lambda load=load, inner=inner: read_draft(load(max_size(inner)), inner))  # type: ignore[misc]


def _nested(name: str, data: bytes, suffix: str, columns: Columns, depth: int) -> Iterator[Part]:
    """Yield the parts of a file of many articles inside an archive; where it breaks, that is one part of its own."""
    try:
        for part in split_file(io.BytesIO(data), suffix, columns=columns, depth=depth):
            yield Part(f"{name}/{part.name}", part.read, optional=part.optional)
    except BylineError as error:
        yield _unreadable(name, error)


def _unreadable(name: str, error: BylineError) -> Part:
    def read() -> Draft:
        raise error

    return Part(name, read)


def _all(file: IO[bytes]) -> bytes:
    data = file.read(MAX_CONTAINER + 1)
    if len(data) > MAX_CONTAINER:
        raise BylineError(f"has more than {MAX_CONTAINER // 1_000_000} MB; split it")
    return data
