"""An answer written by a language model: ask, stream, and parse the whole reply once."""

from __future__ import annotations

import asyncio
import queue
import re
import threading
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.llms import LLMError, Model, close, explain
from bot.prompt import MARKER, REFUSAL, visible
from index.sentences import split_sentences

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage

LONGEST = 6000  # characters of a reply; what goes on after that does not end
LONGEST_WORD = 200  # characters; no language has such a word, and a model that writes one is stuck
_TICK = 0.25  # seconds after which a waiting stream lets its reader go, who may have given up


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of a reply, without its marks, and the numbers of the passages that it cites."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply in sentences."""

    sentences: tuple[Said, ...]
    invented: int = 0  # numbers that were never offered, dropped
    refused: bool = False  # the model found no answer in the passages


def stream(model: Model, messages: Sequence[tuple[str, str]]) -> Generator[str, None, None]:
    """Yield the reply in pieces as they come, and "" now and then while nothing comes.

    Closing the iterator ends the request, whatever it waits for, and leaves neither thread nor connection.
    Raises LLMError for everything that can go wrong. A reply that does not end is cut off after `LONGEST`.
    """
    talk = _Talk(model, messages)
    talk.start()
    try:
        yield from _bounded(talk.pieces(), model.name)
    finally:
        talk.stop()


def parse(reply: str, offered: int) -> Reply:
    """Return the sentences of `reply` with the passages they cite, of 1 to `offered`.

    A mark belongs to the sentence that it ends or stands in. A number that was never offered is dropped and
    counted: [0] would otherwise become index -1 and silently cite the last passage.
    """
    text, marks = _take_marks(_plain(reply))
    spans = split_sentences(text)
    numbers: list[list[int]] = [[] for _ in spans]
    invented = 0
    for at, cited in marks:
        kept = [number for number in cited if 1 <= number <= offered]
        invented += len(cited) - len(kept)
        if spans:
            numbers[_owner(spans, at, text)] += kept
    said = tuple(
        Said(" ".join(text[start:end].split()), tuple(dict.fromkeys(cited)))
        for (start, end), cited in zip(spans, numbers, strict=True)
        if any(one.isalnum() for one in text[start:end])
    )
    refused = len(said) == 1 and _bare(said[0].text) == _bare(REFUSAL)
    return Reply(() if refused else said, invented, refused)


