"""Example questions from the articles that are there, without any model: who is quoted, and what two outlets name."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from index.articles import Article

MOST = 4  # questions
_NAME = r"[A-ZÀ-Þ][\w’'-]+(?:\s(?:[A-Z]\.\s)?[A-ZÀ-Þ][\w’'-]+)"  # at least two words: “John F. Kerry”
_SAID = re.compile(rf"(?:\b({_NAME}),[^,.]{{3,80}},\ssaid\b)|(?:\b({_NAME})\s(?:said|told|warned|added)\b)")
_NAMED = re.compile(rf"(?<![.!?“”\"]\s)(?<!^)\b({_NAME})\b")
_TITLES = re.compile(
    r"^(?:The|President|Minister|Secretary|Prime|Foreign|General|Gen|Mr|Mrs|Ms|Dr|French|In|On|But|And)\s"
)


def suggest(articles: Sequence[Article]) -> list[str]:
    """Return at most `MOST` questions, different ones first; the same articles give the same questions."""
    shared = _shared(articles)
    said = [name for name in _ranked(_SAID, articles) if name not in shared[:1]]
    questions = [f"What do the articles say about {name}?" for name in shared[:1]]
    questions += [f"What did {name} say?" for name in said[: MOST - len(questions)]]
    return questions


def _shared(articles: Sequence[Article]) -> list[str]:
    """Return the names that more than one outlet has, those of most outlets first."""
    outlets: dict[str, set[str]] = {}
    for article in articles:
        for name in _names(_NAMED, article):
            outlets.setdefault(name, set()).add(article.outlet or article.id)
    several = [name for name, those in outlets.items() if len(those) > 1]
    return sorted(several, key=lambda name: (-len(outlets[name]), name))


def _ranked(pattern: re.Pattern[str], articles: Iterable[Article]) -> list[str]:
    """Return names, those of most articles first; one of each article comes before a second of any."""
    counts: Counter[str] = Counter()
    turns: dict[str, int] = {}
    for article in articles:
        for turn, name in enumerate(_names(pattern, article)):
            counts[name] += 1
            turns.setdefault(name, turn)
    return sorted(counts, key=lambda name: (turns[name], -counts[name], name))


def _names(pattern: re.Pattern[str], article: Article) -> list[str]:
    found = (next(group for group in match.groups() if group) for match in pattern.finditer(article.text))
    return list(dict.fromkeys(name for raw in found if " " in (name := _plain(raw))))


def _plain(name: str) -> str:
    """Return a name without a title in front."""
    while (shorter := _TITLES.sub("", name)) != name:
        name = shorter
    return " ".join(name.split())
