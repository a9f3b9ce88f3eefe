"""Fit what decides: which sentences answer, and whether any does. Prints what `bot/evidence.py` and `bot/decline.py` hold.

    python -m evals.calibrate --data DIR

Asks the bundled questions' `tune` split (the `report` split is never fitted on), the questions of the stories that the
reader did not learn from, and, of DIR, those of `chunking/` and the held-out sections of `selqa/dev.json`. Each of those
two is asked twice, the second time with every passage that answers it withheld, so that what is left is near but no
answer. The sets weigh the same in the fits, which are logistic regressions by Newton's method. The threshold is the 5 %
quantile of the answerable questions about news.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

import seeds
from bot import decline, evidence
from bot.chat import PASSAGES
from bot.reader import Reader
from bot.similarity import embed
from evals import questions, spans
from evals.library import library_of
from evals.measures import Place, overlap
from index.articles import Article
from index.passages import Passage
from index.search import search
from index.stores import Stores

WRONGLY_DECLINED = 0.05
QUESTIONS = Path(__file__).parent / "questions" / "seeds.jsonl"
STORIES = Path(__file__).parent.parent / "training" / "questions"
_WITHHELD = 12  # passages fetched beyond those read, to make up for the withheld
_RIDGE = 1e-3

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its gold, and what must not be read when it is asked."""

    text: str
    gold: tuple[Place, ...]
    withhold: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What the reader and similarity say of the sentences found for one question."""

    values: Array  # (sentences, features), in the order of `evidence.WEIGHTS`
    carried: Array  # (sentences,)
    gold: NDArray[np.bool_]  # (sentences,)
    answerable: bool


def held_out(topic: str) -> bool:
    """Tell whether the reader did not learn from a topic, as `training.reader_sources` says."""
    return sum(map(ord, topic)) % 16 == 3


@contextmanager
def bundled() -> Iterator[tuple[Stores, list[Asked]]]:
    """Open the bundled articles with the questions of the `tune` split that stand on their own."""
    with library_of(paths=[seeds.FOLDER]) as stores:
        articles = {article.file: article for article in stores.library.articles().values()}
        found = questions.read(QUESTIONS, articles, split="tune")
        yield stores, [Asked(one.text, one.gold) for one in found if not one.history]


@contextmanager
def stories() -> Iterator[tuple[Stores, list[Asked]]]:
    """Open the written stories with the questions of those that were held out."""
    rows = [
        json.loads(line)
        for path in sorted(STORIES.glob("stories-*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    articles = [
        Article(r["id"], r["text"], r["id"], r["id"], r["title"], r["outlet"], published=r["published"]) for r in rows
    ]
    asked = []
    for row in rows:
        if not held_out(f"story:{row['id'].rstrip('ab')}"):
            continue
        for one in row["questions"]:
            starts = [(row["text"].index(fragment), len(fragment)) for fragment in one["a"]]
            asked.append(Asked(one["q"], tuple((row["id"], start, start + size) for start, size in starts)))
    with library_of(articles=articles) as stores:
        yield stores, asked


@contextmanager
def both_ways(articles: Sequence[Article], asked: Sequence[Asked]) -> Iterator[tuple[Stores, list[Asked]]]:
    """Open `articles` with each question as it is, and with the passages that answer it withheld."""
    with library_of(articles=articles) as stores:
        yield stores, [way for one in asked for way in (one, Asked(one.text, (), withhold=one.gold))]


def read_selqa(path: Path) -> tuple[list[Article], list[Asked]]:
    """Return SelQA's sections as articles, and the held-out questions with the places of the answering sentences."""
    articles: dict[str, Article] = {}
    asked = []
    for row in json.loads(path.read_text(encoding="utf-8")):
        text = "\n".join(row["candidates"])
        id = articles.setdefault(text, Article(f"{len(articles):012x}", text, row["section"], row["article"])).id
        if held_out(f"selqa:{row['article']}"):
            ends = np.cumsum([len(sentence) + 1 for sentence in row["candidates"]])
            places = [(id, int(ends[i]) - 1 - len(row["candidates"][i]), int(ends[i]) - 1) for i in row["answers"]]
            asked.append(Asked(row["question"], tuple(places)))
    return list(articles.values()), asked


def look(stores: Stores, reader: Reader, one: Asked) -> Row:
    """Search and read as the bot does, without stopping early."""
    hits = [hit for hit in search(stores, one.text, k=PASSAGES + _WITHHELD) if not _holds(hit.passage, one.withhold)]
    hits = hits[:PASSAGES]
    articles = stores.library.articles({hit.passage.article_id for hit in hits})
    chosen = evidence.promising(evidence.read_passages(stores, reader, one.text, hits, articles, sure=np.inf))
    scored = embed(stores, one.text, [read.candidate for read in chosen], articles)
    values = [list(evidence.features(r, s.cosine).values()) for r, s in zip(chosen, scored, strict=True)]
    gold = [overlap([(s.article_id, *s.span)], one.gold) > 0 for s in scored]
    return Row(np.array(values), np.array([s.carried for s in scored]), np.array(gold), bool(one.gold))


