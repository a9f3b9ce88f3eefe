"""Where outlets differ: what is found, and above all what is left alone."""

import json
from dataclasses import replace

import click
import pytest

from bot.answer import Answer, Citation, Sentence, as_json, from_json
from bot.chat import Bot
from bot.conversations import Conversation, Turn
from bot.differ import differing, note_differences
from bot.export import to_markdown
from bot.figures import agree, find_figures
from bot.llms import open_llm
from bot.reports import Report
from evals.differences import alarms, bundled, found, pairs
from evals.library import library_of
from evals.scripted import scripted
from index.articles import Article
from index.passages import Passage
from ui.footnotes import with_footnotes
from ui.render import Place, render_turn, spoken
from ui.terminal import render_answer

NATIONS = "Envoys of 26 nations met in Paris on Monday."
COUNTRIES = "It rained. About 30 countries attended the talks in Paris."
WIRE = Article("w", NATIONS, "w.md", "/w.md", "Paris talks", "Meridian <Wire>", published="2014-09-15")
POST = Article("p", COUNTRIES, "p.md", "/p.md", "Paris meets", "The Post", published="2014-09-17T08:00:00Z")
ANSWER = Answer(
    *("How many countries came?",) * 2,
    sentences=(Sentence(COUNTRIES, (1,)), Sentence(NATIONS, (2,))),
    citations=(Citation(1, "p", 0, len(COUNTRIES)), Citation(2, "w", 0, len(NATIONS))),
    articles={"w": WIRE, "p": POST},
)
DIFFERENCE = (Citation(2, "w", 10, 20), Citation(1, "p", 11, 29))


def figures(sentence: str, published: str | None = "2014-09-17") -> list[tuple[str, str]]:
    return [(one.kind, sentence[slice(*one.span)]) for one in find_figures(sentence, published)]


# Figures


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        ("Envoys of twenty-six European nations met.", [("nation", "twenty-six European nations")]),
        ("It killed 12 and hurt at least 30 people.", [("people", "12"), ("people", "at least 30 people")]),
        ("They earn upward of $3 million each day.", [("$ a day", "upward of $3 million each day")]),
        ("It cost 4.5 million euros.", [("€", "4.5 million euros")]),
        ("In 2011, 40 percent of the voters left.", [("when", "In 2011"), ("% of voter", "40 percent of the voters")]),
        ("David Haines, 44, came.", [("age of david haines", "44")]),
        ("The 44-year-old aid worker Haines came.", [("age of haines", "44")]),
        ("It opened on Sept. 15.", [("when", "Sept. 15")]),
        ("The gunman was identified as Adam K. Brown.", [("who identified", "Adam K. Brown")]),
        ("Flight 17, an F-16, MH17, 10:30, 9/11, 3-2, 10 a.m., Resolution 2170, the 2016 Games, No. 10", []),
        ("Three of the five judges, another 12 people, 3 others, 20 to 30 boats, first 9 days", []),
        ("It took three days. Two weeks later, in four hours, the past 24 hours", [("day", "three days")]),
    ],
)
def test_figures_are_read_with_what_they_count_and_the_rest_is_left_alone(sentence, read):
    assert sorted(figures(sentence.replace("In 2011", "in 2011"))) == sorted(
        (kind, words.replace("In 2011", "in 2011")) for kind, words in read
    )


@pytest.mark.parametrize(
    ("one", "other", "suits"),
    [
        ("about 30 boats", "28 boats", True),
        ("about 30 boats", "26 boats", False),
        ("more than 12 boats", "15 boats", True),
        ("more than 12 boats", "12 boats", True),
        ("at least 20 boats", "12 boats", False),
        ("nearly 200,000 boats", "191,000 boats", True),
        ("3 million boats", "3.2 million boats", True),
        ("3.1 million boats", "3.4 million boats", False),
        ("a dozen boats", "twelve boats", True),
        ("up to 40 boats", "35 boats", True),
        ("on Monday", "Sept. 15", True),
        ("on Monday", "15 September 2014", True),
        ("on Monday", "on Tuesday", False),
        ("in August", "Aug. 3, 2014", True),
        ("in 2014", "December 2014", True),
        ("in 2014", "in 2013", False),
    ],
)
def test_figures_agree_where_one_value_suits_both(one, other, suits):
    [mine], [yours] = find_figures(one, "2014-09-17"), find_figures(other, "2014-09-17")
    assert mine.kind == yours.kind and agree(mine, yours) is suits


