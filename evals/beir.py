"""Folders in BEIR's format (Thakur et al. 2021): corpus.jsonl, queries.jsonl and qrels/*.tsv.

    python -m evals.beir SQUAD.json DIR

makes one of a file in SQuAD's format: its paragraphs are the documents, and each answers its questions.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from evals import squad
from evals.measures import Place
from evals.question_files import records
from index.articles import Article
from index.canonical import canonical
from index.errors import BylineError
from index.paragraphs import split_paragraphs

Qrels = dict[str, dict[str, int]]  # grade by query and by document


def read_corpus(path: Path) -> list[Article]:
    """Return the documents as articles called by their `_id`; one without text is its title."""
    articles: dict[str, Article] = {}
    for number, record in records(path):
        place = f"{path}, line {number}"
        id, title = _text(record, "_id", place), str(record.get("title") or "") or None
        text = canonical(_text(record, "text", place, empty=True)) or canonical(title or "")
        if id in articles:
            raise BylineError(f'{place}: "_id" {id!r} was used before; give each document its own.')
        if text:  # MS MARCO and NQ hold documents without a word, which nothing can find
            articles[id] = Article(id, text, file=id, path=place, title=title)
    if not articles:
        raise BylineError(f"{path} has no documents.")
    return list(articles.values())


def read_queries(path: Path) -> dict[str, str]:
    """Return the queries by their `_id`."""
    return {
        _text(record, "_id", f"{path}, line {number}"): _text(record, "text", f"{path}, line {number}")
        for number, record in records(path)
    }


def read_qrels(path: Path) -> Qrels:
    """Return the grades of a tab-separated table with columns query-id, corpus-id and score."""
    if not path.is_file():
        raise BylineError(f"{path} is missing; --set names a table of judgements, by default qrels/test.tsv in DATA.")
    qrels: Qrels = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
            if number == 1 and row[:1] == ["query-id"]:
                continue
            if len(row) != 3 or not row[2].strip().lstrip("-").isdigit():
                raise BylineError(
                    f"{path}, line {number}: not query-id, corpus-id and a whole score, with tabs between."
                )
            qrels.setdefault(row[0], {})[row[1]] = int(row[2])
    return qrels


def write(articles: Iterable[Article], queries: Mapping[str, str], qrels: Qrels, *, folder: Path) -> None:
    """Write documents, queries and judgements into `folder`, as BEIR has them."""
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    documents = ({"_id": one.id, "title": one.title or "", "text": one.text} for one in articles)
    _write_lines(folder / "corpus.jsonl", documents)
    _write_lines(folder / "queries.jsonl", ({"_id": id, "text": text} for id, text in queries.items()))
    grades = (f"{query}\t{id}\t{grade}\n" for query, held in qrels.items() for id, grade in held.items())
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(grades), encoding="utf-8")


def _write_lines(path: Path, records: Iterable[Mapping[str, str]]) -> None:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")


def _text(record: dict[str, Any], field: str, place: str, *, empty: bool = False) -> str:
    value = record.get(field)
    if isinstance(value, int) and field == "_id":
        value = str(value)
    if not isinstance(value, str) or not (value or empty):
        raise BylineError(f'{place}: "{field}" is missing or is no text.')
    return value


@click.command(help=__doc__)
@click.argument("file", type=click.Path(exists=True, path_type=Path), metavar="SQUAD.json")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def main(file: Path, folder: Path) -> None:
    """Make a folder of a file in SQuAD's format."""
    titles, questions = squad.read(file)
    documents: dict[tuple[str, int], Article] = {}
    for title in titles:
        for start, end in split_paragraphs(title.text):
            id = f"{title.id}-{start}"
            documents[title.id, start] = Article(id, title.text[start:end], file=id, path=str(file), title=title.title)
    held = {question.id: question for question in questions if question.gold}
    qrels = {id: {_around(one.gold[0], documents): 1} for id, one in held.items()}
    write(documents.values(), {id: one.text for id, one in held.items()}, qrels, folder=folder)


def _around(gold: Place, documents: Mapping[tuple[str, int], Article]) -> str:
    """Return the id of the paragraph that a place is in."""
    return documents[gold[0], max(start for id, start in documents if id == gold[0] and start <= gold[1])].id


if __name__ == "__main__":
    main()
