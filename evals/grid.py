"""Experiments: passage sizes and ways to fuse cosine and BM25; weights of the plain sentence scorer.

    python -m evals.grid --data DIR [--sentences]

prints a table for Chroma's chunking evaluation in DIR, and one for the bundled `tune` questions. A larger passage
shows more characters at the same rank, so recall is also given for the best passages up to the same number of
characters. `evals/LOG.md` holds what was decided.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import click
import numpy as np

import seeds
from bot.chat import PASSAGES
from bot.similarity import score_sentences
from evals import question_files, spans
from evals.intervals import figure
from evals.library import library_of
from evals.measures import Place, carries, mean, span_scores
from index.articles import Article
from index.lexical import terms
from index.passages import Passage
from index.search import POOL, search
from index.settings import PASSAGE_TOKENS
from index.stores import Stores

SIZES = (150, 200, 250, 400)  # tokens
WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.2)
RANK_CONSTANT = 60  # of reciprocal rank fusion: Cormack et al., SIGIR 2009
COVERAGE_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
PASSAGE_WEIGHTS = (0.0, 0.15, 0.3)
BUDGET = 4000  # characters
TOP = spans.TOP

Scores = Mapping[int, float]
Fusion = Callable[[Scores, Scores], Scores]  # cosines and BM25 scores to what passages are ranked by
Asked = Sequence[tuple[str, Sequence[Place]]]


def added(weight: float) -> Fusion:
    """Return the fusion that adds BM25, weighted, to the cosine."""
    return lambda cosine, bm25: {key: value + weight * bm25.get(key, 0.0) for key, value in cosine.items()}


def reciprocal_ranks(cosine: Scores, bm25: Scores) -> Scores:
    """Fuse by rank: each side adds 1 / (60 + rank)."""
    fused: dict[int, float] = {}
    for side in (cosine, bm25):
        best = sorted(side, key=lambda key: (-side[key], key))[:POOL]
        for rank, key in enumerate(best, start=1):
            fused[key] = fused.get(key, 0.0) + 1 / (RANK_CONSTANT + rank)
    return fused


FUSIONS: Mapping[str, Fusion] = {
    **{f"cosine + {weight} BM25": added(weight) for weight in WEIGHTS},
    "reciprocal ranks": reciprocal_ranks,
}


@contextmanager
def bundled(size: int) -> Iterator[tuple[Stores, Asked]]:
    """Open the bundled articles and the `tune` questions that stand alone."""
    with library_of(paths=[seeds.FOLDER], passage_tokens=size) as stores:
        articles = {article.file: article for article in stores.library.articles().values()}
        read = question_files.read(question_files.BUNDLED, articles, split="tune")
        yield stores, [(one.text, one.gold) for one in read if one.gold and not one.history]


@contextmanager
def chunking(articles: Sequence[Article], asked: Asked, size: int) -> Iterator[tuple[Stores, Asked]]:
    """Open corpora whose questions are read already."""
    with library_of(articles=articles, passage_tokens=size) as stores:
        yield stores, asked


def ranked(stores: Stores, question: str) -> Iterator[list[Passage]]:
    """Yield the passages for a question by each fusion, best first."""
    vector = stores.model.embed([question])[0]
    cosine, bm25 = stores.dense.search(vector, k=POOL), stores.lexical.search(terms(question), k=POOL)
    cosine |= stores.dense.cosines(vector, [key for key in bm25 if key not in cosine])
    passages = stores.library.passages(cosine)
    for fuse in FUSIONS.values():
        scores = fuse(cosine, bm25)
        best = sorted(scores, key=lambda key: (-scores[key], passages[key].article_id, passages[key].start))
        yield [passages[key] for key in best]


def measure(stores: Stores, asked: Asked) -> list[str]:
    """Return a line for each fusion."""
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in FUSIONS}
    for text, gold in asked:
        for name, passages in zip(FUSIONS, ranked(stores, text), strict=True):
            places = [(one.article_id, one.start, one.end) for one in passages]
            budget = span_scores(within(places, BUDGET), gold)[0]
            found[name].append((*span_scores(places[:TOP], gold), budget))
    return [_line(name, values) for name, values in found.items()]


def within(places: Sequence[Place], budget: int) -> list[Place]:
    """Return the first places up to `budget` characters in all; the last is cut."""
    kept = []
    for id, start, end in places:
        end = min(end, start + budget)
        budget -= end - start
        if end > start:
            kept.append((id, start, end))
    return kept


def weigh_sentences(stores: Stores, asked: Asked) -> Iterator[str]:
    """Yield a line for each pair of weights: how often the best sentence of the passages read carries gold."""
    read: list[tuple[list[tuple[Place, float, float, float]], Sequence[Place]]] = []
    for text, gold in asked:
        hits = search(stores, text, k=PASSAGES)
        behind = {
            (hit.passage.article_id, span): hits[0].score - hit.score for hit in hits for span in hit.passage.sentences
        }
        articles = stores.library.articles({hit.passage.article_id for hit in hits})
        scored = score_sentences(stores, text, hits, articles)
        read.append(
            ([((s.article_id, *s.span), s.cosine, s.coverage, behind[s.article_id, s.span]) for s in scored], gold)
        )
    for coverage in COVERAGE_WEIGHTS:
        for passage in PASSAGE_WEIGHTS:
            right = []
            for sentences, gold in read:
                best = max(sentences, key=lambda one: one[1] + coverage * one[2] - passage * one[3])
                right.append(float(carries([best[0]], gold)))
            found = figure(np.array(right)[:, None])
            yield f"{coverage:8} {passage:8} {found.value:8.3f} [{found.low:.3f}, {found.high:.3f}]"


def _line(name: str, values: Sequence[tuple[float, ...]]) -> str:
    recall, precision, iou, budget = (mean(column) for column in zip(*values, strict=True))
    interval = figure(np.array(values)[:, 3:])
    return (
        f"{name:20} {recall:6.3f} {precision:9.3f} {iou:6.3f} {budget:12.3f} [{interval.low:.3f}, {interval.high:.3f}]"
    )


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Chroma's chunking evaluation.")
@click.option("--sentences", is_flag=True, help="Weigh sentences instead of passages.")
def main(data: Path | None, sentences: bool) -> None:
    """Print the tables."""
    sets: dict[str, Callable[[int], AbstractContextManager[tuple[Stores, Asked]]]] = {"bundled, tune": bundled}
    if data:
        articles, questions = spans.read(data)
        gold = [(one.text, one.gold) for one in questions]
        sets["chunking"] = lambda size: chunking(articles, gold, size)
    for name, opened in sets.items():
        if sentences:
            click.echo(f"{name}\ncoverage  passage  the best sentence is gold")
            with opened(PASSAGE_TOKENS) as (stores, asked):
                for line in weigh_sentences(stores, asked):
                    click.echo(line)
            continue
        click.echo(f"{name:25} recall precision    IoU  recall within {BUDGET} characters")
        for size in SIZES:
            with opened(size) as (stores, asked):
                for line in measure(stores, asked):
                    click.echo(f"{size:4} {line}")


if __name__ == "__main__":
    main()
