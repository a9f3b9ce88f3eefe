"""Everything that can go wrong with a language model, against a real HTTP server in a child process."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

import seeds
from bot.answer import Answer
from bot.chat import Bot
from bot.llms import Model, Patience, open_llm
from evals.library import library_of
from evals.scripted import Scripted, scripted
from index.stores import Stores

QUESTION = "why wasn't Iran invited"
GOOD = "The United States stood in the way of the French invitation [1]."


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


@pytest.fixture(scope="module")
def library() -> Iterator[Stores]:
    with library_of(paths=[seeds.FOLDER]) as stores:
        yield stores


@pytest.fixture(autouse=True)
def nothing_left_behind(server: Scripted) -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert server.settled(), server.state()
    left = [one.name for one in set(threading.enumerate()) - before if one.is_alive()]
    assert left == []


def model(name: str, **patience: float) -> Model:
    opened = open_llm(name, {})
    return replace(opened, patience=replace(Patience(10, 5, 20), **patience))


def ask(library: Stores, name: str, **patience: float) -> Answer:
    return Bot(library, llm=model(name, **patience)).ask(QUESTION)


def assert_explained(answer: Answer, *words: str) -> None:
    """The notice says why, and the quotations that there would have been without a model are there."""
    assert all(word in answer.notice for word in words), answer.notice
    assert not answer.declined
    assert {sentence.support for sentence in answer.sentences} == {"quoted"}
    assert "Iran" in answer.quote(answer.citations[0])
    assert answer.draft == ""


def test_a_good_reply_is_streamed_and_checked(server: Scripted, library: Stores) -> None:
    grown = list(Bot(library, llm=model(server.say("good", GOOD))).stream(QUESTION))
    drafts = [answer.draft for answer in grown[:-1]]
    assert "".join(drafts[-1:]) == GOOD
    assert len(set(drafts)) > 3
    assert grown[-1].notice == ""
    assert [sentence.text for sentence in grown[-1].sentences] == [GOOD.replace(" [1]", "")]
    assert grown[-1].sentences[0].support == "supported"
    assert "stood in the way" in grown[-1].quote(grown[-1].citations[0])


def test_refused_connection(server: Scripted, library: Stores) -> None:
    assert_explained(ask(library, "http://127.0.0.1:9/v1#any"), "127.0.0.1:9", "check the address")


def test_refused_connection_when_the_model_has_to_be_found(server: Scripted, library: Stores) -> None:
    assert_explained(ask(library, "http://127.0.0.1:9"), "check the address")


def test_no_first_words_in_time(server: Scripted, library: Stores) -> None:
    name = server.script("mute", [["wait", 60]])
    assert_explained(ask(library, name, first=0.3), "in time", "BYLINE_LLM_TIMEOUT")


def test_no_further_words_in_time(server: Scripted, library: Stores) -> None:
    name = server.script("stuck", [["say", "The United States stood"], ["wait", 60]])
    assert_explained(ask(library, name, between=0.3), "in time")


def test_too_slow_as_a_whole(server: Scripted, library: Stores) -> None:
    name = server.script("drip", [["say", "drop "], ["wait", 0.1]] * 100)
    assert_explained(ask(library, name, whole=0.6), "in time")


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (401, {}, ["refused the key", "401"]),
        (404, {}, ["does not exist", "404"]),
        (429, {"Retry-After": "7"}, ["429", "in 7 seconds"]),
        (429, {}, ["429", "in a while"]),
        (500, {}, ["trouble of its own", "500"]),
        (400, {}, ["refused the question", "400"]),
    ],
)
def test_status(server: Scripted, library: Stores, status: int, headers: dict[str, str], words: list[str]) -> None:
    name = server.script(f"status-{status}-{len(headers)}", [["status", status, headers]])
    assert_explained(ask(library, name), *words)
    assert len([one for one in server.state()["asked"] if one["model"] == name.partition("#")[2]]) == 1  # no retries


@pytest.mark.parametrize("event", ["data: {not json\n\n", "data: [1]\n\n", 'data: {"choices": 7}\n\n'])
def test_malformed_events(server: Scripted, library: Stores, event: str) -> None:
    name = server.script("garbled", [["say", "The United"], ["raw", event], ["say", " States"]])
    assert_explained(ask(library, name), "cannot be read")


def test_an_error_in_the_middle_of_the_stream(server: Scripted, library: Stores) -> None:
    name = server.script("sorry", [["say", "The"], ["raw", 'data: {"error": {"message": "out of memory"}}\n\n']])
    assert_explained(ask(library, name), "out of memory")


def test_connection_lost_in_the_middle(server: Scripted, library: Stores) -> None:
    name = server.script("lost", [["say", "The United"], ["drop"]])
    assert_explained(ask(library, name), "broke off")


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_reply(server: Scripted, library: Stores, text: str) -> None:
    assert_explained(ask(library, server.say("empty", text)), "empty reply")


def test_an_endless_reply_is_cut_off_and_what_was_said_is_checked(server: Scripted, library: Stores) -> None:
    name = server.script("endless", [["forever", "The United States stood in the way of the French invitation [1]. "]])
    answer = ask(library, name)
    assert "cut off" in answer.notice
    assert answer.sentences[0].support == "supported"


def test_a_reply_that_is_one_long_word(server: Scripted, library: Stores) -> None:
    assert_explained(ask(library, server.script("word", [["forever", "Ir"]])), "word without an end")


@pytest.mark.parametrize("steps", [[["wait", 60]], [["say", "The "], ["wait", 60]], [["forever", "on and "]]])
def test_given_up_by_the_person(server: Scripted, library: Stores, steps: list[list[object]]) -> None:
    growing = Bot(library, llm=model(server.script("slow", steps))).stream(QUESTION)
    next(growing)
    growing.close()


def test_no_evidence_no_call(server: Scripted, library: Stores) -> None:
    before = len(server.state()["asked"])
    answer = Bot(library, llm=model(server.say("eager", "The Pope said yes [1]."))).ask("What did the Pope say?")
    assert answer.declined
    assert len(server.state()["asked"]) == before


def test_a_model_that_finds_no_answer_declines(server: Scripted, library: Stores) -> None:
    answer = ask(library, server.say("honest", "The articles do not say."))
    assert answer.declined
    assert answer.nearest
    assert "found no answer" in answer.notice


def test_more_than_half_unsupported_gives_quotations_instead(server: Scripted, library: Stores) -> None:
    reply = "Iran won the football cup in 1974 [1]. The mayor of Geneva wept [2]. Iran was not invited [1]."
    answer = ask(library, server.say("liar", reply))
    assert "2 of 3 sentences" in answer.notice
    assert {sentence.support for sentence in answer.sentences} == {"quoted"}
    assert answer.draft == reply


def test_the_only_model_of_a_server_is_found(library: Stores) -> None:
    with scripted() as server:
        server.say("alone", GOOD)
        answer = ask(library, f"http://127.0.0.1:{server.port}")
        assert answer.sentences[0].support == "supported"
        assert server.state()["asked"][0]["model"] == "alone"
        server.say("second", GOOD)
        assert_explained(ask(library, f"http://127.0.0.1:{server.port}"), "alone, second")
