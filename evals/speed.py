"""Suite `speed`: how fast, how big, how does it grow?

    byline eval speed [--passages 100 --passages 1000 …]

Ingest is timed beside the bare embedding model and beside LlamaIndex's own pipeline with the same model and size,
all in turn within one process, round by round, because machines drift. Questions are timed warm in this process and
cold in one of their own. Everything is made from the bundled articles by shuffling their sentences, seed fixed.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.chat import Bot
from evals import pipelines
from evals.generated import QUESTIONS, Recombined, make_articles
from evals.library import library_of
from evals.provenance import TOP, corpus_digest, digest
from evals.suite import Better, Case, Inputs, Measure, Plan
from index.articles import Article
from index.stores import Stores

SIZES = (100, 1_000, 10_000, 100_000)  # passages
ROUNDS = 3  # of ingest, and cold starts of each size
ASKED = 3  # times that each question is asked warm
_ARTICLES = 40  # ingested a round at most
_PASSAGES = 5  # in an article of 40 sentences, about


def figure(name: str, says: str, better: Better = "lower", *, field: str = "", combine: str = "median") -> Measure:
    """Return a measure of the machine."""
    fields = (field,) if field else ()
    return Measure(name, says, better, fields, combine, digits=2 if "share" in says else 1, timed=True)


def measures(sizes: tuple[int, ...]) -> tuple[Measure, ...]:
    """Return the figures of ingest, and those for libraries of `sizes` passages."""
    found = [
        figure("bare", "the bare model, passages/s", "neither"),
        figure("byline", "Byline's ingest, passages/s", "higher"),
        figure("llama_index", "LlamaIndex's pipeline, passages/s", "neither"),
        figure("byline_of_bare", "Byline's share of the bare model's speed", "higher"),
        figure("llama_index_of_bare", "LlamaIndex's share of the bare model's speed", "neither"),
    ]
    for size in sizes:
        at = f"{size:,} passages"
        found += [
            figure(f"warm_p50_{size}", f"question on {at}, median ms", field=f"warm_{size}"),
            figure(f"warm_p95_{size}", f"question on {at}, p95 ms", field=f"warm_{size}", combine="p95"),
            figure(f"cold_{size}", f"first question of a process on {at}, ms"),
            figure(f"memory_{size}", f"memory of that process on {at}, MB"),
            figure(f"disk_{size}", f"disk per 1,000 articles at {at}, MB"),
            figure(f"stored_{size}", f"{at} stored when embedded, passages/s", "higher"),
        ]
    return tuple(found)


@contextmanager
def plan(inputs: Inputs) -> Iterator[Plan]:
    """Plan rounds of ingest, then for each size a library, cold starts and warm questions."""
    sizes = inputs.passages or SIZES
    articles = make_articles(min(_ARTICLES, sizes[0] // _PASSAGES))
    tasks: dict[str, Callable[[], Case]] = {}
    with TemporaryDirectory(prefix="byline-eval-") as name, Grown(inputs) as grown:
        folder = Path(name)
        for article in articles:
            (folder / article.file).write_text(article.text, encoding="utf-8")
        for number in range(ROUNDS):
            tasks[f"ingest-{number}"] = partial(ingest, f"ingest-{number}", articles, folder)
        for size in sizes:
            tasks |= _tasks_of(grown, size)
        yield Plan(
            measures(sizes),
            ("byline_of_bare", *(f"warm_p50_{size}" for size in sizes)),
            tasks,
            corpus=corpus_digest(articles),
            questions=digest([QUESTIONS, sizes]),
            configuration={"passages": list(sizes), "articles": len(articles), "rounds": ROUNDS},
        )


def _tasks_of(grown: "Grown", size: int) -> dict[str, Callable[[], Case]]:
    tasks: dict[str, Callable[[], Case]] = {f"{size}-stored": partial(grown.stored, f"{size}-stored", size)}
    for number in range(ROUNDS):
        tasks[f"{size}-cold-{number}"] = partial(grown.cold, f"{size}-cold-{number}", size)
    for number in range(ASKED * len(QUESTIONS)):
        question = QUESTIONS[number % len(QUESTIONS)]
        tasks[f"{size}-warm-{number}"] = partial(grown.warm, f"{size}-warm-{number}", size, question)
    return tasks


def ingest(id: str, articles: list[Article], folder: Path) -> Case:
    """Time one round of the three ways to ingest a folder."""
    count, work = pipelines.ways(articles, folder)
    taken = {name: _seconds(one) for name, one in work.items()}
    values = {name: count / taken[name] for name in taken}
    values |= {f"{name}_of_bare": taken["bare"] / taken[name] for name in ("byline", "llama_index")}
    return Case(id, values, {"question": f"Ingest {len(articles)} articles, {count} passages"}, ("ingest",))


class Grown:
    """One library at a time, as large as is asked for."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._stack = ExitStack()
        self._size = 0
        self._bot: Bot
        self._took = 0.0

    def __enter__(self) -> "Grown":
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    def stored(self, id: str, size: int) -> Case:
        """Return how fast the stores took passages whose vectors were known, and what they need on disk."""
        stores = self.bot(size).stores
        count, _ = stores.library.count_passages()
        articles = len(stores.library.entries())
        taken = sum(path.stat().st_size for path in stores.settings.folder.rglob("*") if path.is_file())
        values = {f"stored_{size}": count / self._took, f"disk_{size}": taken / articles * 1000 / 1e6}
        return Case(id, values, {"question": f"Store {count:,} passages of {articles:,} articles"}, ("stored",))

    def cold(self, id: str, size: int) -> Case:
        """Return how long a new process takes to answer its first question, and the memory it needs for that."""
        command = [sys.executable, "-m", "evals.cold", str(self.bot(size).stores.settings.folder), QUESTIONS[0]]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)
        values = {f"cold_{size}": 1000 * (time.perf_counter() - began)}
        if memory := json.loads(done.stdout)["memory"]:
            values[f"memory_{size}"] = memory / 1e6
        return Case(id, values, {"question": QUESTIONS[0]}, ("cold", f"{size:,} passages"))

    def warm(self, id: str, size: int, question: str) -> Case:
        """Return how long a question takes in a process that has answered before."""
        answer = self.bot(size).ask(question)
        return Case(id, {f"warm_{size}": answer.milliseconds}, {"question": question}, ("warm", f"{size:,} passages"))

    def bot(self, size: int) -> Bot:
        """Return a bot on a library of about `size` passages, which has answered a question before."""
        if self._size != size:
            self._stack.close()
            self._bot, self._size = self._grow(size), size
            self._bot.ask(QUESTIONS[0])
        return self._bot

    def _grow(self, size: int) -> Bot:
        articles = make_articles(-(-size // _PASSAGES), seed=1)
        model = Recombined()
        model.learn(articles)
        began = time.perf_counter()
        progress = self._inputs.reporting(f"Storing {size:,} passages")
        stores: Stores = self._stack.enter_context(library_of(articles=articles, model=model, progress=progress))
        self._took = time.perf_counter() - began
        stores.model = model.model  # what is asked is embedded in earnest
        return Bot(stores)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
