"""Measure a reader: SelQA test, XQuAD, and near misses about pages that training never saw.

python -m training.reader_eval --data ../shared/data --weights bot/models/reader.int8.onnx
"""

import argparse
import json
import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from bot.reader import Reader, Reading
from index.minilm import MiniLM
from index.passages import Span
from index.sentences import split_sentences
from training.encoder import original
from training.reader import load_tokenizer
from training.reader_data import development_pairs, held_out

# How much a sentence's best words and its similarity add to its score; fitted on SelQA dev's held-out pages and
# on Chroma's chunking questions.
SPAN_WEIGHT, SIMILARITY_WEIGHT = 1 / 3, 14.0


def joined(sentences: Sequence[str]) -> tuple[str, list[Span]]:
    """Return the sentences as one text, and the characters of each."""
    text, spans = "", []
    for sentence in sentences:
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + " "
    return text, spans


def reciprocal_rank(scores: Sequence[float], answers: Sequence[int]) -> float:
    """Return 1 / rank of the first sentence that answers; others with the same score stand before it."""
    best = max(scores[n] for n in answers)
    return 1 / (1 + sum(score >= best for n, score in enumerate(scores) if n not in answers))


def selqa(reader: Reader, data: Path, part: str, *, held: bool = False) -> list[dict[str, Any]]:
    """Read every question of SelQA with its whole section; return the scores and the answers of each."""
    model = MiniLM(threads=1)
    vectors = cache(lambda text: model.embed([text])[0])
    rows = []
    for row in json.loads((data / f"selqa/{part}.json").read_text("utf-8")):
        if held and not held_out(f"selqa:{row['article']}"):
            continue
        text, spans = joined(row["candidates"])
        judged = reader.read(row["question"], text, spans).sentences
        alike = [float(vectors(row["question"]) @ vectors(sentence)) for sentence in row["candidates"]]
        alone = [one.score + SPAN_WEIGHT * one.span_score for one in judged]
        mixed = [score + SIMILARITY_WEIGHT * cosine for score, cosine in zip(alone, alike, strict=True)]
        rows.append({"answers": row["answers"], "similarity": alike, "reader": alone, "mixed": mixed})
    return rows


def ranking(rows: Sequence[dict[str, Any]], key: str) -> dict[str, float]:
    """Return mean reciprocal rank and precision of the first sentence."""
    ranks = [reciprocal_rank(row[key], row["answers"]) for row in rows]
    return {"MRR": fmean(ranks), "P@1": fmean(rank == 1 for rank in ranks), "questions": len(ranks)}


def normalised(text: str) -> list[str]:
    """Return the words as SQuAD compares them, no case, punctuation or articles (Rajpurkar et al. 2016)."""
    bare = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def overlap(said: str, right: str) -> float:
    """Return the F1 of the words of two answers."""
    a, b = normalised(said), normalised(right)
    shared = sum((Counter(a) & Counter(b)).values())
    return 2 * shared / (len(a) + len(b)) if shared else float(a == b)


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
                f1.append(max(overlap(text[start:end], one) for one in right))
                exact.append(max(normalised(text[start:end]) == normalised(one) for one in right))
    return {"F1": fmean(f1), "EM": fmean(exact), "questions": len(f1)}


def near_misses(reader: Reader, data: Path) -> list[tuple[str, Reading]]:
    """Read answerable questions and near misses about held-out pages; return the kind and reading of each."""
    pairs = development_pairs(data, load_tokenizer())
    return [(pair.kind, reader.read(pair.question, *joined(pair.sentences))) for pair in pairs]


def area(yes: Sequence[float], no: Sequence[float]) -> float:
    """Return the area under the ROC curve: how often a yes scores above a no, ties half."""
    a, b = np.array(yes)[:, None], np.array(no)[None, :]
    return float((a > b).mean() + (a == b).mean() / 2)


def areas(read: Sequence[tuple[str, Reading]], score: Callable[[Reading], float]) -> dict[str, float]:
    """Return the area of answered questions against every kind of near miss, and against all."""
    of: dict[str, list[float]] = {}
    for kind, reading in read:
        of.setdefault(kind, []).append(score(reading))
    yes = of.pop("answered")
    all_misses = [value for values in of.values() for value in values]
    return {"all": area(yes, all_misses), **{kind: area(yes, values) for kind, values in of.items()}}


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
        for key in ("similarity", "reader", "mixed"):
            figures[f"SelQA {part}{', held out' * held}, {key}"] = ranking(rows, key)
    read = near_misses(reader, given.data)
    for name, score in {
        "answers": lambda r: r.answers,
        "best sentence": lambda r: max(s.score for s in r.sentences),
        "best span": lambda r: r.best.span_score,
        "all three": lambda r: r.answers + max(s.score for s in r.sentences) + r.best.span_score / 2,
    }.items():
        figures[f"near misses, {name}"] = areas(read, score)
    if given.test:
        figures["XQuAD"] = xquad(reader, given.data)
    for name, row in figures.items():
        print(name, {k: round(v, 4) for k, v in row.items()}, flush=True)


if __name__ == "__main__":
    main()
