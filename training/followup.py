"""Fit the two regressions that make follow-ups stand alone; prints what bot/dependence.py and bot/antecedents.py hold.

    python -m training.followup --data ../shared/data

It learns from TREC CAsT 2019 and 2020 (what a person added to each question), each turn seen twice: with the earlier
questions as the person completed them, and as Byline itself does, mistakes included; from follow-ups made of SelQA dev
(a phrase of an earlier question or answer replaced by a pronoun), which have answers; and from SelQA questions asked
after two about something else, which need nothing. 2021 is for measuring only.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot import antecedents, followup
from bot.antecedents import Asked, find_candidates, fitness, likenesses
from bot.dependence import need
from bot.phrases import Phrase, find_phrases
from index.lexical import terms
from index.minilm import MiniLM

MODEL = MiniLM()
STANDALONE, ELSEWHERE = 2.0, 0.6  # what a question weighs that needs nothing, in CAsT and after another topic
MADE = 0.4  # what a candidate weighs in a follow-up that was made of SelQA, beside one that a person asked
_PART_OF_NAME = re.compile(r"[A-Z\"“&][\w.]*\s*$")


@dataclass(frozen=True)
class Case:
    """A question, what was before it, and as a person would have asked it alone."""

    earlier: tuple[Asked, ...]
    question: str
    alone: str
    weight: float = 1.0
    made: bool = False

    @property
    def added(self) -> frozenset[str]:
        """Return the terms that the person added."""
        return frozenset(terms(self.alone)) - frozenset(terms(self.question))


def cast(folder: Path, *, chained: bool = True) -> Iterator[Case]:
    """Yield the turns of CAsT 2019 and 2020 that have something before them; if `chained`, also as we complete it."""
    rows = (folder / "2019_resolved.tsv").read_text("utf-8").splitlines()
    resolved = dict(row.split("\t") for row in rows)
    for year in (2019, 2020):
        for topic in json.loads((folder / f"{year}_topics.json").read_text("utf-8")):
            turns = []
            for turn in topic["turn"]:
                alone = turn.get("manual_rewritten_utterance") or resolved.get(f"{topic['number']}_{turn['number']}")
                if alone:
                    turns.append((turn["raw_utterance"].strip(), alone.strip()))
            for number, (question, alone) in enumerate(turns[1:], start=1):
                weight = 1.0 if set(terms(alone)) - set(terms(question)) else STANDALONE
                before = turns[:number]
                yield Case(tuple(_completed(*one) for one in before), question, alone, weight)
                if chained:
                    yield Case(_understood([(asked, "") for asked, _ in before]), question, alone, weight)


def selqa(path: Path) -> Iterator[Case]:
    """Yield follow-ups made of SelQA's questions about one page, and its questions after two of another page."""
    pages: dict[str, list[tuple[str, str]]] = {}
    for row in json.loads(path.read_text("utf-8")):
        answer = " ".join(row["candidates"][number] for number in row["answers"])
        pages.setdefault(row["article"], []).append((row["question"], answer))
    chance = random.Random(5)
    for page, turns in pages.items():
        for number in range(1, len(turns)):
            question, said = turns[number][0], frozenset(terms(" ".join(" ".join(one) for one in turns[:number])))
            if (phrase := _replaceable(question, said)) is not None:
                yield Case(_understood(turns[:number]), _with_pronoun(question, phrase), question, made=True)
        other = chance.choice([one for one in pages if one != page])
        for question, _ in turns:
            yield Case(_understood(pages[other][:2]), question, question, ELSEWHERE)


def _completed(question: str, alone: str) -> Asked:
    own, phrases = frozenset(terms(question)), find_phrases(alone)
    new = [one for one in phrases if one.terms and not one.terms <= own]
    longest = [one for one in new if not any(o is not one and o.start <= one.start and one.end <= o.end for o in new)]
    return Asked(question, standalone=alone, carried=tuple(one.text for one in longest))


def _understood(turns: Sequence[tuple[str, str]]) -> tuple[Asked, ...]:
    earlier: tuple[Asked, ...] = ()
    for asked, answer in turns:
        earlier = (*earlier, replace(followup.understand(asked, earlier, MODEL), answer=answer))
    return earlier


def _replaceable(question: str, said: frozenset[str]) -> Phrase | None:
    found = [
        one
        for one in find_phrases(question)
        if one.terms and one.terms <= said and one.is_name and not _PART_OF_NAME.search(question[: one.start])
    ]
    return max(found, key=lambda one: (len(one.terms), one.end - one.start), default=None)


def _with_pronoun(question: str, phrase: Phrase) -> str:
    before = re.sub(r"\b(?:the|an?)\s$", "", question[: phrase.start], flags=re.IGNORECASE)
    after = question[phrase.end :]
    plural = phrase.text.endswith("s") and not phrase.text.endswith("ss")
    if owner := re.match(r"['’]s?\b", after):
        return before + ("their" if plural else "its") + after[owner.end() :]
    return before + ("they" if plural else "it") + after


def fit(rows: Sequence[Mapping[str, float]], truth: Sequence[bool], weights: Sequence[float]) -> dict[str, float]:
    """Return the weights of a logistic regression by Newton's method, ridge 1."""
    x = np.array([list(row.values()) for row in rows])
    y, w, b = np.array(truth, float), np.array(weights), np.zeros(x.shape[1])
    for _ in range(50):
        p: NDArray[np.float64] = 1 / (1 + np.exp(-x @ b))
        curvature = (x * (w * p * (1 - p))[:, None]).T @ x + np.eye(len(b))
        b -= np.linalg.solve(curvature, x.T @ (w * (p - y)) + b)
    return dict(zip(rows[0], b.round(2).tolist(), strict=True))


def fit_both(cases: Sequence[Case]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the weights of what `cases` need, and of what fits them."""
    needs = [need(one.question, {t for a in one.earlier for t in a.terms}, MODEL) for one in cases]
    needed = fit(needs, [bool(one.added) for one in cases], [one.weight for one in cases])
    rows, truth, weights = [], [], []
    for case in cases:
        own = frozenset(terms(case.question))
        found = [one for one in find_candidates(case.earlier) if not one.terms <= own] if case.added else []
        for one, alike in zip(
            found, likenesses(case.question, case.earlier[-1], found, MODEL) if found else [], strict=True
        ):
            rows.append(fitness(one, case.question, len(case.earlier), MODEL, alike))
            truth.append(one.terms - own <= case.added)
            weights.append(MADE if case.made else 1.0)
    return needed, fit(rows, truth, weights)


def use(needed: Mapping[str, float], fitting: Mapping[str, float]) -> None:
    """Have questions understood with these weights from now on."""
    followup.NEED, antecedents.FITNESS = needed, fitting
    followup.understand.cache_clear()


def main(data: Path) -> None:
    """Fit on what people completed, then with the mistakes that these weights make, and print."""
    use(*fit_both(list(cast(data / "cast", chained=False))))
    weights = fit_both([*cast(data / "cast"), *selqa(data / "selqa" / "dev.json")])
    for name, held in zip(("NEED", "FITNESS"), weights, strict=True):
        print(f"{name} =", json.dumps(held, indent=4))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    main(parser.parse_args().data)
