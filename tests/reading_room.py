"""The page for tests: a real server on a real library, and a reader in a real Chromium."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import seeds
from bot.answer import Answer, Citation, Sentence
from bot.chat import Bot
from index.ingest import add
from index.limits import UNLIMITED, Limits
from index.minilm import MiniLM
from index.sentences import split_sentences
from index.settings import Settings
from index.stores import Stores, open_stores

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUESTION = "Why wasn't Iran invited to the Paris talks?"


class Pausing(Bot):
    """Answers as the bot does, and is told when to go on.

    “slowly” pauses after its first sentence until the gate opens; “twice” is made up: it cites two sentences of one
    article, and for the first also another outlet's, which is said to differ.
    """

    def __init__(self, stores: Stores, **options: Any) -> None:
        super().__init__(stores, **options)
        self.gate = threading.Event()
        self.histories: list[list[tuple[str, str]]] = []

    def stream(
        self, question: str, history: Sequence[tuple[str, str]] = (), *, limits: Limits = UNLIMITED, **also: Any
    ) -> Iterator[Answer]:
        self.histories.append(list(history))
        if "twice" in question:
            yield self.twice(question)
            return
        for answer in super().stream(question.replace("slowly", ""), history, limits=limits, **also):
            yield answer
            if "slowly" in question:
                self.gate.wait(20)

    def twice(self, question: str) -> Answer:
        by_outlet = {article.outlet: article for article in self.stores.library.articles().values()}
        wire, post = by_outlet["Meridian Wire"], by_outlet["The Saltmarsh Post"]
        spans = split_sentences(wire.text)
        citations = (
            Citation(1, wire.id, *spans[1]),
            Citation(2, post.id, *split_sentences(post.text)[0]),
            Citation(3, wire.id, *spans[-1]),
        )
        said = [Sentence(wire.text[slice(*spans[n])], numbers) for n, numbers in ((1, (1, 2)), (-1, (3,)))]
        differ = ((Citation(1, wire.id, *spans[1]), Citation(2, post.id, *split_sentences(post.text)[0])),)
        articles = {wire.id: wire, post.id: post}
        return Answer(question, question, tuple(said), citations, differences=differ, articles=articles)


@contextmanager
def served(folder: Path, *, bundled: bool = True, **options: Any) -> Iterator[tuple[str, Pausing]]:
    """Serve the library in `folder`, started with the bundled articles, and yield address and bot."""
    from ui import web

    stores = open_stores(Settings(folder), MiniLM())
    if bundled and not stores.library.ledger():
        add(stores, [seeds.FOLDER])
    bot = Pausing(stores)
    page = web.start(bot, stores, port=free_port(), make=lambda model: Pausing(stores, llm=model), **options)
    try:
        yield page.address, bot
    finally:
        bot.gate.set()
        page.close()
        stores.close()


@contextmanager
def served_apart(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve the library in `folder` in a process of its own, which may be killed, and yield address and process."""
    command = [sys.executable, "-m", "tests.reading_room", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(address: str, body: object = None, **headers: str) -> Any:
    """Return status, headers and text of a request."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def ask(page: Any, question: str = QUESTION, *, wait: str = ".judging") -> Any:
    """Ask and return the turn, complete unless told otherwise."""
    turns = page.locator(".turn:not(.wrong)").count()  # one that came to nothing makes way
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    turn = page.locator(".turn").nth(turns)
    turn.locator(wait).first.wait_for()
    return turn


def lit(page: Any) -> str:
    """Return the lit quotation of the open article, having checked that it is in view."""
    found = page.wait_for_function(
        """() => {
            const marks = [...document.querySelectorAll("#pane:not([hidden]) mark.lit")];
            const seen = ({top, right, bottom, left}) =>
                top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
            return marks.length && marks.every((mark) => seen(mark.getBoundingClientRect()))
                ? marks.map((mark) => mark.textContent).join("") : null;
        }"""
    )
    return str(found.json_value())


if __name__ == "__main__":
    with served(Path(sys.argv[1])) as (where, _):
        print(where, flush=True)
        threading.Event().wait()
