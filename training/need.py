"""Fit the regression that tells which questions need what was said before; prints what bot/dependence.py holds.

    python -m training.need --data ../shared/data

It learns from TREC CAsT 2019 and 2020 (whether a person added anything to a question), and from questions of SelQA dev
asked after two about another page, which need nothing. 2021 is for measuring only.
"""

import argparse
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.dependence import need
from index.lexical import terms
from index.minilm import MiniLM
from training.resolver import cast

STANDALONE, ELSEWHERE = 2.0, 0.6  # what a question weighs that needs nothing, in CAsT and after another topic

Case = tuple[str, list[str], bool, float]  # question, those before it, whether it needs them, weight


def asked(data: Path) -> Iterator[Case]:
    """Yield the questions of CAsT and of SelQA that have others before them."""
    for turns in cast(data / "cast"):
        for number in range(1, len(turns)):
            turn = turns[number]
            needs = bool(set(terms(turn["alone"])) - set(terms(turn["question"])))
            yield turn["question"], [one["question"] for one in turns[:number]], needs, 1.0 if needs else STANDALONE
    pages: dict[str, list[str]] = {}
    for row in json.loads((data / "selqa" / "dev.json").read_text("utf-8")):
        pages.setdefault(row["article"], []).append(row["question"])
    chance = random.Random(5)
    for page, questions in pages.items():
        other = chance.choice([one for one in pages if one != page])
        for question in questions:
            yield question, pages[other][:2], False, ELSEWHERE


def fit(rows: Sequence[Mapping[str, float]], truth: Sequence[bool], weights: Sequence[float]) -> dict[str, float]:
    """Return the weights of a logistic regression by Newton's method, ridge 1."""
    x = np.array([list(row.values()) for row in rows])
    y, w, b = np.array(truth, float), np.array(weights), np.zeros(x.shape[1])
    for _ in range(50):
        p: NDArray[np.float64] = 1 / (1 + np.exp(-x @ b))
        curvature = (x * (w * p * (1 - p))[:, None]).T @ x + np.eye(len(b))
        b -= np.linalg.solve(curvature, x.T @ (w * (p - y)) + b)
    return dict(zip(rows[0], b.round(2).tolist(), strict=True))


def main(data: Path) -> None:
    """Fit and print."""
    model, cases = MiniLM(), list(asked(data))
    rows = [need(question, {t for one in before for t in terms(one)}, model) for question, before, *_ in cases]
    fitted = fit(rows, [needs for *_, needs, _ in cases], [weight for *_, weight in cases])
    print("NEED =", json.dumps(fitted, indent=4))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    main(parser.parse_args().data)
