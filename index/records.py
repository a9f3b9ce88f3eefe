"""What the library hands out and takes in: lines of its lists and of the ledger."""

from dataclasses import dataclass
from typing import Literal

from index.articles import Article
from index.passages import Passage

Outcome = Literal["added", "unchanged", "updated", "removed", "failed", "missing", "older"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list of articles."""

    id: str
    title: str | None
    outlet: str | None
    published: str | None
    file: str
    passages: int
    url: str | None = None
    section: str | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    account: str | None = None  # articles of one account are copies of one report


@dataclass(frozen=True, slots=True)
class File:
    """One line of the ledger: what became of a file, a part of one, or an address when it was last looked at."""

    path: str  # of a part: that of its container, a slash and its name there
    outcome: Outcome
    size: int | None = None
    mtime_ns: int | None = None
    digest: str | None = None
    article_id: str | None = None
    reason: str | None = None
    container: str | None = None  # path of the archive, mailbox or feed that it came in
    etag: str | None = None  # what the server said of an address, to be asked again
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of one fact of an article, over what the file says."""

    id: str
    fact: str
    value: str | tuple[str, ...] | None
    before: tuple[str | tuple[str, ...] | None, str | None]  # what the file says, and where it says so


@dataclass(frozen=True, slots=True)
class Copy:
    """Two articles, by the keys of their rows, that print one report."""

    one: int
    other: int
    overlap: float  # share of the shorter that the longer has too


@dataclass(frozen=True, slots=True)
class Staged:
    """An article written as `pending`, with the keys that its passages got."""

    key: int
    article: Article
    passages: tuple[tuple[int, Passage], ...]


def is_address(path: str) -> bool:
    """Tell whether a line of the ledger is of an address, not of a file."""
    return path.startswith(("http://", "https://"))
