"""Conversations are there after a restart, with every citation, and say so when an article has changed since."""

import json
import multiprocessing
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from bot import conversations as module
from bot.answer import Answer, Citation, Sentence, as_json, digest, from_json
from bot.chat import Bot
from bot.conversations import Conversations, Unanswered
from bot.export import link_to, to_json, to_markdown
from index.articles import Article
from index.errors import BylineError
from index.ingest import add, remove
from index.library import open_library
from index.stores import Stores
from ui.cli import main
from ui.reading import render_cited
from ui.render import Place, render_turn
from ui.terminal import render_answer as render_text


@pytest.fixture
def kept(stores: Stores, folder: Path) -> Iterator[Conversations]:
    """Saved conversations of a library with two articles."""
    add(stores, [folder])
    conversations = Conversations(stores.library)
    yield conversations
    conversations.close()


@pytest.fixture
def answer(stores: Stores, kept: Conversations) -> Answer:
    """An answer that quotes one sentence of each article."""
    apples, boats = sorted(stores.library.articles().values(), key=lambda article: article.file)
    citations = (_cite(1, apples, "Some apples are green."), _cite(2, boats, "Boats float."))
    sentences = (Sentence("Some apples are green.", (1,)), Sentence("Boats float, it is said.", (2,), "partly"))
    return Answer(
        "and the green ones?", "and the green apples?", sentences, citations, confidence=0.5, milliseconds=2.5,
        articles={apples.id: apples, boats.id: boats},
    )  # fmt: skip


def _cite(number: int, article: Article, words: str) -> Citation:
    start = article.text.index(words)
    return Citation(number, article.id, start, start + len(words))


def _declined(answer: Answer) -> Answer:
    return replace(answer, sentences=(), citations=(), nearest=answer.citations, declined=True)


def test_an_answer_comes_back_from_its_json_in_every_field(answer: Answer) -> None:
    for one in (answer, _declined(answer)):
        read = from_json(json.loads(json.dumps(as_json(one))), answer.articles)
        assert {f.name: getattr(read, f.name) for f in fields(Answer)} == {
            f.name: getattr(one, f.name) for f in fields(Answer)
        }


def test_everything_is_there_after_a_restart(kept: Conversations, answer: Answer, stores: Stores) -> None:
    id = kept.create().id
    limits, settings = {"outlets": ["Orchard News"], "since": "2020-01-01"}, {"model": "letters"}
    kept.add(id, replace(answer, question="Which apples are there?", standalone="Which apples are there?"))
    kept.add(id, _declined(answer), limits=limits, settings=settings)
    kept.judge(id, 2, "bad", why=" It does say. ")
    again = Conversations(stores.library)
    one, two = again.turns(id)
    assert again.get(id).title == "Which apples are there?" and again.get(id).turns == 2
    assert one.answer.sentences == answer.sentences and one.answer.quote(one.answer.citations[1]) == "Boats float."
    assert two.answer == _declined(answer)
    assert (two.number, two.limits, two.settings, two.verdict, two.why) == (2, limits, settings, "bad", "It does say.")
    assert again.history(id)[0] == ("Which apples are there?", "Some apples are green. Boats float, it is said.")
    assert again.history(id)[1] == ("and the green ones?", "")
    again.close()


def test_a_question_is_kept_until_it_is_answered(kept: Conversations, answer: Answer, stores: Stores) -> None:
    id = kept.create().id
    assert kept.unanswered(id) is None
    kept.ask(id, "Who came?", limits={"since": "2014-09-15"}, settings={"as_asked": True})
    assert Conversations(stores.library).unanswered(id) == Unanswered(
        "Who came?", {"since": "2014-09-15"}, {"as_asked": True}
    )
    assert kept.get(id).title == "Who came?" and kept.search("came") and kept.turns(id) == []
    kept.ask(id, "Who left?", limits={}, settings={})
    assert kept.unanswered(id) == Unanswered("Who left?")
    kept.add(id, answer)
    assert kept.unanswered(id) is None and kept.get(id).title == "Who came?"
    kept.ask(id, "Who came?", limits={}, settings={})
    kept.drop(id)
    assert kept.unanswered(id) is None
    kept.ask(id, "Who came?", limits={}, settings={})
    kept.erase(id)
    assert kept.unanswered(id) is None
    with pytest.raises(BylineError, match="no conversation"):
        kept.ask(id, "Who came?", limits={}, settings={})


