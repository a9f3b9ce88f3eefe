"""Articles being added: one after the other in a thread of its own, while the page goes on."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from index.articles import Article
from index.errors import BylineError
from index.ingest import Report, add, remove, restore
from index.stores import Stores


class Adding:
    """Adds and removes articles, one change at a time, and tells how far it is."""

    def __init__(self, stores: Stores) -> None:
        """Write into `stores`."""
        self._stores = stores
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="adding")
        self._lock = threading.Lock()
        self._open = 0
        self.done = self.total = 0
        self.report: Report | None = None
        self.problem: str | None = None

    @property
    def busy(self) -> bool:
        """Tell whether something is being added."""
        return self._open > 0

    def add(self, paths: Sequence[Path] = (), addresses: Sequence[str] = ()) -> None:
        """Start adding files and folders, or addresses; `report` or `problem` says what became of them."""
        with self._lock:
            self._open += 1
        self.report = self.problem = None
        self.done = self.total = 0
        self._thread.submit(self._add, paths, addresses)

    def remove(self, article_id: str) -> Article:
        """Remove an article, which `restore` undoes; BylineError where there is none, or another process writes."""
        return self._thread.submit(remove, self._stores, [article_id]).result()[0]

    def restore(self, article_id: str) -> Article:
        """Bring back an article that was removed."""
        return self._thread.submit(restore, self._stores, [article_id]).result()[0]

    def close(self) -> None:
        """Finish what is being written and take no more."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _add(self, paths: Sequence[Path], addresses: Sequence[str]) -> None:
        try:
            if addresses:
                from index.addresses import add_addresses

                self.report = add_addresses(self._stores, addresses, progress=self._progress)
            else:
                self.report = add(self._stores, paths, progress=self._progress)
        except BylineError as error:
            self.problem = str(error)
        finally:
            with self._lock:
                self._open -= 1

    def _progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total
