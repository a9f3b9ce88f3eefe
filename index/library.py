"""The library: articles, passages and the ledger of files in SQL, the one source of truth.

Chroma and tantivy follow it. Each article row has a state, and that state is the write-ahead intent:
`pending` rows may or may not have vectors yet, `ready` rows have them, `removing` rows are on their way
out. Readers see `ready` rows only, so a process killed anywhere leaves a library that answers from what
was published, and `Library.leftovers` names what the next writer has to clear away.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock
import sqlalchemy as sa

from index.articles import Article
from index.copies import Bands
from index.errors import BylineError
from index.limits import UNLIMITED, Limits
from index.passages import Passage
from index.records import Copy, Correction, Entry, File, Outcome, Staged, is_address
from index.retiring import advance, keep_editions, note, take_out, tell_accounts
from index.rows import (
    article_of,
    chunks,
    columns_of,
    entry_of,
    fact_of,
    inserted_key,
    listed,
    now,
    parts_of,
    passage_of,
    within,
)
from index.schema import (
    OLDER,
    SCHEMA,
    UNREADY,
    bands,
    copies,
    corrections,
    files,
    meta,
    migrate,
    ready,
    tables,
    versions,
)
from index.schema import articles as articles_
from index.schema import passages as passages_

__all__ = [
    "FILE_NAME",
    "Copy",
    "Correction",
    "Entry",
    "File",
    "Library",
    "Outcome",
    "Staged",
    "is_address",
    "open_library",
]

FILE_NAME = "library.sqlite3"


def open_library(folder: Path, *, built_by: Mapping[str, str]) -> "Library":
    """Open the library in `folder`, or start one there.

    `built_by` names whatever decides what is stored (model, passage size, …). A library that was built by
    anything else raises BylineError naming both, because mixing them would give bad results in silence.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / "opening.lock", timeout=60):  # two processes may start one library at once
            library = Library(folder)
            library.migrate()
            library.claim({"schema": SCHEMA, **built_by})
    except (OSError, sa.exc.DatabaseError, sqlite3.DatabaseError) as error:  # a lock that is held is an OSError, too
        raise BylineError(
            f"The library in {folder} cannot be opened ({_brief(error)}). Check that the folder is a Byline "
            "library that you may write to, or choose another with --library."
        ) from error
    return library


def connect(folder: Path) -> sa.Engine:
    """Return an engine of the database in `folder`, for readers and writers in several processes and threads."""
    engine = sa.create_engine(f"sqlite:///{folder / FILE_NAME}", connect_args={"timeout": 30})
    sa.event.listen(engine, "connect", _configure)
    return engine


