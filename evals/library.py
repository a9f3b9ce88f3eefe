"""A library that lives as long as a measurement."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from index.articles import Article
from index.ingest import add, add_articles
from index.minilm import MiniLM
from index.settings import PASSAGE_TOKENS, Settings
from index.stores import Stores, open_stores


@contextmanager
def library_of(
    *, articles: Iterable[Article] = (), paths: Iterable[Path] = (), passage_tokens: int = PASSAGE_TOKENS
) -> Iterator[Stores]:
    """Open stores holding `articles` and the files of `paths`; deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="byline-eval-") as folder:
        stores = open_stores(Settings(Path(folder), passage_tokens), MiniLM())
        try:
            add_articles(stores, articles)
            if roots := list(paths):
                add(stores, roots)
            yield stores
        finally:
            stores.close()
