"""Articles on their way into the three stores: one batch is split while the one before is embedded or written."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index.articles import Article
from index.copies import OVERLAP, Bands, bands, is_likely, overlap, shingles
from index.library import Copy, File, Staged
from index.passages import Passage, split_passages
from index.stores import Stores, keep_vectors, searchable

_PASSAGES = 256  # written at once; what an interruption can cost
_LINES = 1000  # of the ledger, likewise
_WAITING = 3  # batches, so that the model has the next while one is written
_LOOKED_AT = 3  # articles of one account are compared with a new one,
_ACCOUNTS = 20  # of so many accounts, of so many articles
_MOST = 200


@dataclass(slots=True)
class _Batch:
    """Articles read but not yet written, and the ledger's lines for them."""

    articles: list[tuple[Article, tuple[Passage, ...]]] = field(default_factory=list)
    lines: list[File] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)  # ids that their files no longer have
    passages: int = 0


class Pipeline:
    """Takes articles and lines of the ledger in order; `finish` it, or leave its context, to have all written."""

    def __init__(self, stores: Stores, *, written: Callable[[Sequence[File]], None] = lambda lines: None) -> None:
        """Write into `stores`, whose right to write the caller holds; `written` hears of lines once they are true."""
        self._stores = stores
        self._written = written
        self._batch = _Batch()
        self._under_way: deque[Future[list[File]]] = deque()
        self._embedder = ThreadPoolExecutor(1, "embed")
        self._writer = ThreadPoolExecutor(1, "write")
        self.places: dict[str, str] = {}  # paths of the articles on their way, by id

    def __enter__(self) -> "Pipeline":
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        try:
            if failed is None:
                self.finish()
        finally:
            for pool in (self._embedder, self._writer):
                pool.shutdown(wait=True, cancel_futures=True)

    def put(self, article: Article, line: File | None = None, *, before: str | None = None) -> None:
        """Take in an article and its line; `before` is the id that its file had, if another."""
        passages = split_passages(
            article.text,
            article_id=article.id,
            size=self._stores.settings.passage_tokens,
            count_tokens=self._stores.model.count_tokens,
        )
        self.places[article.id] = article.path
        self._batch.articles.append((article, passages))
        self._batch.passages += len(passages)
        if before and before != article.id:
            self._batch.replaced.append(before)
        if line:
            self._batch.lines.append(line)
        self._send_if_full()

    def note(self, line: File) -> None:
        """Take in a line of a file that gives no new article."""
        self._batch.lines.append(line)
        self._send_if_full()

    def finish(self) -> None:
        """Write everything that was taken in."""
        self._send()
        while self._under_way:
            self._hear()

    def _send_if_full(self) -> None:
        if self._batch.passages >= _PASSAGES or len(self._batch.lines) >= _LINES:
            self._send()

    def _send(self) -> None:
        batch, self._batch = self._batch, _Batch()
        if not batch.articles and not batch.lines:
            return
        texts = [searchable(article, passage) for article, passages in batch.articles for passage in passages]
        vectors = self._embedder.submit(self._stores.model.embed, texts) if texts else None
        self._under_way.append(self._writer.submit(_write, self._stores, batch, vectors))
        while len(self._under_way) > _WAITING:
            self._hear()

    def _hear(self) -> None:
        self._written(self._under_way.popleft().result())


def _write(stores: Stores, batch: _Batch, vectors: Future[NDArray[np.float32]] | None) -> list[File]:
    """Write a batch: staged, embedded, indexed, and only then published."""
    staged = stores.library.stage(batch.articles)
    own = {one.key: bands(one.article.text) for one in staged}
    copies = _copies(stores, staged, own)
    todo = [(key, one.article, passage) for one in staged for key, passage in one.passages]
    if vectors:
        keep_vectors(stores, todo, vectors.result())
        stores.lexical.change((key, searchable(article, passage)) for key, article, passage in todo)
    stores.library.publish(staged, batch.lines, replaced=batch.replaced, bands_of=own, copies_of=copies)
    return batch.lines


def _copies(stores: Stores, staged: Sequence[Staged], own: Mapping[int, Bands]) -> list[Copy]:
    """Find the articles, published or in the same batch, of which each staged one is a copy."""
    found = []
    met: dict[int, list[int]] = {}  # of this batch, by band
    for one in staged:
        mine = own[one.key]
        shared = Counter(key for number in mine.numbers for key in met.get(number, ()))
        before = [key for key, count in shared.items() if is_likely(count, mine.size, own[key].size)]
        texts = {other.key: other.article.text for other in staged if other.key in before}
        texts |= stores.library.texts(_likely(stores, mine, but=one.article.id))
        found += _compared(one.key, one.article.text, texts)
        for number in mine.numbers:
            met.setdefault(number, []).append(one.key)
    return found


def _likely(stores: Stores, own: Bands, *, but: str) -> list[int]:
    """Return the keys of the published articles that share most bands, a few of each account, without `but`."""
    alike = [row for row in stores.library.alike(own.numbers) if is_likely(row[1], own.size, row[2])]
    best = sorted(alike, key=lambda row: (-row[1], row[0]))[:_MOST]
    identities = stores.library.identities([key for key, _, _ in best])
    chosen: dict[str, list[int]] = {}
    for key, _, _ in best:
        id, account = identities.get(key, (but, ""))
        if id != but:
            chosen.setdefault(account, []).append(key)
    return [key for keys in list(chosen.values())[:_ACCOUNTS] for key in keys[:_LOOKED_AT]]


def _compared(key: int, text: str, others: Mapping[int, str]) -> list[Copy]:
    mine = shingles(text) if others else frozenset()
    shares = ((other, overlap(mine, shingles(words))) for other, words in others.items())
    return [Copy(key, other, share) for other, share in shares if share >= OVERLAP]


def compare_again(stores: Stores) -> int:
    """Look for copies among articles that were never compared, as of an older Byline; return how many those are."""
    waiting = stores.library.without_bands()
    own = {key: found for key, text in waiting.items() if (found := bands(text)).numbers}
    for key, numbers in own.items():
        texts = stores.library.texts(_likely(stores, numbers, but=""))
        stores.library.publish([], [], bands_of={key: numbers}, copies_of=_compared(key, waiting[key], texts))
    return len(own)
