"""How surely differences between outlets are found: pairs of sentences, and texts in which there are none.

    python -m evals.differences [--none TEXTS …]

`questions/differences.jsonl` has pairs that were written for this; on those of its `report` split nothing was tuned.
TEXTS are files in which no two paragraphs tell one thing: XQuAD's JSON, or lines whose last column is a sentence.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

import click

import seeds
from bot.differ import differing
from bot.reports import Report
from index.articles import Article, read_article
from index.passages import split_sentences

PAIRS = Path(__file__).with_name("questions") / "differences.jsonl"
DAYS = ("2014-09-15", "2014-09-16")  # on which the two outlets of a pair printed


def pairs(split: str) -> Iterator[tuple[str, str, bool]]:
    """Yield two sentences of two outlets, and whether they differ on one thing."""
    for line in PAIRS.read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        if pair["split"] == split:
            yield pair["one"], pair["other"], pair["differ"]


def found(one: str, other: str) -> list[tuple[str, str]]:
    """Return what two sentences, printed a day apart by two outlets, say differently."""
    mine, yours = (
        Report(text, Article(text, text, "", "", outlet=day, published=day))
        for text, day in zip((one, other), DAYS, strict=True)
    )
    return [(one[slice(*a.span)], other[slice(*b.span)]) for a, b in differing(mine, yours)]


def alarms(articles: Iterable[Article]) -> tuple[int, list[tuple[Report, Report]]]:
    """Return how many pairs of sentences of two articles have figures to compare, and those said to differ."""
    split = ((article, split_sentences(article.text)) for article in articles)
    reports = [Report(article.text[start:end], article) for article, spans in split for start, end in spans]
    kinds = {id(report): {figure.kind for figure in report.figures} for report in reports}
    told = [report for report in reports if kinds[id(report)]]
    compared = [
        (one, other)
        for one, other in combinations(told, 2)
        if one.article.id != other.article.id and kinds[id(one)] & kinds[id(other)]
    ]
    return len(compared), [(one, other) for one, other in compared if differing(one, other)]


def bundled() -> list[Article]:
    """Return the bundled articles, whose outlets never differ."""
    return [read_article(path, root=seeds.FOLDER) for path in sorted(seeds.FOLDER.glob("*.md"))]


def paragraphs(path: Path) -> list[Article]:
    """Return each paragraph of a file as an article of an outlet of its own."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        texts = [one["context"] for about in json.loads(text)["data"] for one in about["paragraphs"]]
    else:
        texts = [line.split("\t")[-1] for line in text.splitlines()]
    return [Article(str(n), text, "", "", outlet=str(n)) for n, text in enumerate(texts)]


def _scored(split: str) -> str:
    told = [(differ, bool(found(one, other))) for one, other, differ in pairs(split)]
    hits, real = sum(differ and said for differ, said in told), sum(differ for differ, _ in told)
    false = sum(said and not differ for differ, said in told)
    return f"{split:7} {hits} of {real} differences found, {false} false alarms in {len(told) - real} other pairs"


def _counted(name: str, articles: Sequence[Article]) -> None:
    compared, wrong = alarms(articles)
    click.echo(f"{name}: {len(wrong)} alarms in {compared:,} pairs of sentences with a figure of one kind")
    for one, other in wrong:
        click.echo(f"  {one.text}\n  {other.text}\n")


@click.command()
@click.option("--none", "texts", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(texts: tuple[Path, ...]) -> None:
    """Print how many differences are found, and how many that are none."""
    for split in ("tune", "report"):
        click.echo(_scored(split))
    _counted("bundled articles", bundled())
    for path in texts:
        _counted(path.name, paragraphs(path))


if __name__ == "__main__":
    main()
