"""An answer as plain text to take along: what it says, and its sources as footnotes."""

from collections.abc import Sequence

from bot.answer import Answer, Citation
from bot.telling import headed
from bot.telling import said as said_by
from ui.markup import format_byline

DECLINE = "The articles do not say."
_OWN_MARKS = ('"', "“", "«", "„", "'", "‘")


def with_footnotes(answer: Answer) -> str:
    """Return question, sentences with their numbers, and one footnote a citation; ends without a line break."""
    if answer.declined:
        return f"{answer.question}\n\n{DECLINE}"
    said = [f"{in_quotes(one.text, one.support)} {_numbers(one.citations)}".rstrip() for one in answer.sentences]
    notes = [_footnote(answer, citation) for citation in answer.citations]
    short = [in_quotes(answer.quote(answer.short), "quoted")] if answer.short else []
    differ = [_difference(answer, sides) for sides in answer.differences]
    return "\n\n".join([answer.question, *short, *said, *differ, "\n".join(notes)]).rstrip()


def _difference(answer: Answer, sides: Sequence[Citation]) -> str:
    told = (
        f"{format_byline(answer.articles[side.article_id])}{f', {later}' if later else ''}: “{words}” [{side.number}]"
        for side, later, words in said_by(answer, sides)
    )
    return f"{headed(answer, sides)}: {'; '.join(told)}."


def in_quotes(text: str, support: str) -> str:
    """Put quotation marks around a quotation, unless it opens with its own."""
    return f"“{text}”" if support == "quoted" and not text.startswith(_OWN_MARKS) else text


def _numbers(numbers: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in numbers)


def _footnote(answer: Answer, citation: Citation) -> str:
    article = answer.articles[citation.article_id]
    where = f", {article.url}" if article.url else ""
    words = in_quotes(" ".join(answer.quote(citation).split()), "quoted")
    page = None if citation.changed else article.page(citation.start)
    printed = format_byline(article) + (f", page {page}" if page else "")
    return f"[{citation.number}] {printed}: {article.label}{where}. {words}"
