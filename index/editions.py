"""Files with one address are editions of one article: which is the latest, and what the ledger says of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from index.articles import Article
from index.library import File, Library, is_address


@dataclass(frozen=True, slots=True)
class Edition:
    """What tells which of two editions is the later: what it says itself, else when its file was last changed."""

    path: str
    version: str
    dated: str | None = None  # modified, else published
    mtime_ns: int | None = None


def is_later(one: Edition, other: Edition) -> bool:
    """Tell whether `one`, which was read after `other`, is the later edition; with the same text it is not.

    What was fetched from its address and says no earlier date is later than any file.
    """
    if one.version == other.version:
        return False
    mine, theirs = _comparable(one.dated, other.dated)
    if mine != theirs:
        return mine > theirs
    if is_address(one.path) or is_address(other.path):
        return is_address(one.path)
    if one.mtime_ns is not None and other.mtime_ns is not None and one.mtime_ns != other.mtime_ns:
        return one.mtime_ns > other.mtime_ns
    return True


class Editions:
    """The latest editions, as the library has them and as they come during one run."""

    def __init__(self, library: Library, ledger: Mapping[str, File]) -> None:
        self._library = library
        self._ledger = ledger
        self._places = library.places()
        self._come: dict[str, tuple[Edition, File]] = {}  # in this run, by id, of articles that have an address

    def place(self, id: str | None) -> str | None:
        """Return the path of the latest edition of an article, None if there is none."""
        return self._places.get(id or "")

    def came(self, article: Article, line: File) -> None:
        """Take in that an article is the latest of its editions now."""
        self._places[article.id] = line.path
        if article.url:
            self._come[article.id] = (edition(article, line.mtime_ns), line)

    def has_come(self, id: str) -> bool:
        """Tell whether an edition of an article came in this run."""
        return id in self._come

    def latest(self, id: str) -> tuple[Edition, File | None] | None:
        """Return the latest edition of an article, and its line of the ledger; None if there is none."""
        if id in self._come:
            return self._come[id]
        article = self._library.articles([id]).get(id)
        if article is None:
            return None
        line = self._ledger.get(article.path)
        return edition(article, line.mtime_ns if line else None), line

    def line(self, line: File) -> File:
        """Return the line of a file that did not change: it may have an older edition than another file."""
        place = self.place(line.article_id)
        if place in (None, line.path) or (is_address(line.path) and is_address(str(place))):
            return line
        known = self._ledger.get(line.path)
        same = known and known.outcome == "older" and known.reason == said(line.path, str(place), same=True)
        return older(line, str(place), same=bool(same))


def edition(article: Article, mtime_ns: int | None = None) -> Edition:
    """Return the edition that an article is, of a file that was changed at `mtime_ns`."""
    return Edition(article.path, article.version, article.modified or article.published, mtime_ns)


def latest_of(editions: Sequence[tuple[Article, File]]) -> tuple[Article, File]:
    """Return the latest of editions of one article."""
    best = editions[0]
    for other in editions[1:]:
        if is_later(edition(other[0], other[1].mtime_ns), edition(best[0], best[1].mtime_ns)):
            best = other
    return best


def older(line: File, latest: str, *, same: bool = False) -> File:
    """Return the line of a file of which `latest` has a later edition, or the `same` text."""
    return replace(line, outcome="older", reason=said(line.path, latest, same=same))


def said(path: str, latest: str, *, same: bool) -> str:
    """Return what is said of a file that is not the latest edition."""
    return f"{path}: {'the same text' if same else 'an older version'} at the same address as {latest}, which is shown"


def _comparable(one: str | None, other: str | None) -> tuple[float, float]:
    """Return two dates as numbers; equal where one is missing, or both are of one day and one has no time."""
    if not one or not other:
        return 0, 0
    if len(one) == 10 or len(other) == 10:
        one, other = one[:10], other[:10]
    times = [datetime.fromisoformat(text) for text in (one, other)]
    if not all(time.tzinfo for time in times):
        times = [time.replace(tzinfo=UTC) for time in times]
    return times[0].timestamp(), times[1].timestamp()
