"""Byline's search inside LlamaIndex."""

from pathlib import Path

from llama_index.core.schema import TextNode

from index.ingest import add
from index.retriever import HybridRetriever
from index.search import search
from index.stores import Stores


def test_nodes_are_the_hits_with_their_offsets(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    nodes = HybridRetriever(stores, k=2).retrieve("Do boats float?")
    hits = search(stores, "Do boats float?", k=2)
    assert [node.score for node in nodes] == [hit.score for hit in hits]
    for found, hit in zip(nodes, hits, strict=True):
        node = found.node
        assert isinstance(node, TextNode)
        text = stores.library.article(node.metadata["article_id"]).text
        assert text[node.start_char_idx : node.end_char_idx] == node.text
        assert (node.start_char_idx, node.end_char_idx) == (hit.passage.start, hit.passage.end)
    assert nodes[0].node.metadata["outlet"] == "Harbour Post"


def test_the_collection_opens_as_a_llama_index_vector_store(stores: Stores, folder: Path) -> None:
    add(stores, [folder])
    (key, passage), *_ = stores.library.passages().items()
    (node,) = stores.dense.vector_store().get_nodes([str(key)])
    text = stores.library.article(passage.article_id).text
    assert node.get_content() == text[passage.start : passage.end]
    assert (node.metadata["start"], node.metadata["end"]) == (passage.start, passage.end)
