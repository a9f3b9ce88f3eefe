"""Adding, updating, removing: what the library holds afterwards, and what it cost."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import filelock
import pytest

from index.errors import BylineError
from index.ingest import Report, add, remove
from index.stores import Stores, bring_into_step, is_in_step
from tests.doubles import Letters


def model(stores: Stores) -> Letters:
    assert isinstance(stores.model, Letters)
    return stores.model


def titles(stores: Stores) -> list[str | None]:
    return [entry.title for entry in stores.library.entries()]


def agree(stores: Stores) -> bool:
    """The three stores hold the same passages, and nothing waits."""
    keys = stores.library.passages().keys()
    return stores.dense.keys() == keys and stores.lexical.count() == len(keys) and not stores.library.leftovers()


def test_a_folder_is_added(stores: Stores, folder: Path) -> None:
    report = add(stores, [folder])
    assert report.counts() == {"added": 2}
    assert titles(stores) == ["Apples", "Boats"]
    assert agree(stores)


def test_the_same_folder_again_embeds_nothing(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    model(stores).embedded.clear()
    assert add(stores, [folder]).counts() == {"unchanged": 2}
    assert model(stores).embedded == []


def test_a_touched_file_with_the_same_bytes_is_unchanged(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    model(stores).embedded.clear()
    (folder / "boats.md").write_bytes((folder / "boats.md").read_bytes())
    assert add(stores, [folder]).counts() == {"unchanged": 2}
    assert model(stores).embedded == []


def test_a_changed_file_replaces_its_passages(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    before = stores.library.passages().keys()
    boats = folder / "boats.md"
    boats.write_text(boats.read_text().replace("Bigger boats float too.", "Some boats sink."))
    report = add(stores, [folder])
    assert report.counts() == {"unchanged": 1, "updated": 1}
    texts = [article.text for article in stores.library.articles().values()]
    assert any("Some boats sink." in text for text in texts)
    assert not any("Bigger" in text for text in texts)
    assert len(stores.library.passages().keys() - before) == 1
    assert agree(stores)


def test_a_file_whose_address_changes_replaces_its_article(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    boats = folder / "boats.md"
    boats.write_text(boats.read_text().replace("title: Boats", "title: Boats\nurl: https://example.org/boats"))
    assert add(stores, [folder]).counts() == {"unchanged": 1, "updated": 1}
    assert titles(stores) == ["Apples", "Boats"]
    assert agree(stores)


def test_a_file_that_went_away_is_reported_and_kept(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    (folder / "boats.md").unlink()
    assert add(stores, [folder]).counts() == {"unchanged": 1, "missing": 1}
    assert titles(stores) == ["Apples", "Boats"]
    (only,) = [file for file in add(stores, [folder]).files if file.outcome == "missing"]
    assert only.path.endswith("boats.md")


def test_prune_removes_what_went_away_and_only_there(stores: Stores, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.move(folder / "boats.md", other / "boats.md")
    add(stores, [folder, other])
    (folder / "apples.md").unlink()
    (other / "boats.md").unlink()
    assert add(stores, [folder], prune=True).counts() == {"removed": 1}
    assert titles(stores) == ["Boats"]
    assert agree(stores)
    assert add(stores, [folder], prune=True).counts() == {}


def test_removed_articles_come_back_when_their_file_is_added_again(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    (gone,) = remove(stores, [stores.library.entries()[0].id])
    assert gone.title == "Apples"
    assert titles(stores) == ["Boats"]
    assert agree(stores)
    assert add(stores, [folder]).counts() == {"added": 1, "unchanged": 1}


def test_an_unknown_id_removes_nothing(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    with pytest.raises(BylineError, match="No article is called 'nothing'"):
        remove(stores, [stores.library.entries()[0].id, "nothing"])
    assert titles(stores) == ["Apples", "Boats"]


def test_a_file_that_cannot_be_read_is_failed_with_its_reason_and_the_rest_is_added(
    stores: Stores, folder: Path
) -> None:
    (folder / "broken.txt").write_bytes(b"caf\xe9 without a declared encoding")
    report = add(stores, [folder])
    assert report.counts() == {"added": 2, "failed": 1}
    (failed,) = [file for file in report.files if file.outcome == "failed"]
    assert failed.reason and "broken.txt" in failed.reason
    assert stores.library.ledger()[failed.path].reason == failed.reason


def test_a_file_that_breaks_keeps_what_the_library_has_of_it(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    boats = folder / "boats.md"
    good = boats.read_bytes()
    boats.write_bytes(b"\xff\xfe\x00")
    assert add(stores, [folder]).counts() == {"failed": 1, "unchanged": 1}
    assert titles(stores) == ["Apples", "Boats"]
    boats.write_bytes(good + b"And more.\n")
    assert add(stores, [folder]).counts() == {"updated": 1, "unchanged": 1}
    assert titles(stores) == ["Apples", "Boats"]
    assert agree(stores)


# Editions: several files with one address


def save(folder: Path, name: str, text: str, published: str = "", *, age: int = 0) -> None:
    """Write a page as it was saved from its address, `age` seconds before now."""
    date = f"published: {published}\n" if published else ""
    (folder / name).write_text(f"---\ntitle: Quay\nurl: https://example.org/quay\n{date}---\n\n{text}\n")
    then = time.time() - age
    os.utime(folder / name, (then, then))


def becomes(report: Report) -> dict[str, str]:
    return {Path(file.path).name: file.outcome for file in report.files}


def shown(stores: Stores) -> list[str]:
    return [article.text for article in stores.library.articles().values() if article.title == "Quay"]


@pytest.mark.parametrize(
    ("a", "b", "later"),
    [
        (("2020-01-05T10:00:00+01:00", 0), ("2020-01-05T09:30:00+00:00", 9), "b"),  # what the article says counts first
        (("2020-01-06", 9), ("2020-01-05T23:00:00", 0), "a"),
        (("2020-01-05", 0), ("2020-01-05T08:00:00", 9), "a"),  # the same day: then the file's time
        (("2020-01-05\nmodified: 2020-01-07", 9), ("2020-01-06", 0), "a"),
        (("", 0), ("", 9), "a"),
        (("", 9), ("", 0), "b"),
        (("", 5), ("", 5), "b"),  # nothing tells: what was read last
    ],
)
def test_of_files_with_one_address_the_latest_is_shown_and_the_others_stay_readable(
    stores: Stores, tmp_path: Path, a: tuple[str, int], b: tuple[str, int], later: str
) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    save(folder, "a.md", "Text of a.", a[0], age=a[1])
    save(folder, "b.md", "Text of b.", b[0], age=b[1])
    if a[1] == b[1]:
        os.utime(folder / "b.md", ns=(0, (folder / "a.md").stat().st_mtime_ns))
    other = "ab".replace(later, "")
    for run in range(3):
        report = add(stores, [folder])
        assert becomes(report) == {f"{later}.md": "unchanged" if run else "added", f"{other}.md": "older"}
        (line,) = [file for file in report.files if file.outcome == "older"]
        assert line.reason == f"{folder}/{other}.md: an older version at the same address as {folder}/{later}.md, " + (
            "which is shown"
        )
        assert stores.library.ledger()[line.path] == line
        assert shown(stores) == [f"Text of {later}."] and agree(stores)
    (article,) = stores.library.articles().values()
    old = replace(article, text=f"Text of {other}.")
    assert stores.library.article_version(article.id, old.version).text == old.text


def test_a_later_edition_replaces_and_old_citations_stay_readable(stores: Stores, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    save(folder, "first.md", "The quay is 300 m long.", "2020-01-05")
    assert becomes(add(stores, [folder])) == {"first.md": "added"}
    (cited,) = stores.library.articles().values()
    save(folder, "second.md", "The quay is 400 m long.", "2020-01-06")
    assert becomes(add(stores, [folder])) == {"first.md": "older", "second.md": "added"}
    assert shown(stores) == ["The quay is 400 m long."]
    assert stores.library.article_version(cited.id, cited.version).text == cited.text
    save(folder, "third.md", "The quay is 400 m long.", "2020-01-07")
    report = add(stores, [folder])
    assert becomes(report) == {"first.md": "older", "second.md": "unchanged", "third.md": "older"}
    assert "the same text at the same address" in str(report.files[2].reason)
    (folder / "third.md").unlink()
    save(folder, "first.md", "The quay is 500 m long.", "2020-01-08")
    assert becomes(add(stores, [folder], prune=True)) == {
        "first.md": "updated",
        "second.md": "older",
        "third.md": "removed",
    }
    assert shown(stores) == ["The quay is 500 m long."] and agree(stores)


def test_where_the_latest_edition_goes_the_one_before_comes_back(stores: Stores, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    for day in (1, 2, 3):
        save(folder, f"{day}.md", f"Text of day {day}.", f"2020-01-0{day}")
    add(stores, [folder])
    (folder / "3.md").unlink()
    assert becomes(add(stores, [folder])) == {"1.md": "older", "2.md": "older", "3.md": "missing"}
    assert shown(stores) == ["Text of day 3."]  # what is missing stays until it is pruned
    assert becomes(add(stores, [folder], prune=True)) == {"1.md": "older", "2.md": "added", "3.md": "removed"}
    assert shown(stores) == ["Text of day 2."] and agree(stores)
    assert becomes(add(stores, [folder])) == {"1.md": "older", "2.md": "unchanged"}
    (folder / "2.md").write_text("---\ntitle: Other\nurl: https://example.org/other\n---\n\nOther words.\n")
    assert becomes(add(stores, [folder])) == {"1.md": "added", "2.md": "updated"}
    assert shown(stores) == ["Text of day 1."] and agree(stores)
    (folder / "1.md").unlink()
    add(stores, [folder], prune=True)
    assert shown(stores) == [] and titles(stores) == ["Other"] and agree(stores)


def test_removing_an_article_takes_all_its_editions_and_adding_brings_them_back(stores: Stores, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    save(folder, "1.md", "Text of day 1.", "2020-01-01")
    save(folder, "2.md", "Text of day 2.", "2020-01-02")
    add(stores, [folder])
    remove(stores, list(stores.library.articles()))
    assert {line.outcome for line in stores.library.ledger().values()} == {"removed"} and shown(stores) == []
    assert becomes(add(stores, [folder])) == {"1.md": "older", "2.md": "added"}
    assert shown(stores) == ["Text of day 2."] and agree(stores)


def test_editions_within_one_table_and_beside_it(stores: Stores, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    url = "https://example.org/quay"
    rows = [f"{url},Text of day {day}.,2020-01-0{day},Quay" for day in (2, 1)]
    (folder / "t.csv").write_text("\n".join(["url,text,published,title", *rows]) + "\n")
    outcomes = [line.outcome for line in add(stores, [folder]).files]
    assert outcomes == ["added", "older"] and shown(stores) == ["Text of day 2."]
    save(folder, "z.md", "Text of day 3.", "2020-01-03")
    assert [line.outcome for line in add(stores, [folder]).files] == ["older", "older", "added"]
    assert shown(stores) == ["Text of day 3."] and agree(stores)
    (folder / "z.md").unlink()
    assert [line.outcome for line in add(stores, [folder], prune=True).files] == ["added", "older", "removed"]
    assert shown(stores) == ["Text of day 2."] and agree(stores)


def test_a_path_that_does_not_exist_changes_nothing(stores: Stores, folder: Path) -> None:
    with pytest.raises(BylineError, match="nowhere"):
        add(stores, [folder, folder / "nowhere"])
    assert titles(stores) == []


def test_a_second_writer_is_told_to_wait(stores: Stores, folder: Path) -> None:
    lock = filelock.FileLock(stores.settings.folder / "writing.lock")
    with lock, pytest.raises(BylineError, match="Another Byline is writing"):
        add(stores, [folder])
    assert add(stores, [folder]).counts() == {"added": 2}


def test_everything_is_there_after_a_restart(open_here: Callable[..., Stores], folder: Path) -> None:
    first = open_here()
    add(first, [folder])
    articles, passages = first.library.articles(), first.library.passages()
    first.close()
    second = open_here()
    assert (second.library.articles(), second.library.passages()) == (articles, passages)
    assert agree(second)


def test_a_library_made_otherwise_is_refused_and_left_alone(open_here: Callable[..., Stores], folder: Path) -> None:
    add(open_here(passage_tokens=100), [folder])
    with pytest.raises(BylineError, match=r"passage size '100', and this Byline uses '50'"):
        open_here(passage_tokens=50)
    assert agree(open_here(passage_tokens=100))


@pytest.mark.parametrize("lost", ["dense", "lexical"])
def test_an_index_that_was_deleted_is_rebuilt(open_here: Callable[..., Stores], folder: Path, lost: str) -> None:
    first = open_here()
    add(first, [folder])
    first.close()
    shutil.rmtree(first.settings.folder / lost)
    second = open_here()
    assert not is_in_step(second)
    bring_into_step(second)
    assert is_in_step(second) and agree(second)


def test_a_damaged_vector_store_is_rebuilt(open_here: Callable[..., Stores], folder: Path) -> None:
    first = open_here()
    add(first, [folder])
    first.close()
    (first.settings.folder / "dense" / "chroma.sqlite3").write_bytes(b"not a database" * 1000)
    second = open_here()
    bring_into_step(second)
    assert agree(second)


def test_an_interrupted_write_is_invisible_and_cleared_by_the_next_run(
    open_here: Callable[..., Stores], folder: Path
) -> None:
    first = open_here()
    add(first, [folder])
    (article,) = first.library.articles([first.library.entries()[0].id]).values()
    passages = list(first.library.passages().values())[:1]
    first.library.stage([(article, passages)])  # and then nothing more: the process was killed
    assert titles(first) == ["Apples", "Boats"]
    assert first.library.leftovers()
    first.close()
    second = open_here()
    add(second, [folder])
    assert agree(second)
