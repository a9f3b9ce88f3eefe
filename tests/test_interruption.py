"""Killed in the middle of every change, without room, two at once: nothing is lost, nothing doubled."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.chat import Bot
from index.library import Library
from index.minilm import MiniLM
from index.settings import Settings
from index.stores import is_in_step, open_stores
from tests.doubles import Letters

TOP = Path(__file__).parent.parent
FILES, KILLS = 200, 6  # with the real model; a hundred more with one that costs nothing
ROUNDS = 100


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 short articles, each about another village."""
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
def test_killed_while_adding_and_run_again(many: Path, tmp_path: Path) -> None:
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


# Every change, with a model that costs nothing


class Victim:
    """The process of `tests.victim`, and the folder that it adds."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder, self.library = folder, library
        command = [sys.executable, "-m", "tests.victim", str(library), str(folder)]
        self.process = subprocess.Popen(command, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self, do: str, **how: float) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, **how}) + "\n")
        self.process.stdin.flush()

    def end(self) -> dict[str, Any]:
        assert self.process.stdout
        said: dict[str, Any] = json.loads(self.process.stdout.readline())
        return said

    def do(self, do: str, **how: float) -> dict[str, Any]:
        self.begin(do, **how)
        return self.end()

    def finish(self, do: str) -> None:
        """Do it undisturbed."""
        said = self.do(do)
        assert said["code"] == 0, said["said"][-3000:]

    def check(self) -> None:
        """All three stores hold the same, and nothing waits."""
        said = self.do("check")
        assert said["code"] == 0, said
        state = json.loads(said["said"])
        assert state["in_step"] and not state["leftovers"]


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    one = Victim(tmp_path / "folder", tmp_path / "library")
    one.folder.mkdir()
    yield one
    assert one.process.stdin and one.process.stdout
    one.process.stdin.close()
    one.process.wait()
    one.process.stdout.close()


def write(folder: Path, number: int, version: int) -> str:
    """Write one article and return its text."""
    text = f"The bridge of village {number} was closed in version {version}."
    (folder / f"{number:03}.md").write_text(f"---\ntitle: Village {number}\n---\n\n{text}\n")
    return text


def seen(library: Path) -> dict[str, str]:
    """What readers see: texts by path. No path may give two articles."""
    if not (library / "library.sqlite3").exists():
        return {}
    opened = Library(library)
    found = [(article.path, article.text) for article in opened.articles().values()]
    opened.close()
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_killed_a_hundred_times_while_adding_updating_removing_pruning_and_repairing(victim: Victim) -> None:
    chance = random.Random(7)
    versions = {number: {write(victim.folder, number, 0)} for number in range(40)}
    killed = 0
    for round in range(ROUNDS):
        what = ("add", "prune", "remove", "restore", "repair", "edit")[round % 6] if round > 5 else "add"
        if what in ("add", "prune"):
            for number in chance.sample(range(40), 6):
                versions[number].add(write(victim.folder, number, round))
        if what == "prune":
            (victim.folder / f"{chance.randrange(40):03}.md").unlink(missing_ok=True)
        said = victim.do(what, kill_after=chance.uniform(0.0, 0.6))
        killed += said["killed"]
        assert said["killed"] or said["code"] == 0, said
        for path, text in seen(victim.library).items():
            assert text in versions[int(Path(path).stem)], "a text that was never written"
        if round % 10 == 9:
            victim.finish("add")
            victim.check()
    assert killed > ROUNDS / 10  # on a fast machine many have finished before
    victim.finish("prune")
    victim.check()
    expected = {str(path): path.read_text().split("\n\n")[1].strip() for path in victim.folder.iterdir()}
    assert seen(victim.library) == expected


def test_a_full_disk_is_told_and_loses_nothing(victim: Victim) -> None:
    for number in range(40):
        write(victim.folder, number, 0)
    told = 0
    for room in (1, 30_000, 100_000, 180_000, 250_000, 400_000):
        said = victim.do("add", room=room)
        assert said["code"] in (0, 2), said["said"][-3000:]
        told += said["code"] == 2
        if said["code"] == 2:
            assert "no room" in said["said"] or "cannot be" in said["said"], said
    assert told >= 3
    victim.finish("add")
    victim.check()
    assert len(seen(victim.library)) == 40


def test_of_two_adds_at_once_one_is_told_to_wait(many: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    command = [sys.executable, "-m", "ui.cli", "add", str(many), "--library", str(library)]
    both = [subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "ab"]
    ends = [(process.communicate(), process.returncode) for process in both]
    losers = [said for (_, said), code in ends if code == 2]
    assert sorted(code for _, code in ends) in ([0, 0], [0, 2])  # the second may have begun when the first had ended
    assert all("Another Byline is writing" in said for said in losers)
    stores = open_stores(Settings(library), MiniLM())
    assert is_in_step(stores) and len(stores.library.entries()) == FILES
    stores.close()


def test_questions_are_answered_while_another_process_writes(victim: Victim) -> None:
    for number in range(10):
        write(victim.folder, number, 0)
    victim.finish("add")
    stores = open_stores(Settings(victim.library), Letters())
    bot = Bot(stores)
    for round in range(1, 4):
        for number in range(60):
            write(victim.folder, number, round)
        victim.begin("add")
        for _ in range(10):
            answer = bot.ask("Which bridge was closed?")
            for citation in (*answer.citations, *answer.nearest):
                assert answer.quote(citation).startswith("The bridge of village")
        assert victim.end()["code"] == 0
    assert len(stores.library.entries()) == 60
    stores.close()
    victim.check()
