"""Folders in BEIR's format (Thakur et al. 2021): corpus.jsonl, queries.jsonl and qrels/*.tsv."""

import csv
from pathlib import Path
from typing import Any

from evals.question_files import records
from index.articles import Article
from index.canonical import canonical
from index.errors import BylineError

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


def _text(record: dict[str, Any], field: str, place: str, *, empty: bool = False) -> str:
    value = record.get(field)
    if isinstance(value, int) and field == "_id":
        value = str(value)
    if not isinstance(value, str) or not (value or empty):
        raise BylineError(f'{place}: "{field}" is missing or is no text.')
    return value
