"""Passages: whole sentences, at most so many tokens, even, and ending with paragraphs where they can."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.passages import Passage, split_passages, split_sentences


def count_words(text: str) -> int:
    return len(text.split())


def words_of(text: str, size: int) -> list[int]:
    passages = split_passages(text, article_id="a", size=size, count_tokens=count_words)
    return [count_words(text[passage.start : passage.end]) for passage in passages]


def test_a_short_article_is_one_passage() -> None:
    text = " He came.  He left.\n\nShe stayed.\n"
    assert split_passages(text, article_id="a1", size=10, count_tokens=count_words) == (
        Passage("a1", 1, 32, ((1, 9), (11, 19), (21, 32))),
    )


def test_no_text_has_no_passages() -> None:
    assert split_passages(" \n ", article_id="a", size=10, count_tokens=count_words) == ()


def test_a_size_below_one_token_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        split_passages("He came.", article_id="a", size=0, count_tokens=count_words)


def test_a_passage_ends_with_its_paragraph() -> None:
    assert words_of("He came. He saw it. He won.\n\nShe left. She ran on. She hid.", 10) == [7, 7]
    assert words_of("He did come. He saw it.\n\nShe left us. She ran on. She then hid.", 12) == [6, 9]


def test_passages_are_even_rather_than_full_with_a_tiny_last_one() -> None:
    assert words_of("It went on. " * 4, 9) == [6, 6]
    assert sorted(words_of("It went on. " * 13, 12)) == [9, 9, 9, 12]


def test_a_heading_goes_with_what_it_heads() -> None:
    text = "He came here. He saw it.\n\nThe end of it all\n\nShe left us. She ran on."
    passages = split_passages(text, article_id="a", size=12, count_tokens=count_words)
    assert [text[passage.start : passage.end].split()[0] for passage in passages] == ["He", "The"]


def test_a_sentence_longer_than_the_size_is_a_passage_by_itself() -> None:
    assert words_of("He came. This one has a good many more words than that. He left.", 5) == [2, 10, 2]


def test_counts_that_do_not_add_up_are_counted_again() -> None:
    def count_letters_squared(text: str) -> int:
        return len(text) ** 2

    text = "Oh no. " * 20
    passages = split_passages(text, article_id="a", size=400, count_tokens=count_letters_squared)
    assert all(count_letters_squared(text[p.start : p.end]) <= 400 for p in passages)
    assert [s for p in passages for s in p.sentences] == list(split_sentences(text))


def test_tokens_are_counted_once_for_a_sentence_and_once_for_a_passage() -> None:
    asked: list[str] = []

    def count_and_note(text: str) -> int:
        asked.append(text)
        return count_words(text)

    text = "It went on. " * 60
    passages = split_passages(text, article_id="a", size=30, count_tokens=count_and_note)
    assert len(asked) == 60 + len(passages)
    asked.clear()
    assert split_passages(text, article_id="a", size=30, count_tokens=count_and_note, adds_up=True) == passages
    assert len(asked) == 60


def test_counts_add_up_over_spaces_only() -> None:
    def count_signs_squared(text: str) -> int:
        return len(text) ** 2

    text = "今日。明日。" * 9
    passages = split_passages(text, article_id="a", size=40, count_tokens=count_signs_squared, adds_up=True)
    assert {p.end - p.start for p in passages} <= {3, 6}


PIECES = st.sampled_from(["He came. ", "Oh! ", "on and on ", "\n", "\n\n", "A heading\n\n", "今日。", "\ud800"])


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)), st.integers(1, 20))
def test_every_sentence_is_in_exactly_one_passage(text: str, size: int) -> None:
    passages = split_passages(text, article_id="a", size=size, count_tokens=count_words)
    assert tuple(s for p in passages for s in p.sentences) == split_sentences(text)
    for passage in passages:
        assert (passage.start, passage.end) == (passage.sentences[0][0], passage.sentences[-1][1])
        assert count_words(text[passage.start : passage.end]) <= size or len(passage.sentences) == 1
