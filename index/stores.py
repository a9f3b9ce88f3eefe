"""The three stores of one library, opened together and kept in step: SQL leads, Chroma and tantivy follow."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.articles import Article
from index.dense import Dense, Vector
from index.errors import BylineError
from index.lexical import Lexical
from index.library import Library, open_library
from index.passages import Passage
from index.settings import Settings

SPLITTER = "1"  # raise it when the same article would be split otherwise
_BATCH = 256  # passages embedded between two commits: some three seconds of work

Progress = Callable[[int, int], None]  # passages done, passages in all


class Embedder(Protocol):
    """What turns text into vectors: `index.minilm.MiniLM`, or a double in a test."""

    @property
    def signature(self) -> str:
        """Return what tells this model and its weights from any other."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of unit length a text: (n, dimensions)."""

    @property
    def tokens_add_up(self) -> bool:
        """Tell whether two texts with a space or a line's end between them have as many tokens as both have apart."""

    def count_tokens(self, text: str) -> int:
        """Return how many tokens the model reads `text` as."""

    def rarity(self, word: str) -> float:
        """Return how rare `word` is in English at large, above 0."""

    def __hash__(self) -> int:
        """Return a hash, by which what a model says is remembered."""


@dataclass(slots=True)
class Stores:
    """One library's stores; made by `open_stores`."""

    library: Library
    dense: Dense
    lexical: Lexical
    model: Embedder
    settings: Settings
    _seen: int = field(default=-1)

    def refresh(self) -> None:
        """See what other processes have published since the last look."""
        if (generation := self.library.generation()) != self._seen:
            if self._seen >= 0:
                self.dense.close()
            self._seen = generation

    def close(self) -> None:
        """Let go of every file."""
        self.dense.close()
        self.library.close()


def open_stores(settings: Settings, model: Embedder) -> Stores:
    """Open the library in `settings.folder`, or start one there; BylineError if something else built it."""
    built_by = {
        "model": model.signature,
        "passage size": str(settings.passage_tokens),
        "splitter": SPLITTER,
    }
    library = open_library(settings.folder, built_by=built_by)
    try:
        lexical = Lexical(settings.folder / "lexical")
    except OSError as error:
        raise BylineError(
            f"The library in {settings.folder} cannot be written to ({error}). "
            "Check the folder's permissions, or choose another with --library."
        ) from error
    return Stores(library, Dense(settings.folder / "dense"), lexical, model, settings)


def searchable(article: Article, passage: Passage) -> str:
    """Return what is embedded and indexed of a passage: headline, outlet and date, then its words."""
    header = " · ".join(part for part in (article.title, article.outlet, article.published) if part)
    text = article.text[passage.start : passage.end]
    return f"{header}\n{text}" if header else text


def settle(stores: Stores) -> None:
    """Clear away what is not published: passages replaced or removed, and those of an interrupted run."""
    if keys := stores.library.leftovers():
        if _readable_count(stores.dense) is not None:  # else it is thrown away as a whole
            stores.dense.remove(keys)
        if _readable_count(stores.lexical) is not None:
            stores.lexical.change((), removed=keys)
    stores.library.purge()


def bring_into_step(stores: Stores, *, thorough: bool = False, progress: Progress | None = None) -> None:
    """Make Chroma and tantivy hold exactly the published passages; call it with the right to write.

    Costs three counts when they already do, unless `thorough`. Whatever is missing is embedded again from the
    library, and a store that cannot be read is thrown away first.
    """
    settle(stores)
    expected, _ = stores.library.count_passages()
    if thorough or _readable_count(stores.dense) != expected:
        _mend_dense(stores, progress)
    if _readable_count(stores.lexical) != expected:
        rebuild_lexical(stores)


def rebuild_dense(stores: Stores) -> None:
    """Throw the vectors away; `bring_into_step` makes them anew."""
    stores.dense.clear()


def rebuild_lexical(stores: Stores) -> None:
    """Index the words of every published passage anew."""
    stores.lexical.clear()
    stores.lexical.change(texts(stores, stores.library.passages()))


def is_in_step(stores: Stores) -> bool:
    """Tell whether both followers hold as many passages as the library has rows for."""
    published, waiting = stores.library.count_passages()
    held = (_readable_count(stores.dense), _readable_count(stores.lexical))
    return all(count is not None and published <= count <= published + waiting for count in held)


def texts(stores: Stores, passages: Mapping[int, Passage]) -> Iterable[tuple[int, str]]:
    """Yield key and searchable text of published passages."""
    articles = stores.library.articles({passage.article_id for passage in passages.values()})
    for key, passage in passages.items():
        yield key, searchable(articles[passage.article_id], passage)


def embed_passages(
    stores: Stores, passages: Iterable[tuple[int, Article, Passage]], *, progress: Progress | None = None
) -> None:
    """Embed passages (key, article, passage) and keep their vectors."""
    todo = list(passages)
    for i in range(0, len(todo), _BATCH):
        batch = todo[i : i + _BATCH]
        keep_vectors(stores, batch, stores.model.embed([searchable(article, passage) for _, article, passage in batch]))
        if progress:
            progress(min(i + _BATCH, len(todo)), len(todo))


def keep_vectors(stores: Stores, passages: Iterable[tuple[int, Article, Passage]], values: NDArray[np.float32]) -> None:
    """Keep the vectors `values`, one row for each of `passages` (key, article, passage)."""
    stores.dense.add(
        [
            Vector(key, article.id, passage.start, passage.end, article.text[passage.start : passage.end], vector)
            for (key, article, passage), vector in zip(passages, values, strict=True)
        ]
    )


def _readable_count(store: Dense | Lexical) -> int | None:
    """Return how many passages a store holds, or None where it cannot read its own files."""
    try:
        return store.count()
    except Exception:  # Chroma raises whatever its layers raise
        return None


def _mend_dense(stores: Stores, progress: Progress | None) -> None:
    try:
        held = stores.dense.keys()
    except Exception:  # as above
        stores.dense.clear()
        held = set()
    published = stores.library.passages()
    stores.dense.remove(sorted(held - published.keys()))
    missing = {key: passage for key, passage in published.items() if key not in held}
    articles = stores.library.articles({passage.article_id for passage in missing.values()})
    todo = [(key, articles[passage.article_id], passage) for key, passage in missing.items()]
    embed_passages(stores, todo, progress=progress)
