"""Searching some outlets and days only."""

from pathlib import Path

import pytest

from bot.chat import Bot
from index.errors import BylineError
from index.ingest import add
from index.search import Limits, search
from index.stores import Stores

OUTLETS = {"a.md": ("Orchard News", "2020-01-02T23:30:00-05:00"), "b.md": ("Harbour Post", "2020-01-03")}


@pytest.fixture
def full(stores: Stores, tmp_path: Path) -> Stores:
    """Four articles with boats: two outlets, one day without an outlet, one without a date."""
    folder = tmp_path / "dated"
    folder.mkdir()
    for name, (outlet, published) in OUTLETS.items():
        (folder / name).write_text(
            f"---\noutlet: {outlet}\npublished: {published}\n---\n\nBoats float, said {outlet}.\n"
        )
    (folder / "c.md").write_text("---\npublished: 2020-02-01\n---\n\nBoats float in February.\n")
    (folder / "d.md").write_text("---\noutlet: ÉCHO\n---\n\nBoats float at any time.\n")
    add(stores, [folder])
    return stores


def files(stores: Stores, limits: Limits) -> set[str]:
    """The files that a search within `limits` finds; the list of articles has to agree."""
    hits = search(stores, "boats", k=9, outlets=limits.outlets, since=limits.since, until=limits.until)
    found = {stores.library.article(hit.passage.article_id).file for hit in hits}
    assert found == {entry.file for entry in stores.library.entries(limits)}
    return found


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(), "abcd"),
        (Limits(("Orchard News",)), "a"),
        (Limits(("harbour post", "Orchard News")), "ab"),
        (Limits(("écho",)), "d"),
        (Limits(since="2020-01-03"), "bc"),
        (Limits(until="2020-01-02"), "a"),  # its day as printed, though it was the next one in Greenwich
        (Limits(since="2020-01-03", until="2020-01-31"), "b"),
        (Limits(("Orchard News",), since="2020-01-03"), ""),
    ],
)
def test_only_what_is_within_the_limits_is_found(full: Stores, limits: Limits, expected: str) -> None:
    assert files(full, limits) == {f"{letter}.md" for letter in expected}


def test_scores_and_order_are_those_of_the_whole(full: Stores) -> None:
    everything = {hit.passage: hit.score for hit in search(full, "who said boats float", k=9)}
    some = search(full, "who said boats float", k=9, since="2020-01-01")
    expected = sorted((everything[hit.passage] for hit in some), reverse=True)
    assert [hit.score for hit in some] == pytest.approx(expected, abs=1e-5)  # Chroma counts in float32
    assert [hit.rank for hit in some] == [1, 2, 3]


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (Limits(("Harbor Post",)), "Did you mean Harbour Post"),
        (Limits(since="soon"), "since is 'soon', which is no day"),
        (Limits(since="2020-02-01", until="2020-01-01"), "Swap the two"),
    ],
)
def test_what_cannot_be_limited_to_is_named(full: Stores, limits: Limits, problem: str) -> None:
    with pytest.raises(BylineError, match=problem):
        Bot(full).ask("Do boats float?", limits=limits)


def test_the_bot_answers_within_limits(full: Stores) -> None:
    answer = Bot(full).ask("Do boats float?", limits=Limits(("Harbour Post",)))
    assert {article.outlet for article in answer.articles.values()} == {"Harbour Post"}
    with pytest.raises(BylineError, match="No article since 2030-01-01 is in the library"):
        Bot(full).ask("Do boats float?", limits=Limits(since="2030-01-01"))
