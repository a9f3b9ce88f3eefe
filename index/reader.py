"""Files into articles by a process of its own, which is limited, kept for many files, and replaced when it dies."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from index.articles import Article, make_article
from index.bylines import Byline
from index.errors import BylineError
from index.feeds import FeedEntry
from index.library import File
from index.parts import MANY, kind

SECONDS = 20  # of computing for one part of a file, and twice that by the clock
MEMORY = 1_000_000_000  # bytes of address space
_STARTING = 60.0  # seconds by the clock until it must be ready, on however busy a machine
_AHEAD = 64  # messages read before they are asked for, so that reading and embedding overlap
_TOP = Path(__file__).resolve().parent.parent
_TOO_LONG = "took too long or too much memory to read; save it in another format, or as text"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be read; `digest` is what the library has of it already, of its bytes."""

    path: Path
    file: str  # the name people know it by
    digest: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None  # where `path` was fetched from; the article is known by it
    format: str | None = None  # its suffix, where the path's own says nothing; or FEED


@dataclass(frozen=True, slots=True)
class Found:
    """What one part of a file came to: an article, or the reason why there is none."""

    name: str  # of the part; empty for the whole file
    digest: str | None = None
    article: Article | None = None
    reason: str | None = None
    entries: tuple[FeedEntry, ...] = ()  # of a feed


@dataclass(frozen=True, slots=True)
class Look:
    """How a file looked when it was read."""

    size: int | None = None
    mtime_ns: int | None = None
    digest: str | None = None
    same: bool = False  # its digest was known, and nothing else was read
    reason: str | None = None  # why it could not even be opened


class Reader:
    """Reads files in a limited process; close it, or use it as a context."""

    def __init__(self, *, seconds: int = SECONDS, memory: int = MEMORY) -> None:
        """Name the limits; the process is started when first needed, or by `start`."""
        self._seconds = seconds
        self._memory = memory
        self._child: _Child | None = None

    def start(self) -> None:
        """Start the process now, so that it is ready when something is to be read; this does not wait for it."""
        self._child = self._child or _Child(self._seconds, self._memory)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._child:
            self._child.end()
        self._child = None

    def read(self, wanted: Wanted) -> Iterator[Found | Look]:
        """Yield what is found in a file, and last how it looked.

        A part at which the process dies is found with that reason, and reading goes on behind it.
        """
        skip, begun = 0, ""
        while True:
            progressed = False
            for message in self._ask(wanted, skip):
                if "begin" in message:
                    progressed, begun = True, message["begin"]
                    skip += 1
                elif message.get("end"):
                    yield Look(
                        **{name: message.get(name) for name in ("size", "mtime_ns", "digest", "reason")},
                        same=bool(message.get("same")),
                    )
                    return
                elif not message.get("passed"):
                    yield _found(message, wanted)
            yield Found(begun if progressed else "", reason=_TOO_LONG)
            if not progressed or (wanted.format or kind(wanted.path.name)) not in MANY:
                yield _look(wanted.path)
                return

    def _ask(self, wanted: Wanted, skip: int) -> Iterator[dict[str, Any]]:
        """Yield the messages about one file; they end without `end` if the process died or had to be ended."""
        self.start()
        child = self._child
        assert child
        request = {
            "path": os.fspath(wanted.path),
            "digest": wanted.digest,
            "skip": skip,
            "columns": dict(wanted.columns),
            "format": wanted.format,
            "url": wanted.url,
        }
        if skip:
            request["digest"] = None
        child.send(request)
        while (message := child.receive()) is not None:
            yield message
            if message.get("end"):
                return
        self.close()


