"""Adding, updating, removing: what the library holds afterwards, and what it cost."""

import shutil
from collections.abc import Callable
from pathlib import Path

import filelock
import pytest

from index.errors import BylineError
from index.ingest import add, remove
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


def test_two_files_with_one_address_do_not_replace_each_other(stores: Stores, folder: Path) -> None:
    for name in ("a.md", "b.md"):
        (folder / name).write_text(f"---\ntitle: {name}\nurl: https://example.org/one\n---\n\nText of {name} here.\n")
    for _ in range(2):
        failed = [file for file in add(stores, [folder]).files if file.outcome == "failed"]
        assert [Path(file.path).name for file in failed] == ["b.md"]
        assert "https://example.org/one" in str(failed[0].reason)
    assert "a.md" in titles(stores)


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
