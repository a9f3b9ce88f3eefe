"""From a language model's reply to an Answer: every sentence checked, or quotations in its place."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answer import Answer, Citation, Sentence
from bot.differ import note_differences
from bot.evidence import Reads
from bot.examine import Examiner
from bot.generate import LONGEST, Reply, parse, stream
from bot.llms import LLMError, Model, of_llm
from bot.prompt import PROMPT_LIMIT, Prompt, build
from bot.rewrite import propose
from bot.sources import Embedding, Source
from bot.verify import Checked, Checker
from index.articles import Article

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from index.search import Hit

RESERVE = 900  # tokens kept free for the reply
MOST_UNSUPPORTED = 0.5  # of an answer's sentences; with more, the quotations stand in its place

History = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes answers with a language model and checks them."""

    model: Model
    checker: Checker

    def rewrite(self, question: str, history: History) -> str | None:
        """Return the model's wording of a follow-up that stands alone; None where there is none that can be kept."""
        return propose(self.model, question, history)

    def write(self, extracted: Answer, hits: Sequence[Hit], history: History = ()) -> Generator[Answer, None, None]:
        """Yield the draft as it comes, and last the checked answer.

        `extracted` is the answer made of quotations from `hits`. It is given back, with a notice that says why,
        where the model cannot be asked or what it wrote is not supported.
        """
        began = replace(extracted, model=self.model.name)
        window = self.model.context or PROMPT_LIMIT + RESERVE
        prompt = build(
            extracted.standalone,
            hits,
            extracted.articles,
            history=history,
            budget=min(PROMPT_LIMIT, window - RESERVE),
            tokens=self.model.tokens,
        )
        sources = [source_of(hit, extracted.articles) for hit in prompt.offered]
        draft = ""
        try:
            with self.checker.preparing(sources), closing(stream(self.model, prompt.messages)) as pieces:
                for piece in pieces:
                    draft += piece
                    yield replace(began, sentences=(), citations=(), differences=(), draft=draft)
        except LLMError as error:
            yield replace(began, notice=f"{error} Here are the articles' own words.")
            return
        yield self._checked(began, draft, prompt, sources)

    def _checked(self, began: Answer, draft: str, prompt: Prompt, sources: Sequence[Source]) -> Answer:
        reply = parse(draft, len(prompt.offered))
        answer = replace(began, dropped=reply.invented, left_out=prompt.left_out)
        if reply.refused:
            return _declined(answer)
        checked = self.checker.check(reply.sentences, sources)
        bad = sum(one.support == "unsupported" for one in checked)
        if not checked or bad > MOST_UNSUPPORTED * len(checked):
            why = f"{bad} of {len(checked)} sentences that {self.model.name} wrote are not supported by the articles."
            return replace(answer, draft=draft, notice=f"{why} Here are the articles' own words instead.")
        return replace(_cited(answer, reply, checked, prompt.offered), notice=_notice(draft, reply, prompt))


def open_writer(llm: Model | LLM, embedding: Embedding, reader: Reads) -> Writer:
    """Return a writer that asks `llm`, and checks what it writes with `embedding` and `reader`."""
    return Writer(llm if isinstance(llm, Model) else of_llm(llm), open_checker(embedding, reader))


def open_checker(embedding: Embedding, reader: Reads | None) -> Checker:
    """Return a checker that looks with `embedding` and, where there is one, `reader`."""
    return Checker(Examiner(embedding, reader))


def _declined(answer: Answer) -> Answer:
    nearest = answer.citations[:3]
    notice = f"{answer.model} found no answer in the passages; these came nearest."
    return replace(answer, sentences=(), citations=(), differences=(), nearest=nearest, declined=True, notice=notice)


def source_of(hit: Hit, articles: Mapping[str, Article]) -> Source:
    """Return a passage as the verdicts look at it."""
    article = articles[hit.passage.article_id]
    return Source(article.id, article.text, hit.passage.sentences, byline_of(article))


def byline_of(article: Article) -> str:
    """Return what an answer may say of an article beside its text: title, outlet, date, authors."""
    return " ".join(filter(None, (article.title, article.outlet, article.published, *article.authors)))


def _cited(answer: Answer, reply: Reply, checked: Sequence[Checked], offered: Iterable[Hit]) -> Answer:
    """Return the answer with its sentences and one citation a supporting sentence, numbered as they come."""
    citations: dict[tuple[str, int, int], Citation] = {}
    sentences = []
    for said, one in zip(reply.sentences, checked, strict=True):
        for place in one.places:
            citations.setdefault(place, Citation(len(citations) + 1, *place))
        sentences.append(Sentence(said.text, tuple(citations[place].number for place in one.places), one.support))
    cited = replace(answer, sentences=tuple(sentences), citations=tuple(citations.values()))
    return note_differences(cited, (hit.passage for hit in offered))


def _notice(draft: str, reply: Reply, prompt: Prompt) -> str:
    parts = []
    if len(draft) > LONGEST:
        parts.append("The model's reply did not end and was cut off.")
    if reply.invented:
        parts.append(f"The model cited {reply.invented} passages that it was not given; those were dropped.")
    if prompt.left_out:
        parts.append(f"{prompt.left_out} of the passages found did not fit into its prompt.")
    return " ".join(parts)
