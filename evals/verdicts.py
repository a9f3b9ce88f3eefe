"""Fit the verdicts, and print what `bot/verify.py` and `bot/ranking.py` hold and how often they err.

    python -m evals.verdicts --data ../shared/data --articles ../shared/seeds

First the order of the sentences is fitted on WiCE's annotated evidence. With that order, a logistic regression of
`bot.examine.Features` is fitted on the `fit` split of the bundled statements (split by topic) and on WiCE's claims, and
the thresholds are chosen on that split. What tells that a statement is turned round is fitted on the statements alone:
WiCE's are not. The `report` split is only reported. WiCE's own figures are cross-validated: each claim, with its page,
is judged by a fit that has not seen it.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

import seeds
from bot.examine import SUPPORTING, Examiner, Features, Finding
from bot.ranking import Hints, Ranking, hints, ranked
from bot.reader import WEIGHTS, Reader
from bot.sources import Sentences, Source
from evals.measures import area_under_roc
from evals.statements import Statement, read_statements, sources_of
from index.articles import find_files, read_article
from index.minilm import MiniLM
from index.passages import split_passages
from index.settings import PASSAGE_TOKENS

RIDGE = 3.0
FIRST = ("own", "around", "cosine", "together", "facts", "place")  # hints for the first sentence; further ones need all
LOST = 0.03  # of the true statements of the fit split, those that the trained model may refuse
FOLDS, REPEATS, ROUNDS = 5, 20, 3
_SMOOTH = 11  # hundredths
_ABOUT = 0.005  # of balanced accuracy: one or two statements of the fit split
KEPT = 0.97  # of the true statements of the fit split are at least supported in part

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Claim:
    """One of WiCE's sentences, and the page that it cites; sentences are numbered as in the file."""

    text: str
    source: Source
    supported: bool
    evidence: tuple[frozenset[int], ...]  # sets of sentences, each of which is enough

    def find(self, ranked: Sequence[int]) -> tuple[bool, float]:
        """Tell whether the first of `ranked` is evidence, and how much of the best set all of them are."""
        first = any(ranked[0] in group for group in self.evidence)
        return first, max(len(group & set(ranked)) / len(group) for group in self.evidence)


def read_wice(path: Path) -> Iterator[Claim]:
    """Yield WiCE's claims."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        ends = np.cumsum([len(sentence) + 1 for sentence in row["evidence"]])
        spans = [(int(end) - 1 - len(one), int(end) - 1) for one, end in zip(row["evidence"], ends, strict=True)]
        source = Source("wice", "\n".join(row["evidence"]), tuple(spans))
        evidence = tuple(frozenset(one) for one in row["supporting_sentences"] if one)
        yield Claim(row["claim"], source, row["label"] == "supported", evidence)


@dataclass(frozen=True, slots=True)
class Seen:
    """A claim whose evidence is told, and the hints of the sentences of its page."""

    claim: Claim
    held: Sentences
    numbers: list[int]  # of the sentences that have hints, in `held`
    hints: Array
    told: Array  # 1 where a sentence is evidence

    def ranked(self, first: Array, further: Array) -> list[int]:
        """Return the sentences in the order that these weights give, as numbered in the file."""
        scores = dict(zip(self.numbers, self.hints @ first, strict=True))
        order = ranked(self.held, scores, dict(zip(self.numbers, self.hints @ further, strict=True)))
        return [self.claim.source.sentences.index(self.held.places[i][1]) for i in order]


def see(claim: Claim, examiner: Examiner) -> Seen:
    """Return the hints of a claim's sentences."""
    held, cosines = examiner.look(claim.text, [claim.source])
    found = hints(claim.text, held, cosines)
    where = {span: n for n, span in enumerate(claim.source.sentences)}
    evidence = frozenset().union(*claim.evidence)
    told = [float(where[held.places[i][1]] in evidence) for i in found]
    return Seen(claim, held, list(found), np.array(list(found.values())), np.array(told))


def fit_order(seen: Sequence[Seen]) -> tuple[Array, Array]:
    """Return the weights of the hints for the first sentence and for further ones; each claim counts the same."""
    x, y = np.concatenate([one.hints for one in seen]), np.concatenate([one.told for one in seen])
    even = np.concatenate([np.full(len(one.told), 1 / max(one.told.sum(), 1)) for one in seen])
    chosen = [Hints._fields.index(name) for name in FIRST]
    first = np.zeros(x.shape[1])
    first[chosen] = fit(x[:, chosen], y, even)[:-1]
    return first, fit(x, y, even)[:-1]


