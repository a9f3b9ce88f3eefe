"""Killed in the middle of adding, at many moments: nothing is lost, nothing doubled, questions still answered."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.library import Library
from index.minilm import MiniLM
from index.settings import Settings
from index.stores import is_in_step, open_stores

TOP = Path(__file__).parent.parent
FILES, KILLS = 500, 20


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """500 short articles, each about another village."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(FILES):
        (folder / f"{number:03}.md").write_text(
            f"---\ntitle: Village {number}\noutlet: The Test\n---\n\n"
            f"The bridge of village {number} was closed. The mayor of village {number} said it was unsafe.\n"
        )
    return folder


def start(folder: Path, library: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ui.cli", "add", str(folder), "--library", str(library)]
    return subprocess.Popen(command, cwd=TOP, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def contents(library: Library) -> tuple[set[object], list[tuple[str, int, int]]]:
    """What the library says, without the row numbers that depend on how often it was interrupted."""
    passages = [(p.article_id, p.start, p.end) for p in library.passages().values()]
    return set(library.articles().values()), sorted(passages)


def published(library: Path) -> int:
    return len(Library(library).entries()) if (library / "library.sqlite3").exists() else 0


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_twenty_times_and_run_again(many: Path, tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed"
    began = time.monotonic()
    assert start(many, undisturbed).wait() == 0
    whole_run = time.monotonic() - began
    moments = random.Random(7)
    broken = tmp_path / "broken"
    model = MiniLM()
    for round in range(KILLS):
        process = start(many, broken)
        time.sleep(moments.uniform(0, whole_run / 2))  # early, while reading, while writing, between batches
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if published(broken) and round % 4 == 0:
            answer_between(broken, model)
    finished = start(many, broken)
    assert finished.wait() == 0
    expected, found = (open_stores(Settings(one), model) for one in (undisturbed, broken))
    assert contents(found.library) == contents(expected.library)
    assert found.dense.keys() == found.library.passages().keys()
    assert is_in_step(found) and not found.library.leftovers()
    expected.close()
    found.close()


def answer_between(library: Path, model: MiniLM) -> None:
    """A question is answered from what was committed before the kill."""
    stores = open_stores(Settings(library), model)
    number = stores.library.entries()[-1].title.split()[-1]  # type: ignore[union-attr]
    command = [
        sys.executable,
        "-m",
        "ui.cli",
        "ask",
        "--json",
        f"Why was the bridge of village {number} closed?",
    ]
    done = subprocess.run([*command, "--library", str(library)], cwd=TOP, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    articles = stores.library.articles()
    for citation in json.loads(done.stdout)["citations"]:
        assert articles[citation["article_id"]].text[citation["start"] : citation["end"]] == citation["text"]
    stores.close()
