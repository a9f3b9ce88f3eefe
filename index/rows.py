"""Rows of the library's tables from values and back, and conditions on them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from index.articles import Article
from index.limits import Limits
from index.passages import Passage
from index.records import Entry
from index.schema import articles as articles_
from index.schema import ready

FACTS = tuple(name for name in Article.__slots__ if name not in ("id", "account"))
_MANY = 10_000  # values of one condition; SQLite refuses more than 32,766


def columns_of(article: Article) -> dict[str, Any]:
    """Return an article as the columns of its row."""
    lists = {"authors": list(article.authors), "pages": list(article.pages), "origins": list(article.origins)}
    plain = {name: getattr(article, name) for name in FACTS if name not in lists}
    return {"id": article.id, "version": article.version} | plain | lists


def article_of(row: sa.Row[Any]) -> Article:
    """Return the article of a row, of the articles or of their versions."""
    values = {name: getattr(row, name) for name in FACTS}
    lists = {
        "authors": tuple(row.authors),
        "pages": tuple(row.pages),
        "origins": tuple((fact, where) for fact, where in row.origins),
    }
    account = row._mapping.get("account") or row.id
    return Article(id=row.id, account=account, **values | lists)


def entry_of(row: Any) -> Entry:
    """Return one line of the list of articles."""
    return Entry(**{**row._mapping, "authors": tuple(row.authors), "account": row.account or row.id})


def fact_of(value: Any) -> Any:
    """Return a fact as articles have it: JSON has no tuples."""
    return tuple(value) if isinstance(value, list) else value


def passage_of(row: sa.Row[Any]) -> Passage:
    """Return the passage of a row."""
    return Passage(row.id, row.start, row.end, tuple((start, end) for start, end in row.sentences))


def inserted_key(result: sa.CursorResult[Any]) -> tuple[int, ...]:
    """Return the primary key of a row that was just inserted."""
    key = result.inserted_primary_key
    assert key is not None
    return tuple(key)


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Return values in parts that one condition of SQLite may have."""
    return (values[i : i + _MANY] for i in range(0, len(values), _MANY))


def listed(values: Sequence[int]) -> sa.Select[Any]:
    """Return numbers as the rows of one JSON value: of a list SQLAlchemy makes a parameter each, which takes longer."""
    return sa.select(sa.func.json_each(json.dumps(values)).table_valued("value").c.value)


def parts_of(query: sa.Select[Any], column: sa.Column[Any], values: Iterable[Any] | None) -> Iterator[sa.Select[Any]]:
    """Yield `query` for `column` among `values`, in parts that SQLite accepts; for every row where that is None."""
    if values is None:
        yield query
        return
    for part in chunks(list(values)):
        yield query.where(column.in_(part))


def within(limits: Limits) -> sa.ColumnElement[bool]:
    """Return the condition of being published here and within `limits`."""
    day = sa.func.substr(articles_.c.published, 1, 10)
    conditions = [ready]
    if limits.outlets:  # folded by Python: SQLite's own lower() knows ASCII only
        conditions.append(sa.func.casefold(articles_.c.outlet).in_([outlet.casefold() for outlet in limits.outlets]))
    if limits.since:
        conditions.append(day >= limits.since)
    if limits.until:
        conditions.append(day <= limits.until)
    return sa.and_(*conditions)


def now() -> str:
    """Return the time, as the ledger notes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
