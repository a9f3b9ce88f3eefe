"""An answer as plain text to take along: what it says, and its sources as footnotes."""

from bot.answer import Answer, Citation
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
    return "\n\n".join([answer.question, *short, *said, "\n".join(notes)]).rstrip()


def in_quotes(text: str, support: str) -> str:
    """Put quotation marks around a quotation, unless it opens with its own."""
    return f"“{text}”" if support == "quoted" and not text.startswith(_OWN_MARKS) else text


def _numbers(numbers: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in numbers)


def _footnote(answer: Answer, citation: Citation) -> str:
    article = answer.articles[citation.article_id]
    where = f", {article.url}" if article.url else ""
    words = in_quotes(" ".join(answer.quote(citation).split()), "quoted")
    return f"[{citation.number}] {format_byline(article)}: {article.label}{where}. {words}"
