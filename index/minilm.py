"""all-MiniLM-L6-v2 on ONNX Runtime: texts in, vectors out, the same vector for a text in any company."""

import hashlib
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.errors import BylineError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Vector = NDArray[np.float32]

MODELS = Path(__file__).with_name("models")
_COMMONEST = 1995  # the id before that of “the”: punctuation and single letters come first
FIRST, LAST = 101, 102  # [CLS] and [SEP], which the model expects around every text


class MiniLM:
    """The shipped embedding model; safe to share between threads, and read from disk when first needed."""

    name = "all-minilm-l6-v2.int8"
    dimensions = 384
    tokens_add_up = True  # over spaces: WordPiece reads word by word
    window = 254  # tokens of text in one run: the 256 that the model's authors allow, less FIRST and LAST

    def __init__(self, folder: Path = MODELS, *, threads: int | None = None) -> None:
        self.folder = folder
        self.threads = threads or os.cpu_count() or 1

    @cached_property
    def sha256(self) -> str:
        """Return the hex digest of the weights."""
        return hashlib.sha256(self._file(f"{self.name}.onnx").read_bytes()).hexdigest()

    @cached_property
    def signature(self) -> str:
        """Return what an index must record: two models with one signature give the same vectors."""
        return f"{self.name} {self.sha256[:16]} window {self.window}"

    def embed(self, texts: Sequence[str]) -> Vector:
        """Return one row a text, (n, 384) float32, unit length.

        A text longer than `window` is cut into equal windows; its vector is their mean, weighted by length.
        """
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.stack([self._embed(texts[0])] if len(texts) == 1 else list(self._pool.map(self._embed, texts)))

    def count_tokens(self, text: str) -> int:
        """Return the tokens of `text` as `window` counts them."""
        return len(self._tokens(text))

    def rarity(self, word: str) -> float:
        """Return how rare `word` is in English: the logarithm of its rank in the vocabulary, which is sorted so.

        A word that the vocabulary has only in pieces counts as the rarest.
        """
        tokens = self._tokens(word.lower())
        rank = tokens[0] - _COMMONEST if len(tokens) == 1 else self._tokenizer.get_vocab_size() - _COMMONEST
        return math.log(max(rank, 2))

    def _embed(self, text: str) -> Vector:
        tokens = self._tokens(text)
        count = max(1, -(-len(tokens) // self.window))
        if count == 1:
            return self._run(tokens)
        edges = [len(tokens) * i // count for i in range(count + 1)]
        windows = [tokens[start:end] for start, end in pairwise(edges)]
        total = np.sum([len(window) * self._run(window) for window in windows], axis=0)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def _run(self, tokens: list[int]) -> Vector:
        """Return one text's vector; int8 scales come from all that a run holds, so it holds one text."""
        ids = np.array([[FIRST, *tokens, LAST]], dtype=np.int64)
        vector: Vector = self._session.run(None, {"ids": ids})[0][0]
        return vector

    def _tokens(self, text: str) -> list[int]:
        """Return token ids. One text a call: the batch call starts threads that make a later fork unsafe."""
        whole = text.encode("utf-8", "replace").decode()  # the tokenizer refuses lone surrogates
        ids: list[int] = self._tokenizer.encode(whole, add_special_tokens=False).ids
        return ids

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        """Return the threads that all callers share: more of them than cores drive each other from the cache."""
        return ThreadPoolExecutor(self.threads, "model")

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._file("tokenizer.json")))
        tokenizer.encode_special_tokens = True  # an article that says "[SEP]" means the five characters
        return tokenizer

    @cached_property
    def _session(self) -> "InferenceSession":
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a thread for each text beats two threads for one text
        weights = str(self._file(f"{self.name}.onnx"))
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])

    def _file(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise BylineError(f"The embedding model is incomplete: {path} is missing. Install Byline again.")
        return path
