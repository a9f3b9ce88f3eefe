"""Three ways to take a folder of articles in: the bare model, Byline, and LlamaIndex as its documentation shows."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from index.articles import Article
from index.ingest import add
from index.minilm import MiniLM
from index.passages import split_passages
from index.settings import PASSAGE_TOKENS, Settings
from index.stores import open_stores, searchable


def ways(articles: Sequence[Article], folder: Path) -> tuple[int, dict[str, Callable[[], None]]]:
    """Return how many passages `articles`, the files of `folder`, have, and what takes them in, ready to be timed.

    Models are loaded and imports done, which a long ingest pays once.
    """
    model = MiniLM()
    model.embed(["warm"])
    texts = [
        searchable(article, passage)
        for article in articles
        for passage in split_passages(
            article.text, article_id=article.id, size=PASSAGE_TOKENS, count_tokens=model.count_tokens
        )
    ]
    _import_everything()
    work: dict[str, Callable[[], None]] = {
        "bare": lambda: bare(model, texts),
        "byline": lambda: byline(model, folder),
        "llama_index": lambda: llama_index(model, folder),
    }
    return len(texts), work


def bare(model: MiniLM, texts: Sequence[str]) -> None:
    """Embed the passages and keep nothing."""
    model.embed(texts)


def byline(model: MiniLM, folder: Path) -> None:
    """Add a folder: read, split, embed, and write SQL, Chroma and tantivy."""
    with tempfile.TemporaryDirectory() as library:
        stores = open_stores(Settings(Path(library)), model)
        add(stores, [folder])
        stores.close()


def llama_index(model: MiniLM, folder: Path) -> None:
    """Do what LlamaIndex's documentation shows: read, split, embed and write to Chroma, with our model and size."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings
    from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.vector_stores.chroma import ChromaVectorStore

    from index.embedding import MiniLMEmbedding

    with tempfile.TemporaryDirectory() as library:
        client: Any = chromadb.PersistentClient(library, settings=ChromaSettings(anonymized_telemetry=False))
        store = ChromaVectorStore(chroma_collection=client.create_collection("plain", embedding_function=None))
        VectorStoreIndex.from_documents(
            SimpleDirectoryReader(folder).load_data(),
            storage_context=StorageContext.from_defaults(vector_store=store),
            embed_model=MiniLMEmbedding(model),
            transformations=[
                SentenceSplitter(
                    chunk_size=PASSAGE_TOKENS,
                    chunk_overlap=0,
                    tokenizer=lambda text: [0] * model.count_tokens(text),
                )
            ],
        )
        client.close()


def _import_everything() -> None:
    import chromadb
    import llama_index.core
    import llama_index.vector_stores.chroma

    assert chromadb and llama_index  # imported for the time that it takes