class _Child:
    """The process and its pipes."""

    def __init__(self, seconds: int, memory: int) -> None:
        command = [sys.executable, "-m", "index.child", str(seconds), str(memory)]
        environment = {
            **os.environ,
            "PYTHONPATH": str(_TOP),
            "PYTHONIOENCODING": "utf-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        self._patience = 2 * seconds
        self._lines: queue.Queue[bytes] = queue.Queue(_AHEAD)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self._is_ready = False

    def send(self, request: dict[str, Any]) -> None:
        if not self._is_ready and self.receive(_STARTING) is None:
            raise BylineError("The process that reads files cannot be started; check that Byline is installed whole.")
        self._is_ready = True
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:  # it died; `receive` will tell
            pass

    def receive(self, patience: float | None = None) -> dict[str, Any] | None:
        """Return the next message; None if the process has died or is silent for too long."""
        try:
            line = self._lines.get(timeout=patience or self._patience)
        except queue.Empty:
            return None
        message: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
        return message

    def end(self) -> None:
        self._ended.set()
        self._process.kill()
        self._process.wait()
        while self._thread.is_alive():  # it may wait for room in the queue
            try:
                self._lines.get(timeout=0.05)
            except queue.Empty:
                continue
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            try:
                pipe.close()
            except BrokenPipeError:
                continue

    def _listen(self) -> None:
        assert self._process.stdout
        while not self._ended.is_set():
            line = self._process.stdout.readline()
            self._lines.put(line)
            if not line:
                return


def read_ahead(reader: Reader, files: Iterable[Wanted | File]) -> Iterator[tuple[Wanted | File, Found | Look | None]]:
    """Yield what is found in files, which are read while the caller is busy with the ones before.

    What is no `Wanted` passes through in its order, with None.
    """
    ready: queue.Queue[tuple[Wanted | File, Found | Look | None] | BaseException | None] = queue.Queue(_AHEAD)
    stopped = threading.Event()

    def read() -> None:
        try:
            for wanted in files:
                for found in reader.read(wanted) if isinstance(wanted, Wanted) else [None]:
                    ready.put((wanted, found))
                    if stopped.is_set():
                        return
            ready.put(None)
        except BaseException as error:  # to be raised where the caller can see it
            ready.put(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        while thread.is_alive():
            try:
                ready.get(timeout=0.05)
            except queue.Empty:
                continue


def place(path: Path | str, part: str) -> str:
    """Return the path by which the ledger knows a part of a file, or the file itself."""
    return f"{path}/{part}" if part else str(path)


def _found(message: dict[str, Any], wanted: Wanted) -> Found:
    name = message["name"]
    shown = place(wanted.file, name)
    if "reason" in message:
        return Found(name, reason=f"{shown}: {message['reason']}")
    if "entries" in message:
        entries = (
            FeedEntry(one["url"], _byline(one["facts"], one["origins"]), one["html"]) for one in message["entries"]
        )
        return Found(name, entries=tuple(entries))
    draft = message["article"]
    byline = _byline(draft["facts"], draft["origins"])
    path = place(wanted.url or wanted.path, name)
    if wanted.url:
        byline = _at_its_address(byline, wanted.url)
    article = make_article(draft["text"], byline, file=shown, path=path, pages=tuple(draft["pages"]))
    return Found(name, message["digest"], article)


def _byline(facts: Mapping[str, Any], origins: Mapping[str, str]) -> Byline:
    plain: dict[str, Any] = {fact: tuple(value) if isinstance(value, list) else value for fact, value in facts.items()}
    return Byline(**plain, origins=origins)


def _at_its_address(byline: Byline, url: str) -> Byline:
    """Believe what a page says of its own address only within its site: it must not pass for another outlet's."""
    own, told = (urlsplit(address or "").hostname or "" for address in (url, byline.url))
    if told and (own == told or own.endswith(f".{told}") or told.endswith(f".{own}")):
        return byline
    return replace(byline, url=url, origins={**byline.origins, "url": "address"})


def _look(path: Path) -> Look:
    try:
        status = path.stat()
    except OSError:
        return Look()
    return Look(status.st_size, status.st_mtime_ns)
