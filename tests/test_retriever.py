"""Byline's search inside LlamaIndex."""

from pathlib import Path

import numpy as np
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from index.dense import Vector
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


def test_what_is_written_reads_as_if_llama_index_had_written_it(stores: Stores) -> None:
    values = np.eye(26, dtype=np.float32)[0]
    place: dict[str, object] = {"article_id": "0123456789ab", "start": 3, "end": 17}
    store = stores.dense.vector_store()
    stores.dense.add([Vector(7, "0123456789ab", 3, 17, "Some “words”.", values)])
    (ours,) = store.get_nodes(["7"])
    stores.dense.remove([7])
    theirs = TextNode(
        id_="7",
        text="Some “words”.",
        embedding=values.tolist(),
        start_char_idx=3,
        end_char_idx=17,
        metadata=place,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id="0123456789ab")},
    )
    store.add([theirs])
    (read,) = store.get_nodes(["7"])
    assert ours == read and ours.ref_doc_id == "0123456789ab"
    found = stores.dense._open().get(["7"], include=["metadatas"])["metadatas"][0]
    assert {key: found[key] for key in found if key != "_node_content"} == {
        **place,
        "_node_type": "TextNode",
        **dict.fromkeys(("document_id", "doc_id", "ref_doc_id"), "0123456789ab"),
    }
