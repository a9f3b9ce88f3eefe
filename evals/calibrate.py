"""Fit the decision to decline, and print what `bot/decline.py` holds.

    python -m evals.calibrate --data DIR

Asks the bundled questions' `tune` split (the `report` split is never fitted on), and, where DIR has them, those of
`chunking/` and `selqa/dev.json`: each of those is asked twice, the second time with every passage that answers it
withheld, so that what is left is near but no answer. The three sets weigh the same in the fit, a logistic
regression by Newton's method. The threshold is the 5 % quantile of the bundled questions that have an answer, since
they are written as people ask about news.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

import seeds
from bot.chat import PASSAGES
from bot.decline import features
from bot.similarity import score_sentences
from evals import questions, spans
from evals.library import library_of
from evals.measures import Place
from index.articles import Article
from index.passages import Passage
from index.search import search
from index.stores import Stores

WRONGLY_DECLINED = 0.05
_WITHHELD = 12  # passages fetched beyond those read, to make up for the withheld
QUESTIONS = Path(__file__).parent / "questions" / "seeds.jsonl"

Row = tuple[tuple[float, float], bool]  # features, answerable
Array = NDArray[np.float64]


def bundled_rows() -> Iterator[Row]:
    """Yield the rows of the bundled questions that stand on their own."""
    with library_of(paths=[seeds.FOLDER]) as stores:
        articles = {article.file: article for article in stores.library.articles().values()}
        for question in questions.read(QUESTIONS, articles, split="tune"):
            if not question.history:
                yield _features(stores, question.text), question.answerable


def both_ways(articles: Sequence[Article], asked: Sequence[tuple[str, Sequence[Place]]]) -> Iterator[Row]:
    """Yield two rows a question: with its answer, and with the passages that hold it withheld."""
    with library_of(articles=articles) as stores:
        for text, gold in asked:
            yield _features(stores, text), True
            yield _features(stores, text, withhold=_holds(gold)), False


def read_selqa(path: Path) -> tuple[list[Article], list[tuple[str, list[Place]]]]:
    """Return SelQA's sections as articles, and its questions with the places of the answering sentences."""
    articles: dict[str, Article] = {}
    asked = []
    for row in json.loads(path.read_text(encoding="utf-8")):
        text = "\n".join(row["candidates"])
        id = articles.setdefault(text, Article(f"{len(articles):012x}", text, row["section"], row["article"])).id
        ends = np.cumsum([len(sentence) + 1 for sentence in row["candidates"]])
        places = [(id, int(ends[i]) - 1 - len(row["candidates"][i]), int(ends[i]) - 1) for i in row["answers"]]
        asked.append((row["question"], places))
    return list(articles.values()), asked


def fit(sets: Sequence[Sequence[Row]]) -> Array:
    """Return the coefficients of the features and the intercept; each set has the same weight."""
    x = np.array([[*values, 1.0] for rows in sets for values, _ in rows])
    y = np.array([float(answerable) for rows in sets for _, answerable in rows])
    weight = np.concatenate([np.full(len(rows), 1 / len(rows)) for rows in sets])
    found = np.zeros(x.shape[1])
    for _ in range(50):
        p = _probability(x, found)
        gradient = x.T @ (weight * (p - y))
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(x.shape[1])
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
    sets: dict[str, list[Row]] = {"bundled": list(bundled_rows())}
    if data:
        articles, asked = spans.read(data / "chunking")
        sets["chunking"] = list(both_ways(articles, [(one.text, one.gold) for one in asked]))
        sets["selqa dev"] = list(both_ways(*read_selqa(data / "selqa" / "dev.json")))
    found = fit(list(sets.values()))
    scores = {name: _scores(rows, found) for name, rows in sets.items()}
    bundled, answerable = scores["bundled"]
    threshold = float(np.quantile(bundled[answerable], WRONGLY_DECLINED))
    click.echo("INTERCEPT, COSINE, CARRIED = {2:.2f}, {0:.2f}, {1:.2f}".format(*found))
    click.echo(f"THRESHOLD = {threshold:.2f}")
    for name, (values, truth) in scores.items():
        wrongly, rightly = np.mean(values[truth] < threshold), np.mean(values[~truth] < threshold)
        click.echo(
            f"{name:10} n = {len(values):4}  area under ROC {area_under_roc(values, truth):.3f}  "
            f"wrongly declined {wrongly:.3f}  rightly declined {rightly:.3f}"
        )


def _scores(rows: Sequence[Row], found: Array) -> tuple[Array, NDArray[np.bool_]]:
    x = np.array([[*values, 1.0] for values, _ in rows])
    return _probability(x, found), np.array([answerable for _, answerable in rows])


def _probability(x: Array, found: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x @ found)))


def _features(
    stores: Stores, question: str, *, withhold: Callable[[Passage], bool] = lambda passage: False
) -> tuple[float, float]:
    hits = [hit for hit in search(stores, question, k=PASSAGES + _WITHHELD) if not withhold(hit.passage)][:PASSAGES]
    articles: Mapping[str, Any] = stores.library.articles({hit.passage.article_id for hit in hits})
    return features(score_sentences(stores, question, hits, articles))


def _holds(gold: Sequence[Place]) -> Callable[[Passage], bool]:
    return lambda passage: any(
        passage.article_id == id and passage.start < end and start < passage.end for id, start, end in gold
    )


if __name__ == "__main__":
    main()
