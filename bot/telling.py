"""Where outlets differ, in words: who says what first, and who says something else, how much later."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot.answer import Answer, Citation


def headed(answer: Answer, sides: Sequence[Citation]) -> str:
    """Return what to say of a difference: that the outlets differ, or the reports where an outlet is unknown."""
    known = all(answer.articles[side.article_id].outlet for side in sides)
    return "The outlets differ" if known else "The reports differ"


def said(answer: Answer, sides: Sequence[Citation]) -> Iterator[tuple[Citation, str, str]]:
    """Yield each side with how much later than the first it was printed, such as “2 days later”, and its words."""
    first = _day(answer, sides[0])
    for side in sides:
        day = _day(answer, side)
        days = (day - first).days if first and day else 0
        later = "" if days < 1 else "a day later" if days == 1 else f"{days} days later"
        yield side, later, " ".join(answer.quote(side).split())


def _day(answer: Answer, side: Citation) -> date | None:
    try:
        return date.fromisoformat((answer.articles[side.article_id].published or "")[:10])
    except ValueError:
        return None
