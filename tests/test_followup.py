"""Follow-ups stand alone before the search; what stands alone already is left as it is."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.anaphora import find_anaphors
from bot.answer import Answer, as_json, from_json
from bot.chat import Bot
from bot.followup import Query, query_for, standalone
from bot.phrases import find_phrases
from bot.resolver import Resolver
from index.ingest import add
from index.minilm import MiniLM
from index.search import Also, search
from index.stores import Stores
from ui.cli import main
from ui.terminal import render_answer

MODEL = MiniLM()
RESOLVER = Resolver()
KHAMENEI = "Iran's supreme leader, Ayatollah Ali Khamenei, disclosed a back-channel U.S. offer and rejected it."
SAUDIS = ("Did Saudi Arabia threaten to stay away?", "Saudi King Abdullah said the Saudis would boycott.")
PARIS = ("Who opened the conference in Paris?", "President François Hollande opened the conference.")


@pytest.mark.parametrize(
    ("history", "question", "expected"),
    [
        ([SAUDIS], "and what about the Emirates?", "Did the Emirates threaten to stay away?"),
        (
            [("Who disclosed the request?", KHAMENEI)],
            "Why did he reject it?",
            "Why did Ayatollah Ali Khamenei reject the back-channel U.S. offer?",
        ),
        (
            [("Who is Iraq's president?", "Fouad Massoum is Iraq's president.")],
            "What did he say about sanctuary?",
            "What did Fouad Massoum say about sanctuary?",
        ),
        (
            [PARIS],
            "What did he say about Syria?",
            "What did President François Hollande say about Syria?",
        ),
        ([PARIS], "why?", "Who opened the conference in Paris? why?"),
        ([("What is throat cancer?", "")], "Is it treatable?", "Is throat cancer treatable?"),
        ([("What is throat cancer?", "")], "What are its symptoms?", "What are throat cancer’s symptoms?"),
        (
            [("Who has carried out airstrikes?", "")],
            "And on the ground?",
            "Who has carried out airstrikes on the ground?",
        ),
    ],
)
def test_what_a_follow_up_leaves_out_is_put_in(
    history: Sequence[tuple[str, str]], question: str, expected: str
) -> None:
    assert standalone(question, history, MODEL, RESOLVER) == expected


@pytest.mark.parametrize(
    "question", ["which outlet said so?", "Who says that?", "Which newspaper reported this?", "says who?"]
)
def test_who_said_so_asks_for_the_quoted_words(question: str) -> None:
    found = standalone(question, [PARIS], MODEL, RESOLVER)
    assert found == f"{question} (President François Hollande opened the conference.)"


@pytest.mark.parametrize(
    "question",
    [
        "What did Pope Francis say about the Third World War?",
        "How many Kurdish fighters did Germany train in Erbil?",
        "Why did Moqtada al-Sadr threaten to withdraw his militia?",
        "What is Ductal carcinoma and how is it treated?",
    ],
)
def test_what_stands_alone_is_left_as_it_is(question: str) -> None:
    assert standalone(question, [SAUDIS, PARIS], MODEL, RESOLVER) == question


def test_what_is_searched_for_beside_the_words_as_typed() -> None:
    history = [
        ("What is throat cancer?", "A tumour of the throat. Smoking causes most of it."),
        ("Is it treatable?", ""),
    ]
    query = query_for("What are its symptoms?", history, MODEL, RESOLVER)
    assert (query.text, query.typed) == ("What are throat cancer’s symptoms?", "What are its symptoms?")
    rewritten, talk = query.also  # nothing was said to the last question
    assert rewritten.text == query.text and rewritten.words < rewritten.meaning
    assert talk.text == "What is throat cancer? Is it treatable? What are its symptoms?"
    *_, quoted = query_for("What are its symptoms?", history[:1], MODEL, RESOLVER).also
    assert quoted.text.endswith(". What are its symptoms?") and quoted.text.split(".")[0] in history[0][1]
    assert quoted.words == 0  # or what was quoted before would be found again


def test_of_a_long_talk_the_first_question_and_the_last_ones_count() -> None:
    history = [(f"What is topic{n}?", "") for n in range(7)]
    talk = query_for("Is it treatable?", history, MODEL, RESOLVER).also[1].text
    assert talk.startswith("What is topic0?") and talk.endswith("Is it treatable?")
    assert "topic3" not in talk and all(f"What is topic{n}?" in talk for n in (4, 5, 6))


def test_what_stands_alone_is_searched_for_alone() -> None:
    question = "Why did Moqtada al-Sadr threaten to withdraw his militia?"
    assert query_for(question, [SAUDIS, PARIS], MODEL, RESOLVER) == Query(question, question)
    assert query_for("says who?", [PARIS], MODEL, RESOLVER).also == ()  # the quoted words and nothing else


def test_without_a_history_nothing_is_changed() -> None:
    assert standalone("Why did he reject it?", [], MODEL, RESOLVER) == "Why did he reject it?"


def test_a_topic_is_carried_over_several_turns_and_a_decline_adds_nothing() -> None:
    history = [("What is throat cancer?", "The articles do not say."), ("Is it treatable?", "")]
    assert standalone("What are its symptoms?", history, MODEL, RESOLVER) == "What are throat cancer’s symptoms?"


def test_pointing_words_that_need_nothing_from_before_are_told_apart() -> None:
    def free(question: str) -> list[str]:
        return [one.word for one in find_anaphors(question) if not one.bound]

    assert free("Why did he reject it?") == ["he", "it"]
    assert free("What is Rock City, and why is it famous?") == []
    assert free("How long does it take to fly to Paris?") == []
    assert free("Are there any benefits?") == []
    assert free("Is the museum there free?") == ["there"]
    assert free("Which breeds that bark are small?") == []
    assert free("Who said that?") == ["that"]


def test_noun_phrases() -> None:
    def phrases(text: str) -> list[str]:
        return [phrase.text for phrase in find_phrases(text)]

    assert phrases("What is the history of the Boise Greenbelt?")[-1] == "Boise Greenbelt"
    assert phrases("What are Anne Bonny's laws?") == ["Anne Bonny", "laws"]
    assert phrases("How does it work?") == []


@pytest.fixture
def bot(stores: Stores, folder: Path) -> Bot:
    """A bot that answers whatever is asked about apples and boats."""
    add(stores, [folder])
    return Bot(stores)


def test_what_is_also_searched_for_adds_to_the_score(bot: Bot) -> None:
    alone = {hit.passage: hit.score for hit in search(bot.stores, "float", k=5)}
    other = {hit.passage: hit.score for hit in search(bot.stores, "red apples", k=5)}
    both = search(bot.stores, "float", k=5, also=[Also("red apples", 0.5, 0.5)])
    assert {hit.passage for hit in both} == alone.keys()
    for hit in both:
        assert hit.score == pytest.approx((alone[hit.passage] + 0.5 * other[hit.passage]) / 1.5, abs=1e-3)
    unheard = search(bot.stores, "float", k=5, also=[Also("red apples", 0.5, 0)])
    assert sum(hit.score for hit in unheard) < sum(hit.score for hit in both)


def test_a_guess_that_finds_nothing_gives_way(bot: Bot) -> None:
    history = [("Are apples red?", "Apples are red.")]
    assert bot.ask("and what about Peru?", history).declined  # though what was said before is found


def test_the_answer_tells_what_was_searched_for(bot: Bot) -> None:
    history = [("What are apples?", "Apples are red.")]
    asked = "What colour are they?"
    answer = bot.ask(asked, history)
    assert (answer.question, answer.standalone) == (asked, standalone(asked, history, bot.stores.model, bot.resolver))
    assert answer.standalone == "What colour are apples?"
    assert bot.ask(asked, history, as_asked=True).standalone == asked
    *_, last = bot.stream(asked, history, as_asked=True)
    assert last.standalone == asked


def test_that_only_the_talk_before_counted_is_said_too() -> None:
    answer = Answer("Is it so?", "Is it so?", declined=True, in_context=True)
    assert render_answer(answer).startswith("Searched for with what was said before in mind.")
    assert not render_answer(replace(answer, in_context=False)).startswith("Searched for")
    assert from_json(as_json(answer), {}).in_context


def test_the_terminal_shows_it_and_as_asked_turns_it_off(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.minilm.MiniLM", lambda: bot.stores.model)

    def ask(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["ask", *arguments, "--library", str(bot.stores.library.folder)])
        assert done.exit_code == 0, done.output
        return done.stdout

    ask("What are apples?", "--conversation", "new")
    assert "Searched for: What colour are apples?" in ask("What colour are they?", "--conversation", "1")
    assert "Searched for" not in ask("What colour are they?", "--conversation", "1", "--as-asked")
