"""Broken and hostile files: each ends in the ledger, the good ones are added, nothing crashes, hangs or escapes."""

import os
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.ingest import add
from index.reader import Found, Look, Reader, Wanted
from index.stores import Stores
from tests import making
from tests.hostile import GOOD, make_hostile
from tests.test_ingest import agree

TOP = Path(__file__).parent.parent


_SLOW = [
    f"special/{name}" for name in "bomb.docx bomb-in-bomb.zip bomb.tar.gz bomb.pdf nested.eml front.md links.md".split()
]


def snapshot(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*") if not path.is_dir()}


def check(stores: Stores, folder: Path, good: set[str]) -> int:
    """Add a hostile folder and check all that was promised; return how many files there are."""
    before = snapshot(folder)
    report = add(stores, [folder])
    assert snapshot(folder) == before, "something in the folder was written"
    assert not list(Path("/tmp").glob("escaped*")) and not list(folder.parent.glob("escaped*"))
    ledger = stores.library.ledger()
    assert all(line.reason for line in report.files if line.outcome == "failed")
    by_path = {line.path: line for line in report.files}
    assert {name for name in good if by_path[str(folder / name)].outcome != "added"} == set()
    readable = [path for path in before if Path(path).is_file() and not Path(path).is_symlink()]
    written = [os.fsencode(path).decode("utf-8", "replace") for path in readable]
    lost = [path for path in written if path not in ledger]
    assert lost == [], "files that are nowhere in the ledger"
    for line in report.files:
        if line.outcome == "added" and line.article_id:
            assert any(map(str.isalnum, stores.library.article(line.article_id).text))
    assert agree(stores)
    text = "\n".join(article.text for article in stores.library.articles().values())
    assert "root:" not in text and "Escaped words" not in text
    # A child starts with what this process holds, so in a long run of tests that is the least it can have.
    limit = max(1_000_000, 1.1 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < limit, "kilobytes"
    return len(readable)


def test_a_sample_of_hostile_files(stores: Stores, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    good = make_hostile(folder, fuzzed=2)
    for path in (folder / "misnamed").iterdir():
        path.unlink()
    for name in (*_SLOW, "large/line.jsonl"):
        (folder / name).unlink()
    assert check(stores, folder, good) > 200


@pytest.mark.slow
def test_a_thousand_hostile_files(stores: Stores, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    good = make_hostile(folder)
    assert check(stores, folder, good) >= 1000
    assert len(good) == GOOD
    assert {line.outcome for line in add(stores, [folder]).files if line.path.endswith(tuple(good))} == {"unchanged"}


# The reading process itself


def run_in_child(code: str, *, seconds: int = 5, memory: int = 600_000_000) -> subprocess.CompletedProcess[str]:
    """Run code as the reading process would run a parser that has been taken over."""
    confined = f"from index.child import _confine\nallow = _confine({seconds}, {memory})\nallow()\n{code}"
    return subprocess.run([sys.executable, "-B", "-c", confined], cwd=TOP, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', {port}), 2)",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "open('{file}', 'w')",
        "import os; os.open('{file}', os.O_CREAT | os.O_WRONLY)",
        "open('{file}', 'a')",
    ],
)
def test_a_parser_may_not_reach_out(code: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = run_in_child(code.format(port=server.getsockname()[1], file=tmp_path / "written"))
    assert done.returncode == 1 and "PermissionError" in done.stderr
    assert not (tmp_path / "written").exists()


def test_a_parser_may_not_take_much_memory() -> None:
    done = run_in_child("data = bytearray(2_000_000_000)")
    assert "MemoryError" in done.stderr


def test_a_parser_may_not_compute_for_ever() -> None:
    began = time.monotonic()
    assert run_in_child("while True: pass", seconds=1).returncode < 0
    assert time.monotonic() - began < 50


def test_where_a_part_kills_the_process_the_parts_behind_it_are_read(tmp_path: Path) -> None:
    """A PDF of pages without end, in the middle of an archive, with a second for it."""
    slow = making.pdf([["word " * 18] * 55] * 1900)
    path = tmp_path / "a.zip"
    path.write_bytes(making.zipped({"1.txt": b"First words.", "2.pdf": slow, "3.txt": b"Third words."}))
    with Reader(seconds=1, memory=600_000_000) as reader:
        *found, look = reader.read(Wanted(path, "a.zip"))
        assert isinstance(look, Look) and look.size
        texts = [one.article.text if one.article else one.reason for one in found if isinstance(one, Found)]
        assert texts[0] == "First words." and texts[2] == "Third words."
        assert "took too long" in str(texts[1]) or "Third" not in str(texts[1])
        assert len(list(reader.read(Wanted(path, "a.zip")))) == 4
