"""Hybrid search: cosine and BM25 over the same passages, their scores added."""

from dataclasses import dataclass

from index.lexical import terms
from index.passages import Passage
from index.stores import Stores

POOL = 50  # passages that each side may put forward
LEXICAL_WEIGHT = 0.05  # chosen on data: evals/LOG.md


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that came up."""

    passage: Passage
    score: float  # cosine + LEXICAL_WEIGHT · BM25
    rank: int  # counts from 1


def search(stores: Stores, query: str, *, k: int) -> list[Hit]:
    """Return the best `k` passages for `query`, best first.

    Scores are added, not ranks: reciprocal rank fusion throws away how much better the best is, and found
    fewer of the answering characters (evals/LOG.md). Ties are broken by article and place, so the same library
    gives the same hits.
    """
    stores.refresh()
    vector = stores.model.embed([query])[0]
    _, waiting = stores.library.count_passages()
    pool = POOL + waiting  # passages being written may come up, and are dropped below
    cosine = stores.dense.search(vector, k=pool)
    bm25 = stores.lexical.search(terms(query), k=pool)
    cosine |= stores.dense.cosines(vector, [key for key in bm25 if key not in cosine])
    scores = {key: score + LEXICAL_WEIGHT * bm25.get(key, 0.0) for key, score in cosine.items()}
    passages = stores.library.passages(scores)
    best = sorted(passages, key=lambda key: (-scores[key], passages[key].article_id, passages[key].start))
    return [Hit(passages[key], scores[key], rank) for rank, key in enumerate(best[:k], start=1)]