def test_the_list_is_newest_first_and_the_first_question_gives_the_title(kept: Conversations, answer: Answer) -> None:
    first, second = kept.create(), kept.create("Fruit")
    assert [one.id for one in kept.entries()] == [second.id, first.id]
    kept.add(first.id, replace(answer, question="word " * 40))
    assert [one.id for one in kept.entries()] == [first.id, second.id]
    assert kept.entries()[0].title == " ".join(["word"] * 16) + "…"
    kept.add(second.id, answer)
    assert kept.get(second.id).title == "Fruit"
    kept.add(kept.create().id, replace(answer, question="x" * 300))
    assert kept.entries()[0].title == "x" * 79 + "…"
    assert kept.rename(first.id, " Apples\nand  more ").title == "Apples and more"
    with pytest.raises(BylineError, match="title is empty"):
        kept.rename(first.id, "  ")


def test_search_finds_words_of_title_question_and_answer(kept: Conversations, answer: Answer) -> None:
    fruit, other = kept.create("Obst für ÄPFEL 100%").id, kept.create("Nothing").id
    kept.add(fruit, answer)
    for words in ("äpfel", "GREEN", "boats obst", "100%", "the green apples"):
        assert [one.id for one in kept.search(words)] == [fruit], words
    assert kept.search("green pears") == [] and kept.search("100_") == []
    assert {one.id for one in kept.search("")} == {fruit, other}


