"""A reply, parsed once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.generate import Said, parse


@pytest.mark.parametrize(
    ("reply", "expected", "invented"),
    [
        ("It opened on Monday [2].", [("It opened on Monday.", (2,))], 0),
        ("It opened. [2] It closed.[3]", [("It opened.", (2,)), ("It closed.", (3,))], 0),
        ("It opened [0]. It closed [9].", [("It opened.", ()), ("It closed.", ())], 2),
        ("It opened [-1].", [("It opened.", ())], 1),
        ("It opened【1】. It closed 【2†source】.", [("It opened.", (1,)), ("It closed.", (2,))], 0),
        ("It opened [1, 2]. It closed [1][2].", [("It opened.", (1, 2)), ("It closed.", (1, 2))], 0),
        ("It opened [1-3] late [3; 4].", [("It opened late.", (1, 2, 3, 4))], 0),
        ("It opened [2, 7].", [("It opened.", (2,))], 1),
        ("It opened [Passage 2]. It closed [^3].", [("It opened.", (2,)), ("It closed.", (3,))], 0),
        ("He said “yes.” [2] Then he left.", [("He said “yes.”", (2,)), ("Then he left.", ())], 0),
        ("[1] It opened.\n[2] It closed.", [("It opened.", (1,)), ("It closed.", (2,))], 0),
        ("- **It** opened [1].\n- It closed. [2]", [("It opened.", (1,)), ("It closed.", (2,))], 0),
        ("## Answer\nIt opened [1].", [("It opened.", (1,))], 0),
        ("<think>Hm [4].</think>It opened [1].", [("It opened.", (1,))], 0),
        ("In [2014] it opened [sic].", [("In [2014] it opened [sic].", ())], 0),
        ("See ![x](http://e.example/?q) and [this](http://e.example).", [("See x and this.", ())], 0),
        ("It\u200b opened\u202e [1].\x1b[2J", [("It opened.[2J", (1,))], 0),
        ("", [], 0),
        ("[1] [2]", [], 0),
    ],
)
def test_sentences_and_their_citations(reply: str, expected: list[tuple[str, tuple[int, ...]]], invented: int) -> None:
    parsed = parse(reply, 4)
    assert [(one.text, one.numbers) for one in parsed.sentences] == expected
    assert parsed.invented == invented
    assert not parsed.refused


@pytest.mark.parametrize(
    "reply", ["The articles do not say.", "the articles do not say [1]", "**The articles do not say.**"]
)
def test_a_refusal_is_no_statement(reply: str) -> None:
    parsed = parse(reply, 4)
    assert parsed.refused
    assert parsed.sentences == ()


@given(st.text(alphabet="ab .!?[]【】,-0123456789\n*<>“”", max_size=80), st.integers(0, 5))
def test_whatever_comes_only_offered_numbers_are_cited(reply: str, offered: int) -> None:
    for said in parse(reply, offered).sentences:
        assert isinstance(said, Said)
        assert all(1 <= number <= offered for number in said.numbers)
        assert said.text == " ".join(said.text.split())
