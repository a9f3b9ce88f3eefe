"""Articles and feeds at addresses: fetched by Byline itself, as their sites allow, and asked again later."""

import hashlib
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from index.articles import completed
from index.bylines import Byline
from index.errors import BylineError
from index.feeds import FEED, FeedEntry
from index.fetching import Fetched, checked_address, fetch
from index.ingest import Progress, writing
from index.library import File, Outcome, is_address
from index.parts import kind
from index.pipeline import Pipeline
from index.reader import Found, Reader, Wanted
from index.robots import Robots
from index.run import Report, Run
from index.stores import Stores, settle

MAX_FEED = 10_000_000  # bytes
_GONE = (404, 410)
_KINDS = {
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "message/rfc822": ".eml",
    "multipart/related": ".mhtml",
    **dict.fromkeys(("application/rss+xml", "application/atom+xml", "application/rdf+xml"), FEED),
    **dict.fromkeys(("application/xml", "text/xml"), FEED),
}
_UNTOLD = ("", "application/octet-stream", "binary/octet-stream")
_WHOLE = 1500  # characters of HTML from which a feed's own text may stand in for a page that cannot be had


@dataclass(slots=True)
class _Site:
    """What one run needs to fetch, to read and to note."""

    stores: Stores
    private: bool
    robots: Robots
    reader: Reader
    run: Run
    pipeline: Pipeline
    folder: Path
    asked: dict[str, float]  # when a site was last asked, by its name

    def get(self, url: str, known: File | None, *, most: int = MAX_FEED * 2) -> Fetched:
        """Fetch an address unless robots.txt forbids, not sooner after the last than the site wants."""
        etag, modified = (known.etag, known.modified) if known and known.digest else (None, None)
        return fetch(url, etag=etag, modified=modified, private=self.private, allowed=self._allowed, most=most)

    def _allowed(self, url: str) -> None:
        self.robots.check(url)
        site = urlsplit(url).netloc
        wait = self.asked.get(site, 0.0) + self.robots.pause(url) - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self.asked[site] = time.monotonic()


def add_addresses(
    stores: Stores, addresses: Sequence[str], *, private: bool = False, progress: Progress | None = None
) -> Report:
    """Fetch articles, and all that feeds lead to, and add them; what did not change since is not sent again.

    An address that has no article, or forbids programs, is reported as failed with the reason; one that the site has
    no more, as missing, and what the library has of it stays. With `private`, addresses of this machine and of private
    networks are fetched too. Raises BylineError before anything is changed for what is no address, and when another
    process is writing.
    """
    wanted = list(dict.fromkeys(map(checked_address, addresses)))
    with writing(stores), Reader() as reader, tempfile.TemporaryDirectory(prefix="byline") as folder:
        run = Run(stores, {})
        with Pipeline(stores, written=run.hear) as pipeline:
            site = _Site(stores, private, Robots(private=private), reader, run, pipeline, Path(folder), {})
            for done, url in enumerate(wanted):
                if progress:
                    progress(done, len(wanted))
                _add(site, url)
        settle(stores)
        if progress:
            progress(len(wanted), len(wanted))
    return run.report()


def refresh(stores: Stores, *, private: bool = False, progress: Progress | None = None) -> Report:
    """Ask every address of the ledger, feeds among them, whether it has changed, and take in what did."""
    lines = stores.library.ledger().values()
    known = [line.path for line in lines if is_address(line.path) and line.outcome != "removed"]
    return add_addresses(stores, known, private=private, progress=progress)


def _add(site: _Site, url: str, *, entry: FeedEntry | None = None, feed: str | None = None) -> None:
    """Fetch one address and put what it has into the pipeline; `entry` of `feed` led there."""
    known = site.run.known(url)
    line = File(url, "added", container=feed or (known.container if known else None))
    try:
        answer = site.get(url, known)
        if answer.status == 304 and known:
            site.run.keep(replace(known, outcome="unchanged", reason=None), site.pipeline)
            return
        if answer.status in _GONE and known and known.article_id:
            site.pipeline.note(replace(known, outcome="missing", reason=f"{url}: HTTP status {answer.status}"))
            return
        if answer.status != 200:
            raise BylineError(f"HTTP status {answer.status}; look at it in a browser")
        found, form = _read(site, url, answer)
    except BylineError as error:
        found, form, answer = _instead(site, url, entry, error)
    if form == FEED and not found.reason:
        _take_feed(site, url, answer, found)
        return
    if found.article:
        told = entry.byline if entry else _told_by_feed(site.stores, known)
        found = replace(found, article=completed(found.article, told))
    line = replace(line, size=len(answer.data), digest=found.digest, etag=answer.etag, modified=answer.modified)
    site.run.put(line, found, site.pipeline)


