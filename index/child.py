"""The reading process: takes files one after another, gives back articles, and may do nothing else.

Started by `index.reader` as `python -m index.child SECONDS MEMORY`. One JSON object a line on standard input names a
file; on standard output come a line for each part begun, one for what became of it, and one for the end of the file.
Parsers of hostile files run here, with little memory, little time, no network, no other program and no file to write.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from index.bylines import FACTS, Byline
from index.drafts import Draft, is_front_matter, max_size, read_draft
from index.errors import BylineError
from index.feeds import FEED, read_feed
from index.parts import MANY, Part, kind, split_file

_NETWORK = 0x40000000  # CLONE_NEWNET of Linux
_USER = 0x10000000  # CLONE_NEWUSER
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.fork", "os.system", "os.kill", "shutil.")
_BLOCK = 1 << 20


def main() -> None:
    """Serve requests until standard input ends."""
    seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    requests, out = sys.stdin.buffer, sys.stdout.buffer
    sys.dont_write_bytecode = True
    allow_more_time = _confine(seconds, memory)

    def say(**message: Any) -> None:
        out.write(json.dumps(message).encode() + b"\n")
        out.flush()

    say(ready=True)
    for line in requests:
        for message in answer(json.loads(line), allow_more_time):
            say(**message)


def answer(request: dict[str, Any], allow_more_time: Callable[[], None]) -> Iterator[dict[str, Any]]:
    """Yield what is found in one file, and last its size, date and digest; nothing between if the digest is known."""
    path = Path(request["path"])
    allow_more_time()
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            look = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
            suffix = request.get("format") or kind(path.name)
            if suffix in MANY:
                digest = _digest(file, allow_more_time)
            else:
                data = file.read(max_size(suffix) + 1)
                digest = hashlib.sha256(data).hexdigest()
            if digest == request.get("digest"):
                yield {"end": True, "same": True, "digest": digest, **look}
                return
            if suffix == FEED:
                yield from _feed(data, request["url"])
            elif suffix in MANY:
                yield from _many(file, suffix, request, allow_more_time)
            else:
                yield from _one(Part("", lambda: read_draft(data, suffix)), allow_more_time)
    except OSError as error:
        yield {"end": True, "reason": f"cannot be read ({error.strerror}); check the file and its permissions"}
        return
    yield {"end": True, "same": False, "digest": digest, **look}


def _many(
    file: IO[bytes], suffix: str, request: dict[str, Any], allow_more_time: Callable[[], None]
) -> Iterator[dict[str, Any]]:
    """Yield what is found in a file of many articles, after the first `skip` parts, which were read before."""
    try:
        for number, part in enumerate(split_file(file, suffix, columns=request.get("columns") or {})):
            if number >= request.get("skip", 0):
                yield from _one(part, allow_more_time)
    except Exception as error:  # whatever its parser raises: the file is hostile, and the rest of it lost
        yield {"name": "", "reason": _reason(error)}


def _feed(data: bytes, url: str) -> Iterator[dict[str, Any]]:
    yield {"begin": ""}
    try:
        entries = [{"url": one.url, **_facts(one.byline), "html": one.html} for one in read_feed(data, url)]
        yield {"name": "", "entries": entries}
    except Exception as error:  # as above
        yield {"name": "", "reason": _reason(error)}


def _one(part: Part, allow_more_time: Callable[[], None]) -> Iterator[dict[str, Any]]:
    allow_more_time()
    yield {"begin": part.name}
    try:
        draft = part.read()
        if part.optional and is_front_matter(draft):
            yield {"name": part.name, "passed": True}
        else:
            yield {"name": part.name, **_message(draft)}
    except Exception as error:  # as above
        passed = part.optional and isinstance(error, BylineError)
        yield {"name": part.name, "passed": True} if passed else {"name": part.name, "reason": _reason(error)}


def _message(draft: Draft) -> dict[str, Any]:
    article = {"text": draft.text, "pages": draft.pages, **_facts(draft.byline)}
    return {"article": article, "digest": hashlib.sha256(json.dumps(article).encode()).hexdigest()}


def _facts(byline: Byline) -> dict[str, Any]:
    facts = {name: getattr(byline, name) for name in FACTS}
    return {"facts": facts, "origins": dict(sorted(byline.origins.items()))}


def _reason(error: Exception) -> str:
    if isinstance(error, BylineError):
        return str(error)
    if isinstance(error, MemoryError):
        return "needs more memory than an article may take; split it into its articles"
    if isinstance(error, RecursionError):
        return "is nested too deeply to be read; save it again from another program"
    return f"is damaged and cannot be read ({type(error).__name__}); save it again"


def _digest(file: IO[bytes], allow_more_time: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
        allow_more_time()
    file.seek(0)
    return digest.hexdigest()


def _confine(seconds: int, memory: int) -> Callable[[], None]:
    """Give up the network, other programs, writing and most memory; return what allows `seconds` more of computing."""
    _leave_network()
    sys.addaudithook(_refuse)
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's clock remains
        return lambda: None
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    def allow_more_time() -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))

    return allow_more_time


def _leave_network() -> None:
    """Move into a network of one's own without a way out, where the system allows it."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NETWORK) != 0:
        libc.unshare(_USER | _NETWORK)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"reading a file needs no {event}")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        raise PermissionError("reading a file needs no writing")


if __name__ == "__main__":
    main()