def test_days_need_to_know_when_it_was_published_and_must_be_days():
    assert figures("On Monday, Sept. 15, in May", None) == []
    assert figures("It was Feb. 31.", "2014-09-17") == []


# What differs


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (NATIONS, COUNTRIES, ("26 nations", "About 30 countries")),
        ("The Karrada blast killed 12.", "The Karrada blast killed 15, a doctor said.", ("12", "15")),
        (
            "The Iraq talks opened in Paris on Monday.",
            "The Paris talks on Iraq opened on Sunday.",
            ("Monday", "Sunday"),
        ),
        ("David Haines, 44, was killed.", "David Haines, 46, was an aid worker.", ("44", "46")),
        (
            "The gunman who shot at the Ottawa parliament was identified as Michael Bibeau.",
            "Police named the gunman who shot at parliament in Ottawa as Adam Brown.",
            ("Michael Bibeau", "Adam Brown"),
        ),
    ],
)
def test_other_figures_days_and_names_for_one_thing_are_found(one, other, words):
    assert found(one, other) == [words]
    assert found(other, one) == [words[::-1]]


def test_of_the_pairs_that_were_written_no_other_is_said_to_differ():
    told = {(one, other): (differ, bool(found(one, other))) for one, other, differ in pairs("tune")}
    assert [pair for pair, (differ, said) in told.items() if said and not differ] == []
    assert sum(said for _, said in told.values()) >= 0.9 * sum(differ for differ, _ in told.values())


def test_no_two_sentences_of_the_bundled_articles_are_said_to_differ():
    compared, wrong = alarms(bundled())
    assert compared > 100 and wrong == []


def test_one_outlet_copies_and_reports_long_apart_do_not_differ():
    one, other = Report(NATIONS, WIRE), Report(COUNTRIES, POST)
    assert differing(one, other)
    assert not differing(one, Report(COUNTRIES, replace(POST, outlet=WIRE.outlet)))
    assert not differing(Report(NATIONS, replace(WIRE, account="x")), Report(COUNTRIES, replace(POST, account="x")))
    assert not differing(one, Report(COUNTRIES, replace(POST, published="2015-09-17")))
    aged = [Report("Ann Roe, 44, won.", WIRE), Report("Roe, 45, won.", replace(POST, published="2015-09-17"))]
    assert not differing(*aged) and differing(aged[0], Report("Roe, 45, won.", POST))
    unknown = replace(POST, outlet=None)
    assert differing(one, Report(COUNTRIES, unknown))
    assert not differing(Report(NATIONS, replace(WIRE, outlet=None)), Report(COUNTRIES, unknown))


def test_a_headline_helps_to_know_what_a_sentence_is_about():
    bare = Report("Delegates from 26 nations took part.", replace(WIRE, title=None))
    assert not differing(bare, Report(COUNTRIES, POST))
    assert differing(Report("Delegates from 26 nations took part.", WIRE), Report(COUNTRIES, POST))


def test_an_answer_has_the_words_of_each_outlet_as_slices_the_earliest_first():
    assert note_differences(ANSWER).differences == (DIFFERENCE,)
    assert [ANSWER.quote(side) for side in DIFFERENCE] == ["26 nations", "About 30 countries"]
    third = replace(WIRE, id="t", outlet="Third", published="2014-09-16")
    more = replace(
        ANSWER,
        citations=(*ANSWER.citations, Citation(3, "t", 0, len(NATIONS))),
        articles={**ANSWER.articles, "t": third},
    )
    assert note_differences(more).differences == ((DIFFERENCE[0], Citation(3, "t", 10, 20), DIFFERENCE[1]),)
    assert note_differences(replace(ANSWER, citations=(replace(ANSWER.citations[0], was="gone"),))).differences == ()


