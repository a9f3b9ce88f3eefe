"""What Byline says: sentences, each with the exact characters that carry it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from index.articles import Article

UNKNOWN = "unknown"  # what is shown where an article does not say

Support = Literal["quoted", "supported", "partly", "unsupported"]


@dataclass(frozen=True, slots=True)
class Citation:
    """One quotation: characters `[start, end)` of an article's text, and its number on the page."""

    number: int  # counts from 1 within one answer
    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement of an answer and the numbers of the citations that carry it."""

    text: str
    citations: tuple[int, ...]
    support: Support = "quoted"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer or a decline; a decline has no sentences and shows the nearest passages instead."""

    question: str
    standalone: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    short: Citation | None = None  # the few words that answer by themselves, inside the first citation
    nearest: tuple[Citation, ...] = ()
    declined: bool = False
    confidence: float = 0.0  # probability that the articles answer, 0 to 1; a decline is one that is too low
    milliseconds: float = 0.0
    articles: Mapping[str, Article] = field(default_factory=dict)  # every article cited, by id
    model: str = ""  # the language model that was asked; empty where none was
    draft: str = ""  # its reply, unchecked: while it still comes, or where quotations stand in its place
    notice: str = ""  # what the reader must know about how the answer came to be
    dropped: int = 0  # citations that the model invented
    left_out: int = 0  # passages that did not fit into its prompt

    def quote(self, citation: Citation) -> str:
        """Return the exact characters that `citation` points at."""
        return self.articles[citation.article_id].text[citation.start : citation.end]


def as_json(answer: Answer) -> dict[str, Any]:
    """Return the answer as the JSON object that `byline ask --json` prints."""
    return {
        "question": answer.question,
        "standalone": answer.standalone,
        "declined": answer.declined,
        "confidence": round(answer.confidence, 3),
        "sentences": [
            {"text": sentence.text, "citations": list(sentence.citations), "support": sentence.support}
            for sentence in answer.sentences
        ],
        "citations": [_citation_json(answer, citation) for citation in answer.citations],
        "short": _citation_json(answer, answer.short) if answer.short else None,
        "nearest": [_citation_json(answer, citation) for citation in answer.nearest],
        "model": answer.model,
        "notice": answer.notice,
        "dropped": answer.dropped,
        "left_out": answer.left_out,
        "milliseconds": round(answer.milliseconds, 1),
    }


def _citation_json(answer: Answer, citation: Citation) -> dict[str, Any]:
    article = answer.articles[citation.article_id]
    return {
        "number": citation.number,
        "article_id": article.id,
        "file": article.file,
        "title": article.title or UNKNOWN,
        "outlet": article.outlet,
        "published": article.published,
        "url": article.url,
        "page": article.page(citation.start),
        "version": article.version,
        "start": citation.start,
        "end": citation.end,
        "text": answer.quote(citation),
    }


def count_accounts(articles: Iterable[Article]) -> int:
    """Return how many reports the articles tell: copies of one report, in however many outlets, count once."""
    return len({article.account or article.id for article in articles})
