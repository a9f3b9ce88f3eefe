"""The resolver: which words of what was said before a question leaves out, and the phrases that they make."""

import hashlib
import re
from pathlib import Path

import pytest

from bot.phrases import WORD
from bot.resolver import LAST, WEIGHTS, Resolution, Resolver, Word
from index.errors import BylineError

RESOLVER = Resolver()


def said(text: str, chances: dict[str, float], *, piece: int = 0) -> tuple[tuple[Word, float], ...]:
    return tuple(
        (Word(piece, text, one.start(), one.end(), 0, 1), chances.get(one.group(), 0.0)) for one in WORD.finditer(text)
    )


@pytest.mark.parametrize(
    ("text", "chances", "shown"),
    [
        ("Who cures throat cancer?", {"throat": 0.2, "cancer": 0.9}, ["throat cancer"]),
        ("We met Ali Khamenei there.", {"Khamenei": 0.9}, ["Ali Khamenei"]),
        ("They made a back-channel U.S. offer.", {"back-channel": 0.8, "offer": 0.9}, ["the back-channel U.S. offer"]),
        ("The theory of games, of course.", {"theory": 0.9, "games": 0.8}, ["the theory of games"]),
        ("Apples and pears. They like pears.", {"Apples": 0.9, "pears": 0.8}, ["Apples and pears"]),
        ("A boat; a crew.", {"boat": 0.9, "crew": 0.5}, ["the boat"]),  # half as likely is not enough
        ("A boat sank.", {"boat": 0.1}, []),
    ],
)
def test_neighbouring_words_that_are_left_out_are_phrases(
    text: str, chances: dict[str, float], shown: list[str]
) -> None:
    assert [one.shown for one in Resolution(9.0, said(text, chances)).phrases("And then?")] == shown


def test_what_the_question_says_itself_is_not_put_in_again() -> None:
    words = said("Which boats sank?", {"boats": 0.9}), said("Boats sank near Ystad.", {"Ystad": 0.9}, piece=1)
    assert [one.text for one in Resolution(9.0, (*words[0], *words[1])).phrases("Whose boat?")] == ["Ystad"]


def test_a_capital_at_the_beginning_gives_way_to_the_word_as_it_is_written_elsewhere() -> None:
    words = (*said("Apples are red.", {"Apples": 0.9}), *said("Who eats apples?", {"apples": 0.8}, piece=1))
    assert [one.text for one in Resolution(9.0, words).phrases("Why are they?")] == ["apples"]


def test_the_shipped_model_finds_what_is_left_out() -> None:
    talk = [("What is throat cancer?", "A tumour. Smoking causes most of it.")]
    found = RESOLVER.resolve("How is it treated?", talk)
    assert found.needs > 0 and found.phrases("How is it treated?")[0].text == "throat cancer"
    assert RESOLVER.resolve("How many people live in Norway?", talk).needs < found.needs


@pytest.mark.parametrize(
    "odd", ["", " \n", "\x00", "\ud800 alone", "🚲" * 40, "[SEP] [PAD]", "word " * 5_000, "今日。"]
)
def test_odd_texts_are_read(odd: str) -> None:
    found = RESOLVER.resolve(odd, [(odd, odd), ("Who?", odd)])
    assert all(0 <= chance <= 1 for _, chance in found.words)


def test_of_a_long_talk_the_beginning_and_the_end_are_read() -> None:
    talk = [(f"What is topic{n}?", "") for n in range(9)] + [("And now?", "end " * 400)]
    read = [word.said for word, _ in RESOLVER.resolve("Why?", talk).words]
    assert [one for one in read if one.startswith("topic")] == ["topic0", *(f"topic{n}" for n in range(4, 9))]
    assert read.count("end") == LAST


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BylineError, match=re.escape(str(tmp_path / "none.onnx"))):
        Resolver(weights=tmp_path / "none.onnx").resolve("Why?", [("Who?", "Ann.")])


def test_the_card_has_the_weights() -> None:
    card = (WEIGHTS.parent / "README.md").read_text("utf-8")
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() in re.findall(r"[0-9a-f]{64}", card)
