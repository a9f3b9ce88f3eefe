"""What is in step and what is not, and how it is brought into step, whatever was deleted or damaged."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from index.health import examine, repair
from index.ingest import add
from index.search import search
from index.stores import Stores


def damage(folder: Path, how: str) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    if how == "deleted":
        shutil.rmtree(folder)
    elif how == "emptied":
        for path in files:
            os.truncate(path, 0)
    elif how == "halved":
        for path in files:
            os.truncate(path, path.stat().st_size // 2)
    elif how == "segment":
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.suffix in (".term", ".fast", ".bin"):
                path.unlink()
    else:
        chance = random.Random(7)
        for path in files:
            path.write_bytes(chance.randbytes(path.stat().st_size))


@pytest.mark.parametrize("lost", ["dense", "lexical"])
@pytest.mark.parametrize("how", ["deleted", "emptied", "halved", "segment", "overwritten"])
def test_whatever_was_damaged_is_repaired(open_here: Callable[..., Stores], folder: Path, lost: str, how: str) -> None:
    first = open_here()
    add(first, [folder])
    expected = [(hit.passage, round(hit.score, 4)) for hit in search(first, "Do boats float?", k=5)]
    first.close()
    damage(first.settings.folder / lost, how)
    second = open_here()
    examine(second)
    with second.library.writing():
        health = repair(second)
    assert health.in_step and (health.articles, health.passages) == (2, 2)
    assert [(hit.passage, round(hit.score, 4)) for hit in search(second, "Do boats float?", k=5)] == expected


def test_a_healthy_library_is_in_step_and_embeds_nothing(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    assert examine(stores).in_step
    stores.model.embedded.clear()  # type: ignore[attr-defined]
    with stores.library.writing():
        assert repair(stores).in_step
    assert stores.model.embedded == []  # type: ignore[attr-defined]


def test_every_difference_is_counted(stores: Stores, folder: Path) -> None:
    (folder / "broken.txt").write_bytes(b"\xff\xfe\x00")
    add(stores, [folder])
    key, *_ = stores.library.passages()
    stores.dense.remove([key])
    (folder / "apples.md").write_text("Other words.")
    (folder / "boats.md").unlink()
    health = examine(stores)
    assert not health.in_step
    assert (health.without_vector, health.without_terms, health.left_behind) == (1, 0, 0)
    assert [Path(line.path).name for line in health.failed] == ["broken.txt"]
    assert [Path(path).name for path in health.changed] == ["apples.md"]
    assert [Path(path).name for path in health.missing] == ["boats.md"]
