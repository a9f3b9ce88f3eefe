"""Hybrid search as a LlamaIndex retriever: any of its query engines can use it."""

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from index.articles import Article
from index.search import Hit, search
from index.stores import Stores


class HybridRetriever(BaseRetriever):
    """Retrieve the best `k` passages; each node carries its article's byline and its place in the text."""

    def __init__(self, stores: Stores, *, k: int = 5) -> None:
        """Search `stores`."""
        super().__init__()
        self._stores = stores
        self._k = k

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = search(self._stores, query_bundle.query_str, k=self._k)
        articles = self._stores.library.articles({hit.passage.article_id for hit in hits})
        return [_node(hit, articles[hit.passage.article_id]) for hit in hits]


def _node(hit: Hit, article: Article) -> NodeWithScore:
    start, end = hit.passage.start, hit.passage.end
    node = TextNode(
        id_=f"{article.id}:{start}-{end}",
        text=article.text[start:end],
        start_char_idx=start,
        end_char_idx=end,
        metadata={
            "article_id": article.id,
            "title": article.title,
            "outlet": article.outlet,
            "published": article.published,
            "start": start,
            "end": end,
        },
        excluded_embed_metadata_keys=["article_id", "start", "end"],
        excluded_llm_metadata_keys=["article_id", "start", "end"],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=article.id)},
    )
    return NodeWithScore(node=node, score=hit.score)
