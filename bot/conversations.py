"""Saved conversations with their citations, in SQL beside the library."""

import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from bot.answer import Answer, as_json, from_json
from index.articles import Article
from index.errors import BylineError
from index.library import Library, connect

LONGEST_TITLE = 80  # characters of a title taken from a question
KEPT = timedelta(days=30)  # how long a deleted conversation can be brought back

Verdict = Literal["good", "bad"]

_tables = sa.MetaData()
_conversations = sa.Table(
    "conversations",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("title", sa.Text, nullable=False),  # empty until somebody asks or names it
    sa.Column("words", sa.Text, nullable=False),  # the title, folded for the search
    sa.Column("created", sa.Text, nullable=False),
    sa.Column("changed", sa.Text, nullable=False),  # to microseconds: the list is in this order
    sa.Column("deleted", sa.Text),
    sqlite_autoincrement=True,  # an id is never used twice: it may stand in somebody's script
)
_turns = sa.Table(
    "turns",
    _tables,
    sa.Column("conversation", sa.Integer, sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("answer", sa.JSON, nullable=False),  # see bot.answer.as_json
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("words", sa.Text, nullable=False),  # question, query and answer, folded for the search
    sa.Column("verdict", sa.Text),
    sa.Column("why", sa.Text, nullable=False, default=""),
)
_unanswered = sa.Table(  # what was asked last, until its turn is written
    "unanswered",
    _tables,
    sa.Column("conversation", sa.Integer, sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One line of the list of conversations."""

    id: int
    title: str
    created: str  # ISO 8601, UTC; so is the next
    changed: str
    turns: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation with its answer, and what produced it."""

    number: int  # counts from 1 within one conversation
    answer: Answer
    asked: str  # ISO 8601, UTC
    limits: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    verdict: Verdict | None = None  # what the person thought of the answer
    why: str = ""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that was asked and has no answer yet, or never got one; and how it was asked."""

    question: str
    limits: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


class Conversations:
    """The saved conversations of one library; safe to share between threads, and between processes."""

    def __init__(self, library: Library) -> None:
        """Keep conversations in the database of `library`, whose articles they cite."""
        self._library = library
        self._engine = connect(library.folder)
        with self._reported():
            _tables.create_all(self._engine)
            self._forget(before=datetime.now(UTC) - KEPT)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def create(self, title: str = "") -> Conversation:
        """Start a conversation; without a title it takes that of its first question."""
        now = _now()
        with self._begin() as db:
            query = _conversations.insert().values(**_titled(title), created=now, changed=now)
            id = db.execute(query.returning(_conversations.c.id)).scalar_one()
        return self.get(id)

    def get(self, id: int) -> Conversation:
        """Return one conversation; BylineError if there is none, or it was deleted."""
        found = self._list(_conversations.c.id == id)
        if not found:
            raise _unknown(id)
        return found[0]

    def entries(self) -> list[Conversation]:
        """Return the conversations, the one that changed last first."""
        return self._list()

    def search(self, words: str) -> list[Conversation]:
        """Return the conversations that have all of `words` in their title or turns, whole or in part."""
        said = _turns.alias()
        here = sa.select(said.c.number).where(said.c.conversation == _conversations.c.id)
        return self._list(
            *(
                _conversations.c.words.contains(word, autoescape=True)
                | here.where(said.c.words.contains(word, autoescape=True)).exists()
                for word in _fold(words).split()
            )
        )

    def rename(self, id: int, title: str) -> Conversation:
        """Give a conversation another title."""
        if not title.strip():
            raise BylineError("The title is empty. Give the conversation a name that you will know it by.")
        with self._begin() as db:
            _update(db, id, **_titled(title))
        return self.get(id)

    def delete(self, id: int) -> None:
        """Delete a conversation; `restore` brings it back within `KEPT`, then it is erased."""
        with self._begin() as db:
            _update(db, id, deleted=_now())

    def restore(self, id: int) -> Conversation:
        """Bring a deleted conversation back; BylineError if it is not there any more."""
        with self._begin() as db:
            query = _conversations.update().where(_conversations.c.id == id).values(deleted=None)
            if not db.execute(query).rowcount:
                raise _unknown(id)
        return self.get(id)

    def erase(self, id: int) -> None:
        """Delete a conversation for good, with everything that it holds."""
        with self._begin() as db:
            db.execute(_turns.delete().where(_turns.c.conversation == id))
            db.execute(_unanswered.delete().where(_unanswered.c.conversation == id))
            if not db.execute(_conversations.delete().where(_conversations.c.id == id)).rowcount:
                raise _unknown(id)

    def ask(self, id: int, question: str, *, limits: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        """Note a question before it is answered, so that nothing can lose it; it replaces one that waits."""
        now = _now()
        row = {"asked": now, "question": question, "limits": dict(limits), "settings": dict(settings)}
        with self._begin() as db:
            _touch(db, id, question, now)
            db.execute(_unanswered.delete().where(_unanswered.c.conversation == id))
            db.execute(_unanswered.insert().values(conversation=id, **row))

    def unanswered(self, id: int) -> Unanswered | None:
        """Return the question of a conversation that has no answer, if it has one."""
        with self._reported(), self._engine.connect() as db:
            row = db.execute(sa.select(_unanswered).where(_unanswered.c.conversation == id)).one_or_none()
        return Unanswered(row.question, row.limits, row.settings) if row else None

    def drop(self, id: int) -> None:
        """Let go of the question that has no answer: it was taken back, or whoever asked knows why there is none."""
        with self._begin() as db:
            db.execute(_unanswered.delete().where(_unanswered.c.conversation == id))

    def add(
        self,
        id: int,
        answer: Answer,
        *,
        limits: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Turn:
        """Write a turn behind the others, with the limits and settings that produced the answer, as JSON has them."""
        held = {"answer": as_json(answer), "limits": dict(limits or {}), "settings": dict(settings or {})}
        words, now = _fold(f"{answer.question} {answer.standalone} {answer.said}"), _now()
        here = _turns.c.conversation == id
        with self._begin() as db:
            # Written first: from here on no other process writes, so that the number below stays free.
            _touch(db, id, answer.question, now)
            db.execute(_unanswered.delete().where(_unanswered.c.conversation == id))
            number = (db.execute(sa.select(sa.func.max(_turns.c.number)).where(here)).scalar() or 0) + 1
            db.execute(_turns.insert().values(conversation=id, number=number, asked=now, words=words, **held))
        return Turn(number, answer, now, held["limits"], held["settings"])

    def turns(self, id: int) -> list[Turn]:
        """Return the turns of a conversation in order; a citation whose article has changed since says so."""
        self.get(id)
        query = sa.select(_turns).where(_turns.c.conversation == id).order_by(_turns.c.number)
        with self._reported(), self._engine.connect() as db:
            rows = db.execute(query).all()
        cited = {one["article_id"] for row in rows for kind in ("citations", "nearest") for one in row.answer[kind]}
        articles = self._library.articles(cited)
        return [_turn(row, articles) for row in rows]

    def history(self, id: int) -> list[tuple[str, str]]:
        """Return the earlier questions and what was said to each, as `Bot.ask` takes them."""
        return [(turn.answer.question, turn.answer.said) for turn in self.turns(id)]

    def judge(self, id: int, number: int, verdict: Verdict | None, *, why: str = "") -> None:
        """Note what the person thought of an answer; None takes it back."""
        if verdict not in ("good", "bad", None):
            raise BylineError(f"An answer is good or bad, not {verdict!r}.")
        self.get(id)
        values = {"verdict": verdict, "why": why.strip() if verdict else ""}
        here = (_turns.c.conversation == id) & (_turns.c.number == number)
        with self._begin() as db:
            if not db.execute(_turns.update().where(here).values(values)).rowcount:
                raise BylineError(f"Conversation {id} has no turn {number}.")

    def _list(self, *conditions: sa.ColumnElement[bool]) -> list[Conversation]:
        columns = [_conversations.c[name] for name in ("id", "title", "created", "changed")]
        query = (
            sa.select(*columns, sa.func.count(_turns.c.number).label("turns"))
            .join(_turns, isouter=True)
            .where(_conversations.c.deleted.is_(None), *conditions)
            .group_by(_conversations.c.id)
            .order_by(_conversations.c.changed.desc(), _conversations.c.id.desc())
        )
        with self._reported(), self._engine.connect() as db:
            return [Conversation(**row._mapping) for row in db.execute(query)]

    def _forget(self, *, before: datetime) -> None:
        """Erase what was deleted before that moment."""
        old = sa.select(_conversations.c.id).where(_conversations.c.deleted < before.isoformat())
        with self._engine.connect() as db:
            ids = list(db.execute(old).scalars())
        if ids:  # opening only to read should not wait for a writer
            with self._engine.begin() as db:
                for table in (_turns, _unanswered):
                    db.execute(table.delete().where(table.c.conversation.in_(ids)))
                db.execute(_conversations.delete().where(_conversations.c.id.in_(ids)))

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with self._reported(), self._engine.begin() as db:
            yield db

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise BylineError(
                f"The conversations in {self._library.folder} cannot be read or written ({reason}). Check that you "
                "may write to this folder and that its disk has room."
            ) from error


def _update(db: sa.Connection, id: int, **values: Any) -> None:
    query = _conversations.update().where(_conversations.c.id == id, _conversations.c.deleted.is_(None))
    if not db.execute(query.values(**values)).rowcount:
        raise _unknown(id)


def _touch(db: sa.Connection, id: int, question: str, now: str) -> None:
    """Note that a conversation has changed; without a title it takes that of the question."""
    _update(db, id, changed=now)
    if not db.execute(sa.select(_conversations.c.title).where(_conversations.c.id == id)).scalar():
        _update(db, id, **_titled(question))


def _unknown(id: int) -> BylineError:
    return BylineError(f"There is no conversation {id}. `byline conversations` lists those that there are.")


def _turn(row: sa.Row[Any], articles: Mapping[str, Article]) -> Turn:
    answer = from_json(row.answer, articles)
    return Turn(row.number, answer, row.asked, row.limits, row.settings, row.verdict, row.why)


def _titled(title: str) -> dict[str, str]:
    line = " ".join(title.split())
    if len(line) > LONGEST_TITLE:
        line = (line[:LONGEST_TITLE].rpartition(" ")[0] or line[: LONGEST_TITLE - 1]) + "…"
    return {"title": line, "words": _fold(line)}


def _fold(text: str) -> str:
    """Return the text as the search compares it; SQLite itself folds ASCII only."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
