"""The library: articles, passages and the ledger of files in SQL, the one source of truth.

Chroma and tantivy follow it. Each article row has a state, and that state is the write-ahead intent:
`pending` rows may or may not have vectors yet, `ready` rows have them, `removing` rows are on their way
out. Readers see `ready` rows only, so a process killed anywhere leaves a library that answers from what
was published, and `Library.leftovers` names what the next writer has to clear away.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import filelock
import sqlalchemy as sa

from index.articles import Article
from index.errors import BylineError
from index.limits import UNLIMITED, Limits
from index.passages import Passage

SCHEMA = "1"
FILE_NAME = "library.sqlite3"

Outcome = Literal["added", "unchanged", "updated", "removed", "failed", "missing"]

_tables = sa.MetaData()
_meta = sa.Table("meta", _tables, sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text))
_articles = sa.Table(
    "articles",
    _tables,
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False, index=True),
    sa.Column("title", sa.Text),
    sa.Column("outlet", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("published", sa.Text),
    sa.Column("authors", sa.JSON, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sqlite_autoincrement=True,  # a key is never used twice: vectors are filed under passage keys
)
_passages = sa.Table(
    "passages",
    _tables,
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("article", sa.Integer, sa.ForeignKey("articles.key"), nullable=False, index=True),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("sentences", sa.JSON, nullable=False),  # [[start, end], …]
    sqlite_autoincrement=True,
)
_files = sa.Table(
    "files",
    _tables,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("size", sa.Integer),
    sa.Column("mtime_ns", sa.Integer),
    sa.Column("digest", sa.Text),  # SHA-256 of the bytes; null when they are not in the library
    sa.Column("article_id", sa.Text, index=True),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("at", sa.Text, nullable=False),
)
_ready = _articles.c.state == "ready"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list of articles."""

    id: str
    title: str | None
    outlet: str | None
    published: str | None
    file: str
    passages: int


@dataclass(frozen=True, slots=True)
class File:
    """One line of the ledger: what became of a file when it was last looked at."""

    path: str
    outcome: Outcome
    size: int | None = None
    mtime_ns: int | None = None
    digest: str | None = None
    article_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Staged:
    """An article written as `pending`, with the keys that its passages got."""

    key: int
    article: Article
    passages: tuple[tuple[int, Passage], ...]


