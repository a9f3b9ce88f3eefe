"""A question in, an answer out."""

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.answer import Answer
from bot.decline import CAUTION, answerability, threshold
from bot.differ import note_differences
from bot.evidence import Reads, weigh_evidence
from bot.extract import choose, cite, find_short, quote
from bot.followup import Query, Resolves, is_fragment, needs_rewriting, query_for, with_answer
from bot.reader import Reader
from bot.resolver import Resolver
from index.errors import BylineError
from index.lexical import terms
from index.limits import UNLIMITED
from index.search import Hit, Limits, search
from index.stores import Stores

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from bot.llms import Model
    from bot.written import Writer

PASSAGES = 8  # passages whose sentences are read
NEAREST = 3  # sentences shown with a decline
LONGEST = 2000  # characters of a question

History = Sequence[tuple[str, str]]  # earlier questions and answers, oldest first


class Bot:
    """Answers questions from one library; safe to share between threads."""

    def __init__(
        self,
        stores: Stores,
        *,
        llm: "Model | LLM | None" = None,
        reader: Reads | None = None,
        resolver: Resolves | None = None,
        caution: float = CAUTION,
    ) -> None:
        """Answer from `stores`: in quotations, or in the words of `llm`, each sentence checked.

        `llm` is what `bot.llms.open_llm` returns, or any LLM of LlamaIndex's; `caution` is the share of answerable
        questions that may be declined, 0 to 1.
        """
        self.stores = stores
        self.reader = reader or Reader()
        self.resolver = resolver or Resolver()
        self.threshold = threshold(caution)
        self.writer: Writer | None = None
        if llm is not None:
            from bot.written import open_writer

            self.writer = open_writer(llm, stores.model, self.reader)

    def settings(self) -> dict[str, Any]:
        """Return what an answer depends on besides question and articles, as a saved conversation records it."""
        stores = self.stores
        return {
            "model": stores.model.signature,
            "passage_tokens": stores.settings.passage_tokens,
            "threshold": round(self.threshold, 3),
        }

    def ask(
        self, question: str, history: History = (), *, limits: Limits = UNLIMITED, as_asked: bool = False
    ) -> Answer:
        """Return the whole answer, from articles within `limits`; BylineError if there is no question or no article.

        A question that leaves out what `history` said is searched for with that put in, unless `as_asked`; see
        `Answer.standalone`.
        """
        *_, answer = self.stream(question, history, limits=limits, as_asked=as_asked)
        return answer

    def stream(
        self, question: str, history: History = (), *, limits: Limits = UNLIMITED, as_asked: bool = False
    ) -> Generator[Answer, None, None]:
        """Yield the answer as it grows; each is complete in itself, and the last is the whole.

        Without evidence no language model is asked.
        """
        began = time.perf_counter()
        answer, hits = self._extracted(_checked(question), history, limits, as_asked=as_asked)
        with closing(self._growing(answer, hits, history)) as growing:  # given up here, given up there
            for one in growing:
                yield replace(one, milliseconds=1000 * (time.perf_counter() - began))

    def _growing(self, answer: Answer, hits: Sequence[Hit], history: History) -> Generator[Answer, None, None]:
        if self.writer and not answer.declined:
            yield from self.writer.write(answer, hits, history)
            return
        for count in range(1, len(answer.sentences)):
            yield replace(answer, sentences=answer.sentences[:count], differences=())
        yield answer

    def _extracted(self, asked: str, history: History, limits: Limits, *, as_asked: bool) -> tuple[Answer, list[Hit]]:
        """Return the answer made of quotations, or a decline, and the passages that were read."""
        query = self.understand(asked, history, as_asked=as_asked)
        found = self._quoted(asked, query, limits)
        if not (found[0].declined and query.text != asked and is_fragment(asked)):
            return found
        # Its frame was guessed, perhaps badly: two more tries, the first only where it brings up what is asked about.
        reminded = self._quoted(asked, with_answer(query, history), limits)
        if _speaks_of(asked, reminded[0]):
            return reminded
        plain = self._quoted(asked, Query(asked, asked), limits)
        return found if plain[0].declined else plain

    def understand(self, question: str, history: History = (), *, as_asked: bool = False) -> Query:
        """Return what `question` is searched for after `history`; with a language model, in its wording if that fits.

        The same guard decides for both: no model is asked to rewrite what stands alone.
        """
        if as_asked or not history:
            return Query(question, question)
        model, proposed = self.stores.model, None
        if self.writer and needs_rewriting(question, history, model, self.resolver):
            proposed = self.writer.rewrite(question, history)
        return query_for(question, history, model, self.resolver, rewrite=proposed)

    def find(self, query: Query, *, k: int = PASSAGES, limits: Limits = UNLIMITED) -> list[Hit]:
        """Return the best `k` passages for `query`, best first."""
        return search(
            self.stores,
            query.typed,
            k=k,
            also=query.also,
            outlets=limits.outlets,
            since=limits.since,
            until=limits.until,
        )

    def _quoted(self, asked: str, query: Query, limits: Limits) -> tuple[Answer, list[Hit]]:
        hits = self.find(query, limits=limits)
        if not hits:
            raise BylineError(self._nothing_to_read(limits))
        articles = self.stores.library.articles({hit.passage.article_id for hit in hits})
        answer = Answer(asked, query.text, in_context=query.in_context, articles=articles)
        return self._extract(answer, hits), hits

    def _extract(self, answer: Answer, hits: Sequence[Hit]) -> Answer:
        """Return the answer in quotations of the hits, or a decline."""
        scored = weigh_evidence(self.stores, self.reader, answer.standalone, hits, answer.articles)
        answer = replace(answer, confidence=answerability(scored))
        if answer.confidence < self.threshold:
            return replace(answer, declined=True, nearest=cite(scored[:NEAREST]))
        statements = choose(scored, answer.articles)
        sentences, citations = quote(statements, answer.articles)
        short = find_short(answer.standalone, statements[0].quotations[0], answer.articles)
        answer = replace(answer, sentences=sentences, citations=citations, short=short)
        return note_differences(answer, (hit.passage for hit in hits))

    def _nothing_to_read(self, limits: Limits) -> str:
        if limits:
            return f"No article {limits} is in the library. Widen the limits, or ask without them."
        return f"The library in {self.stores.settings.folder} has no articles yet. Add some with `byline add FOLDER`."


def _speaks_of(fragment: str, answer: Answer) -> bool:
    """Tell whether a sentence that is cited has all that a fragment names: the last answer alone would be no answer."""
    named = set(terms(fragment))
    return bool(named) and any(named <= set(terms(answer.quote(one))) for one in answer.citations)


def _checked(question: str) -> str:
    asked = " ".join(question.split())
    if not any(character.isalnum() for character in asked):
        raise BylineError("The question is empty. Ask something, for instance: why wasn't Iran invited")
    if len(asked) > LONGEST:
        raise BylineError(f"The question has {len(asked):,} characters; keep it under {LONGEST:,}.")
    return asked
