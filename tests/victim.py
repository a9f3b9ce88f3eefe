"""A process that changes a library and is killed while it does: python -m tests.victim LIBRARY FOLDER

Imports are paid for once: each line of standard input, a JSON object, is done in a fork of its own, which is killed
after `kill_after` seconds, or may write no file larger than `room` bytes. One line of JSON says how it ended.
"""

import json
import os
import resource
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

import chromadb  # noqa: F401  # imported before the forks, and opened in none but them
import llama_index.vector_stores.chroma  # noqa: F401

from index.errors import BylineError
from index.health import examine, repair
from index.ingest import add, edit, remove, restore, writing
from index.search import search
from index.settings import Settings
from index.stores import Stores, open_stores
from tests.doubles import Letters


def main() -> None:
    library, folder = map(Path, sys.argv[1:])
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(_fork(order, library, folder)), flush=True)


def _fork(order: dict[str, object], library: Path, folder: Path) -> dict[str, object]:
    reading, writing_ = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _change(order, library, folder, writing_)
    os.close(writing_)
    if (delay := order.get("kill_after")) is not None:
        timer = threading.Timer(float(str(delay)), os.kill, (child, signal.SIGKILL))
        timer.start()
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if delay is not None:
        timer.cancel()
        timer.join()
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {"killed": killed, "code": os.waitstatus_to_exitcode(status), "said": said}


def _change(order: dict[str, object], library: Path, folder: Path, pipe: int) -> None:
    """Do as ordered and end; never returns."""
    code, said = 0, ""
    if room := order.get("room"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(str(room)), int(str(room))))
    try:
        stores = open_stores(Settings(library), Letters())
        said = json.dumps(_do(str(order["do"]), stores, folder))
    except BylineError as error:
        code, said = 2, str(error)
    except BaseException:
        code, said = 3, traceback.format_exc()
    os.write(pipe, said.encode()[:60_000])
    os._exit(code)


def _do(what: str, stores: Stores, folder: Path) -> object:
    ids = [entry.id for entry in stores.library.entries()]
    if what == "add":
        return add(stores, [folder]).counts()
    if what == "prune":
        return add(stores, [folder], prune=True).counts()
    if what == "remove":
        return len(remove(stores, ids[:5]))
    if what == "restore":
        return len(restore(stores, list(stores.library.removed())))
    if what == "edit":
        return edit(stores, ids[0], {"section": f"Section {time.time_ns()}"}).section if ids else None
    if what == "repair":
        with writing(stores, in_step=False):
            return repair(stores).in_step
    if what == "check":
        health = examine(stores)
        return {
            "in_step": health.in_step,
            "leftovers": stores.library.leftovers(),
            "hits": len(search(stores, "bridge", k=5)),
        }
    raise ValueError(what)


if __name__ == "__main__":
    main()