def test_a_sentence_that_was_found_and_differs_is_cited_too():
    alone = replace(ANSWER, sentences=ANSWER.sentences[1:], citations=(Citation(1, "w", 0, len(NATIONS)),))
    passage = Passage("p", 0, len(COUNTRIES), ((0, 10), (11, len(COUNTRIES))))
    told = note_differences(alone, [passage, Passage("w", 0, len(NATIONS), ((0, len(NATIONS)),)), passage])
    assert told.citations == (alone.citations[0], Citation(2, "p", 11, len(COUNTRIES)))
    assert told.differences == ((Citation(1, "w", 10, 20), Citation(2, "p", 11, 29)),)
    assert told.sentences == alone.sentences
    again = replace(POST, id="q", text=COUNTRIES)  # the same outlet says so a second time
    both = replace(alone, articles={**alone.articles, "q": again})
    assert note_differences(both, [passage, replace(passage, article_id="q")]) == replace(told, articles=both.articles)
    silent = replace(alone, articles={"w": WIRE, "p": replace(POST, outlet=WIRE.outlet)})
    assert note_differences(silent, [passage]) == silent


def test_a_question_is_answered_with_what_the_outlets_say_differently_in_quotations_and_in_prose(tmp_path):
    for name, article in (("wire", WIRE), ("post", POST)):
        byline = f"outlet: {article.outlet}\npublished: {article.published}\ntitle: {article.title}"
        (tmp_path / f"{name}.md").write_text(f"---\n{byline}\n---\n\n{article.text}\n", encoding="utf-8")
    with library_of(paths=[tmp_path]) as stores, scripted() as server:
        *grown, quoted = Bot(stores).stream("How many nations met in Paris?")
        said = server.say("prose", "Envoys of 26 nations met in Paris [1].")
        prose = Bot(stores, llm=open_llm(said, {})).ask("How many nations met in Paris?")
    assert not any(answer.differences for answer in grown)
    for answer in (quoted, prose):
        [sides] = answer.differences
        assert [answer.quote(side) for side in sides] == ["26 nations", "About 30 countries"]
        cited = {one.number: one for one in answer.citations}
        assert all(cited[side.number].start <= side.start and side.end <= cited[side.number].end for side in sides)
    assert (quoted.model, prose.model) == ("", said) and len(prose.sentences) == 1


# How it is shown


TOLD = replace(ANSWER, differences=(DIFFERENCE,))


def test_the_page_says_who_differs_in_words_each_with_a_way_to_its_citation():
    html = render_turn(TOLD, Place(5, 7))
    assert (
        '<div class="differ"><p>The outlets differ</p><ul><li><bdi>Meridian &lt;Wire&gt;</bdi>, 15 September 2014'
        in html
    )
    assert (
        ', 2 days later: <span class="said" dir="auto">“About 30 countries”</span><a class="marker" href="?c=5#t7-c1"'
        in html
    )
    assert 'class="differ"' not in render_turn(ANSWER, Place(5, 7))
    assert spoken(TOLD).endswith("The outlets differ.")
    unknown = {"w": replace(WIRE, outlet=None), "p": replace(POST, published=None)}
    html = render_turn(replace(TOLD, articles=unknown), Place(5, 7))
    assert "The reports differ" in html and "later" not in html


def test_json_keeps_it_and_an_article_that_changed_keeps_its_words():
    record = json.loads(json.dumps(as_json(TOLD)))
    assert [side["text"] for side in record["differences"][0]] == ["26 nations", "About 30 countries"]
    assert from_json(record, ANSWER.articles).differences == (DIFFERENCE,)
    del record["differences"]  # as it was kept before there were any
    assert from_json(record, ANSWER.articles).differences == ()
    changed = from_json(as_json(TOLD), {"w": replace(WIRE, text="Envoys of 27 nations met."), "p": POST})
    assert changed.quote(changed.differences[0][0]) == "26 nations"


def test_it_is_taken_along_in_every_form():
    line = "The outlets differ: Meridian <Wire>, 15 September 2014: “26 nations” [2]; "
    assert line + "The Post, 17 September 2014, 2 days later: “About 30 countries” [1]." in with_footnotes(TOLD)
    markdown = to_markdown(Conversation(1, "t", "", "", 1), [Turn(3, TOLD, "2026-11-24")])
    assert (
        "**The outlets differ:** Meridian \\<Wire\\>, 2014-09-15: “26 nations”[^3-2]; The Post, 2014-09-17, 2 days"
        in markdown
    )
    assert "The outlets differ: Meridian <Wire>, 2014-09-15: “26 nations” [2];" in " ".join(
        click.unstyle(render_answer(TOLD)).split()
    )
