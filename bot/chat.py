"""A question in, an answer out."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bot.answer import Answer
from bot.decline import THRESHOLD, answerability
from bot.extract import choose, cite, quote
from bot.followup import standalone
from bot.similarity import score_sentences
from index.errors import BylineError
from index.search import search
from index.stores import Stores

PASSAGES = 8  # passages whose sentences are read
NEAREST = 3  # sentences shown with a decline
LONGEST = 2000  # characters of a question

History = Sequence[tuple[str, str]]  # earlier questions and answers, oldest first


class Bot:
    """Answers questions from one library; safe to share between threads."""

    def __init__(self, stores: Stores) -> None:
        """Answer from `stores`."""
        self.stores = stores

    def settings(self) -> dict[str, Any]:
        """Return what an answer depends on besides question and articles, as a saved conversation records it."""
        return {"model": self.stores.model.signature, "passage_tokens": self.stores.settings.passage_tokens}

    def ask(self, question: str, history: History = (), *, as_asked: bool = False) -> Answer:
        """Return the whole answer; BylineError if there is no question or no article.

        A question that leaves out what `history` said is searched for with that put in, unless `as_asked`; see
        `Answer.standalone`.
        """
        began = time.perf_counter()
        asked = _checked(question)
        query = asked if as_asked else standalone(asked, history, self.stores.model)
        hits = search(self.stores, query, k=PASSAGES)
        if not hits:
            raise BylineError(
                f"The library in {self.stores.settings.folder} has no articles yet. Add some with `byline add FOLDER`."
            )
        articles = self.stores.library.articles({hit.passage.article_id for hit in hits})
        scored = score_sentences(self.stores, query, hits, articles)
        answer = Answer(asked, query, confidence=answerability(scored), articles=articles)
        if answer.confidence < THRESHOLD:
            answer = replace(answer, declined=True, nearest=cite(scored[:NEAREST]))
        else:
            sentences, citations = quote(choose(scored, articles), articles)
            answer = replace(answer, sentences=sentences, citations=citations)
        return replace(answer, milliseconds=1000 * (time.perf_counter() - began))

    def stream(self, question: str, history: History = (), *, as_asked: bool = False) -> Iterator[Answer]:
        """Yield the answer sentence by sentence; each is complete in itself, and the last is the whole."""
        answer = self.ask(question, history, as_asked=as_asked)
        for count in range(1, len(answer.sentences)):
            yield replace(answer, sentences=answer.sentences[:count])
        yield answer


def _checked(question: str) -> str:
    asked = " ".join(question.split())
    if not any(character.isalnum() for character in asked):
        raise BylineError("The question is empty. Ask something, for instance: why wasn't Iran invited")
    if len(asked) > LONGEST:
        raise BylineError(f"The question has {len(asked):,} characters; keep it under {LONGEST:,}.")
    return asked