class Library:
    """Articles and passages in `folder`; see `open_library`."""

    def __init__(self, folder: Path) -> None:
        """Connect to the database in `folder`, making its tables where they are missing."""
        self.folder = folder
        self._lock = filelock.FileLock(folder / "writing.lock", timeout=0)
        self._engine = connect(folder)
        tables.create_all(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def migrate(self) -> None:
        """Bring a library of an older Byline up to date; nothing that it has is lost."""
        with self._engine.connect() as db:
            stored = db.execute(sa.select(meta.c.value).where(meta.c.key == "schema")).scalar()
        if stored in OLDER:
            with self.writing():
                migrate(self._engine)

    def claim(self, built_by: Mapping[str, str]) -> None:
        """Record `built_by` in a new library; raise BylineError if the library says something else."""
        with self._engine.begin() as db:
            stored = {row.key: row.value for row in db.execute(sa.select(meta.c.key, meta.c.value))}
            if not stored:
                rows = {**built_by, "generation": "0"}
                db.execute(meta.insert(), [{"key": k, "value": v} for k, v in rows.items()])
                return
        for key, value in built_by.items():
            if stored.get(key) != value:
                raise BylineError(
                    f"The library in {self.folder} was made with {key} {stored.get(key)!r}, and this Byline uses "
                    f"{value!r}. Choose another folder with --library and add the articles there; "
                    "this one is left as it is."
                )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write; raise BylineError if another process holds it."""
        try:
            with self._lock:
                yield
        except filelock.Timeout as error:
            raise BylineError(
                f"Another Byline is writing to the library in {self.folder}. Wait until it has finished, "
                "then try again."
            ) from error

    # What readers see

    def entries(self, limits: Limits = UNLIMITED) -> list[Entry]:
        """Return the list of articles within `limits`, oldest first, those without a date last."""
        count = sa.func.count(passages_.c.key).label("passages")
        columns = (articles_.c[name] for name in Entry.__slots__ if name != "passages")
        query = (
            sa.select(*columns, count)
            .join(passages_, isouter=True)
            .where(within(limits))
            .group_by(articles_.c.key)
            .order_by(articles_.c.published.is_(None), articles_.c.published, articles_.c.file)
        )
        with self._engine.connect() as db:
            return [entry_of(row) for row in db.execute(query).all()]

    def article(self, id: str) -> Article:
        """Return the article called `id`; raise BylineError if there is none."""
        found = self.articles([id])
        if not found:
            raise BylineError(f"No article is called {id!r}. `byline articles` lists what the library has.")
        return found[id]

    def articles(self, ids: Iterable[str] | None = None) -> dict[str, Article]:
        """Return the articles called `ids` (default: every one) by id; unknown ids are left out."""
        query = sa.select(articles_).where(ready).order_by(articles_.c.key)
        with self._engine.connect() as db:
            rows = [row for part in parts_of(query, articles_.c.id, ids) for row in db.execute(part)]
        return {row.id: article_of(row) for row in rows}

    def article_version(self, id: str, version: str) -> Article:
        """Return the article called `id` as its text was in `version`, even if it was replaced or removed since.

        Raises BylineError if the library does not have that text any more.
        """
        current = self.articles([id]).get(id)
        if current and current.version == version:
            return current
        query = sa.select(versions).where(versions.c.id == id, versions.c.version == version)
        with self._engine.connect() as db:
            row = db.execute(query.order_by(versions.c.key.desc())).first()
        if row is None:
            raise BylineError(f"The text {version!r} of article {id!r} is not in the library any more.")
        return article_of(row)

    def place(self, id: str) -> str | None:
        """Return the path or address that gave the article called `id`, None if there is no such article."""
        with self._engine.connect() as db:
            place: str | None = db.execute(sa.select(articles_.c.path).where(ready, articles_.c.id == id)).scalar()
        return place

    def places(self) -> dict[str, str]:
        """Return the paths or addresses that gave the articles, by the articles' ids."""
        with self._engine.connect() as db:
            return {row[0]: row[1] for row in db.execute(sa.select(articles_.c.id, articles_.c.path).where(ready))}

    def edition(self, id: str, path: str) -> Article | None:
        """Return the article called `id` as the file at `path` gave it last, though another file replaced it."""
        query = sa.select(versions).where(versions.c.id == id, versions.c.path == path)
        with self._engine.connect() as db:
            row = db.execute(query.order_by(versions.c.key.desc())).first()
        return article_of(row) if row else None

    def removed(self) -> dict[str, tuple[Article, File]]:
        """Return what a person removed and may restore: by id, newest first, with the line of the ledger."""
        present = sa.select(articles_.c.id).where(ready)
        query = sa.select(versions).where(versions.c.removed, versions.c.id.not_in(present))
        with self._engine.connect() as db:
            rows = db.execute(query.order_by(versions.c.key)).all()
        newest = {row.id: row for row in rows}
        return {
            row.id: (
                article_of(row),
                File(row.path, "added", digest=row.digest, container=row.container, article_id=id),
            )
            for id, row in sorted(newest.items(), key=lambda item: -item[1].key)
        }

    def corrections(self) -> dict[str, list[Correction]]:
        """Return everything that people corrected, by the id of the article."""
        found: dict[str, list[Correction]] = {}
        with self._engine.connect() as db:
            for row in db.execute(sa.select(corrections).order_by(corrections.c.fact)):
                before, origin = row.before
                one = Correction(row.id, row.fact, fact_of(row.value), (fact_of(before), origin))
                found.setdefault(row.id, []).append(one)
        return found

    def passages(self, keys: Iterable[int] | None = None) -> dict[int, Passage]:
        """Return the published passages with `keys` (default: every one) by key; others are left out."""
        query = sa.select(articles_.c.id, passages_).join(articles_).where(ready).order_by(passages_.c.key)
        with self._engine.connect() as db:
            rows = [row for part in parts_of(query, passages_.c.key, keys) for row in db.execute(part)]
        return {row.key: passage_of(row) for row in rows}

    def keys_within(self, limits: Limits = UNLIMITED) -> list[int]:
        """Return the keys of the published passages of articles within `limits`."""
        query = sa.select(passages_.c.key).join(articles_).where(within(limits)).order_by(passages_.c.key)
        with self._engine.connect() as db:
            return list(db.execute(query).scalars())

    def outlets(self) -> dict[str, int]:
        """Return the outlets that articles name, by name, with how many articles each has."""
        query = (
            sa.select(articles_.c.outlet, sa.func.count())
            .where(ready, articles_.c.outlet.is_not(None))
            .group_by(articles_.c.outlet)
            .order_by(articles_.c.outlet)
        )
        with self._engine.connect() as db:
            return {row[0]: row[1] for row in db.execute(query)}

    def count_waiting(self) -> int:
        """Return how many passages are not published: pending, or on their way out."""
        # asked with every question, and the states that are rare are found by their index at once
        query = sa.select(sa.func.count()).select_from(passages_.join(articles_)).where(articles_.c.state.in_(UNREADY))
        with self._engine.connect() as db:
            return int(db.execute(query).scalar() or 0)

    def count_passages(self) -> tuple[int, int]:
        """Return how many passages are published, and how many are not (pending or on their way out)."""
        query = sa.select(ready, sa.func.count()).select_from(passages_.join(articles_)).group_by(ready)
        with self._engine.connect() as db:
            found = {bool(ready): count for ready, count in db.execute(query)}
        return found.get(True, 0), found.get(False, 0)

    def ledger(self) -> dict[str, File]:
        """Return what became of every file that was ever looked at, by path."""
        columns = [files.c[name] for name in File.__slots__]
        with self._engine.connect() as db:
            return {row.path: File(**row._mapping) for row in db.execute(sa.select(*columns))}

    def generation(self) -> int:
        """Return a number that grows whenever something is published or retired."""
        with self._engine.connect() as db:
            return int(db.execute(sa.select(meta.c.value).where(meta.c.key == "generation")).scalar() or 0)

    # What the one writer does, in this order

    def stage(self, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> list[Staged]:
        """Write articles and their passages as `pending`: kept, but not yet seen by readers."""
        staged = []
        with self._engine.begin() as db:
            for article, passages in articles:
                (key,) = inserted_key(db.execute(articles_.insert().values(state="pending", **columns_of(article))))
                rows = [{"article": key, "start": p.start, "end": p.end, "sentences": p.sentences} for p in passages]
                query = passages_.insert().returning(passages_.c.key, sort_by_parameter_order=True)
                keys = db.execute(query, rows).scalars().all() if rows else []
                staged.append(Staged(key, article, tuple(zip(keys, passages, strict=True))))
        return staged

    def publish(
        self,
        staged: Sequence[Staged],
        lines: Sequence[File],
        *,
        replaced: Iterable[str] = (),
        older: Sequence[tuple[Article, File]] = (),
        bands_of: Mapping[int, Bands] | None = None,
        copies_of: Sequence[Copy] = (),
    ) -> None:
        """Make staged articles ready, retire what they replace and note `lines`, all at once or not at all.

        An article replaces the one with its own id; `replaced` names others, of files whose address changed. A text
        that is replaced stays readable as a version, as do the `older` editions. `bands_of` and `copies_of` are the
        staged articles' own.
        """
        keys = [one.key for one in staged]
        ids = [*replaced, *(one.article.id for one in staged)]
        with self._engine.begin() as db:
            touched = take_out(db, ids, removed=False)
            for part in chunks(keys):
                db.execute(articles_.update().where(articles_.c.key.in_(part)).values(state="ready"))
            rows = [
                {"band": number, "article": key, "size": own.size}
                for key, own in (bands_of or {}).items()
                for number in own.numbers
            ]
            if rows:
                db.execute(bands.insert(), rows)
            if copies_of:
                db.execute(copies.insert(), [{"one": c.one, "other": c.other, "overlap": c.overlap} for c in copies_of])
            tell_accounts(db, touched | {key for c in copies_of for key in (c.one, c.other)})
            note(db, lines)
            keep_editions(db, older)
            if staged or touched:
                advance(db)

    def note(self, lines: Sequence[File]) -> None:
        """Write `lines` into the ledger."""
        with self._engine.begin() as db:
            note(db, lines)

    def retire(self, ids: Iterable[str], *, forever: bool = False) -> None:
        """Take articles from the readers' sight and forget their bytes, so that adding brings them back.

        Their texts stay readable from old citations, and can be restored, unless `forever`.
        """
        wanted = list(ids)
        with self._engine.begin() as db:
            tell_accounts(db, take_out(db, wanted, removed=True))
            gone = {"digest": None, "article_id": None, "outcome": "removed", "reason": None, "at": now()}
            for part in chunks(wanted):
                held = files.c.article_id.in_(part)
                containers = sa.select(files.c.container).where(held, files.c.container.is_not(None))
                db.execute(
                    files.update().where(files.c.path.in_(containers)).values(digest=None, etag=None, modified=None)
                )
                db.execute(files.update().where(held).values(gone | {"etag": None, "modified": None}))
                if forever:
                    db.execute(versions.delete().where(versions.c.id.in_(part)))
            advance(db)

    def correct(self, changes: Sequence[Correction], *, withdrawn: Sequence[tuple[str, str]] = ()) -> None:
        """Keep corrections, each in place of an earlier one, and forget those `withdrawn`, by id and fact."""
        if not changes and not withdrawn:
            return
        with self._engine.begin() as db:
            for id, fact in [*withdrawn, *((one.id, one.fact) for one in changes)]:
                db.execute(corrections.delete().where(corrections.c.id == id, corrections.c.fact == fact))
            for one in changes:
                row = {"id": one.id, "fact": one.fact, "value": one.value, "before": one.before, "at": now()}
                db.execute(corrections.insert(), row)

    def alike(self, numbers: Sequence[int], *, most: int) -> list[tuple[int, int, int]]:
        """Return key, count of the bands that it has of `numbers`, and size of the `most` articles that have any.

        Those that have more come first.
        """
        count = sa.func.count().label("count")
        query = sa.select(bands.c.article, count, sa.func.max(bands.c.size)).group_by(bands.c.article)
        query = query.where(bands.c.band.in_(listed(numbers))).order_by(count.desc(), bands.c.article).limit(most)
        with self._engine.connect() as db:
            return [(row[0], row[1], row[2]) for row in db.execute(query)]

    def identities(self, keys: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return id and account of published articles, by the keys of their rows."""
        account = sa.func.coalesce(articles_.c.account, articles_.c.id)
        query = sa.select(articles_.c.key, articles_.c.id, account).where(ready)
        with self._engine.connect() as db:
            rows = [row for part in parts_of(query, articles_.c.key, keys) for row in db.execute(part)]
        return {row[0]: (row[1], row[2]) for row in rows}

    def texts(self, keys: Iterable[int]) -> dict[int, str]:
        """Return the texts of articles, by the keys of their rows."""
        query = sa.select(articles_.c.key, articles_.c.text)
        with self._engine.connect() as db:
            rows = [row for part in parts_of(query, articles_.c.key, keys) for row in db.execute(part)]
        return {row[0]: row[1] for row in rows}

    def without_bands(self) -> dict[int, str]:
        """Return the texts of published articles that were never compared with others, by key."""
        query = sa.select(articles_.c.key, articles_.c.text).where(
            ready, articles_.c.key.not_in(sa.select(bands.c.article))
        )
        with self._engine.connect() as db:
            return {row[0]: row[1] for row in db.execute(query)}

    def announce(self) -> None:
        """Let readers know that Chroma and tantivy were changed under them."""
        with self._engine.begin() as db:
            advance(db)

    def leftovers(self) -> list[int]:
        """Return the keys of passages that are not published: replaced, removed or interrupted."""
        query = sa.select(passages_.c.key).join(articles_).where(~ready)
        with self._engine.connect() as db:
            return list(db.execute(query).scalars())

    def purge(self) -> None:
        """Delete every row that is not published; call it when vectors and terms are gone."""
        gone = sa.select(articles_.c.key).where(~ready)
        with self._engine.begin() as db:
            db.execute(copies.delete().where(copies.c.one.in_(gone) | copies.c.other.in_(gone)))
            db.execute(bands.delete().where(bands.c.article.in_(gone)))
            db.execute(passages_.delete().where(passages_.c.article.in_(gone)))
            db.execute(articles_.delete().where(~ready))


def _configure(connection: Any, _record: Any) -> None:
    """Let readers go on while one process writes, and keep what was committed when it is killed."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.create_function("casefold", 1, lambda text: text and text.casefold(), deterministic=True)


def _brief(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
