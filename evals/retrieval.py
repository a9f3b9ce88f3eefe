"""Suite `retrieval`: is search good?

    byline eval retrieval --data DIR [--set QRELS]

DIR is a folder in BEIR's format. Measures are those of TREC, through ir-measures (MacAvaney et al., ECIR 2022),
which `pip install 'byline[eval]'` brings. A document stands where the best of its passages does.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from evals import beir
from evals.library import library_of
from evals.provenance import corpus_digest, digest
from evals.suite import Case, Inputs, Measure, Plan
from index.errors import BylineError
from index.search import POOL, search
from index.stores import Stores

NAMES = ("nDCG@10", "R@5", "R@10", "Success@1", "Success@5", "RR")  # as ir-measures calls them
MEASURES = tuple(Measure(name, name.replace("R@", "Recall@") if name[0] == "R" else name) for name in NAMES)
HEADLINE = ("nDCG@10", "R@10", "RR")
_SHOWN = 10  # documents of a case that the report shows


@contextmanager
def plan(inputs: Inputs) -> Iterator[Plan]:
    """Index the corpus and plan one case a judged query."""
    measures = _measures()
    if inputs.data is None:
        raise BylineError(
            "byline eval retrieval needs --data DIR, a folder with corpus.jsonl, queries.jsonl and qrels/."
        )
    table = inputs.set or inputs.data / "qrels" / "test.tsv"
    queries, qrels = beir.read_queries(inputs.data / "queries.jsonl"), beir.read_qrels(table)
    if unknown := qrels.keys() - queries.keys():
        raise BylineError(f"{table}: query-id {min(unknown)!r} is not in {inputs.data / 'queries.jsonl'}.")
    judged = {id: grades for id, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
    articles = beir.read_corpus(inputs.data / "corpus.jsonl")
    progress = inputs.reporting("Adding articles")
    with library_of(articles=articles, passage_tokens=inputs.passage_tokens, progress=progress) as stores:
        yield Plan(
            MEASURES,
            HEADLINE,
            {id: partial(ask, stores, id, queries[id], grades, measures) for id, grades in judged.items()},
            corpus=corpus_digest(articles),
            questions=digest([[id, queries[id], grades] for id, grades in judged.items()]),
            configuration={"passage_tokens": inputs.passage_tokens},
        )


def ask(stores: Stores, id: str, query: str, grades: Mapping[str, int], measures: Mapping[str, Any]) -> Case:
    """Search for one query and measure the ranking of documents."""
    import ir_measures

    ranking = rank_articles(stores, query)
    qrels = [ir_measures.Qrel(id, document, grade) for document, grade in grades.items()]
    run = [ir_measures.ScoredDoc(id, document, float(-rank)) for rank, document in enumerate(ranking)]
    found = {one.measure: one.value for one in ir_measures.iter_calc(list(measures.values()), qrels, run)}
    values = {name: float(found[measure]) for name, measure in measures.items()}
    articles = stores.library.articles({*ranking[:_SHOWN], *grades})
    shown = {
        "question": query,
        "found": [articles[one].label for one in ranking[:_SHOWN]],
        "gold": [
            {"file": articles[one].label, "text": articles[one].text}
            for one, grade in grades.items()
            if grade > 0 and one in articles
        ],
    }
    return Case(id, values, shown, ("right" if values["Success@1"] else "wrong",))


def rank_articles(stores: Stores, query: str) -> list[str]:
    """Return the ids of the articles that search finds, best first, each where its best passage stands."""
    return list(dict.fromkeys(hit.passage.article_id for hit in search(stores, query, k=POOL)))


def _measures() -> dict[str, Any]:
    try:
        import ir_measures
    except ImportError as error:
        raise BylineError(
            "byline eval retrieval measures through ir-measures, which is not installed. "
            "Install it: pip install 'byline[eval]'"
        ) from error
    return {name: ir_measures.parse_measure(name) for name in NAMES}
