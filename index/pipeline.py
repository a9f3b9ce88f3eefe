"""Articles on their way into the three stores: some are split while those before are embedded or written."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index.articles import Article
from index.library import File
from index.likeness import Likeness
from index.passages import Passage, split_passages
from index.stores import Stores, keep_vectors, searchable

_PASSAGES = 128  # written at once: what an interruption can cost, and what is left to write when all is embedded
_LINES = 1000  # of the ledger, likewise
_WAITING = 3  # batches, so that the model has the next while one is written
_TOGETHER = 32  # passages are given to the model at once,
_EMBEDDERS = 2  # and the next of them before it is done with all of these: none of its threads waits for the others


@dataclass(slots=True)
class _Batch:
    """Articles read but not yet written, and the ledger's lines for them."""

    articles: list[tuple[Article, tuple[Passage, ...]]] = field(default_factory=list)
    lines: dict[str, File] = field(default_factory=dict)  # by path
    older: list[tuple[Article, File]] = field(default_factory=list)  # to be kept, but not shown
    ids: set[str] = field(default_factory=set)  # of the articles
    replaced: list[str] = field(default_factory=list)  # ids that their files no longer have
    texts: list[str] = field(default_factory=list)  # of the passages that the model has not been given yet
    vectors: list[Future[NDArray[np.float32]]] = field(default_factory=list)  # of those before them, in order
    passages: int = 0


class Pipeline:
    """Takes articles and lines of the ledger in order; `finish` it, or leave its context, to have all written."""

    def __init__(self, stores: Stores, *, written: Callable[[Sequence[File]], None] = lambda lines: None) -> None:
        """Write into `stores`, whose right to write the caller holds; `written` hears of lines once they are true."""
        self._stores = stores
        self._written = written
        self._batch = _Batch()
        self._under_way: deque[Future[list[File]]] = deque()
        self._likeness = Likeness(stores.library)
        self._given: list[Future[NDArray[np.float32]]] = []  # what the model is at work on, and some of before
        self._embedder = ThreadPoolExecutor(_EMBEDDERS, "embed")
        self._writer = ThreadPoolExecutor(1, "write")

    def __enter__(self) -> "Pipeline":
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        try:
            if failed is None:
                self.finish()
        finally:
            for pool in (self._embedder, self._writer):
                pool.shutdown(wait=True, cancel_futures=True)

    def put(
        self,
        article: Article,
        line: File | None = None,
        *,
        before: str | None = None,
        others: Sequence[File] = (),
    ) -> None:
        """Take in an article and its line; `before` is the id that its file had, if another.

        `others` are lines that become true with it.
        """
        passages = split_passages(
            article.text,
            article_id=article.id,
            size=self._stores.settings.passage_tokens,
            count_tokens=self._stores.model.count_tokens,
            adds_up=self._stores.model.tokens_add_up,
        )
        if article.id in self._batch.ids:
            self._send()  # of two editions of one article, each is published by itself
        self._batch.ids.add(article.id)
        self._batch.articles.append((article, passages))
        self._batch.texts += [searchable(article, passage) for passage in passages]
        self._batch.passages += len(passages)
        if before and before != article.id:
            self._batch.replaced.append(before)
        self._batch.lines |= {one.path: one for one in (*others, *([line] if line else []))}
        self._send_if_full()

    def keep(self, article: Article, line: File, *, before: str | None = None) -> None:
        """Take in an edition of an article that is not its latest: it stays readable, but is not found."""
        self._batch.older.append((article, line))
        if before and before != article.id:
            self._batch.replaced.append(before)
        self.note(line)

    def note(self, line: File) -> None:
        """Take in a line of a file that gives no new article."""
        self._batch.lines[line.path] = line
        self._send_if_full()

    def finish(self) -> None:
        """Write everything that was taken in."""
        self._send()
        while self._under_way:
            self._hear()

    def _send_if_full(self) -> None:
        if self._batch.passages >= _PASSAGES or len(self._batch.lines) >= _LINES:
            self._send()
        elif len(self._batch.texts) >= _TOGETHER or self._is_idle():
            self._embed()

    def _send(self) -> None:
        self._embed()
        batch, self._batch = self._batch, _Batch()
        if not batch.articles and not batch.lines:
            return
        self._under_way.append(self._writer.submit(_write, self._stores, self._likeness, batch))
        while len(self._under_way) > _WAITING:
            self._hear()

    def _embed(self) -> None:
        """Let the model begin with the passages that came since it last did."""
        texts, self._batch.texts = self._batch.texts, []
        if texts:
            vectors = self._embedder.submit(self._stores.model.embed, texts)
            self._given = [one for one in self._given if not one.done()] + [vectors]
            self._batch.vectors.append(vectors)

    def _is_idle(self) -> bool:
        return sum(not one.done() for one in self._given) < _EMBEDDERS

    def _hear(self) -> None:
        self._written(self._under_way.popleft().result())


def _write(stores: Stores, likeness: Likeness, batch: _Batch) -> list[File]:
    """Write a batch: staged, embedded, indexed, and only then published."""
    staged = stores.library.stage(batch.articles)
    own, copies = likeness.compare(staged)
    todo = [(key, one.article, passage) for one in staged for key, passage in one.passages]
    if todo:
        stores.lexical.change((key, searchable(article, passage)) for key, article, passage in todo)
        # whatever can be done before is done, so that little is left to do when the model has finished
        keep_vectors(stores, todo, np.concatenate([one.result() for one in batch.vectors]))
    lines = list(batch.lines.values())
    stores.library.publish(staged, lines, replaced=batch.replaced, older=batch.older, bands_of=own, copies_of=copies)
    return lines


def compare_again(stores: Stores) -> int:
    """Look for copies among articles that were never compared, as of an older Byline; return how many those are."""
    likeness = Likeness(stores.library)
    compared = 0
    for key, text in stores.library.without_bands().items():
        own, copies = likeness.compare_text(key, text)
        if own.numbers:
            stores.library.publish([], [], bands_of={key: own}, copies_of=copies)
            compared += 1
    return compared
