"""Benchmark: which copies of a report are found, and which other articles are taken for copies.

    python -m evals.copies --data ../shared/data [--articles 400]

Copies are made of every article by script: cuts, reordered paragraphs, a new lead, light edits of words, a quarter of
another report around it. Pairs of different articles are what must not be found. Both go through `index.copies` as at
ingest: bands first, then the share of shingles. The threshold is printed beside others.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

import seeds
from index.articles import find_files, read_article
from index.copies import OVERLAP, Bands, bands, is_likely, overlap, shingles

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_LEAD = "Nobody had expected it so soon. What follows was learnt late in the evening from people close to the matter."

Change = Callable[[list[str], random.Random], list[str]]


def _cut(share: float) -> Change:
    return lambda paragraphs, _: paragraphs[: max(1, round(len(paragraphs) * share))]


def _reordered(paragraphs: list[str], chance: random.Random) -> list[str]:
    return chance.sample(paragraphs, len(paragraphs))


def _lead(paragraphs: list[str], _: random.Random) -> list[str]:
    return [_LEAD, *paragraphs[1:]]


def _edited(share: float) -> Change:
    """Replace a share of the words, each by another of the article."""

    def edit(paragraphs: list[str], chance: random.Random) -> list[str]:
        words = " ".join(paragraphs).split()
        return [
            " ".join(chance.choice(words) if chance.random() < share else word for word in paragraph.split())
            for paragraph in paragraphs
        ]

    return edit


CHANGES: dict[str, Change] = {
    "first half": _cut(0.5),
    "first quarter": _cut(0.25),
    "reordered": _reordered,
    "new lead": _lead,
    "5 % of words": _edited(0.05),
    "10 % of words": _edited(0.10),
    "20 % of words": _edited(0.20),
    "lead, half, 5 %": lambda p, chance: _edited(0.05)(_lead(_cut(0.5)(p, chance), chance), chance),
}


def read_texts(data: Path | None, count: int) -> list[str]:
    """Return the texts of the bundled articles and at most `count` others: the corpora's, and WiCE's web pages."""
    texts = [read_article(path, root=seeds.FOLDER).text for path in find_files(seeds.FOLDER)]
    others: dict[str, str] = {}  # one page stands behind several claims
    for path in sorted(data.rglob("*.md")) if data else []:
        paragraphs = [p for p in path.read_text(encoding="utf-8").split("\n") if len(p.split()) >= 8]
        parts = (paragraphs[i : i + 12] for i in range(0, len(paragraphs) - 11, 12))
        others |= {part[0]: "\n\n".join(part) for part in parts}
    for path in sorted(data.rglob("dev.jsonl")) if data else []:
        for line in path.read_text(encoding="utf-8").splitlines():
            page = [sentence for sentence in json.loads(line).get("evidence", ()) if len(sentence.split()) >= 5]
            if len(page) >= 12:
                others.setdefault(page[0], "\n\n".join(" ".join(page[i : i + 3]) for i in range(0, len(page), 3)))
    return texts + list(others.values())[:count]


def shares(texts: Sequence[str], change: Change, *, seed: int = 7) -> Iterator[tuple[bool, float]]:
    """Yield for each text and its copy whether they meet in a band, and the share of shingles."""
    for number, text in enumerate(texts):
        chance = random.Random(f"{seed} {number}")
        copy = "\n\n".join(change(text.split("\n\n"), chance))
        yield meet(bands(text), bands(copy)), overlap(shingles(text), shingles(copy))


def meet(one: Bands, other: Bands) -> bool:
    """Tell whether two texts would be compared exactly."""
    return is_likely(len(set(one.numbers) & set(other.numbers)), one.size, other.size)


def found(pairs: Sequence[tuple[bool, float]], threshold: float) -> float:
    """Return the share of pairs that are taken for copies."""
    return sum(meet and share >= threshold for meet, share in pairs) / (len(pairs) or 1)


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), help="Corpora (*.md).")
@click.option("--articles", default=400, show_default=True)
def main(data: Path | None, articles: int) -> None:
    """Print the shares found at each threshold."""
    texts = [text for text in read_texts(data, articles) if len(text.split("\n\n")) >= 4 and bands(text).numbers]
    click.echo(f"{len(texts)} articles; threshold in use: {OVERLAP}")
    click.echo(f"{'share of shingles from':24}" + "".join(f"{threshold:>8}" for threshold in THRESHOLDS))
    for name, change in CHANGES.items():
        pairs = list(shares(texts, change))
        click.echo(f"{name:24}" + "".join(f"{found(pairs, threshold):8.1%}" for threshold in THRESHOLDS))
    sets = [(bands(text), shingles(text)) for text in texts]
    others = [(meet(one[0], other[0]), overlap(one[1], other[1])) for i, one in enumerate(sets) for other in sets[:i]]
    click.echo(f"{f'different ({len(others):,})':24}" + "".join(f"{found(others, t):8.2%}" for t in THRESHOLDS))


if __name__ == "__main__":
    main()
