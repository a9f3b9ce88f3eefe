"""What Byline says: sentences, each with the exact characters that carry it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
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
    was: str | None = None  # the words as they were quoted, where the article has changed or gone since

    @property
    def changed(self) -> bool:
        """Tell whether the article no longer has the quoted words there; `start` and `end` then point at nothing."""
        return self.was is not None


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
    differences: tuple[tuple[Citation, ...], ...] = ()  # words that outlets say differently, the earliest first
    declined: bool = False
    confidence: float = 0.0  # probability that the articles answer, 0 to 1; a decline is one that is too low
    milliseconds: float = 0.0
    articles: Mapping[str, Article] = field(default_factory=dict)  # every article cited, by id
    model: str = ""  # the language model that was asked; empty where none was
    draft: str = ""  # its reply, unchecked: while it still comes, or where quotations stand in its place
    notice: str = ""  # what the reader must know about how the answer came to be
    dropped: int = 0  # citations that the model invented
    left_out: int = 0  # passages that did not fit into its prompt
    in_context: bool = False  # whether the conversation before counted in the search, beside `standalone`

    def quote(self, citation: Citation) -> str:
        """Return the exact characters that `citation` points at, or pointed at when the article had them."""
        if citation.was is not None:
            return citation.was
        return self.articles[citation.article_id].text[citation.start : citation.end]

    @property
    def said(self) -> str:
        """Return what the answer says, without its numbers; nothing for a decline."""
        return " ".join(sentence.text for sentence in self.sentences)


def as_json(answer: Answer) -> dict[str, Any]:
    """Return the answer as the JSON object that `byline ask --json` prints."""
    return {
        "question": answer.question,
        "standalone": answer.standalone,
        "in_context": answer.in_context,
        "declined": answer.declined,
        "confidence": round(answer.confidence, 3),
        "sentences": [
            {"text": sentence.text, "citations": list(sentence.citations), "support": sentence.support}
            for sentence in answer.sentences
        ],
        "citations": [_citation_json(answer, citation) for citation in answer.citations],
        "short": _citation_json(answer, answer.short) if answer.short else None,
        "nearest": [_citation_json(answer, citation) for citation in answer.nearest],
        "differences": [[_citation_json(answer, side) for side in sides] for sides in answer.differences],
        "model": answer.model,
        "notice": answer.notice,
        "dropped": answer.dropped,
        "left_out": answer.left_out,
        "milliseconds": round(answer.milliseconds, 1),
    }


def from_json(record: Mapping[str, Any], articles: Mapping[str, Article]) -> Answer:
    """Return the answer that `as_json` gave, over `articles` as they are now, by id.

    A citation whose words have changed since, or whose article is gone, keeps the words that it quoted: it must
    never point at other ones.
    """
    kept = {one["article_id"]: _kept_article(one) for one in (*record["citations"], *record["nearest"])}
    short = record.get("short")
    sentences = (Sentence(one["text"], tuple(one["citations"]), one["support"]) for one in record["sentences"])
    plain = {
        one.name: record[one.name]
        for one in fields(Answer)
        if isinstance(record.get(one.name), str | bool | int | float)
    }
    return Answer(
        **plain,
        sentences=tuple(sentences),
        citations=tuple(_kept_citation(one, articles) for one in record["citations"]),
        short=_kept_citation(short, articles) if short else None,
        nearest=tuple(_kept_citation(one, articles) for one in record["nearest"]),
        differences=tuple(
            tuple(_kept_citation(side, articles) for side in sides) for sides in record.get("differences", ())
        ),
        articles={id: articles.get(id, article) for id, article in kept.items()},
    )


def digest(words: str) -> str:
    """Return the hash by which quoted words are known again: SHA-256 of their UTF-8, as hex digits."""
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def _kept_citation(one: Mapping[str, Any], articles: Mapping[str, Article]) -> Citation:
    article, start, end = articles.get(one["article_id"]), one["start"], one["end"]
    same = article is not None and not one["changed"] and digest(article.text[start:end]) == one["sha256"]
    return Citation(one["number"], one["article_id"], start, end, was=None if same else one["text"])


def _kept_article(one: Mapping[str, Any]) -> Article:
    """Return what a citation knows of its article, for the day when the library has it no more."""
    names = ("file", "title", "outlet", "url", "published")
    title = None if one["title"] == UNKNOWN else one["title"]
    return Article(id=one["article_id"], text="", path="", **{name: one[name] for name in names} | {"title": title})


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
        "sha256": digest(answer.quote(citation)),
        "changed": citation.changed,
    }


def count_accounts(articles: Iterable[Article]) -> int:
    """Return how many reports the articles tell: copies of one report, in however many outlets, count once."""
    return len({article.account or article.id for article in articles})
