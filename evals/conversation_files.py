"""Files of conversations: TREC CAsT 2021 topics, MTRAG's JSON Lines, and the bundled follow-ups."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.measures import Place
from evals.provenance import digest
from evals.question_files import Question, records
from index.articles import Article
from index.canonical import canonical
from index.errors import BylineError
from index.lexical import terms

History = tuple[tuple[str, str], ...]  # earlier questions and answers, oldest first


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation, what was said before it, and what answers it."""

    id: str
    question: str
    history: History
    gold: tuple[Place, ...]
    rewrite: str | None = None  # a person's wording that needs no history
    automatic: str | None = None  # a machine's, where the file has one

    @property
    def stands_alone(self) -> bool:
        """Tell whether the person added no word to what was asked after something else."""
        return bool(self.history and self.rewrite) and set(terms(self.rewrite or "")) <= set(terms(self.question))


class Pool:
    """Passages of a file as articles, one for each text."""

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}

    def place(self, text: str, *, title: str | None, path: str) -> Place:
        """Return the whole of the article that says `text`, adding it where it is new."""
        text = canonical(text)
        id = digest([title, text])
        self.articles.setdefault(id, Article(id, text, file=id, path=path, title=title))
        return id, 0, len(text)


def read(path: Path) -> tuple[list[Article], list[Turn]]:
    """Return the passages and the turns of a file; BylineError naming the place of what is malformed."""
    pool = Pool()
    turns = _read_cast(path, pool) if path.suffix.lower() == ".json" else _read_mtrag(path, pool)
    if not any(turn.history for turn in turns):
        raise BylineError(f"{path} has no follow-up whose answer is known.")
    return list(pool.articles.values()), turns


def bundled(questions: Sequence[Question]) -> list[Turn]:
    """Return the follow-ups among questions of a question file."""
    return [Turn(q.id, q.text, q.history, q.gold, q.standalone) for q in questions if q.history and q.gold]


def after_others(questions: Sequence[Question]) -> list[Turn]:
    """Return the questions that stand alone, each as if it were asked after a conversation about something else."""
    talks = [q for q in questions if q.history]
    alone = [q for q in questions if q.gold and not q.history]
    return [
        Turn(f"{q.id} after {talk.id}", q.text, (*talk.history, (talk.text, "")), q.gold, q.text)
        for n, q in enumerate(alone if talks else [])
        for talk in [talks[n % len(talks)]]
    ]


def _read_cast(path: Path, pool: Pool) -> list[Turn]:
    try:
        topics = json.loads(path.read_bytes())
    except OSError as error:
        raise BylineError(f"{path} cannot be read ({error.strerror}); --set names a file of conversations.") from error
    except ValueError as error:
        raise BylineError(f"{path} is not JSON ({error}).") from error
    if not isinstance(topics, list):
        raise BylineError(f"{path} is no list of topics, as TREC CAsT has them.")
    turns = []
    for t, topic in enumerate(topics):
        history: History = ()
        for n, turn in enumerate(_get(topic, "turn", list, f"{path}, [{t}]")):
            place = f"{path}, [{t}].turn[{n}]"
            asked, passage = _get(turn, "raw_utterance", str, place), turn.get("passage")
            if not isinstance(passage, str):
                raise BylineError(f'{place}: "passage" is missing. CAsT gives the text of what answers since 2021.')
            gold = pool.place(passage, title=None, path=str(path))
            id = f"{topic.get('number', t)}_{turn.get('number', n + 1)}"
            person, machine = (turn.get(f"{one}_rewritten_utterance") for one in ("manual", "automatic"))
            turns.append(Turn(id, asked, history, (gold,), person, machine))
            history = (*history, (asked, passage))
    return turns


def _read_mtrag(path: Path, pool: Pool) -> list[Turn]:
    turns: dict[str, Turn] = {}
    for number, record in records(path):
        place = f"{path}, line {number}"
        spoken = [_spoken(turn, f"{place}, input[{n}]") for n, turn in enumerate(_get(record, "input", list, place))]
        gold = [_context(one, pool, f"{place}, contexts[{n}]") for n, one in enumerate(record.get("contexts") or [])]
        if not spoken or not spoken[-1][0]:
            raise BylineError(f'{place}: "input" does not end with a turn whose "speaker" is "user".')
        history = _history(spoken[:-1])
        id = str(record.get("task_id") or record.get("id") or number)
        if id in turns:
            raise BylineError(f"{place}: the task {id!r} came before; give each its own task_id.")
        if history and gold:
            turns[id] = Turn(id, spoken[-1][1], history, tuple(dict.fromkeys(gold)), record.get("rewrite"))
    return list(turns.values())


def _spoken(turn: Any, place: str) -> tuple[bool, str]:
    """Return whether the person spoke, and what."""
    return _get(turn, "speaker", str, place) == "user", _get(turn, "text", str, place)


def _history(spoken: Sequence[tuple[bool, str]]) -> History:
    history: list[tuple[str, str]] = []
    for person, text in spoken:
        if person:
            history.append((text, ""))
        elif history:
            history[-1] = (history[-1][0], text)
    return tuple(history)


def _context(context: Any, pool: Pool, place: str) -> Place:
    title = context.get("title") if isinstance(context, dict) else None
    return pool.place(_get(context, "text", str, place), title=title or None, path=place)


def _get(held: Mapping[str, Any] | Any, name: str, kind: type, place: str) -> Any:
    if not isinstance(held, dict) or not isinstance(held.get(name), kind):
        raise BylineError(f'{place}: "{name}" is missing or of another kind.')
    return held[name]
