"""Benchmark: ingest beside the bare model and beside LlamaIndex's own pipeline, and questions on a large library.

    python -m evals.performance [--articles 120] [--rounds 3] [--passages 10000]

Everything compared runs in turn within one process, round by round; medians and ratios are printed, because
machines drift. The articles are made from the bundled ones by shuffling their sentences with a fixed seed.
"""

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np

import seeds
from bot.chat import Bot
from evals.library import library_of
from index.articles import Article, find_files, read_article
from index.ingest import add
from index.minilm import MiniLM
from index.passages import split_passages, split_sentences
from index.settings import PASSAGE_TOKENS, Settings
from index.stores import open_stores, searchable

QUESTIONS = (
    "why wasn't Iran invited",
    "How many nations sent diplomats?",
    "Who is the prime minister of Iraq?",
    "What did Lavrov say about Syria?",
    "how much money do the militants make a day",
    "Who is the king of Jordan?",
    "What weapons do the rebels want?",
    "Where did Kerry travel?",
)


def make_articles(count: int, *, sentences: int = 40, seed: int = 0) -> list[Article]:
    """Return `count` articles of `sentences` sentences drawn from the bundled ones; the same for the same seed."""
    pool = []
    for path in find_files(seeds.FOLDER):
        text = read_article(path, root=seeds.FOLDER).text
        pool += [" ".join(text[start:end].split()) for start, end in split_sentences(text)]
    chance = random.Random(seed)
    return [
        Article(f"{number:012x}", " ".join(chance.choices(pool, k=sentences)), f"{number}.txt", f"/{number}.txt")
        for number in range(count)
    ]


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bare(texts: Sequence[str]) -> None:
    """Embed the passages and keep nothing."""
    MiniLM().embed(texts)


def byline(folder: Path) -> None:
    """Add a folder: read, split, embed, and write SQL, Chroma and tantivy."""
    with tempfile.TemporaryDirectory() as library:
        stores = open_stores(Settings(Path(library)), MiniLM())
        add(stores, [folder])
        stores.close()


def llama_index(folder: Path) -> None:
    """Do what LlamaIndex's documentation shows: read, split, embed and write to Chroma, with our model and size."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings
    from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.vector_stores.chroma import ChromaVectorStore

    from index.embedding import MiniLMEmbedding

    model = MiniLM()
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


def compare_ingest(articles: Sequence[Article], *, rounds: int) -> None:
    """Print passages a second of the three, and Byline's share of the bare model's speed."""
    model = MiniLM()
    passages = [
        (article, passage)
        for article in articles
        for passage in split_passages(
            article.text, article_id=article.id, size=PASSAGE_TOKENS, count_tokens=model.count_tokens
        )
    ]
    texts = [searchable(article, passage) for article, passage in passages]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for article in articles:
            (folder / article.file).write_text(article.text, encoding="utf-8")
        work: dict[str, Callable[[], None]] = {
            "bare model": lambda: bare(texts),
            "byline": lambda: byline(folder),
            "LlamaIndex": lambda: llama_index(folder),
        }
        for one in work.values():
            one()  # warm: imports, file caches
        times: dict[str, list[float]] = {name: [] for name in work}
        for _ in range(rounds):
            for name, one in work.items():
                times[name].append(seconds(one))
    click.echo(f"ingest of {len(articles)} articles, {len(passages)} passages, median of {rounds} rounds")
    for name, held in times.items():
        ratio = median(base / own for base, own in zip(times["bare model"], held, strict=True))
        click.echo(f"  {name:12} {len(passages) / median(held):7.1f} passages/s   {ratio:6.1%} of the bare model")


def ask_large(passages: int, *, rounds: int) -> None:
    """Print how long warm questions take on a library of at least `passages` passages."""
    articles = make_articles(passages // 5 + 1, sentences=40, seed=1)
    with library_of(articles=articles) as stores:
        bot = Bot(stores)
        for question in QUESTIONS:
            bot.ask(question)
        taken = [bot.ask(question).milliseconds for _ in range(rounds) for question in QUESTIONS]
        count, _ = stores.library.count_passages()
    p50, p95 = np.percentile(taken, [50, 95])
    click.echo(f"questions on {count} passages: median {p50:.0f} ms, 95 % within {p95:.0f} ms (n = {len(taken)})")


@click.command(help=__doc__)
@click.option("--articles", default=120, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--passages", default=10_000, show_default=True, help="0 leaves the large library out.")
def main(articles: int, rounds: int, passages: int) -> None:
    """Run both."""
    compare_ingest(make_articles(articles), rounds=rounds)
    if passages:
        ask_large(passages, rounds=rounds)


if __name__ == "__main__":
    main()
