"""The shipped model: near the float32 original, one vector for one text, nothing cut off."""

import asyncio
import hashlib
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedding import MiniLMEmbedding
from index.errors import BylineError
from index.minilm import MODELS, MiniLM

ORIGINALS = json.loads((Path(__file__).parent / "data" / "minilm_float32.json").read_text("utf-8"))
SENTENCES = list(ORIGINALS)
ODD = ["", " \n\t", "\x00", "\ud800 alone", "\u202eback", "🚲" * 40, "[SEP] [PAD]", "x" * 5_000]


@pytest.fixture(scope="module")
def model():
    return MiniLM(threads=2)


def test_vectors_are_those_of_the_float32_original(model):
    originals = np.array(list(ORIGINALS.values()))
    originals /= np.linalg.norm(originals, axis=1, keepdims=True)
    cosines = (originals * model.embed(SENTENCES)).sum(axis=1)
    assert cosines.mean() >= 0.99
    assert cosines.min() >= 0.975  # the least is "Why": one word leaves int8 little to average over


def test_vectors_are_rows_of_float32_at_unit_length(model):
    vectors = model.embed(SENTENCES)
    assert vectors.shape == (len(SENTENCES), model.dimensions) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_text_has_one_vector_alone_in_company_and_in_any_order(model):
    together = model.embed(SENTENCES)
    assert np.array_equal(together, np.concatenate([model.embed([text]) for text in SENTENCES]))
    assert np.array_equal(together[::-1], model.embed(SENTENCES[::-1]))


def test_threads_that_share_a_model_get_the_same_vectors(model):
    fresh = MiniLM(threads=1)  # not loaded yet: the threads load it together
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(fresh.embed, [SENTENCES, SENTENCES])
    assert np.array_equal(first, second) and np.array_equal(first, model.embed(SENTENCES))


def test_no_texts_give_no_rows(model):
    assert model.embed([]).shape == (0, 384)


def test_odd_texts_have_vectors_too(model):
    assert np.linalg.norm(model.embed(ODD), axis=1) == pytest.approx(1, abs=1e-5)


def test_the_name_of_a_special_token_in_a_text_is_only_text(model):
    assert model.count_tokens("[SEP]") == 3


def test_tokens_are_counted_without_the_two_that_the_model_adds(model):
    assert model.count_tokens("") == 0
    assert model.count_tokens("The mayor said so.") == 5
    assert model.count_tokens("bridge " * 1_000) == 1_000


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.text(), st.sampled_from([" ", "\n", "\n\n", " \t", "\x1c\n"]), st.text())
def test_tokens_add_up_over_spaces(model, one, gap, other):
    assert model.count_tokens(one + gap + other) == model.count_tokens(one) + model.count_tokens(other)


def test_a_long_text_is_the_mean_of_equal_windows(model):
    halves = ["river " * 200, "bank " * 200]
    mean = model.embed(halves).sum(axis=0)
    assert model.embed(["".join(halves)])[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)


def test_a_text_as_long_as_the_window_is_one_run_and_one_more_word_is_two(model):
    whole, over = "river " * model.window, "river " * (model.window + 1)
    assert model.count_tokens(whole) == model.window
    first, second = model.embed(["river " * 127, "river " * 128])
    mean = 127 * first + 128 * second
    assert model.embed([over])[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)
    assert not np.allclose(model.embed([whole])[0], first, atol=1e-4)


def test_the_end_of_a_long_text_counts(model):
    start = "The council met and spoke of roads. " * 200
    assert not np.array_equal(*model.embed([start + "Yes.", start + "A comet was seen."]))


def test_the_signature_names_the_weights_and_the_model_card_has_them(model):
    digest = hashlib.sha256((MODELS / "all-minilm-l6-v2.int8.onnx").read_bytes()).hexdigest()
    assert model.sha256 == digest
    assert model.signature == f"all-minilm-l6-v2.int8 {digest[:16]} window 254"
    assert digest in re.findall(r"[0-9a-f]{64}", (MODELS / "README.md").read_text("utf-8"))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BylineError, match=re.escape(str(tmp_path / "tokenizer.json"))):
        MiniLM(tmp_path).embed(["A question?"])


def test_importing_the_model_costs_neither_llama_index_nor_onnxruntime():
    check = "import sys, index.minilm; assert not {'llama_index', 'onnxruntime'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=MODELS.parent.parent)


def test_llama_index_gets_the_same_vectors_every_way(model):
    embedding = MiniLMEmbedding(model)
    expected = model.embed(SENTENCES).tolist()
    assert embedding.get_text_embedding_batch(SENTENCES) == expected
    assert embedding.get_text_embedding(SENTENCES[0]) == expected[0]
    assert embedding.get_query_embedding(SENTENCES[1]) == expected[1]
    assert asyncio.run(embedding.aget_text_embedding_batch(SENTENCES)) == expected
    assert asyncio.run(embedding.aget_text_embedding(SENTENCES[2])) == expected[2]
    assert asyncio.run(embedding.aget_query_embedding(SENTENCES[3])) == expected[3]


def test_llama_index_is_told_the_name_and_may_choose_the_batch(model):
    embedding = MiniLMEmbedding(model, embed_batch_size=5)
    assert (embedding.model_name, embedding.embed_batch_size) == (model.name, 5)
    assert MiniLMEmbedding().class_name() == "MiniLMEmbedding"
