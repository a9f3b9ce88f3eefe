"""The bot without its trained reader: sentences by similarity alone, for evaluations to compare with."""

from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Answer
from bot.chat import NEAREST, Bot
from bot.decline import PLAIN_THRESHOLD, plain_answerability
from bot.extract import PLAIN, choose, cite, quote
from bot.similarity import score_sentences
from index.search import Hit


class PlainBot(Bot):
    """Answers from one library by similarity; what the reader has to beat."""

    def _extract(self, answer: Answer, hits: Sequence[Hit]) -> Answer:
        scored = score_sentences(self.stores, answer.standalone, hits, answer.articles)
        answer = replace(answer, confidence=plain_answerability(scored))
        if answer.confidence < PLAIN_THRESHOLD:
            return replace(answer, declined=True, nearest=cite(scored[:NEAREST]))
        sentences, citations = quote(choose(scored, answer.articles, rule=PLAIN), answer.articles)
        return replace(answer, sentences=sentences, citations=citations)