def _read(site: _Site, url: str, answer: Fetched) -> tuple[Found, str]:
    """Read what was fetched in the reading process; a feed is found with its entries."""
    form = _format(answer)
    path = site.folder / "fetched"
    path.write_bytes(_marked(answer) if form in (".html", ".xhtml", ".txt", ".md") else answer.data)
    wanted = Wanted(path, url, url=answer.url if form == FEED else url, format=form)
    parts = [one for one in site.reader.read(wanted) if isinstance(one, Found)]
    if len(parts) != 1 or parts[0].name:
        return Found("", reason=f"{url}: holds many articles; download it and add the file"), form
    if not parts[0].article:
        return parts[0], form
    return replace(parts[0], digest=hashlib.sha256(answer.data).hexdigest()), form


def _instead(site: _Site, url: str, entry: FeedEntry | None, error: BylineError) -> tuple[Found, str, Fetched]:
    """Return the text that the feed itself has, where it has all of it, in place of a page that cannot be had."""
    if entry is None or len(entry.html) < _WHOLE:
        return Found("", reason=f"{url}: {error}"), "", Fetched(url, 0)
    body = f"<!doctype html><meta charset=utf-8><article>{entry.html}</article>"
    answer = Fetched(url, 200, "text/html", "utf-8", body.encode("utf-8", "replace"))
    return (*_read(site, url, answer), answer)


def _take_feed(site: _Site, url: str, answer: Fetched, found: Found) -> None:
    """Add the articles that a feed leads to; those that the library has, or that were removed from it, are left."""
    digest = hashlib.sha256(answer.data).hexdigest()
    site.run.keep_out(url)
    for entry in found.entries:
        try:
            address = checked_address(entry.url)
        except BylineError as error:
            site.pipeline.note(File(entry.url[:500], "failed", reason=str(error), container=url))
            continue
        known = site.run.known(address)
        if known and known.outcome == "removed":
            continue
        if known and known.digest:
            site.run.keep(replace(known, outcome="unchanged", reason=None), site.pipeline)
        else:
            _add(site, address, entry=entry, feed=url)
    outcome: Outcome = "updated" if site.run.known(url) else "added"
    line = File(url, outcome, size=len(answer.data), digest=digest, etag=answer.etag, modified=answer.modified)
    site.pipeline.note(line)


def _told_by_feed(stores: Stores, known: File | None) -> Byline:
    """Return what a feed said of an article when it led there: the page itself may not say it."""
    article = stores.library.articles([known.article_id]).get(known.article_id) if known and known.article_id else None
    if article is None:
        return Byline()
    facts: dict[str, Any] = {fact: getattr(article, fact) for fact, where in article.origins if where == FEED}
    return Byline(**facts, origins=dict.fromkeys(facts, FEED))


def _format(answer: Fetched) -> str:
    """Return the suffix of the format that a server sent, or FEED."""
    named = kind(urlsplit(answer.url).path)
    form = _KINDS.get(answer.kind) or (named if answer.kind in _UNTOLD else "")
    if answer.kind in _UNTOLD and not form:
        form = ".html" if b"<html" in answer.data[:2000].lower() else ""
    if form == FEED and b"<html" in answer.data[:1000].lower():
        return ".xhtml"
    if not form:
        raise BylineError(f"is of the type {answer.kind or 'unknown'!r}, which is no article that Byline reads")
    return form


def _marked(answer: Fetched) -> bytes:
    """Return a text in UTF-8 with its mark where the server told the encoding, which counts over the page's own."""
    charset = answer.charset
    if charset is None or charset in ("utf-8", "utf8"):
        return answer.data
    try:
        text = answer.data.decode("cp1252" if charset in ("iso-8859-1", "latin-1", "us-ascii") else charset)
    except (LookupError, UnicodeDecodeError, ValueError):
        return answer.data
    return b"\xef\xbb\xbf" + text.encode("utf-8", "replace")
