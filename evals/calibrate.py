"""Fit what decides which sentences answer and whether any does: what `bot/evidence.py` and `bot/decline.py` hold.

    python -m evals.calibrate --data DIR

Asks the bundled questions' `tune` split (the `report` split is never fitted on), the questions of the stories that
the reader did not learn from, and, of DIR, those of `chunking/` and the held-out sections of `selqa/dev.json`. Each
of those two is asked twice, the second time with every passage that answers it withheld, so that what is left is near
but no answer. The sets weigh the same in the fits, which are logistic regressions by Newton's method. Thresholds are
quantiles of the answerable questions about news, both sets weighing the same: the share of them below is what a caution
declines wrongly.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

import seeds
from bot import evidence
from bot.chat import PASSAGES
from bot.decline import CAUTION
from bot.reader import Reader
from bot.similarity import embed
from evals import question_files, spans
from evals.library import library_of
from evals.measures import Place, area_under_roc, held_out, overlap
from index.articles import Article
from index.passages import Passage
from index.search import search
from index.stores import Stores

CAUTIONS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
STORIES = Path(__file__).parent / "questions" / "stories.jsonl"
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
    gold: NDArray[np.bool_]  # (sentences,)
    places: tuple[Place, ...]
    vectors: Array  # (sentences, 384)
    answerable: bool


@contextmanager
def bundled() -> Iterator[tuple[Stores, list[Asked]]]:
    """Open the bundled articles with the questions of the `tune` split that stand on their own."""
    with library_of(paths=[seeds.FOLDER]) as stores:
        articles = {article.file: article for article in stores.library.articles().values()}
        found = question_files.read(question_files.BUNDLED, articles, split="tune")
        yield stores, [Asked(one.text, one.gold) for one in found if not one.history]


@contextmanager
def stories() -> Iterator[tuple[Stores, list[Asked]]]:
    """Open the stories that the reader did not learn from, with their questions."""
    rows = [json.loads(line) for line in STORIES.read_text(encoding="utf-8").splitlines()]
    articles = [
        Article(r["id"], r["text"], r["id"], r["id"], r["title"], r["outlet"], published=r["published"]) for r in rows
    ]
    asked = []
    for row in rows:
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
    places = tuple((s.article_id, *s.span) for s in scored)
    return Row(np.array(values), np.array(gold), places, np.array([s.vector for s in scored]), bool(one.gold))


def fit(x: Array, y: Array, weight: Array) -> Array:
    """Return the coefficients of the columns of `x`, by Newton's method with a small ridge."""
    found = np.zeros(x.shape[1])
    for _ in range(50):
        p = _probability(x, found)
        gradient = x.T @ (weight * (p - y)) + _RIDGE * found
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + _RIDGE * np.eye(x.shape[1])
        found -= np.linalg.solve(hessian, gradient)
    return found


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Folder with chunking/ and selqa/.")
def main(data: Path | None) -> None:
    """Fit and print."""
    sets = dict(collect(data))
    weights = fit_sentences(sets)
    click.echo(_as_python("WEIGHTS", weights))
    best = {name: [int(np.argmax(row.values @ weights)) for row in rows] for name, rows in sets.items()}
    first = {
        name: np.array([r.values[n] for r, n in zip(rows, best[name], strict=True)]) for name, rows in sets.items()
    }
    truth = {name: np.array([row.answerable for row in rows]) for name, rows in sets.items()}
    answerability = fit_answerability(first, truth)
    click.echo(_as_python("ANSWERABILITY", answerability))
    sure = {name: _probability(values, answerability) for name, values in first.items()}
    thresholds = quantiles([sure[name][truth[name]] for name in ("bundled", "stories")])
    click.echo(f"THRESHOLDS = {{{', '.join(f'{c}: {t:.3f}' for c, t in thresholds.items())}}}")
    for name, values in sure.items():
        at, has = thresholds[CAUTION], truth[name]
        right = np.mean([row.gold[n] for row, n in zip(sets[name], best[name], strict=True) if row.answerable])
        click.echo(
            f"{name:10} n = {len(values):4}  first right {right:.3f}  "
            f"area under ROC {area_under_roc(values, has):.3f}  "
            f"wrongly declined {np.mean(values[has] < at):.3f}  rightly declined {np.mean(values[~has] < at):.3f}"
        )


def collect(data: Path | None) -> Iterator[tuple[str, list[Row]]]:
    """Yield each set with what was found for its questions."""
    reader = Reader()
    ways: dict[str, Callable[[], AbstractContextManager[tuple[Stores, list[Asked]]]]]
    ways = {"bundled": bundled, "stories": stories}
    if data:
        articles, found = spans.read(data / "chunking")
        chunking = [Asked(one.text, one.gold) for one in found]
        ways["chunking"] = lambda: both_ways(articles, chunking)
        sections, held = read_selqa(data / "selqa" / "dev.json")
        ways["selqa dev"] = lambda: both_ways(sections, held)
    for name, opened in ways.items():
        with opened() as (stores, asked):
            yield name, [look(stores, reader, one) for one in asked]


def fit_sentences(sets: Mapping[str, Sequence[Row]]) -> Array:
    """Return the weights of a sentence's features; each set has the same weight, and each question of it."""
    rows = [(row, 1 / len(rows) / len(row.gold)) for rows in sets.values() for row in rows]
    x = np.vstack([row.values for row, _ in rows])
    y = np.concatenate([row.gold for row, _ in rows]).astype(float)
    return fit(x, y, np.concatenate([np.full(len(row.gold), share) for row, share in rows]))


def fit_answerability(first: Mapping[str, Array], truth: Mapping[str, NDArray[np.bool_]]) -> Array:
    """Return the weights of the best sentence's features for whether there is an answer at all."""
    share = np.concatenate([np.full(len(values), 1 / len(values)) for values in first.values()])
    return fit(np.concatenate(list(first.values())), np.concatenate(list(truth.values())).astype(float), share)


def quantiles(news: Sequence[Array]) -> dict[float, float]:
    """Return for each caution the probability below which that share of the answerable questions lies."""
    weights = np.concatenate([np.full(len(values), 1 / len(values)) for values in news])
    at = np.quantile(np.concatenate(news), CAUTIONS, weights=weights, method="inverted_cdf")
    return dict(zip(CAUTIONS, map(float, at), strict=True)) | {0.0: 0.0, 1.0: 1.0}


def _as_python(name: str, weights: Array) -> str:
    named = (f'"{feature}": {weight:.3f}' for feature, weight in zip(evidence.WEIGHTS, weights, strict=True))
    return f"{name} = {{{', '.join(named)}}}"


def _probability(x: Array, found: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x @ found)))


def _holds(passage: Passage, gold: Sequence[Place]) -> bool:
    return any(passage.article_id == id and passage.start < end and start < passage.end for id, start, end in gold)


if __name__ == "__main__":
    main()
