"""From the buttons under an answer to a question file and a score."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answer import Answer, Citation, Sentence
from bot.conversations import Conversations
from evals.feedback import judged, score, write
from index.errors import BylineError
from index.ingest import add
from index.limits import Limits
from index.stores import Stores


class Parrot:
    """Answers with the first sentence of the article that it was given, whatever is asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def ask(self, question: str, history: Sequence[tuple[str, str]] = (), *, limits: Limits) -> Answer:
        return replace(self.answer, question=question)


def test_good_answers_become_gold_and_bad_ones_should_not_come_again(
    stores: Stores, folder: Path, tmp_path: Path
) -> None:
    add(stores, [folder])
    apples = next(one for one in stores.library.articles().values() if one.title == "Apples")
    red, green = Citation(1, apples.id, 0, 15), Citation(1, apples.id, 16, 38)
    known = {apples.id: apples}
    right = Answer("Red?", "Red?", (Sentence("Apples are red.", (1,)),), (red,), articles=known)
    wrong = Answer("Blue?", "Blue?", (Sentence("Some apples are green.", (1,)),), (green,), articles=known)
    declined = Answer("Boats?", "Boats?", declined=True, articles=known)
    conversations = Conversations(stores.library)
    with pytest.raises(BylineError, match="Nobody has called an answer good or bad yet"):
        write(list(judged(conversations)), tmp_path / "none.jsonl")
    id = conversations.create().id
    for answer, verdict in ((right, "good"), (wrong, "bad"), (declined, "good"), (right, None)):
        turn = conversations.add(id, answer)
        conversations.judge(id, turn.number, verdict, why="beside the point" if verdict == "bad" else "")
    found = list(judged(conversations))
    write(found, tmp_path / "feedback.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "feedback.jsonl").read_text().splitlines()]
    assert [line["gold"] for line in lines] == [[{"file": "apples.md", "quote": "Apples are red."}], [], []]
    assert [line["answerable"] for line in lines] == [True, True, False]
    assert lines[1]["why"] == "beside the point" and lines[1]["history"] == [["Red?", "Apples are red."]]
    assert score(found, Parrot(right)) == {"good answers still given": (1, 2), "bad answers given no more": (1, 1)}
    assert score(found, Parrot(wrong)) == {"good answers still given": (0, 2), "bad answers given no more": (0, 1)}
    conversations.close()
