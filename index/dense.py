"""Vectors in Chroma, written as LlamaIndex's ChromaVectorStore writes them, so that its users can open them."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLLECTION = "passages"
_BATCH = 1000  # Chroma refuses more than some 5,000 at once


@dataclass(frozen=True, slots=True)
class Vector:
    """What is kept of one passage: its key, where it stands, its words and its vector."""

    key: int
    article_id: str
    start: int
    end: int
    text: str
    values: NDArray[np.float32]  # unit length


class Dense:
    """Cosine search over passages, in `folder`.

    Chroma's client is opened on first use, since importing it takes a second.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is opened yet."""
        self._folder = folder
        self._client: Any = None
        self._collection: Any = None

    def close(self) -> None:
        """Let go of Chroma; the next use opens it afresh and sees what other processes wrote."""
        if self._client is not None:
            self._client.close()
        self._client = self._collection = None

    def clear(self) -> None:
        """Throw every vector away."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def keys(self) -> set[int]:
        """Return the keys of the passages that have a vector."""
        return {int(id) for id in self._open().get(include=[])["ids"]}

    def readable_keys(self, *, thorough: bool = False) -> set[int] | None:
        """Return the keys, or None where Chroma cannot read its own files; `thorough` reads every vector."""
        try:
            keys = sorted(self.keys())
            for i in range(0, len(keys) if thorough else min(len(keys), 1), _BATCH):
                found = self._open().get(ids=[str(key) for key in keys[i : i + _BATCH]], include=["embeddings"])
                values = np.asarray(found["embeddings"], np.float32)
                if len(values) != len(keys[i : i + _BATCH]) or not np.isfinite(values).all():
                    return None
                if i == 0 and not self._open().query(query_embeddings=[values[0]], n_results=1)["ids"][0]:
                    return None
        except Exception:  # Chroma raises whatever its layers raise
            return None
        return set(keys)

    def count(self) -> int:
        """Return how many passages have a vector."""
        return int(self._open().count())

    def add(self, vectors: Sequence[Vector]) -> None:
        """Keep `vectors`."""
        for i in range(0, len(vectors), _BATCH):
            part = vectors[i : i + _BATCH]
            self._open().add(
                ids=[str(one.key) for one in part],
                embeddings=[one.values for one in part],
                metadatas=[_metadata(one) for one in part],
                documents=[one.text for one in part],
            )

    def remove(self, keys: Sequence[int]) -> None:
        """Forget the vectors of `keys`; those that have none are passed over."""
        for i in range(0, len(keys), _BATCH):
            self._open().delete(ids=[str(key) for key in keys[i : i + _BATCH]])

    def search(self, query: NDArray[np.float32], *, k: int, keys: Sequence[int] | None = None) -> dict[int, float]:
        """Return the cosines of the `k` nearest passages by key, nearest first; `query` has unit length.

        `keys` are the only ones looked at, where given.
        """
        if keys is not None:
            return self._search_among(query, keys, k=k)
        collection = self._open()
        if k < 1 or not collection.count():
            return {}
        found = collection.query(query_embeddings=[query], n_results=k, include=["distances"])
        return {int(id): 1.0 - float(far) for id, far in zip(found["ids"][0], found["distances"][0], strict=True)}

    def _search_among(self, query: NDArray[np.float32], keys: Sequence[int], *, k: int) -> dict[int, float]:
        """Compute every cosine: exact, where the graph of nearest neighbours would miss what a filter leaves."""
        scores: dict[int, float] = {}
        for i in range(0, len(keys), _BATCH):
            scores |= self.cosines(query, keys[i : i + _BATCH])
        best = sorted(scores, key=lambda key: (-scores[key], key))
        return {key: scores[key] for key in best[: max(k, 0)]}

    def cosines(self, query: NDArray[np.float32], keys: Sequence[int]) -> dict[int, float]:
        """Return the cosines of exactly the passages `keys`; those without a vector are left out."""
        if not keys:
            return {}
        found = self._open().get(ids=[str(key) for key in keys], include=["embeddings"])
        if not found["ids"]:
            return {}
        scores = np.asarray(found["embeddings"], np.float32) @ query
        return {int(id): float(score) for id, score in zip(found["ids"], scores, strict=True)}

    def vector_store(self) -> Any:
        """Return the collection as LlamaIndex's ChromaVectorStore."""
        from llama_index.vector_stores.chroma import ChromaVectorStore

        return ChromaVectorStore(chroma_collection=self._open())

    def _open(self) -> Any:
        if self._collection is None:
            import chromadb
            from chromadb.config import Settings

            self._folder.mkdir(parents=True, exist_ok=True)
            self._client = chromadb.PersistentClient(
                path=str(self._folder), settings=Settings(anonymized_telemetry=False)
            )
            self._collection = self._client.get_or_create_collection(
                COLLECTION,
                embedding_function=None,  # Chroma's own would be downloaded
                configuration={"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200}},
            )
        return self._collection


def _metadata(vector: Vector) -> dict[str, str | int]:
    """Return what LlamaIndex's ChromaVectorStore would write; importing it to do so takes longer than a few articles.

    What a TextNode would say only of itself, as it says it of every one, is left out: it is the same when read.
    """
    place: dict[str, str | int] = {"article_id": vector.article_id, "start": vector.start, "end": vector.end}
    of_article = {"node_id": vector.article_id, "metadata": {}, "class_name": "RelatedNodeInfo"}
    node = {
        "id_": str(vector.key),
        "metadata": place,
        "relationships": {"1": of_article},  # its source
        "text": "",  # Chroma has it as the document
        "start_char_idx": vector.start,
        "end_char_idx": vector.end,
        "class_name": "TextNode",
    }
    names = dict.fromkeys(("document_id", "doc_id", "ref_doc_id"), vector.article_id)
    return {**place, "_node_content": json.dumps(node), "_node_type": "TextNode", **names}
