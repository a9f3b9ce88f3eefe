import numpy as np
import pytest

from bot.reader import WEIGHTS, Piece, Reader, best_span, relevance, windows
from index.errors import BylineError

TEXT = "The mayor opened the bridge on Monday. It cost 12 million euros. Ferries stop in June."
SENTENCES = [(0, 38), (39, 64), (65, 86)]


def pieces(*lengths):
    return [Piece(n, [7] * length, [(0, 1)] * length) for n, length in enumerate(lengths)]


def test_windows_cover_every_sentence_and_overlap():
    found = [[p.sentence for p in window] for window in windows(pieces(4, 4, 4, 4, 4), 12)]
    assert found == [[0, 1, 2], [2, 3, 4]]


def test_one_window_when_all_fits():
    assert len(list(windows(pieces(4, 4), 12))) == 1
    assert list(windows([], 12)) == []


def test_a_long_sentence_among_short_ones_is_still_reached():
    found = [[p.sentence for p in window] for window in windows(pieces(2, 12, 2), 12)]
    assert {n for window in found for n in window} == {0, 1, 2}


def test_relevance_weighs_tokens_by_how_much_they_count():
    says, even, heavy = [6.0, 0.0], [0.0, 0.0], [0.0, np.log(2)]
    assert relevance(np.array([[0, 0, s, c] for s, c in zip(says, even, strict=True)])) == pytest.approx(3)
    assert relevance(np.array([[0, 0, s, c] for s, c in zip(says, heavy, strict=True)])) == pytest.approx(2)


def test_best_span_never_ends_before_it_starts_and_is_never_long():
    logits = np.zeros((3, 4))
    logits[2, 0], logits[0, 1], logits[2, 1] = 5, 5, 1
    assert best_span(logits) == (2, 2, 6)
    far = np.zeros((40, 4))
    far[0, 0], far[39, 1] = 5, 5
    first, last, _ = best_span(far)
    assert last - first < 30


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(BylineError, match=r"none\.onnx"):
        Reader(weights=tmp_path / "none.onnx").read("Who opened the bridge?", TEXT, SENTENCES)


@pytest.fixture(scope="module")
def reader():
    if not WEIGHTS.is_file():
        pytest.skip("the reader's weights are not here")
    return Reader(threads=1)


def test_the_shipped_reader_finds_sentence_and_words(reader):
    reading = reader.read("How much did the bridge cost?", TEXT, SENTENCES)
    assert max(reading.sentences, key=lambda s: s.score) is reading.sentences[1]
    assert "12 million" in TEXT[slice(*reading.best.span)]


def test_a_span_is_characters_of_the_text_even_after_other_letters(reader):
    text = "Ünïcödé 🎈 stays. " + TEXT
    shift = len(text) - len(TEXT)
    spans = [(0, shift - 1), *((a + shift, b + shift) for a, b in SENTENCES)]
    start, end = reader.read("Who opened the bridge?", text, spans).best.span
    assert text[start:end].removeprefix("The ") == "mayor"


def test_reading_is_the_same_whatever_was_read_before(reader):
    first = reader.read("Who opened the bridge?", TEXT, SENTENCES)
    reader.read("When do ferries stop?", TEXT, SENTENCES)
    assert reader.read("Who opened the bridge?", TEXT, SENTENCES) == first


def test_nothing_of_a_long_passage_is_left_out(reader):
    text = " ".join([TEXT] * 20) + " " + "word " * 400
    spans = [(a + n * 87, b + n * 87) for n in range(20) for a, b in SENTENCES] + [(20 * 87, len(text) - 1)]
    reading = reader.read("How much did the bridge cost?", text, spans)
    assert len(reading.sentences) == 61
    assert np.isfinite([s.score for s in reading.sentences]).all()


def test_a_passage_without_a_word_answers_nothing(reader):
    assert reader.read("Who?", "  ", [(0, 2)]).answers == -np.inf
    assert reader.read("Who?", "", []).sentences == ()
