"""Questions being answered: each in a thread of few, saved when it is done, followed by whoever looks."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bot.answer import Answer
from index.errors import BylineError

AT_ONCE = 4  # answers in the making; the rest wait their turn
WAITING = 60  # questions that may wait; more would only wait in vain
REMEMBERED = 200  # answers kept at hand after they are saved
PATIENCE = 20.0  # seconds that a follower waits for news before it asks again


@dataclass(slots=True)
class Job:
    """One question of a conversation on its way to an answer; `version` grows with every change."""

    conversation: int
    turn: int
    question: str
    note: Callable[[], None]  # called before it is answered: nothing that was asked may be lost
    save: Callable[["Job"], None]  # called once in the end, with what there is to keep, if anything
    limits: str = ""
    answer: Answer | None = None
    problem: str | None = None
    done: bool = False
    stopped: bool = False  # by whoever asked
    left: bool = False  # by the desk, which closes: the question stays without answer
    version: int = 0
    _kept: bool = False
    _watchers: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def change(self, *, answer: Answer | None = None, problem: str | None = None, done: bool = False) -> None:
        """Note what is new, and wake whoever follows."""
        with self._lock:
            self.answer = answer or self.answer
            self.problem = problem or self.problem
            self.done = self.done or done
            self.version += 1
            watchers, self._watchers = self._watchers, []
        for loop, event in watchers:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    @property
    def has_said(self) -> bool:
        """Tell whether there is anything to keep: a draft that nobody checked is not."""
        return self.answer is not None and bool(self.answer.sentences or self.answer.declined)

    def finish(self) -> None:
        """Keep what has been said and be done; once, whoever comes first."""
        with self._lock:
            kept, self._kept = self._kept, True
        if kept:
            return
        try:
            if not self.left:
                self.save(self)
        except BylineError as error:
            self.change(problem=str(error))
        finally:
            self.change(done=True)

    async def wait(self, seen: int) -> None:
        """Return when there is something newer than `seen`, or when patience ends."""
        event = asyncio.Event()
        with self._lock:
            if self.version > seen:
                return
            self._watchers.append((asyncio.get_running_loop(), event))
        try:
            await asyncio.wait_for(event.wait(), PATIENCE)
        except TimeoutError:
            return


class Desk:
    """Answers questions, some at a time; a conversation has one question open at most."""

    def __init__(self, *, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        """Answer `at_once` questions at a time and let `waiting` more wait."""
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="answering")
        self._most = at_once + waiting
        self._jobs: dict[int, Job] = {}
        self._lock = threading.Lock()

    def job(self, conversation: int) -> Job | None:
        """Return the question that is open in a conversation, or the one that was answered last."""
        return self._jobs.get(conversation)

    def ask(self, job: Job, answers: Callable[[], Iterator[Answer]]) -> None:
        """Let a question be answered; BylineError where one is open already, or too many wait."""
        with self._lock:
            before = self._jobs.get(job.conversation)
            if before and not before.done:
                raise BylineError("This conversation still waits for an answer. Stop it, or wait until it is there.")
            if sum(not one.done for one in self._jobs.values()) >= self._most:
                raise BylineError("Too many questions are waiting. Ask again in a moment.")
            self._forget()
            self._jobs[job.conversation] = job
        try:
            job.note()
        except BylineError:
            job.done = True
            raise
        self._threads.submit(_answer, job, answers)

    def stop(self, conversation: int) -> None:
        """Stop what is being answered; what has been said stays."""
        job = self._jobs.get(conversation)
        if job and not job.done:
            job.stopped = True  # its thread may hear of that only when a language model says its next word
            job.finish()

    def _forget(self) -> None:
        """Let go of answers that are saved, the oldest first, where there are many."""
        done = [id for id, job in self._jobs.items() if job.done]
        for id in done[: max(0, len(self._jobs) - REMEMBERED)]:
            del self._jobs[id]

    def close(self) -> None:
        """Take no more questions, and leave those that are not answered."""
        for job in self._jobs.values():
            job.left = True
        self._threads.shutdown(wait=False, cancel_futures=True)


def _answer(job: Job, answers: Callable[[], Iterator[Answer]]) -> None:
    try:
        for answer in answers():
            if job.stopped or job.left:
                break
            job.change(answer=answer)
    except BylineError as error:
        job.change(problem=str(error))
    finally:
        job.finish()  # even after a fault of our own: nobody may wait for ever
