"""What people said of answers, as a question file, and whether Byline would answer the same way now."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.answer import Answer
from bot.conversations import Conversations, Turn
from index.errors import BylineError
from index.limits import Limits


class Asked(Protocol):
    """What the score needs of `bot.chat.Bot`."""

    def ask(self, question: str, history: Sequence[tuple[str, str]] = (), *, limits: Limits) -> Answer:
        """Answer one question."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A turn that somebody called good or bad, with what was said before it."""

    conversation: int
    turn: Turn
    history: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        """Return what names it in the question file."""
        return f"feedback-{self.conversation}-{self.turn.number}"

    def record(self) -> dict[str, Any]:
        """Return its line of the question file: of a good answer, the quotations are the gold."""
        answer = self.turn.answer
        good = self.turn.verdict == "good"
        gold = [
            {"file": answer.articles[one.article_id].file, "quote": answer.quote(one)}
            for one in answer.citations
            if good and not one.changed
        ]
        return {
            "id": self.id,
            "question": answer.question,
            "answerable": not answer.declined if good else True,
            "history": [list(pair) for pair in self.history],
            "gold": gold,
            "verdict": self.turn.verdict,
            "why": self.turn.why,
        }


def judged(conversations: Conversations) -> Iterator[Judged]:
    """Yield every turn that was called good or bad, oldest conversation first."""
    for conversation in sorted(conversations.entries(), key=lambda one: one.id):
        history: list[tuple[str, str]] = []
        for turn in conversations.turns(conversation.id):
            if turn.verdict:
                yield Judged(conversation.id, turn, tuple(history))
            history.append((turn.answer.question, turn.answer.said))


def write(found: Sequence[Judged], path: Path) -> None:
    """Write the question file, JSON Lines; BylineError where there is no feedback."""
    if not found:
        raise BylineError("Nobody has called an answer good or bad yet; the page has the buttons under each answer.")
    lines = (json.dumps(one.record(), ensure_ascii=False) for one in found)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def score(found: Sequence[Judged], bot: Asked) -> Mapping[str, tuple[int, int]]:
    """Return how many good answers are still given, and how many bad ones no longer are: (so many, of so many)."""
    kept = [_same(one, bot) for one in found if one.turn.verdict == "good"]
    left = [not _same(one, bot) for one in found if one.turn.verdict == "bad"]
    return {"good answers still given": (sum(kept), len(kept)), "bad answers given no more": (sum(left), len(left))}


def _same(one: Judged, bot: Asked) -> bool:
    """Tell whether Byline answers now as it did: again a decline, or again the first quotation of then."""
    then, limits = one.turn.answer, one.turn.limits
    narrowed = Limits(tuple(limits.get("outlets") or ()), limits.get("since"), limits.get("until"))
    now = bot.ask(then.question, one.history, limits=narrowed)
    if then.declined or now.declined:
        return then.declined == now.declined
    first = then.quote(then.citations[0]) if then.citations else ""
    return any(now.quote(citation) == first for citation in now.citations)
