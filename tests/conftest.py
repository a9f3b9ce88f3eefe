"""What several tests need."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.settings import Settings
from index.stores import Stores, open_stores
from tests.doubles import Letters

SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture
def shared() -> Path:
    """The two real articles, their questions and the data to measure on; not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("../shared is absent: the real articles and the data are not part of the project")
    return SHARED


@pytest.fixture
def open_here(tmp_path: Path) -> Iterator[Callable[..., Stores]]:
    """Open the stores of one library with the letter-counting model; closed at the end."""
    opened: list[Stores] = []

    def open_it(**settings: int) -> Stores:
        opened.append(open_stores(Settings(tmp_path / "library", **settings), Letters()))
        return opened[-1]

    yield open_it
    for stores in opened:
        stores.close()


@pytest.fixture
def stores(open_here: Callable[..., Stores]) -> Stores:
    """A new library."""
    return open_here()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two small articles."""
    here = tmp_path / "articles"
    here.mkdir()
    (here / "apples.md").write_text(
        "---\ntitle: Apples\noutlet: Orchard News\npublished: 2020-01-02\n---\n\n"
        "Apples are red. Some apples are green.\n"
    )
    (here / "boats.md").write_text(
        "---\ntitle: Boats\noutlet: Harbour Post\npublished: 2020-01-03\n---\n\nBoats float. Bigger boats float too.\n"
    )
    return here