def test_deleted_is_out_of_sight_comes_back_and_is_erased_in_the_end(
    kept: Conversations, answer: Answer, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = kept.create("Apples").id
    kept.add(id, answer)
    kept.delete(id)
    assert kept.entries() == [] and kept.search("apples") == []
    for call in (kept.get, kept.turns, kept.delete, lambda id: kept.add(id, answer), lambda id: kept.rename(id, "x")):
        with pytest.raises(BylineError, match=f"no conversation {id}"):
            call(id)
    assert kept.restore(id).turns == 1
    kept.delete(id)
    Conversations(stores.library).close()
    assert kept.restore(id).turns == 1, "opening again keeps it"
    kept.delete(id)
    monkeypatch.setattr(module, "KEPT", -module.KEPT)
    Conversations(stores.library).close()
    with pytest.raises(BylineError, match=f"no conversation {id}"):
        kept.restore(id)
    assert kept.create().id > id, "ids are not used again"
    kept.erase(id + 1)
    with pytest.raises(BylineError, match="no conversation"):
        kept.erase(id + 1)


def test_a_judgement_can_be_taken_back(kept: Conversations, answer: Answer) -> None:
    id = kept.create().id
    kept.add(id, answer)
    kept.judge(id, 1, "good", why="short")
    kept.judge(id, 1, None, why="ignored")
    assert (kept.turns(id)[0].verdict, kept.turns(id)[0].why) == (None, "")
    with pytest.raises(BylineError, match="no turn 2"):
        kept.judge(id, 2, "good")
    with pytest.raises(BylineError, match="good or bad"):
        kept.judge(id, 1, "fair")  # type: ignore[arg-type]


def _change(stores: Stores, folder: Path, old: str, new: str) -> None:
    file = folder / "apples.md"
    file.write_text(file.read_text().replace(old, new))
    add(stores, [folder])


def test_words_that_moved_or_went_are_kept_and_marked(
    kept: Conversations, answer: Answer, stores: Stores, folder: Path
) -> None:
    id = kept.create().id
    kept.add(id, answer)
    _change(stores, folder, "are green.", "are green. All fall.")
    assert not kept.turns(id)[0].answer.citations[0].changed, "what changed stands behind the quoted words"
    _change(stores, folder, "Apples are red.", "Pears are red.")
    changed, same = kept.turns(id)[0].answer.citations
    assert changed.was == "Some apples are green." and same.was is None
    shown = kept.turns(id)[0].answer
    assert shown.quote(changed) == "Some apples are green."
    article = shown.articles[changed.article_id]
    page = str(render_cited(shown, article, current=article))
    assert "The article has changed or gone since" in page and 'id="cited-1"' not in page
    assert '<blockquote dir="auto">Some apples are green.</blockquote>' in page
    assert "changed since" in render_text(shown)
    assert "changed since" in to_markdown(kept.get(id), kept.turns(id))


def test_an_article_that_is_gone_is_still_named_with_its_words(
    kept: Conversations, answer: Answer, stores: Stores
) -> None:
    id = kept.create().id
    kept.add(id, answer)
    remove(stores, [answer.citations[0].article_id])
    shown = kept.turns(id)[0].answer
    gone = shown.citations[0]
    article = shown.articles[gone.article_id]
    assert (gone.was, article.outlet, article.title) == ("Some apples are green.", "Orchard News", "Apples")
    assert "Some apples are green." in render_turn(shown, Place(id, 1))
    assert from_json(as_json(shown), stores.library.articles()).citations == shown.citations, "once changed, changed"


def test_markdown_has_one_footnote_for_each_source_and_nothing_of_an_article_is_markup(
    kept: Conversations, answer: Answer
) -> None:
    hostile = '# <img src=x> [a](http://evil.example) *b* `c` ![d](http://evil.example/e) "'
    apples, *_ = answer.articles.values()
    article = replace(apples, text=hostile, title="1. [x](y)", url="https://orchard.example/a b?q=(1)#top")
    odd = replace(
        answer,
        question="- why?",
        sentences=(Sentence(hostile, (1,)),),
        citations=(Citation(1, article.id, 0, len(hostile)),),
        articles={article.id: article},
    )
    id = kept.create("Apples & *pears*").id
    for one in (odd, answer, _declined(answer)):
        kept.add(id, one)
    turns = [
        replace(turn, answer=one) for turn, one in zip(kept.turns(id), (odd, answer, _declined(answer)), strict=True)
    ]
    text = to_markdown(kept.get(id), turns)
    used, defined = re.findall(r"(\[\^\d+-\d+\])(?!:)", text), re.findall(r"^(\[\^\d+-\d+\]):", text, re.MULTILINE)
    assert sorted(used) == sorted(defined) == ["[^1-1]", "[^2-1]", "[^2-2]", "[^3-1]", "[^3-2]"]
    assert "*Searched for: and the green apples?*" in text and "*(supported in part)*" in text
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(re.sub(r"\[\^[\d-]+\]:?", "", text))
    assert "<img" not in html and "<em>b" not in html and "<code>" not in html and "<li>" not in html
    links = re.findall(r'href="([^"]*)"', html)
    assert all(link.startswith("https://orchard.example/a%20b?q=(1)#top:~:text=") for link in links) and links


def test_a_link_opens_the_page_at_the_words() -> None:
    assert link_to("https://a.example/x", "one, two-three & four") == (
        "https://a.example/x#:~:text=one%2C%20two%2Dthree%20%26%20four"
    )
    assert (
        link_to("https://a.example", " ".join("abcdefghijkl"))
        == "https://a.example#:~:text=a%20b%20c%20d%20e,h%20i%20j%20k%20l"
    )
    assert [link_to(url, "x") for url in (None, "", "javascript:alert(1)", "http://[", "file:///etc")] == [None] * 5


def test_citations_of_the_json_resolve(kept: Conversations, answer: Answer, stores: Stores) -> None:
    id = kept.create().id
    kept.add(id, answer, settings={"model": "letters"})
    record = json.loads(json.dumps(to_json(kept.get(id), kept.turns(id))))
    assert record["turns"][0]["settings"] == {"model": "letters"}
    for citation in record["turns"][0]["answer"]["citations"]:
        words = stores.library.article(citation["article_id"]).text[citation["start"] : citation["end"]]
        assert words == citation["text"] and digest(words) == citation["sha256"] and not citation["changed"]


def _write(folder: Path, id: int, count: int) -> None:
    library = open_library(folder, built_by={})
    kept = Conversations(library)
    for number in range(count):
        kept.add(id, Answer(f"question {number}", ""))
    kept.close()
    library.close()


def test_two_processes_and_many_threads_write_at_once(kept: Conversations, stores: Stores) -> None:
    id = kept.create().id
    spawn = multiprocessing.get_context("spawn")
    others = [spawn.Process(target=_write, args=(stores.library.folder, id, 20)) for _ in range(2)]
    for other in others:
        other.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: kept.add(id, Answer(f"question {n}", "")), range(40)))
    for other in others:
        other.join()
        assert other.exitcode == 0
    assert [turn.number for turn in kept.turns(id)] == list(range(1, 81))


