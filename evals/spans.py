"""Suite `spans`: does the right text come up, and little else?

    byline eval spans --data DIR

reads the format of Chroma's chunking evaluation: corpora as Markdown files, and `questions.csv` with
columns question, references (JSON: content, start_index, end_index) and corpus_id.
"""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bot.chat import Bot
from evals.library import library_of
from evals.measures import Place, mean, span_scores
from index.articles import Article
from index.errors import BylineError
from index.search import search
from index.stores import Stores

TOP = 5  # passages


@dataclass(frozen=True, slots=True)
class Question:
    """One question and every span that answers it."""

    text: str
    gold: tuple[Place, ...]


def main(data: Path, *, as_json: bool) -> None:
    """Measure and print."""
    articles, questions = read(data)
    with library_of(articles=articles) as stores:
        found = measure(stores, questions)
    click.echo(json.dumps(found, indent=2) if as_json else render(found))


def read(data: Path) -> tuple[list[Article], list[Question]]:
    """Return the corpora and the questions of those that are there.

    Raises BylineError for a missing file, a malformed row, and a reference that is not what the corpus says.
    """
    table = data / "questions.csv"
    if not table.is_file():
        raise BylineError(f"{table} is missing; --data names a folder with questions.csv and the corpora as *.md.")
    # decoded from bytes: universal newlines would move the offsets
    texts = {path.stem: path.read_bytes().decode("utf-8") for path in sorted(data.glob("*.md"))}
    articles = [Article(name, text, file=f"{name}.md", path=str(data / f"{name}.md")) for name, text in texts.items()]
    with table.open(encoding="utf-8", newline="") as file:
        rows = [(number, row) for number, row in enumerate(csv.DictReader(file), start=2)]
    return articles, [_question(row, texts, f"{table}, row {number}") for number, row in rows if _known(row, texts)]


def measure(stores: Stores, questions: Sequence[Question]) -> dict[str, Any]:
    """Return the mean scores of the best passages and of the quoted evidence."""
    bot = Bot(stores)
    passages, evidence = [], []
    for question in questions:
        hits = search(stores, question.text, k=TOP)
        places = [(hit.passage.article_id, hit.passage.start, hit.passage.end) for hit in hits]
        passages.append(span_scores(places, question.gold))
        cited = [(c.article_id, c.start, c.end) for c in bot.ask(question.text).citations]
        evidence.append(span_scores(cited, question.gold))
    return {
        "questions": len(questions),
        f"passages, top {TOP}": _row(passages),
        "evidence": _row(evidence),
    }


def render(found: dict[str, Any]) -> str:
    """Return the figures as a table."""
    lines = [f"{found['questions']} questions{'':18} recall  precision    IoU"]
    for name, row in found.items():
        if isinstance(row, dict):
            lines.append(f"{name:32} {row['recall']:6.3f} {row['precision']:10.3f} {row['iou']:6.3f}")
    return "\n".join(lines)


def _row(scores: Sequence[tuple[float, float, float]]) -> dict[str, float]:
    recall, precision, iou = (mean(column) for column in zip(*scores, strict=True))
    return {"recall": recall, "precision": precision, "iou": iou}


def _known(row: dict[str, str], texts: dict[str, str]) -> bool:
    return row.get("corpus_id") in texts


def _question(row: dict[str, str], texts: dict[str, str], place: str) -> Question:
    name = row["corpus_id"]
    try:
        references = json.loads(row["references"])
        gold = tuple((name, int(one["start_index"]), int(one["end_index"])) for one in references)
        held = [texts[name][start:end] == one["content"] for (_, start, end), one in zip(gold, references, strict=True)]
    except (ValueError, KeyError, TypeError) as error:
        raise BylineError(f"{place}: references cannot be read ({error!r}).") from error
    if not gold or not all(held):
        raise BylineError(f"{place}: a reference is not what {name}.md says at its start_index and end_index.")
    return Question(row["question"], gold)