def _plain(reply: str) -> str:
    """Return `reply` as lines of plain text: without thoughts, Markdown, and what cannot be seen."""
    spoken = re.sub(r"<think>.*?(</think>|\Z)", "", reply, flags=re.DOTALL)
    spoken = re.sub(r"!?\[([^\]\n]*)\]\([^)\n]*\)", r"\1", spoken)  # images and links keep their words only
    lines = (_BULLET.sub("", line) for line in visible(spoken).splitlines())
    kept = (line for line in lines if line.strip() and not _HEADING.match(line))
    return "\n\n".join(re.sub(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1", r"\2", line) for line in kept)


_HEADING = re.compile(r"\s*#{1,6}\s")
_BULLET = re.compile(r"^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+|>\s*)+")


def _take_marks(text: str) -> tuple[str, list[tuple[int, list[int]]]]:
    """Return `text` without its marks, and for each mark its place in that text and its numbers."""
    kept, marks, last = "", [], 0
    for mark in MARKER.finditer(text):
        kept += text[last : mark.start()]
        marks.append((len(kept), _numbers(mark["numbers"])))
        last = mark.end()
        if text[last : last + 1] in tuple(".,;:!?") or not text[last:].strip():
            kept = kept.rstrip(" \t")
    return kept + text[last:], marks


def _numbers(written: str) -> list[int]:
    """Return the numbers of one mark; a range stands for all of it."""
    found: list[int] = []
    for part in re.split(r"[,;&]", written):
        ends = [int(one) for one in re.findall(r"(?<!\d)-\d+|\d+", part.strip())] if part.strip()[:1] == "-" else None
        ends = ends or [int(one) for one in re.findall(r"\d+", part)]
        if len(ends) == 2 and 0 < ends[1] - ends[0] < 20:
            found += range(ends[0], ends[1] + 1)
        else:
            found += ends
    return found


def _owner(spans: Sequence[tuple[int, int]], at: int, text: str) -> int:
    """Return which sentence a mark at `at` belongs to: the one before it, but at a line's start the one after."""
    after = [n for n, (start, _) in enumerate(spans) if start < at]
    if not after:
        return 0
    owner = after[-1]
    opens_line = "\n" in text[spans[owner][1] : at] and owner + 1 < len(spans)
    return owner + 1 if opens_line else owner


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


def _bounded(pieces: Iterator[str], name: str) -> Iterator[str]:
    """Pass `pieces` on until there are too many; raise LLMError where they are no text."""
    length, word, any_text = 0, "", False
    for piece in pieces:
        word = (word + piece).split(" ")[-1].split("\n")[-1]
        if len(word) > LONGEST_WORD:
            raise LLMError(f"{name} wrote a word without an end; it cannot be used like this. Try another model.")
        length += len(piece)
        any_text = any_text or bool(piece.strip())
        yield piece
        if length > LONGEST:
            return
    if not any_text:
        raise LLMError(f"{name} sent an empty reply; try again, or try another model.")


class _Talk(threading.Thread):
    """One request on an event loop of its own, because only there can it be given up while it waits."""

    def __init__(self, model: Model, messages: Sequence[tuple[str, str]]) -> None:
        super().__init__(name="byline-llm", daemon=True)
        self._model, self._messages = model, messages
        self._pieces: queue.SimpleQueue[str | LLMError | None] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    def pieces(self) -> Iterator[str]:
        """Yield what has come, and "" after each moment in which nothing has."""
        while True:
            try:
                piece = self._pieces.get(timeout=_TICK)
            except queue.Empty:
                yield ""
                continue
            if piece is None:
                return
            if isinstance(piece, LLMError):
                raise piece
            yield piece

    def stop(self) -> None:
        """Give the request up if it still runs, and wait until its thread has ended."""
        self._stopped = True
        if self.is_alive():
            with suppress(RuntimeError):  # the loop may close in this moment: then there is nothing to give up
                self._loop.call_soon_threadsafe(self._cancel)
        self.join(timeout=None if self._model.ours else 1)  # somebody's own LLM may not let itself be stopped

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main())

    def _cancel(self) -> None:
        if self._task:
            self._task.cancel()

    async def _main(self) -> None:
        self._task = asyncio.current_task()
        try:
            if not self._stopped:
                async with asyncio.timeout(self._model.patience.whole):
                    async for piece in _pieces(self._model, self._messages):
                        self._pieces.put(piece)
            self._pieces.put(None)
        except asyncio.CancelledError:
            self._pieces.put(None)
        except Exception as error:  # integrations raise whatever they like: this is the seam with foreign code
            self._pieces.put(explain(error, self._model.name))


async def _pieces(model: Model, messages: Sequence[tuple[str, str]]) -> AsyncGenerator[str, None]:
    """Yield the pieces of text that `model` sends; close its connections whatever happens."""
    async with asyncio.timeout(model.patience.first):
        llm = await asyncio.to_thread(model.make)
    try:
        replies = _replies(llm, _chat(messages), ours=model.ours)
        wait = model.patience.first
        try:
            while True:
                async with asyncio.timeout(wait):  # wait_for() of Python 3.11 may swallow a cancellation
                    piece = await anext(replies)
                wait = model.patience.between
                yield piece
        except StopAsyncIteration:
            return
        finally:
            await replies.aclose()
    finally:
        if model.ours:
            await close(llm)


async def _replies(llm: LLM, messages: Sequence[ChatMessage], *, ours: bool) -> AsyncGenerator[str, None]:
    if ours:
        async for reply in await llm.astream_chat(messages):
            yield reply.delta or ""
        return
    pieces = iter(llm.stream_chat(messages))  # its asynchronous client may belong to another event loop
    while (reply := await asyncio.to_thread(_next, pieces)) is not None:
        yield reply.delta or ""


def _next(pieces: Iterator[Any]) -> Any:
    return next(pieces, None)


def _chat(messages: Sequence[tuple[str, str]]) -> list[ChatMessage]:
    from llama_index.core.llms import ChatMessage, MessageRole

    return [ChatMessage(role=MessageRole(role), content=text) for role, text in messages]