def test_a_full_or_locked_disk_is_one_sentence(kept: Conversations, stores: Stores, answer: Answer) -> None:
    id = kept.create().id
    with sqlite3.connect(stores.library.folder / "library.sqlite3") as db:
        db.execute("DROP TABLE turns")
    db.close()
    with pytest.raises(BylineError, match="cannot be read or written"):
        kept.add(id, answer)


@pytest.fixture
def byline(kept: Conversations, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command on the library; the model is the one that counts letters."""
    monkeypatch.setattr("index.minilm.MiniLM", lambda: stores.model)
    monkeypatch.setattr("bot.chat.threshold", lambda caution: 0.0)

    def run(*arguments: str, status: int = 0, both: bool = False) -> str:
        done = CliRunner().invoke(main, [*arguments, "--library", str(stores.library.folder)])
        assert done.exit_code == status, done.output
        return done.output if both else done.stdout

    return run


def test_ask_starts_and_continues_a_conversation(
    byline: Callable[..., str], kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    stream = Bot.stream

    def watched(self: Bot, question: str, history: list[tuple[str, str]], **options: object) -> Iterator[Answer]:
        seen.append(history)
        return stream(self, question, history, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Bot, "stream", watched)
    assert "conversation 1" in byline("ask", "--conversation", "new", "Which apples are green?", both=True)
    second = json.loads(byline("ask", "--json", "--conversation", "1", "Which boats float?"))
    assert (second["conversation"], second["turn"]) == (1, 2)
    assert [len(history) for history in seen] == [0, 1]
    assert [turn.answer.question for turn in kept.turns(1)] == ["Which apples are green?", "Which boats float?"]
    assert kept.turns(1)[0].settings["model"] == "letters"
    assert "no conversation 7" in byline("ask", "--conversation", "7", "boats?", status=2, both=True)
    assert "'old'" in byline("ask", "--conversation", "old", "boats?", status=2, both=True)
    byline("ask", "Which boats float?")
    assert len(kept.entries()) == 1, "nothing is kept unasked"


def test_the_commands(byline: Callable[..., str], kept: Conversations, answer: Answer, tmp_path: Path) -> None:
    assert "No conversations yet" in byline("conversations", "list", both=True)
    kept.add(kept.create().id, answer)
    assert "and the green ones?  (1 turn)" in byline("conversations", "list")
    assert json.loads(byline("conversations", "list", "--json", "--search", "apples"))[0]["turns"] == 1
    assert "No conversation has these words" in byline("conversations", "list", "--search", "pears", both=True)
    shown = byline("conversations", "show", "1")
    assert "Searched for: and the green apples?" in shown and "Boats float" in shown
    assert byline("conversations", "rename", "1", "Fruit") == "1  Fruit\n"
    assert byline("conversations", "export", "1").startswith("# Fruit\n")
    byline("conversations", "export", "1", "--format", "json", "--output", str(tmp_path / "c.json"))
    assert json.loads((tmp_path / "c.json").read_text())["title"] == "Fruit"
    assert "cannot be written" in byline(
        "conversations", "export", "1", "--output", str(tmp_path / "no" / "c.md"), status=2, both=True
    )
    byline("conversations", "delete", "1")
    assert "no conversation 1" in byline("conversations", "show", "1", status=2, both=True)
    byline("conversations", "restore", "1")
    byline("conversations", "delete", "--now", "1")
    assert "no conversation 1" in byline("conversations", "restore", "1", status=2, both=True)


def test_without_a_library_there_are_no_conversations_and_none_is_made(tmp_path: Path) -> None:
    for arguments, status in ((["list"], 0), (["show", "1"], 2)):
        done = CliRunner().invoke(main, ["conversations", *arguments, "--library", str(tmp_path / "none")])
        assert done.exit_code == status and not (tmp_path / "none").exists()
