"""Articles in any number, made of the bundled ones' sentences, and vectors for them that cost next to nothing."""

import random
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

import seeds
from index.articles import Article, find_files, read_article
from index.minilm import MiniLM
from index.passages import split_sentences

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


class Recombined:
    """The embedding model with a memory: a passage's vector is the mean of its sentences', each embedded once.

    How search and disk grow does not depend on where vectors come from, and embedding 100,000 passages takes half
    an hour. It signs as the model itself, so that a library made with it can be asked with the model.
    """

    def __init__(self) -> None:
        self.model = MiniLM()
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._tokens: dict[str, int] = {}

    @property
    def signature(self) -> str:
        """Return the model's own signature."""
        return self.model.signature

    def learn(self, articles: Iterable[Article]) -> None:
        """Embed every sentence of `articles` that is new, before anything is timed."""
        known = {article.text[start:end] for article in articles for start, end in split_sentences(article.text)}
        new = sorted(known - self._vectors.keys())
        self._vectors.update(zip(new, self.model.embed(new), strict=True))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, unit length: the mean of its sentences' vectors."""
        return np.stack([self._mean(text) for text in texts])

    @property
    def tokens_add_up(self) -> bool:
        """Return what the model says."""
        return self.model.tokens_add_up

    def count_tokens(self, text: str) -> int:
        """Return how many tokens the model reads `text` as."""
        if text not in self._tokens:
            count = self.model.count_tokens(text)
            if text not in self._vectors:
                return count  # a passage: it will not come again
            self._tokens[text] = count
        return self._tokens[text]

    def rarity(self, word: str) -> float:
        """Return what the model says."""
        return self.model.rarity(word)

    def _mean(self, text: str) -> NDArray[np.float32]:
        parts = [text[start:end] for start, end in split_sentences(text)]
        total = np.sum(
            [self._vectors[part] if part in self._vectors else self.model.embed([part])[0] for part in parts], axis=0
        )
        return np.asarray(total / np.linalg.norm(total), np.float32)

    def _known(self, sentence: str) -> NDArray[np.float32]:
        if sentence not in self._vectors:  # where Byline splits what was joined otherwise
            self._vectors[sentence] = self.model.embed([sentence])[0]
        return self._vectors[sentence]
