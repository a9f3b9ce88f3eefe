"""The shipped embedding model as LlamaIndex knows one."""

import asyncio
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding, Embedding
from llama_index.core.bridge.pydantic import PrivateAttr

from index.minilm import MiniLM


class MiniLMEmbedding(BaseEmbedding):
    """Embed with MiniLM wherever LlamaIndex takes an embedding; questions and passages are treated alike."""

    _model: MiniLM = PrivateAttr()

    def __init__(self, model: MiniLM | None = None, **fields: Any) -> None:
        model = model or MiniLM()
        super().__init__(**{"model_name": model.name, "embed_batch_size": 64, **fields})
        self._model = model

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex stores this class."""
        return "MiniLMEmbedding"

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        vectors: list[Embedding] = self._model.embed(texts).tolist()
        return vectors

    def _get_text_embedding(self, text: str) -> Embedding:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> Embedding:
        return self._get_text_embedding(query)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)

    async def _aget_text_embedding(self, text: str) -> Embedding:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_query_embedding(self, query: str) -> Embedding:
        return await self._aget_text_embedding(query)
