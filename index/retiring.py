"""What changes together in the library: articles that go, texts that stay readable, accounts, the ledger."""

from collections.abc import Sequence

import sqlalchemy as sa

from index.articles import Article
from index.records import File
from index.rows import FACTS, chunks, columns_of, now
from index.schema import articles as articles_
from index.schema import copies, files, meta, ready, versions


def note(db: sa.Connection, lines: Sequence[File]) -> None:
    """Write lines into the ledger, each in place of the one before."""
    for part in chunks([line.path for line in lines]):
        db.execute(files.delete().where(files.c.path.in_(part)))
    rows = [{name: getattr(line, name) for name in File.__slots__} | {"at": now()} for line in lines]
    if rows:
        db.execute(files.insert(), rows)


def take_out(db: sa.Connection, ids: Sequence[str], *, removed: bool) -> set[int]:
    """Turn ready articles into removing ones, keep their texts, and return the keys of their copies."""
    names = [*FACTS, "version", "id"]
    held = articles_.outerjoin(files, files.c.path == articles_.c.path)
    near: set[int] = set()
    for part in chunks(ids):
        mine = ready & articles_.c.id.in_(part)
        columns = [articles_.c[name] for name in names]
        kept = sa.select(*columns, files.c.digest, files.c.container, sa.literal(removed), sa.literal(now()))
        query = kept.select_from(held).where(mine)
        db.execute(versions.insert().from_select([*names, "digest", "container", "removed", "at"], query))
        keys = sa.select(articles_.c.key).where(mine)
        near |= set(db.execute(sa.select(copies.c.one).where(copies.c.other.in_(keys))).scalars())
        near |= set(db.execute(sa.select(copies.c.other).where(copies.c.one.in_(keys))).scalars())
        db.execute(articles_.update().where(mine).values(state="removing"))
    return near


def keep_editions(db: sa.Connection, editions: Sequence[tuple[Article, File]]) -> None:
    """Keep the texts of articles that readers do not find, because another file has a later one."""
    for article, line in editions:
        of_this = (versions.c.id == article.id) & (versions.c.path == article.path)
        db.execute(versions.delete().where(of_this, versions.c.version == article.version))
        facts = {"digest": line.digest, "container": line.container, "removed": False, "at": now()}
        db.execute(versions.insert().values(**columns_of(article), **facts))


def tell_accounts(db: sa.Connection, touched: set[int]) -> None:
    """Give the articles that are connected by copies one account: the least of their ids."""
    done: set[int] = set()
    for key in sorted(touched):
        if key in done:
            continue
        group = _connected(db, key)
        done |= group
        for part in chunks(sorted(group)):
            mine = articles_.c.key.in_(part)
            ids = db.execute(sa.select(articles_.c.id).where(mine, ready)).scalars().all()
            account = min(ids) if len(ids) > 1 else None
            db.execute(articles_.update().where(mine).values(account=account))


def _connected(db: sa.Connection, key: int) -> set[int]:
    """Return the keys of the ready articles that copies connect with `key`, itself among them."""
    group, fresh = {key}, {key}
    while fresh:
        either = sa.select(copies.c.one, copies.c.other).where(copies.c.one.in_(fresh) | copies.c.other.in_(fresh))
        near = {end for row in db.execute(either) for end in row} - group
        fresh = set(db.execute(sa.select(articles_.c.key).where(ready, articles_.c.key.in_(near))).scalars())
        group |= fresh
    return group


def advance(db: sa.Connection) -> None:
    """Count one more change of what readers see."""
    value = sa.cast(sa.cast(meta.c.value, sa.Integer) + 1, sa.Text)
    db.execute(meta.update().where(meta.c.key == "generation").values(value=value))
