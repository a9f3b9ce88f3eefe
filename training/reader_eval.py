"""Measure a reader: SelQA test, XQuAD, and near misses about pages that training never saw.

python -m training.reader_eval --data ../shared/data --weights bot/models/reader.int8.onnx
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from bot.reader import Reader, Reading
from evals.measures import area_under_roc, held_out
from evals.reader import joined, normalised, reciprocal_rank, says_it_answers, score_section, word_f1
from index.minilm import MiniLM
from index.sentences import split_sentences
from training.encoder import original
from training.reader import load_tokenizer
from training.reader_data import development_pairs


def selqa(reader: Reader, data: Path, part: str, *, held: bool = False) -> list[dict[str, Any]]:
    """Read every question of SelQA with its whole section; return the scores and the answers of each."""
    model = MiniLM(threads=1)
    rows = []
    for row in json.loads((data / f"selqa/{part}.json").read_text("utf-8")):
        if held and not held_out(f"selqa:{row['article']}"):
            continue
        mixed, alike = score_section(reader, model, row["question"], row["candidates"])
        rows.append({"answers": row["answers"], "similarity": alike, "mixed": mixed})
    return rows


def ranking(rows: Sequence[dict[str, Any]], key: str) -> dict[str, float]:
    """Return mean reciprocal rank and precision of the first sentence."""
    ranks = [reciprocal_rank(row[key], row["answers"]) for row in rows]
    return {"MRR": fmean(ranks), "P@1": fmean(rank == 1 for rank in ranks), "questions": len(ranks)}


def xquad(reader: Reader, data: Path) -> dict[str, float]:
    """Return F1 and exact match of the best words for each question of XQuAD."""
    f1, exact = [], []
    for article in json.loads((data / "xquad/xquad.en.json").read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            spans = split_sentences(text)
            for question in paragraph["qas"]:
                start, end = reader.read(question["question"], text, spans).best.span
                right = [answer["text"] for answer in question["answers"]]
                f1.append(max(word_f1(text[start:end], one) for one in right))
                exact.append(max(normalised(text[start:end]) == normalised(one) for one in right))
    return {"F1": fmean(f1), "EM": fmean(exact), "questions": len(f1)}


def near_misses(reader: Reader, data: Path) -> list[tuple[str, Reading]]:
    """Read answerable questions and near misses about held-out pages; return the kind and reading of each."""
    pairs = development_pairs(data, load_tokenizer())
    return [(pair.kind, reader.read(pair.question, *joined(pair.sentences))) for pair in pairs]


def areas(read: Sequence[tuple[str, Reading]], score: Callable[[Reading], float]) -> dict[str, float]:
    """Return the area of answered questions against every kind of near miss, and against all."""
    of: dict[str, list[float]] = {}
    for kind, reading in read:
        of.setdefault(kind, []).append(score(reading))
    yes = of.pop("answered")
    all_misses = [value for values in of.values() for value in values]
    return {"all": _area(yes, all_misses), **{kind: _area(yes, values) for kind, values in of.items()}}


def _area(yes: Sequence[float], no: Sequence[float]) -> float:
    return area_under_roc(np.array([*yes, *no]), np.array([True] * len(yes) + [False] * len(no)))


def main() -> None:
    """Print every figure for one model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--test", action="store_true", help="also SelQA test and XQuAD; never to choose by")
    given = parser.parse_args()
    tokenizer = original() / "tokenizer.json"
    reader = Reader(weights=given.weights, tokenizer=tokenizer, threads=given.threads)
    figures: dict[str, Any] = {}
    for part, held in [("dev", True), ("test", False)][: 1 + given.test]:
        rows = selqa(reader, given.data, part, held=held)
        for key in ("similarity", "mixed"):
            figures[f"SelQA {part}{', held out' * held}, {key}"] = ranking(rows, key)
    read = near_misses(reader, given.data)
    for name, score in {
        "answers": lambda r: r.answers,
        "best sentence": lambda r: max(s.score for s in r.sentences),
        "best span": lambda r: r.best.span_score,
        "all three": says_it_answers,
    }.items():
        figures[f"near misses, {name}"] = areas(read, score)
    if given.test:
        figures["XQuAD"] = xquad(reader, given.data)
    for name, row in figures.items():
        print(name, {k: round(v, 4) for k, v in row.items()}, flush=True)


if __name__ == "__main__":
    main()
