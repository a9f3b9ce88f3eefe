"""Stand-ins whose results can be worked out by hand."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Letters:
    """An embedding model that counts the letters a to z; a token is a word."""

    signature = "letters"
    tokens_add_up = True

    def __init__(self) -> None:
        self.embedded: list[str] = []  # every text that it was given, in order

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        counts = np.array([[text.lower().count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts])
        vectors = counts.reshape(len(texts), 26).astype(np.float32) + 1e-3  # no text is the null vector
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def rarity(self, word: str) -> float:
        return float(len(word))