def open_library(folder: Path, *, built_by: Mapping[str, str]) -> "Library":
    """Open the library in `folder`, or start one there.

    `built_by` names whatever decides what is stored (model, passage size, …). A library that was built by
    anything else raises BylineError naming both, because mixing them would give bad results in silence.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        library = Library(folder)
        library.claim({"schema": SCHEMA, **built_by})
    except (OSError, sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
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
        _tables.create_all(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def claim(self, built_by: Mapping[str, str]) -> None:
        """Record `built_by` in a new library; raise BylineError if the library says something else."""
        with self._engine.begin() as db:
            stored = {row.key: row.value for row in db.execute(sa.select(_meta.c.key, _meta.c.value))}
            if not stored:
                rows = {**built_by, "generation": "0"}
                db.execute(_meta.insert(), [{"key": k, "value": v} for k, v in rows.items()])
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
        count = sa.func.count(_passages.c.key).label("passages")
        columns = (_articles.c[name] for name in ("id", "title", "outlet", "published", "file"))
        query = (
            sa.select(*columns, count)
            .join(_passages, isouter=True)
            .where(_within(limits))
            .group_by(_articles.c.key)
            .order_by(_articles.c.published.is_(None), _articles.c.published, _articles.c.file)
        )
        with self._engine.connect() as db:
            return [Entry(**row._mapping) for row in db.execute(query)]

    def article(self, id: str) -> Article:
        """Return the article called `id`; raise BylineError if there is none."""
        found = self.articles([id])
        if not found:
            raise BylineError(f"No article is called {id!r}. `byline articles` lists what the library has.")
        return found[id]

    def articles(self, ids: Iterable[str] | None = None) -> dict[str, Article]:
        """Return the articles called `ids` (default: every one) by id; unknown ids are left out."""
        query = sa.select(_articles).where(_ready).order_by(_articles.c.key)
        if ids is not None:
            query = query.where(_articles.c.id.in_(list(ids)))
        with self._engine.connect() as db:
            return {row.id: _article(row) for row in db.execute(query)}

    def passages(self, keys: Iterable[int] | None = None) -> dict[int, Passage]:
        """Return the published passages with `keys` (default: every one) by key; others are left out."""
        query = sa.select(_articles.c.id, _passages).join(_articles).where(_ready).order_by(_passages.c.key)
        if keys is not None:
            query = query.where(_passages.c.key.in_(list(keys)))
        with self._engine.connect() as db:
            return {row.key: _passage(row) for row in db.execute(query)}

    def keys_within(self, limits: Limits) -> list[int]:
        """Return the keys of the published passages of articles within `limits`."""
        query = sa.select(_passages.c.key).join(_articles).where(_within(limits)).order_by(_passages.c.key)
        with self._engine.connect() as db:
            return list(db.execute(query).scalars())

    def outlets(self) -> dict[str, int]:
        """Return the outlets that articles name, by name, with how many articles each has."""
        query = (
            sa.select(_articles.c.outlet, sa.func.count())
            .where(_ready, _articles.c.outlet.is_not(None))
            .group_by(_articles.c.outlet)
            .order_by(_articles.c.outlet)
        )
        with self._engine.connect() as db:
            return {row[0]: row[1] for row in db.execute(query)}

    def count_passages(self) -> tuple[int, int]:
        """Return how many passages are published, and how many are not (pending or on their way out)."""
        query = sa.select(_ready, sa.func.count()).select_from(_passages.join(_articles)).group_by(_ready)
        with self._engine.connect() as db:
            found = {bool(ready): count for ready, count in db.execute(query)}
        return found.get(True, 0), found.get(False, 0)

    def ledger(self) -> dict[str, File]:
        """Return what became of every file that was ever looked at, by path."""
        columns = [_files.c[name] for name in File.__slots__]
        with self._engine.connect() as db:
            return {row.path: File(**row._mapping) for row in db.execute(sa.select(*columns))}

    def generation(self) -> int:
        """Return a number that grows whenever something is published or retired."""
        with self._engine.connect() as db:
            return int(db.execute(sa.select(_meta.c.value).where(_meta.c.key == "generation")).scalar() or 0)

    # What the one writer does, in this order

    def stage(self, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> list[Staged]:
        """Write articles and their passages as `pending`: kept, but not yet seen by readers."""
        staged = []
        with self._engine.begin() as db:
            for article, passages in articles:
                (key,) = _inserted(db.execute(_articles.insert().values(state="pending", **_columns(article))))
                rows = [{"article": key, "start": p.start, "end": p.end, "sentences": p.sentences} for p in passages]
                query = _passages.insert().returning(_passages.c.key, sort_by_parameter_order=True)
                keys = db.execute(query, rows).scalars().all() if rows else []
                staged.append(Staged(key, article, tuple(zip(keys, passages, strict=True))))
        return staged

    def publish(self, staged: Sequence[Staged], files: Sequence[File], *, replaced: Iterable[str] = ()) -> None:
        """Make staged articles ready, retire what they replace and note `files`, all at once or not at all.

        An article replaces the one with its own id; `replaced` names others, of files whose address changed.
        """
        keys = [one.key for one in staged]
        ids = [*replaced, *(one.article.id for one in staged)]
        with self._engine.begin() as db:
            db.execute(_articles.update().where(_ready & _articles.c.id.in_(ids)).values(state="removing"))
            db.execute(_articles.update().where(_articles.c.key.in_(keys)).values(state="ready"))
            _note(db, files)
            if staged:
                _advance(db)

    def note(self, files: Sequence[File]) -> None:
        """Write `files` into the ledger."""
        with self._engine.begin() as db:
            _note(db, files)

    def retire(self, ids: Iterable[str]) -> None:
        """Take articles from the readers' sight and forget their bytes, so that adding brings them back."""
        wanted = list(ids)
        with self._engine.begin() as db:
            db.execute(_articles.update().where(_ready & _articles.c.id.in_(wanted)).values(state="removing"))
            gone = {"digest": None, "article_id": None, "outcome": "removed", "reason": None, "at": _now()}
            db.execute(_files.update().where(_files.c.article_id.in_(wanted)).values(gone))
            _advance(db)

    def leftovers(self) -> list[int]:
        """Return the keys of passages that are not published: replaced, removed or interrupted."""
        query = sa.select(_passages.c.key).join(_articles).where(~_ready)
        with self._engine.connect() as db:
            return list(db.execute(query).scalars())

    def purge(self) -> None:
        """Delete every row that is not published; call it when vectors and terms are gone."""
        gone = sa.select(_articles.c.key).where(~_ready)
        with self._engine.begin() as db:
            db.execute(_passages.delete().where(_passages.c.article.in_(gone)))
            db.execute(_articles.delete().where(~_ready))


def _configure(connection: Any, _record: Any) -> None:
    """Let readers go on while one process writes, and keep what was committed when it is killed."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.create_function("casefold", 1, lambda text: text and text.casefold(), deterministic=True)


def _within(limits: Limits) -> sa.ColumnElement[bool]:
    """Return the condition of being published here and within `limits`."""
    day = sa.func.substr(_articles.c.published, 1, 10)
    conditions = [_ready]
    if limits.outlets:  # folded by Python: SQLite's own lower() knows ASCII only
        conditions.append(sa.func.casefold(_articles.c.outlet).in_([outlet.casefold() for outlet in limits.outlets]))
    if limits.since:
        conditions.append(day >= limits.since)
    if limits.until:
        conditions.append(day <= limits.until)
    return sa.and_(*conditions)


def _columns(article: Article) -> dict[str, Any]:
    names = ("id", "file", "path", "title", "outlet", "url", "published", "text")
    return {"authors": list(article.authors)} | {name: getattr(article, name) for name in names}


def _article(row: sa.Row[Any]) -> Article:
    values = {name: getattr(row, name) for name in Article.__slots__}
    return Article(**values | {"authors": tuple(row.authors)})


def _passage(row: sa.Row[Any]) -> Passage:
    return Passage(row.id, row.start, row.end, tuple((start, end) for start, end in row.sentences))


def _inserted(result: sa.CursorResult[Any]) -> tuple[int, ...]:
    key = result.inserted_primary_key
    assert key is not None
    return tuple(key)


def _note(db: sa.Connection, files: Sequence[File]) -> None:
    if not files:
        return
    db.execute(_files.delete().where(_files.c.path.in_([file.path for file in files])))
    rows = [{name: getattr(file, name) for name in File.__slots__} | {"at": _now()} for file in files]
    db.execute(_files.insert(), rows)


def _advance(db: sa.Connection) -> None:
    """Count one more change of what readers see."""
    value = sa.cast(sa.cast(_meta.c.value, sa.Integer) + 1, sa.Text)
    db.execute(_meta.update().where(_meta.c.key == "generation").values(value=value))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _brief(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
