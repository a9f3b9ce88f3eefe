"""A library that lives as long as a measurement."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.answer import Answer
from bot.chat import Bot, History
from index.articles import Article
from index.errors import BylineError
from index.ingest import add, add_articles
from index.limits import UNLIMITED, Limits
from index.minilm import MiniLM
from index.settings import PASSAGE_TOKENS, Settings
from index.stores import Embedder, Stores, open_stores


class Remembering(Bot):
    """A bot that answers a question once and knows the answer from then on, also when its library is made anew.

    The quick set asks the bundled questions in three suites; what it needs of time is mostly answers.
    """

    def __init__(self, stores: Stores, answers: dict[tuple[object, ...], Answer]) -> None:
        """Answer from `stores`, and keep what is answered in `answers`."""
        super().__init__(stores)
        self._answers = answers

    def ask(
        self, question: str, history: History = (), *, limits: Limits = UNLIMITED, as_asked: bool = False
    ) -> Answer:
        """Return the answer, given now or before."""
        key = (question, limits, as_asked, *map(tuple, history))
        if key not in self._answers:
            self._answers[key] = super().ask(question, history, limits=limits, as_asked=as_asked)
        return self._answers[key]


@contextmanager
def library_of(
    *,
    articles: Iterable[Article] = (),
    paths: Iterable[Path] = (),
    passage_tokens: int = PASSAGE_TOKENS,
    model: Embedder | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Stores]:
    """Open stores holding `articles` and the files of `paths`; deleted afterwards.

    Raises BylineError for a file that cannot be read: figures about half of the articles would mislead.
    """
    with tempfile.TemporaryDirectory(prefix="byline-eval-") as folder:
        stores = open_stores(Settings(Path(folder), passage_tokens), model or MiniLM())
        try:
            add_articles(stores, articles, progress=progress)
            if roots := list(paths):
                report = add(stores, roots, progress=progress)
                if failed := [file.reason for file in report.files if file.outcome == "failed"]:
                    raise BylineError(f"{failed[0]} ({len(failed)} of {len(report.files)} files could not be read.)")
            yield stores
        finally:
            stores.close()
