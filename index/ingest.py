"""Bring library, vectors and BM25 into step with files and folders; and correct, remove and restore articles."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from index.articles import Article, find_files
from index.corrections import checked_facts, corrected, read_corrections, withdrawn
from index.errors import BylineError
from index.pipeline import Pipeline
from index.reader import Found, Reader, read_ahead
from index.run import Report, Run
from index.stores import Stores, bring_into_step, settle
from index.tables import checked_columns

__all__ = ["Progress", "Report", "add", "add_articles", "edit", "remove", "restore", "writing"]

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ROOM = 2_000_000  # bytes; where so many cannot be written, whatever went wrong went wrong for want of room

Progress = Callable[[int, int], None]  # files done, files in all


def add(
    stores: Stores,
    paths: Sequence[Path],
    *,
    prune: bool = False,
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Add files and folders; files that did not change cost a look at their date.

    A file that was added from one of these folders and is no longer there is reported as missing, and
    removed with `prune`; likewise what is no longer in an archive, a mailbox or a table. A file that cannot be read
    is reported as failed with the reason, and what the library already has of it stays. `columns` names the columns
    of CSV and JSON Lines. Raises BylineError for a path that does not exist or cannot be added, before anything is
    changed, when another process is writing, and when the disk is full.
    """
    found = ((root, file.resolve()) for root in paths for file in find_files(root))
    files = [(root, file) for file, root in {file: root for root, file in found}.items()]
    with Reader() as reader:
        if files:
            reader.start()  # while the stores are opened
        return _add(stores, paths, files, reader, prune=prune, columns=columns or {}, progress=progress)


def _add(
    stores: Stores,
    paths: Sequence[Path],
    files: Sequence[tuple[Path, Path]],
    reader: Reader,
    *,
    prune: bool,
    columns: Mapping[str, str],
    progress: Progress | None,
) -> Report:
    """Add files (root, path) that were found below `paths`."""
    done = 0
    with writing(stores):
        run = Run(stores, checked_columns(columns))
        with Pipeline(stores, written=run.hear) as pipeline:
            for wanted, one in read_ahead(reader, run.wanted(files)):
                run.take(wanted, one, pipeline)
                done += not isinstance(one, Found)
                if progress and not isinstance(one, Found):
                    progress(done - 1, len(files))
        with Pipeline(stores, written=run.hear) as pipeline:
            run.bring_back(paths, pipeline, prune=prune)
        run.take_out(paths, prune=prune)
        settle(stores)
        if progress:
            progress(len(files), len(files))
    return run.report()


def add_articles(stores: Stores, articles: Iterable[Article], *, progress: Progress | None = None) -> None:
    """Add articles that are not files; one with a known id replaces what the library has of it."""
    todo = list(articles)
    with writing(stores):
        known = stores.library.corrections()
        with Pipeline(stores) as pipeline:
            for done, article in enumerate(todo, start=1):
                if progress:
                    progress(done, len(todo))
                pipeline.put(corrected(article, known.get(article.id, ())))
        settle(stores)


def remove(stores: Stores, ids: Iterable[str], *, forever: bool = False) -> list[Article]:
    """Remove articles; BylineError before anything is changed if one of `ids` is unknown.

    They can be restored, and old citations still show their words, unless `forever`.
    """
    with writing(stores, in_step=False):
        articles = [stores.library.article(id) for id in ids]
        stores.library.retire([article.id for article in articles], forever=forever)
        settle(stores)
    return articles


def restore(stores: Stores, ids: Iterable[str]) -> list[Article]:
    """Bring removed articles back as they were; BylineError before anything is changed if one was not removed."""
    with writing(stores):
        removed = stores.library.removed()
        wanted = list(dict.fromkeys(ids))
        for id in wanted:
            if id not in removed:
                raise BylineError(f"No removed article is called {id!r}. `byline articles --removed` lists them.")
        with Pipeline(stores) as pipeline:
            for id in wanted:
                pipeline.put(*removed[id])
        settle(stores)
    return [removed[id][0] for id in wanted]


def edit(stores: Stores, id: str, changes: Mapping[str, str | None]) -> Article:
    """Correct facts of an article, by their names; None takes a correction back. The file is left as it is.

    A correction stays when the file changes or is added again. Raises BylineError for an unknown article, a fact
    that articles do not have, or a value that cannot be one.
    """
    checked_facts(changes)
    with writing(stores):
        article = stores.library.article(id)
        kept = {one.fact: one for one in stores.library.corrections().get(id, ())}
        back = [kept[fact] for fact, value in changes.items() if value is None and fact in kept]
        new = read_corrections(article, {fact: value for fact, value in changes.items() if value is not None}, kept)
        stores.library.correct(new, withdrawn=[(id, one.fact) for one in back])
        with Pipeline(stores) as pipeline:
            pipeline.put(corrected(withdrawn(article, back), new))
        settle(stores)
    return stores.library.article(id)


@contextmanager
def writing(stores: Stores, *, in_step: bool = True) -> Iterator[None]:
    """Hold the right to write, with all stores in step; say so where the disk has no room for it.

    Raises BylineError if another process is writing, and where there is no room: what was published is safe then,
    and the rest is cleared away by the next writer.
    """
    folder = stores.settings.folder
    try:
        with stores.library.writing():
            if in_step:
                bring_into_step(stores)
            yield
    except BylineError:
        raise
    except Exception as error:  # each store has errors of its own for a disk without room
        if not _is_for_want_of_room(error, folder):
            if _is_of_a_store(error):
                raise BylineError(
                    f"The indexes in {folder} cannot be written ({error}). The articles are safe: run `byline repair`, "
                    "and then the same command again."
                ) from error
            raise
        raise BylineError(
            f"The disk has no room for the library in {folder}. What the report said was added is safe; make room and "
            "run the same command again for the rest."
        ) from error


def _is_of_a_store(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("chromadb", "chromadb_rust_bindings", "sqlalchemy", "sqlite3")


def _is_for_want_of_room(error: Exception, folder: Path) -> bool:
    """Tell whether there is no room: what the stores raise then has many names, so it is tried."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return True
    probe = folder / f"room-{os.getpid()}.tmp"
    try:
        with probe.open("wb") as file:
            file.write(bytes(_ROOM))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return True
    finally:
        probe.unlink(missing_ok=True)
    return False
