"""Correcting, removing and restoring articles; older versions; copies; libraries of an older Byline."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.answer import count_accounts
from index.errors import BylineError
from index.ingest import add, edit, remove, restore
from index.library import Library
from index.search import search
from index.stores import Stores
from index.watching import watch
from tests.test_ingest import agree, titles
from ui.cli import main

REPORT = [
    f"Sentence {n} of the report tells how the harbour council of Norbury means to widen quay number {n * 7}."
    for n in range(20)
]

OTHER = [
    f"Pupils of school {n} were taught {n * 3} hours of music a week, more than the {n + 50} of the year before."
    for n in range(20)
]


# Corrections


def test_a_correction_is_found_shown_and_survives_the_next_version(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    boats = next(entry.id for entry in stores.library.entries() if entry.title == "Boats")
    article = edit(
        stores, boats, {"published": "2021-05-06T07:08:00+02:00", "authors": "Ann Roe; Bo Li", "section": "Sea"}
    )
    assert (article.published, article.authors, article.section) == (
        "2021-05-06T07:08:00+02:00",
        ("Ann Roe", "Bo Li"),
        "Sea",
    )
    assert (
        dict(article.origins)["published"] == "corrected by hand" and dict(article.origins)["title"] == "front matter"
    )
    assert [hit.passage.article_id for hit in search(stores, "boats", k=9, since="2021-01-01")] == [boats]
    assert agree(stores)
    file = folder / "boats.md"
    assert add(stores, [folder]).counts() == {"unchanged": 2}
    file.write_text(file.read_text().replace("Boats float.", "Boats swim.").replace("2020-01-03", "2020-01-04"))
    assert add(stores, [folder]).counts() == {"unchanged": 1, "updated": 1}
    article = stores.library.article(boats)
    assert "swim" in article.text and article.published == "2021-05-06T07:08:00+02:00"
    article = edit(stores, boats, {"published": None})
    assert (article.published, dict(article.origins)["published"]) == ("2020-01-04", "front matter")
    assert article.section == "Sea"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"published": "soon"}, "published cannot be 'soon'. Write it as 2014-09-15T10:30:00"),
        ({"colour": "red"}, "has no 'colour' that can be corrected"),
        ({"url": "quay"}, "url cannot be 'quay'"),
    ],
)
def test_what_cannot_be_corrected_changes_nothing(
    stores: Stores, folder: Path, changes: dict[str, str | None], problem: str
) -> None:
    add(stores, [folder])
    before = stores.library.articles()
    with pytest.raises(BylineError) as caught:
        edit(stores, next(iter(before)), {"title": "Other", **changes})
    assert problem in str(caught.value)
    assert stores.library.articles() == before and not stores.library.corrections()


# Removed, restored, replaced


def test_a_removed_article_is_restored_as_it_was(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    before = stores.library.articles()
    ids = list(before)
    remove(stores, ids)
    assert not stores.library.articles() and set(stores.library.removed()) == set(ids)
    citation = before[ids[0]]
    assert stores.library.article_version(citation.id, citation.version) == citation
    restore(stores, ids)
    assert stores.library.articles() == before and not stores.library.removed() and agree(stores)
    assert add(stores, [folder]).counts() == {"unchanged": 2}
    with pytest.raises(BylineError, match="No removed article"):
        restore(stores, ids)


def test_what_is_removed_for_ever_is_gone(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    article = next(iter(stores.library.articles().values()))
    remove(stores, [article.id], forever=True)
    assert not stores.library.removed()
    with pytest.raises(BylineError, match="not in the library any more"):
        stores.library.article_version(article.id, article.version)


def test_a_replaced_text_stays_readable(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    old = next(article for article in stores.library.articles().values() if article.title == "Boats")
    (folder / "boats.md").write_text("---\ntitle: Boats\n---\n\nNew words.\n")
    add(stores, [folder])
    assert stores.library.article(old.id).text == "New words."
    assert stores.library.article_version(old.id, old.version).text == old.text


# Copies


def write(folder: Path, name: str, outlet: str, sentences: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(f"---\noutlet: {outlet}\n---\n\n" + "\n\n".join(sentences))


def accounts(stores: Stores) -> list[set[str]]:
    """The files of each account."""
    found: dict[str | None, set[str]] = {}
    for article in stores.library.articles().values():
        found.setdefault(article.account, set()).add(Path(article.file).stem)
    return sorted(found.values(), key=sorted)


def test_copies_are_one_account_whatever_comes_first_and_part_when_one_goes(stores: Stores, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    write(folder, "a", "One", REPORT)
    write(folder, "b", "Two", ["A new lead of its own.", *REPORT[:12]])
    write(folder, "other", "Three", OTHER)
    add(stores, [folder])
    assert accounts(stores) == [{"a", "b"}, {"other"}]
    write(folder, "c", "Four", REPORT[8:][::-1])
    add(stores, [folder])
    assert accounts(stores) == [{"a", "b", "c"}, {"other"}]
    assert count_accounts(stores.library.articles().values()) == 2
    entries = {entry.file: entry for entry in stores.library.entries()}
    assert entries["a.md"].account == entries["c.md"].account != entries["other.md"].account
    (folder / "a.md").write_text("Something else altogether, and not one word of the old report is left of it.")
    add(stores, [folder])
    assert accounts(stores) == [{"a"}, {"b"}, {"c"}, {"other"}]
    write(folder, "a", "One", REPORT)
    add(stores, [folder])
    remove(stores, [entries["b.md"].id])
    assert accounts(stores) == [{"a", "c"}, {"other"}]


# A library of the first schema


def test_an_older_library_is_brought_up_to_date(open_here: Callable[..., Stores], folder: Path) -> None:
    first = open_here()
    add(first, [folder])
    before = first.library.articles()
    first.close()
    make_old(first.settings.folder / "library.sqlite3")
    second = open_here()
    assert second.library.articles() == before
    assert agree(second)
    assert add(second, [folder]).counts() == {"unchanged": 2}
    article = next(iter(before.values()))
    assert second.library.article_version(article.id, article.version) == article
    remove(second, list(before))
    restore(second, list(before))


def make_old(path: Path) -> None:
    """Turn a library into what the first Byline made: fewer tables, fewer columns."""
    with sqlite3.connect(path) as db:
        for table in ("versions", "corrections", "copies", "bands"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DROP INDEX ix_files_container")
        for column in ("section", "language", "pages", "origins", "modified", "version", "account"):
            db.execute(f"ALTER TABLE articles DROP COLUMN {column}")
        for column in ("container", "etag", "modified"):
            db.execute(f"ALTER TABLE files DROP COLUMN {column}")
        db.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    db.close()


def test_a_library_of_the_second_schema_is_brought_up_to_date(open_here: Callable[..., Stores], folder: Path) -> None:
    first = open_here()
    add(first, [folder])
    before = first.library.articles()
    first.close()
    with sqlite3.connect(first.settings.folder / "library.sqlite3") as db:
        for table in ("articles", "versions"):
            db.execute(f"ALTER TABLE {table} DROP COLUMN modified")
        db.execute("UPDATE meta SET value = '2' WHERE key = 'schema'")
    db.close()
    second = open_here()
    assert second.library.articles() == before and agree(second)
    (folder / "boats.md").write_text("---\ntitle: Boats\nmodified: 2020-02-01\n---\n\nNew words.\n")
    add(second, [folder])
    assert {article.modified for article in second.library.articles().values()} == {None, "2020-02-01"}


def test_a_library_of_a_newer_byline_is_refused(open_here: Callable[..., Stores]) -> None:
    first = open_here()
    first.close()
    with sqlite3.connect(first.settings.folder / "library.sqlite3") as db:
        db.execute("UPDATE meta SET value = '4' WHERE key = 'schema'")
    db.close()
    with pytest.raises(BylineError, match="schema '4', and this Byline uses '3'"):
        open_here()


# Watching


def test_a_watched_folder_is_followed_deletions_included(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    stop = threading.Event()
    seen: list[dict[str, int]] = []

    def follow() -> None:
        for report in watch(stores, [folder], stop=stop):
            seen.append(report.counts())

    thread = threading.Thread(target=follow)
    thread.start()
    time.sleep(0.5)
    (folder / "cars.md").write_text("Cars drive.")
    wait_for(lambda: len(seen) == 1)
    (folder / "boats.md").unlink()
    wait_for(lambda: len(seen) == 2)
    stop.set()
    thread.join(20)
    assert seen == [{"added": 1}, {"removed": 1}]
    assert titles(stores) == ["Apples", None] and agree(stores)


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "nothing was seen"
        time.sleep(0.05)


# Commands


def test_the_commands_of_a_library(tmp_path: Path, folder: Path) -> None:
    library = tmp_path / "commands"

    def byline(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(main, [*arguments, "--library", str(library)])
        assert done.exit_code == code, done.output
        return done.stdout

    (folder / "t.csv").write_text("Body,Day\nTrains run on time here.,2020-03-04\n")
    out = byline("add", str(folder), "--column", "text=Body", "--column", "published=Day", "--json")
    assert sorted(line["outcome"] for line in json.loads(out)) == ["added"] * 3
    entries = json.loads(byline("articles", "--json", "--since", "2020-03-01"))
    assert [entry["published"] for entry in entries] == ["2020-03-04"]
    id = entries[0]["id"]
    assert "column Day" in byline("edit", id)
    assert "2020-03-05" in byline("edit", id, "--published", "2020-03-05", "--author", "Ann Roe")
    assert json.loads(byline("edit", id, "--reset", "published", "--json"))["published"]["value"] == "2020-03-04"
    assert "in step" in byline("status")
    byline("remove", id)
    assert id in byline("articles", "--removed") and id not in byline("articles")
    byline("restore", id)
    assert id in byline("articles")
    assert json.loads(byline("repair", "--json"))["in_step"]
    held = Library(library)
    held._engine.dispose()
    (library / "lexical" / "meta.json").unlink()
    assert not json.loads(byline("status", "--json", code=1))["in_step"]
    byline("repair")
    byline("status")
    assert "is no address of a page" in CliRunner().invoke(main, ["add", "http://", "--library", str(library)]).stderr
