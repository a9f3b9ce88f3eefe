"""Fit the verdicts, and print what `bot/verify.py` holds and how often it errs.

    python -m evals.verdicts --data ../shared/data --articles ../shared/seeds

Fits a logistic regression of `bot.examine.Features` on the `fit` split of the bundled statements (split by topic)
and on WiCE's claims, and chooses the thresholds on that split. The `report` split is only reported. WiCE's own
figures are cross-validated: each claim is judged by a fit that has not seen it.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

import seeds
from bot.examine import Examiner, Features, Finding, Source
from bot.reader import WEIGHTS, Reader
from evals.measures import area_under_roc
from evals.statements import Statement, read_statements, sources_of
from index.articles import find_files, read_article
from index.minilm import MiniLM
from index.passages import split_passages
from index.settings import PASSAGE_TOKENS

RIDGE = 3.0
FOLDS, REPEATS = 5, 20
_SMOOTH = 11  # hundredths
KEPT = 0.97  # of the true statements of the fit split are at least supported in part

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Claim:
    """One of WiCE's sentences, as examined against the page that it cites."""

    supported: bool
    evidence: tuple[frozenset[int], ...]  # sets of sentences, each of which is enough
    ranked: tuple[int, ...]
    finding: Finding


def read_wice(path: Path, examiner: Examiner) -> Iterator[Claim]:
    """Yield WiCE's claims; sentences are numbered as in the file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        ends = np.cumsum([len(sentence) + 1 for sentence in row["evidence"]])
        spans = [(int(end) - 1 - len(one), int(end) - 1) for one, end in zip(row["evidence"], ends, strict=True)]
        number = {span: n for n, span in enumerate(spans)}
        finding = examiner.examine(row["claim"], [Source("wice", "\n".join(row["evidence"]), tuple(spans))])
        evidence = tuple(frozenset(one) for one in row["supporting_sentences"] if one)
        ranked = tuple(number[span] for _, span in finding.ranked)
        yield Claim(row["label"] == "supported", evidence, ranked, finding)


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


def best_threshold(scores: Array, truth: NDArray[np.bool_], allowed: NDArray[np.bool_]) -> float:
    """Return the threshold of the best balanced accuracy; what is not `allowed` is never supported.

    Each threshold counts with its neighbours, so that no lucky peak is chosen.
    """
    tried = np.arange(0.1, 0.9, 0.01)
    found = np.array([balanced(truth, (scores >= at) & allowed) for at in tried])
    return float(tried[np.argmax(np.convolve(found, np.ones(_SMOOTH) / _SMOOTH, "same"))])


def balanced(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    """Return the mean of the shares of true and of false that are told right."""
    return float((np.mean(said[truth]) + np.mean(~said[~truth])) / 2)


def cross_validated(x: Array, y: NDArray[np.bool_]) -> tuple[float, float]:
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


def _f1(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    return float(2 * np.sum(truth & said) / max(int(truth.sum() + said.sum()), 1))


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Folder with wice/dev.jsonl.")
@click.option("--articles", type=click.Path(exists=True, path_type=Path), help="More articles with statements.")
@click.option("--reader", type=click.Path(path_type=Path), default=WEIGHTS, help="Weights of the trained reader.")
def main(data: Path | None, articles: Path | None, reader: Path) -> None:
    """Fit and print."""
    examiner = Examiner(MiniLM(threads=2), Reader(weights=reader) if reader.is_file() else None)
    folders = [seeds.FOLDER, *([articles] if articles else [])]
    statements = list(examine_statements(examiner, folders))
    claims = list(read_wice(data / "wice" / "dev.jsonl", examiner)) if data else []
    x = np.array([finding.features for _, finding in statements])
    truth = np.array([one.true for one, _ in statements])
    fitted = np.array([one.split == "fit" for one, _ in statements])
    allowed = np.array([not finding.wrong for _, finding in statements])
    wice = np.array([one.finding.features for one in claims]).reshape(len(claims), x.shape[1])
    supported = np.array([one.supported for one in claims], bool)

    rows = np.concatenate([x[fitted], wice])
    labels = np.concatenate([truth[fitted], supported]).astype(float)
    # True statements weigh as much as the others together; a verdict must not follow from how many were written.
    even = np.where(truth[fitted], (~truth[fitted]).sum() / truth[fitted].sum(), 1.0)
    found = fit(rows, labels, np.concatenate([even, np.ones(len(claims)) / 2]))
    scores = chances(x, found)
    at = best_threshold(scores[fitted], truth[fitted], allowed[fitted])
    partly = min(at, float(np.quantile(scores[fitted & truth], 1 - KEPT)))
    click.echo(f"WEIGHTS = ({', '.join(f'{one:.2f}' for one in found[:-1])})")
    click.echo(f"INTERCEPT = {found[-1]:.2f}\nSUPPORTED = {at:.3f}\nPARTLY = {partly:.3f}")
    click.echo(", ".join(f"{name} {one:.2f}" for name, one in zip(Features._fields, found * 1.0, strict=False)))
    for split, part in (("fit", fitted), ("report", ~fitted)):
        said = (scores >= at) & allowed
        click.echo(
            f"{split:6} n = {part.sum():3}  balanced accuracy {balanced(truth[part], said[part]):.3f}  "
            f"area under ROC {area_under_roc(scores[part], truth[part]):.3f}"
        )
        total = Counter(_group(one) for (one, _), here in zip(statements, part, strict=True) if here)
        passed = Counter(_group(one) for (one, _), here in zip(statements, part & said, strict=True) if here)
        click.echo("       supported: " + ", ".join(f"{name} {passed[name]}/{total[name]}" for name in sorted(total)))
    if claims:
        area, f1 = cross_validated(wice, supported)
        click.echo(f"WiCE   n = {len(claims)}  cross-validated: area under ROC {area:.3f}  F1 {f1:.3f}")
        told = [one for one in claims if one.evidence]
        first = np.mean([any(one.ranked[0] in group for group in one.evidence) for one in told])
        five = np.mean([max(len(group & set(one.ranked)) / len(group) for group in one.evidence) for one in told])
        click.echo(f"       n = {len(told)}  first cited is evidence {first:.3f}  Recall@5 of the evidence {five:.3f}")


def _group(one: Statement) -> str:
    return f"{one.kind} {one.change}".strip()


if __name__ == "__main__":
    main()