def cross_validated_order(seen: Sequence[Seen]) -> tuple[float, float]:
    """Return how often the first sentence is evidence, and Recall@5, means of rounds of `FOLDS` folds."""
    found = []
    for seed in range(ROUNDS):
        fold = np.random.default_rng(seed).permutation(len(seen)) % FOLDS
        for k in range(FOLDS):
            weights = fit_order([one for one, at in zip(seen, fold, strict=True) if at != k])
            found += [one.claim.find(one.ranked(*weights)) for one, at in zip(seen, fold, strict=True) if at == k]
    first, recall = np.array(found, float).mean(0)
    return float(first), float(recall)


def examine_statements(examiner: Examiner, folders: Sequence[Path]) -> Iterator[tuple[Statement, Finding]]:
    """Yield the bundled statements about the articles of `folders`, each with what its passages say of it."""
    model = examiner.model
    assert isinstance(model, MiniLM)
    articles = {file.name: read_article(file, root=folder) for folder in folders for file in find_files(folder)}
    passages = {
        name: split_passages(one.text, article_id=one.id, size=PASSAGE_TOKENS, count_tokens=model.count_tokens)
        for name, one in articles.items()
    }
    for statement in read_statements(articles):
        cited = sources_of(statement, articles[statement.file], passages[statement.file])
        yield statement, examiner.examine(statement.text, cited)


def fit(x: Array, y: Array, weight: Array) -> Array:
    """Return the coefficients of `x` and the intercept: a ridge regression on the logit, by Newton's method."""
    mean, spread = x.mean(0), x.std(0) + 1e-9
    z = np.column_stack([(x - mean) / spread, np.ones(len(x))])
    found, ridge = np.zeros(z.shape[1]), RIDGE * np.diag([1.0] * x.shape[1] + [0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ found))
        gradient = z.T @ (weight * (p - y)) + ridge @ found
        found -= np.linalg.solve((z * (weight * p * (1 - p))[:, None]).T @ z + ridge, gradient)
    slopes = found[:-1] / spread
    return np.append(slopes, found[-1] - slopes @ mean)


def chances(x: Array, found: Array) -> Array:
    """Return the probability of support of each row."""
    return np.asarray(1 / (1 + np.exp(-(x @ found[:-1] + found[-1]))))


def best_threshold(scores: Array, truth: Truth, allowed: Truth) -> float:
    """Return the highest of the thresholds with about the best balanced accuracy.

    What is not `allowed` is never supported. Each threshold counts with its neighbours, so that no lucky peak is
    chosen; the highest, because to call a false sentence supported is the worse error.
    """
    tried = np.arange(0.1, 0.9, 0.01)
    found = np.array([balanced(truth, (scores >= at) & allowed) for at in tried])
    smooth = np.convolve(found, np.ones(_SMOOTH) / _SMOOTH, "same")
    return float(tried[smooth >= smooth.max() - _ABOUT].max())


def balanced(truth: Truth, said: Truth) -> float:
    """Return the mean of the shares of true and of false that are told right."""
    return float((np.mean(said[truth]) + np.mean(~said[~truth])) / 2)


def cross_validated(x: Array, y: Truth) -> tuple[float, float]:
    """Return area under ROC and F1, mean of `REPEATS` rounds of `FOLDS` folds."""
    areas, f1s = [], []
    for seed in range(REPEATS):
        fold = np.random.default_rng(seed).permutation(len(y)) % FOLDS
        scores, said = np.zeros(len(y)), np.zeros(len(y), bool)
        for k in range(FOLDS):
            train = fold != k
            found = fit(x[train], y[train].astype(float), np.ones(train.sum()))
            known = chances(x[train], found)
            at = max(np.unique(known), key=lambda t: _f1(y[train], known >= t))
            scores[~train] = chances(x[~train], found)
            said[~train] = scores[~train] >= at
        areas.append(area_under_roc(scores, y))
        f1s.append(_f1(y, said))
    return float(np.mean(areas)), float(np.mean(f1s))


def _f1(truth: Truth, said: Truth) -> float:
    return float(2 * np.sum(truth & said) / max(int(truth.sum() + said.sum()), 1))


@dataclass(frozen=True, slots=True)
class Fitted:
    """What ships: weights and intercept, and three thresholds."""

    weights: Array
    supported: float
    partly: float
    least: float

    def passes(self, x: Array, allowed: Truth) -> Truth:
        """Tell which rows count as supported."""
        sure = x[:, Features._fields.index("supports")] >= self.least
        return np.asarray((chances(x, self.weights) >= self.supported) & allowed & sure)


