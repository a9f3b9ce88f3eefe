"""The bundled articles are whole and our own, and their questions point at exact words in them."""

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from seeds import FOLDER

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "evals" / "questions" / "seeds.jsonl"
SHARED_SEEDS = ROOT.parent / "shared" / "seeds"
FIELDS = {"title", "outlet", "authors", "published", "url"}
UNANSWERABLE = {"near-miss", "off-topic"}
ANSWERABLE = {"why", "how-many", "who", "when", "where", "what", "yes-no", "compare", "follow-up"}
RUN = 8  # words in a row that make a borrowed passage
LONGEST_QUOTATION = 8  # words

Row = dict[str, Any]


def front_and_body(path: Path) -> tuple[Row, str]:
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front), body.strip()


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


ARTICLES = {path.name: front_and_body(path) for path in sorted(FOLDER.glob("*.md"))}
ROWS: list[Row] = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
each_article = pytest.mark.parametrize("name", ARTICLES)


def test_there_are_twelve_articles_from_several_outlets() -> None:
    assert len(ARTICLES) == 12
    assert 4 <= len({front["outlet"] for front, _ in ARTICLES.values()}) <= 6


@each_article
def test_front_matter_is_complete(name: str) -> None:
    front, body = ARTICLES[name]
    assert front.keys() == FIELDS
    assert all(front.values())
    assert front["published"] == date.fromisoformat(name[:10])
    assert front["url"].startswith("https://example.org/")
    assert 150 <= len(body.split()) <= 450


@each_article
def test_body_is_plain_paragraphs(name: str) -> None:
    _, body = ARTICLES[name]
    assert not re.search(r"[*_`#<>\[\]|\\]|(?<!\n)\n(?!\n)|  ", body)


@each_article
def test_quotations_are_short_fragments(name: str) -> None:
    _, body = ARTICLES[name]
    quotations = re.findall(r"“([^”]*)”|\"([^\"]*)\"", body)
    assert all(len((curly or straight).split()) <= LONGEST_QUOTATION for curly, straight in quotations)


@pytest.mark.skipif(not SHARED_SEEDS.is_dir(), reason="the articles to compare with are not here")
@pytest.mark.parametrize("path", [*sorted(FOLDER.glob("*.md")), QUESTIONS], ids=lambda path: path.name)
def test_nothing_is_borrowed(path: Path) -> None:
    ours = runs(path.read_text(encoding="utf-8"))
    for original in SHARED_SEEDS.glob("*.txt"):
        assert not ours & runs(original.read_text(encoding="utf-8"))


def test_there_are_enough_questions_of_each_split_and_kind() -> None:
    assert len(ROWS) >= 150
    splits = Counter(row["split"] for row in ROWS)
    assert splits.keys() == {"tune", "report"}
    assert min(splits.values()) >= 0.4 * len(ROWS)
    assert {row["kind"] for row in ROWS} == ANSWERABLE | UNANSWERABLE


@pytest.mark.parametrize("split", ["tune", "report"])
def test_a_quarter_is_unanswerable(split: str) -> None:
    rows = [row for row in ROWS if row["split"] == split]
    assert 0.2 <= sum(not row["answerable"] for row in rows) / len(rows) <= 0.3


def test_ids_and_questions_are_unique() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert len({(row["question"].lower(), str(row["history"])) for row in ROWS}) == len(ROWS)


def test_splits_share_no_gold_quotation() -> None:
    gold = {
        split: {(g["file"], g["quote"]) for row in ROWS if row["split"] == split for g in row["gold"]}
        for split in ("tune", "report")
    }
    assert not gold["tune"] & gold["report"]


def test_rows_are_well_formed() -> None:
    for row in ROWS:
        assert row["answerable"] == (row["kind"] in ANSWERABLE) == bool(row["gold"]) == bool(row["must_say"]), row
        assert row["history"] or row["kind"] != "follow-up", row
        assert bool(row["history"]) == bool(row.get("standalone")), row
        assert len(row["history"]) <= 4, row
        assert all(len(turn) == 2 and all(turn) for turn in row["history"]), row


def test_gold_is_verbatim() -> None:
    gold = [(row["id"], g["file"], g["quote"]) for row in ROWS for g in row["gold"]]
    assert [g for g in gold if g[2] not in ARTICLES[g[1]][1]] == []


def test_every_gold_quotation_says_what_must_be_said() -> None:
    pairs = [(row["id"], must, g["quote"]) for row in ROWS for must in row["must_say"] for g in row["gold"]]
    assert [pair for pair in pairs if not re.search(pair[1], pair[2])] == []
