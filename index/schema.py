"""The tables of a library, and how an older library comes to have them."""

import hashlib

import sqlalchemy as sa

SCHEMA = "3"
OLDER = ("1", "2")

tables = sa.MetaData()
meta = sa.Table("meta", tables, sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text))


def _facts() -> list[sa.Column[object]]:
    """Return the columns that keep one `Article`."""
    return [
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False, index=True),
        sa.Column("title", sa.Text),
        sa.Column("outlet", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("published", sa.Text),
        sa.Column("authors", sa.JSON, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("section", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("modified", sa.Text),
        sa.Column("pages", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("origins", sa.JSON, nullable=False, server_default="[]"),  # [[fact, where], …]
        sa.Column("version", sa.Text, nullable=False, server_default=""),  # of the text: `Article.version`
    ]


articles = sa.Table(
    "articles",
    tables,
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False, index=True),
    *_facts(),
    sa.Column("account", sa.Text),  # the least id of its copies; null where there is none
    sqlite_autoincrement=True,  # a key is never used twice: vectors are filed under passage keys
)
passages = sa.Table(
    "passages",
    tables,
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("article", sa.Integer, sa.ForeignKey("articles.key"), nullable=False, index=True),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("sentences", sa.JSON, nullable=False),  # [[start, end], …]
    sqlite_autoincrement=True,
)
files = sa.Table(
    "files",
    tables,
    sa.Column("path", sa.Text, primary_key=True),  # or an address
    sa.Column("size", sa.Integer),
    sa.Column("mtime_ns", sa.Integer),
    sa.Column("digest", sa.Text),  # SHA-256 of the bytes; null when they are not in the library
    sa.Column("article_id", sa.Text, index=True),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("container", sa.Text, index=True),  # path of the archive, mailbox or feed that it came in
    sa.Column("etag", sa.Text),  # what a server said of an address, to be asked again
    sa.Column("modified", sa.Text),
)
versions = sa.Table(
    "versions",  # texts that readers no longer find, but old citations still point into
    tables,
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, index=True),
    sa.Column("removed", sa.Boolean, nullable=False),  # by a person, who may want it back; else replaced
    sa.Column("digest", sa.Text),  # of the file, as the ledger had it
    sa.Column("container", sa.Text),
    sa.Column("at", sa.Text, nullable=False),
    *_facts(),
)
corrections = sa.Table(
    "corrections",
    tables,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("fact", sa.Text, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("before", sa.JSON, nullable=False),  # [what the file says, where it says so]
    sa.Column("at", sa.Text, nullable=False),
)
bands = sa.Table(
    "bands",  # articles that share a band may be copies of each other
    tables,
    sa.Column("band", sa.Integer, primary_key=True),
    sa.Column("article", sa.Integer, sa.ForeignKey("articles.key"), primary_key=True, index=True),
    sa.Column("size", sa.Integer, nullable=False),  # how many shingles the article has
    sqlite_with_rowid=False,
)
copies = sa.Table(
    "copies",  # and these are
    tables,
    sa.Column("one", sa.Integer, sa.ForeignKey("articles.key"), primary_key=True),
    sa.Column("other", sa.Integer, sa.ForeignKey("articles.key"), primary_key=True, index=True),
    sa.Column("overlap", sa.Float, nullable=False),
)
# Nearly every row is ready: SQLite must not look that up in the index on state, which `concat` keeps it from.
ready = articles.c.state.concat("") == "ready"
UNREADY = ("pending", "removing")


def migrate(engine: sa.Engine) -> None:
    """Add to a library of an older schema what it lacks, all at once or not at all; nothing that it has is changed."""
    with engine.begin() as db:
        db.exec_driver_sql("BEGIN IMMEDIATE")  # Python's sqlite3 would begin at the first change of a row only
        stored = db.execute(sa.select(meta.c.value).where(meta.c.key == "schema")).scalar()
        if stored not in OLDER:
            return
        for table in (articles, files, versions):
            here = {row[1] for row in db.exec_driver_sql(f"PRAGMA table_info({table.name})")}
            for column in table.columns:
                if column.name not in here:
                    definition = sa.schema.CreateColumn(column).compile(dialect=engine.dialect)
                    db.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
        for index in files.indexes:
            index.create(db, checkfirst=True)
        for key, text in db.execute(sa.select(articles.c.key, articles.c.text).where(articles.c.version == "")).all():
            version = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]
            db.execute(articles.update().where(articles.c.key == key).values(version=version))
        db.execute(meta.update().where(meta.c.key == "schema").values(value=SCHEMA))