def fit(x: Array, y: Array, weight: Array) -> Array:
    """Return the coefficients of the columns of `x` and the intercept, by Newton's method with a small ridge."""
    x = np.hstack([x, np.ones((len(x), 1))])
    found = np.zeros(x.shape[1])
    for _ in range(50):
        p = _probability(x, found)
        gradient = x.T @ (weight * (p - y)) + _RIDGE * found
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + _RIDGE * np.eye(x.shape[1])
        found -= np.linalg.solve(hessian, gradient)
    return found


def area_under_roc(scores: Array, answerable: NDArray[np.bool_]) -> float:
    """Return how often an answerable question scores above one that is not; ties count half (Hanley & McNeil 1982)."""
    above = scores[answerable][:, None] - scores[~answerable][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Folder with chunking/ and selqa/.")
def main(data: Path | None) -> None:
    """Fit and print."""
    sets = {name: rows for name, rows in collect(data)}
    weights = fit_sentences(list(sets.values()))
    click.echo(f"INTERCEPT = {weights[-1]:.2f}")
    click.echo("WEIGHTS = {%s}" % ", ".join(f'"{n}": {w:.3f}' for n, w in zip(evidence.WEIGHTS, weights, strict=False)))
    scored = {name: [decision(row, weights) for row in rows] for name, rows in sets.items()}
    truth = {name: np.array([row.answerable for row in rows]) for name, rows in sets.items()}
    x = np.vstack([np.array(rows) for rows in scored.values()])
    y = np.concatenate(list(truth.values())).astype(float)
    weight = np.concatenate([np.full(len(rows), 1 / len(rows)) for rows in scored.values()])
    found = fit(x, y, weight)
    click.echo("decline: INTERCEPT = {:.2f}, WEIGHTS = {}".format(found[-1], np.round(found[:-1], 3).tolist()))
    sure = {name: _probability(np.hstack([np.array(r), np.ones((len(r), 1))]), found) for name, r in scored.items()}
    news = np.concatenate([sure[name][truth[name]] for name in ("bundled", "stories")])
    threshold = float(np.quantile(news, WRONGLY_DECLINED))
    click.echo(f"THRESHOLD = {threshold:.2f}")
    for name, values in sure.items():
        wrongly, rightly = np.mean(values[truth[name]] < threshold), np.mean(values[~truth[name]] < threshold)
        click.echo(
            f"{name:10} n = {len(values):4}  area under ROC {area_under_roc(values, truth[name]):.3f}  "
            f"wrongly declined {wrongly:.3f}  rightly declined {rightly:.3f}"
        )


def collect(data: Path | None) -> Iterator[tuple[str, list[Row]]]:
    """Yield each set with what was found for its questions."""
    reader = Reader()
    ways = {"bundled": bundled, "stories": stories}
    if data:
        articles, asked = spans.read(data / "chunking")
        chunking = [Asked(one.text, one.gold) for one in asked]
        ways["chunking"] = lambda: both_ways(articles, chunking)
        sections, held = read_selqa(data / "selqa" / "dev.json")
        ways["selqa dev"] = lambda: both_ways(sections, held)
    for name, opened in ways.items():
        with opened() as (stores, questions):
            yield name, [look(stores, reader, one) for one in questions]


def fit_sentences(sets: Sequence[Sequence[Row]]) -> Array:
    """Return the weights of a sentence's features and the intercept; each set has the same weight."""
    rows = [row for rows in sets for row in rows]
    shares = [1 / len(rows) / len(row.gold) for rows in sets for row in rows]
    weight = np.concatenate([np.full(len(row.gold), share) for row, share in zip(rows, shares, strict=True)])
    return fit(np.vstack([row.values for row in rows]), np.concatenate([row.gold for row in rows]).astype(float), weight)


def decision(row: Row, weights: Array) -> list[float]:
    """Return what the decision to decline looks at."""
    scores = row.values @ weights[:-1] + weights[-1]
    order = np.argsort(-scores)
    names = list(evidence.WEIGHTS)
    return decline.features_of(
        scores[order],
        {name: row.values[order, names.index(name)] for name in names},
        row.carried[order],
    )


def _probability(x: Array, found: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x @ found)))


def _holds(passage: Passage, gold: Sequence[Place]) -> bool:
    return any(passage.article_id == id and passage.start < end and start < passage.end for id, start, end in gold)


if __name__ == "__main__":
    main()