def fit_verdicts(x: Array, truth: Truth, allowed: Truth, wice: Array, supported: Truth) -> Fitted:
    """Fit on statements and claims; choose the thresholds on the statements."""
    masked = wice.copy()
    masked[:, len(SUPPORTING) :] = x[:, len(SUPPORTING) :].mean(0)
    labels = np.concatenate([truth, supported]).astype(float)
    # True statements weigh as much as the others together; a verdict must not follow from how many were written.
    even = np.where(truth, (~truth).sum() / truth.sum(), 1.0)
    found = fit(np.concatenate([x, masked]), labels, np.concatenate([even, np.ones(len(wice)) / 2]))
    found, least = np.round(found, 2), float(np.quantile(x[truth, Features._fields.index("supports")], LOST))
    scores = chances(x, found)
    allowed = allowed & (x[:, Features._fields.index("supports")] >= least)
    at = best_threshold(scores, truth, allowed)
    partly = min(at, float(np.quantile(scores[truth], 1 - KEPT)))
    return Fitted(found, round(at, 3), round(partly, 3), round(least, 2))


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, path_type=Path), required=True, help="Folder with wice/dev.jsonl.")
@click.option("--articles", type=click.Path(exists=True, path_type=Path), help="More articles with statements.")
@click.option("--reader", type=click.Path(path_type=Path), default=WEIGHTS, help="Weights of the trained reader.")
def main(data: Path, articles: Path | None, reader: Path) -> None:
    """Fit and print."""
    examiner = Examiner(MiniLM(threads=2), Reader(weights=reader) if reader.is_file() else None)
    claims = list(read_wice(data / "wice" / "dev.jsonl"))
    seen = [see(one, examiner) for one in claims if one.evidence]
    first, further = (np.round(one, 2) for one in fit_order(seen))
    _print_order(first, further, seen)
    examiner = replace(examiner, ranking=Ranking(Hints(*first.tolist()), Hints(*further.tolist())))
    statements = list(examine_statements(examiner, [seeds.FOLDER, *([articles] if articles else [])]))
    findings = [examiner.examine(one.text, [one.source]) for one in claims]
    _print_verdicts(statements, np.array([one.features for one in findings]), np.array([c.supported for c in claims]))


def _print_order(first: Array, further: Array, seen: Sequence[Seen]) -> None:
    for name, weights in (("first", first), ("further", further)):
        click.echo(f"{name} = Hints({', '.join(f'{one:.2f}' for one in weights)})")
    evidence, recall = cross_validated_order(seen)
    click.echo(f"WiCE   n = {len(seen)}  first cited is evidence {evidence:.3f}  Recall@5 of the evidence {recall:.3f}")


def _print_verdicts(statements: Sequence[tuple[Statement, Finding]], wice: Array, supported: Truth) -> None:
    x = np.array([finding.features for _, finding in statements])
    truth = np.array([one.true for one, _ in statements])
    part = np.array([one.split == "fit" for one, _ in statements])
    allowed = np.array([not finding.wrong for _, finding in statements])
    found = fit_verdicts(x[part], truth[part], allowed[part], wice, supported)
    click.echo(f"WEIGHTS = Features({', '.join(f'{one:.2f}' for one in found.weights[:-1])})")
    click.echo(f"INTERCEPT = {found.weights[-1]:.2f}\nSUPPORTED = {found.supported:.3f}")
    click.echo(f"PARTLY = {found.partly:.3f}\nLEAST = {found.least:.2f}")
    click.echo(", ".join(f"{name} {one:.2f}" for name, one in zip(Features._fields, found.weights, strict=False)))
    said, scores = found.passes(x, allowed), chances(x, found.weights)
    for split, here in (("fit", part), ("report", ~part)):
        click.echo(
            f"{split:6} n = {here.sum():3}  balanced accuracy {balanced(truth[here], said[here]):.3f}  "
            f"area under ROC {area_under_roc(scores[here], truth[here]):.3f}"
        )
        total = Counter(_group(one) for (one, _), at in zip(statements, here, strict=True) if at)
        passed = Counter(_group(one) for (one, _), at in zip(statements, here & said, strict=True) if at)
        click.echo("       supported: " + ", ".join(f"{name} {passed[name]}/{total[name]}" for name in sorted(total)))
    area, f1 = cross_validated(wice[:, : len(SUPPORTING)], supported)
    click.echo(f"WiCE   n = {len(wice)}  cross-validated: area under ROC {area:.3f}  F1 {f1:.3f}")
    click.echo(
        f"       with the weights above: area under ROC {area_under_roc(chances(wice, found.weights), supported):.3f}"
    )


def _group(one: Statement) -> str:
    return f"{one.kind} {one.change}".strip()


if __name__ == "__main__":
    main()
