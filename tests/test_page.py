"""The page in a real browser, served by a real server from a real library."""

import json
import re
from pathlib import Path

import pytest

from index.errors import BylineError
from tests.reading_room import CHROMIUM, QUESTION, ask, fetch, free_port, lit, served, served_apart
from ui.markup import format_byline

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Gradio's queue lags behind pandas
    pytest.mark.skipif(CHROMIUM is None, reason="neither chromium nor google-chrome is on the PATH"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with served(tmp_path_factory.mktemp("page") / "library") as (address, bot):
        yield address, bot


@pytest.fixture(scope="module")
def address(server):
    return server[0]


@pytest.fixture(scope="module")
def bot(server):
    return server[1]


@pytest.fixture(scope="module")
def first(bot):
    """The first sentence that the bot says to QUESTION, and the article that it cites."""
    answer = bot.ask(QUESTION)
    return answer.sentences[0].text, answer.articles[answer.citations[0].article_id]


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address):
    """Open pages; when the test is over, none may have met an error or another host."""
    contexts, faults = [], []

    def open_page(path="", *, at=None, ready=True, **options):
        here = at or address
        options = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce", **options}
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)  # the machine of a test may be busy
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
        page.on("request", lambda r: r.url.startswith((here, "data:", "blob:")) or faults.append(f"request: {r.url}"))
        page.goto(here + path)
        if ready:
            page.locator("html[data-ready]").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def test_enter_asks_and_the_answer_names_who_printed_it(open_page, first):
    page = open_page()
    page.locator(".stories article").nth(8).wait_for()
    box = page.locator("#question")
    box.fill("Why wasn't Iran")
    box.press("Shift+Enter")
    box.type("invited to the Paris talks?")
    assert box.input_value().count("\n") == 1
    box.press("Enter")
    page.locator(".turn .judging").wait_for()
    assert page.locator(".question").inner_text() == QUESTION
    words, article = first
    assert words in page.locator(".sentence").first.inner_text()
    assert page.locator(".attribution").first.inner_text().startswith(format_byline(article))
    sources = page.locator(".sources .outlet").all_inner_texts()
    assert sources == sorted(sources) and article.outlet in sources
    assert box.input_value() == ""
    assert words in page.locator("#spoken").inner_text()
    assert page.title() == f"{QUESTION} – Byline"


def test_an_example_question_asks_itself_and_is_answered(open_page):
    page = open_page()
    example = page.locator(".examples button").first
    words = example.inner_text()
    example.click()
    page.locator(".turn .judging").wait_for()
    assert page.locator(".question").inner_text() == words
    assert page.locator(".sentence").count() >= 1
    assert not page.locator(".examples").is_visible()


def test_a_marker_shows_its_card_and_opens_the_article_at_its_sentence(open_page, first):
    words, article = first
    page = open_page()
    ask(page)
    marker = page.locator(".sentence .marker").first
    marker.hover()
    card = page.locator(".card:visible")
    assert card.locator(".byline").inner_text() == format_byline(article)
    assert words in card.locator(".quotation").inner_text()
    marker.click()
    assert lit(page).endswith(first[0])
    assert page.locator("#sheet-title").inner_text() == article.title
    assert re.search(r"\?c=\d+#t1-c1$", page.url)
    assert page.locator("#pane-byline").inner_text() == format_byline(article)
    page.go_back()
    page.locator("#pane").wait_for(state="hidden")
    page.go_forward()
    assert lit(page).endswith(first[0])


def test_the_other_cited_sentences_of_the_answer_are_marked_and_one_key_away(open_page, bot):
    page = open_page()
    turn = ask(page, "Say it twice.")
    assert "Also in The Saltmarsh Post" in turn.locator(".attribution").first.inner_text()
    told = bot.twice("")
    assert turn.locator(".differ p").inner_text() == "The outlets differ"
    turn.locator(".differ .marker").last.click()
    assert lit(page) == told.quote(told.citations[1])
    page.keyboard.press("Escape")
    said = [sentence.text for sentence in told.sentences]
    turn.locator(".sentence .marker").first.click()
    assert lit(page) == said[0]
    assert page.locator("#sheet mark").all_text_contents() == said
    assert page.locator("#step").inner_text() == "1 of 2"
    page.keyboard.press("ArrowRight")
    page.locator("#step", has_text="2 of 2").wait_for()
    assert lit(page) == said[1]
    assert page.url.endswith("#t1-c3")


def test_the_keyboard_is_enough(open_page):
    page = open_page()
    page.keyboard.type(QUESTION)  # the question box has the focus
    page.keyboard.press("Enter")
    page.locator(".turn .judging").wait_for()
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.sentence .marker')"):
            break
    focused = page.evaluate_handle("document.activeElement").as_element()
    assert focused.get_attribute("aria-label").startswith("Source ")
    assert page.locator(".card:visible").count() == 1
    assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert lit(page)
    page.keyboard.press("Escape")
    page.locator("#pane").wait_for(state="hidden")
    assert focused.evaluate("element => element === document.activeElement")


def test_an_answer_is_copied_with_footnotes_and_linked(open_page, first):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    ask(page)
    page.get_by_role("button", name="Copy with sources").click()
    page.locator(".note").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    words, article = first
    assert copied.startswith(f"{QUESTION}\n\n“{words}” [1]")
    assert f"[1] {format_byline(article)}: {article.title}" in copied
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('http')")
    link = page.evaluate("navigator.clipboard.readText()")
    other = open_page(link.rpartition("/")[2])
    assert other.locator("#t1 .question").inner_text() == QUESTION


def test_a_link_to_a_citation_opens_it(open_page, first):
    page = open_page()
    ask(page)
    href = page.locator(".sentence .marker").first.get_attribute("href")
    other = open_page(href)
    assert lit(other).endswith(first[0])


def test_a_decline_says_why_and_opens_the_nearest_passages(open_page):
    page = open_page()
    turn = ask(page, "Who won the football world cup?", wait=".passages")
    assert turn.locator(".decline").inner_text() == "The articles do not say."
    assert "No sentence found" in turn.locator(".because").inner_text()
    nearest = turn.locator(".nearest").first.inner_text()
    turn.locator(".passages .marker").first.click()
    assert re.sub(r"^\d", "", lit(page)) in nearest


def test_a_reload_in_mid_answer_loses_nothing(open_page, bot, first):
    page = open_page()
    bot.gate.clear()
    ask(page, f"slowly {QUESTION}", wait=".sentence")
    assert page.locator("#stop-button").is_visible()
    marker = page.locator(".sentence .marker").first
    marker.click()  # an article may be opened while the answer grows
    assert lit(page).endswith(first[0])
    page.reload()
    page.locator(".turn.growing .sentence").first.wait_for()
    assert page.locator(".turn .judging").count() == 0
    bot.gate.set()
    page.locator(".turn .judging").wait_for()
    assert page.locator(".sentence").count() >= 2


def test_a_question_that_was_not_answered_when_byline_was_killed_is_there_to_ask_again(open_page, tmp_path, first):
    with served_apart(tmp_path / "library") as (address, process):
        page = open_page(at=address)
        page.locator("#narrow summary").click()
        page.get_by_label("Meridian Wire").first.check()
        ask(page, f"slowly {QUESTION}", wait=".sentence")
        path = page.url.rpartition("/")[2]
        page.context.close()  # which would tell that its server is gone
        process.kill()  # in mid-answer: the gate is closed
        process.wait()
    with served(tmp_path / "library") as (address, bot):
        page = open_page(path, at=address)
        assert page.locator("#saved [aria-current]").inner_text() == f"slowly {QUESTION}"
        turn = page.locator("#t1.wrong")
        assert turn.locator(".question").inner_text() == f"slowly {QUESTION}"
        assert turn.get_by_role("alert").inner_text() == "Byline ended before it had answered this question."
        assert turn.locator(".within").inner_text() == "Looked only in articles of Meridian Wire."
        page.reload()
        bot.gate.set()
        page.get_by_role("button", name="Ask again").click()
        page.locator("#t1 .judging").wait_for()
        assert page.locator(".sources .outlet").all_inner_texts() == ["Meridian Wire"]
        page.reload()
        page.locator("#t1 .judging").wait_for()
        assert page.locator(".turn").count() == 1


def test_an_answer_is_stopped_and_asked_again(open_page, bot):
    page = open_page()
    bot.gate.clear()
    ask(page, f"slowly {QUESTION}", wait=".sentence")
    page.locator("#stop-button").click()
    bot.gate.set()
    page.locator(".turn .stopped").wait_for()
    assert page.locator(".sentence").count() == 1
    page.get_by_role("button", name="Ask again").click()
    page.locator("#t2 .judging").wait_for()
    page.reload()
    page.locator("#t1 .stopped").wait_for()
    assert page.locator(".turn").count() == 2


def test_a_followup_says_how_it_was_understood_and_is_asked_as_typed(open_page):
    page = open_page()
    ask(page)
    turn = ask(page, "And Syria?")
    assert "Understood as: " in turn.locator(".understood").inner_text()
    turn.get_by_role("button", name="Ask it as I typed it").click()
    page.locator("#t3 .judging").wait_for()
    assert page.locator("#t3 .question").inner_text() == "And Syria?"
    assert page.locator("#t3 .understood").count() == 0
    page.reload()
    page.locator("#t2 .understood").wait_for()
    assert page.locator("#t3 .understood").count() == 0


def test_an_earlier_question_is_edited_and_what_followed_is_kept(open_page, bot):
    page = open_page()
    ask(page)
    ask(page, "How much do the militants earn in a day?")
    before = page.url
    page.locator("#t1").get_by_role("button", name="Edit").click()
    assert page.locator("#question").input_value() == QUESTION
    assert page.locator("#editing").is_visible()
    page.locator("#question").fill("Who opened the Paris talks?")
    page.locator("#question").press("Enter")
    page.wait_for_function("(was) => location.href !== was", arg=before)
    page.locator("#t1", has_text="Who opened the Paris talks?").locator(".judging").wait_for()
    assert page.locator(".turn").count() == 1
    assert bot.histories[-1] == []
    page.reload()
    page.locator(".branch a").click()
    page.locator("#t2").wait_for()
    assert page.locator("#t1 .question").inner_text() == QUESTION


def test_an_empty_question_and_one_that_fails_say_what_to_do(open_page):
    page = open_page()
    ask(page, "???", wait=".wrong")
    assert "The question is empty" in page.get_by_role("alert").inner_text()
    ask(page)
    assert page.locator(".turn .sentence").count() >= 1


def test_a_question_is_narrowed_and_the_limits_stay_with_the_answer(open_page):
    page = open_page()
    page.locator("#narrow summary").click()
    page.get_by_label("Meridian Wire").first.check()
    page.locator("#narrow [name=until]").fill("2014-09-15")
    assert page.locator("#narrow-words").inner_text() == "Meridian Wire, to 2014-09-15"
    turn = ask(page)
    assert turn.locator(".within").inner_text() == "Looked only in articles of Meridian Wire until 2014-09-15."
    assert turn.locator(".sources .outlet").all_inner_texts() == ["Meridian Wire"]
    assert "Only one outlet says so." in turn.inner_text()
    page.reload()
    page.locator(".within").wait_for()


def test_conversations_are_searched_renamed_exported_deleted_and_brought_back(open_page):
    page = open_page()
    ask(page, "Which bridge did Cameron vow to build?")
    page.locator("#saved [aria-current]").wait_for()
    page.locator("#rail-words").fill("bridge cameron")
    page.wait_for_function("document.querySelectorAll('#saved li').length === 1")
    item = page.locator("#saved li")
    item.locator("summary").click()
    with page.expect_download() as download:
        item.get_by_role("button", name="Export Markdown").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.startswith("# Which bridge did Cameron vow to build?") and "[^1-1]:" in text
    item.locator("summary").click()
    item.get_by_role("button", name="Rename").click()
    page.locator("#name").fill("Bridges <b>and</b> Cameron")
    page.locator("#naming").get_by_role("button", name="Save").click()
    page.locator("#saved li", has_text="Bridges <b>and</b> Cameron").wait_for()
    item.locator("summary").click()
    item.get_by_role("button", name="Delete").click()
    page.locator("#saved .nothing").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.locator("#saved li", has_text="Bridges").wait_for()


def test_an_answer_is_judged_with_a_word_why(open_page):
    page = open_page()
    ask(page)
    page.get_by_role("button", name="Bad", exact=True).click()
    page.locator(".why input").fill("the second quotation is beside the point")
    page.locator(".why button").click()
    page.locator(".note").wait_for()
    page.reload()
    assert page.locator(".why input").input_value() == "the second quotation is beside the point"
    assert page.locator("[data-verdict=bad]").get_attribute("aria-pressed") == "true"
    page.locator("[data-verdict=bad]").click()
    page.locator(".why").wait_for(state="detached")


def test_two_people_and_two_tabs(open_page, browser):
    one, other = open_page(), open_page()
    ask(one, "How much do the militants earn in a day?")
    ask(other)
    assert one.locator(".turn").count() == other.locator(".turn").count() == 1
    assert one.url != other.url
    tab = open_page(one.url.rpartition("/")[2])
    assert tab.locator(".question").inner_text() == "How much do the militants earn in a day?"
    ask(tab)
    one.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    one.locator("#t2 .judging").wait_for()


def test_articles_are_found_opened_removed_and_put_back(open_page):
    page = open_page("?show=articles")
    listed = page.locator("#listed li")
    listed.nth(11).wait_for()
    page.locator("#words").fill("paris")
    page.locator(".extent", has_text="of 12 articles").wait_for()
    assert listed.count() < 12
    listed.locator("a").first.click()
    page.locator("#pane:not([hidden]) #sheet-title").wait_for()
    page.keyboard.press("Escape")
    page.locator("#words").fill("")
    page.locator("#filter-outlets").get_by_label("The Saltmarsh Post").check()
    page.locator(".extent", has_text="2 of 12 articles").wait_for()
    page.locator("#filter [name=since]").fill("2014-09-17")
    page.locator(".extent", has_text="of 12 articles").wait_for()
    page.locator("#filter [name=since]").fill("")
    page.locator(".extent", has_text="2 of 12").wait_for()
    page.get_by_role("button", name="Remove “How the Islamic State fills its treasury”").click()
    page.locator(".extent", has_text="1 of 11").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.locator(".extent", has_text="2 of 12").wait_for()


def test_articles_are_added_by_dropping_and_by_path_while_the_page_goes_on(open_page, tmp_path, bot):
    page = open_page("?show=articles")
    long = "\n\n".join(f"Paragraph {n} of the minutes records {'who spoke and ' * 60}no more." for n in range(28))
    secret = "The harbour master keeps the spare key under the blue buoy."
    hostile = (
        '---\ntitle: \'"><img src=x onerror="window.pwned=1">\'\noutlet: "<script>window.pwned=2</script>"\n---\n\n'
        "The lamp ${window.pwned=3} {{constructor}} is lit by `<svg onload=window.pwned=4>` **every** evening. "
        "\u202eمساء الخير 🛳️ [x](javascript:window.pwned=5)\n"
    )
    files = [
        {"name": "long.txt", "buffer": f"{long}\n\n{secret}\n\n{long}".encode()},
        {"name": "hostile.md", "buffer": hostile.encode()},
        {"name": "empty.txt", "buffer": b" \n"},
        {"name": "photo.png", "buffer": b"\x89PNG"},
    ]
    kept = [tmp_path / file["name"] for file in files]
    for path, file in zip(kept, files, strict=True):
        path.write_bytes(file["buffer"])
    with (tmp_path / "large.txt").open("wb") as large:
        large.truncate(100_000_001)
    page.locator("#files").set_input_files([*kept, tmp_path / "large.txt"])
    page.locator(".ledger").wait_for()
    ledger = page.locator(".ledger").inner_text()
    assert "2 added" in ledger and "is empty" in ledger and "photo.png: Byline reads" in ledger
    assert "large.txt: larger than 100 MB" in page.locator(".note").inner_text()
    asked = open_page()
    turn = ask(asked, "Where does the harbour master keep the spare key?")
    turn.locator(".marker").first.click()
    assert lit(asked).endswith(secret)
    turn = ask(asked, "What is lit every evening?")
    turn.locator(".marker").first.click()
    asked.locator("#sheet-title", has_text="onerror").wait_for()  # the other article was still open
    assert "constructor" in lit(asked)
    assert asked.locator("#sheet-title").inner_text() == '"><img src=x onerror="window.pwned=1">'
    assert asked.evaluate("window.pwned") is None
    tides = tmp_path / "tides"
    tides.mkdir()
    (tides / "tide.md").write_text("---\ntitle: Tide\n---\n\nHigh water is at noon.\n")
    page.locator("#path").fill(str(tides))
    page.locator("#adding .path button").click()
    page.locator(".ledger", has_text="1 added").wait_for()
    page.locator("#path").fill(str(tmp_path / "nowhere"))
    page.locator("#adding .path button").click()
    page.locator(".note", has_text="no such file or folder").wait_for()
    for name in ("long", "window.pwned", "Tide"):  # leave the library as it was
        page.locator("#listed li", has_text=name).get_by_role("button").click()
        page.locator("#listed li", has_text=name).wait_for(state="detached")


@pytest.mark.parametrize("width", [1440, 1024, 768, 390, 320])
def test_nothing_is_cut_off_at_any_width(open_page, width):
    page = open_page(viewport={"width": width, "height": 740})
    wide = "() => document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
    ask(page, f"{QUESTION} {'andwithoutanyspace' * 12}")
    assert not page.evaluate(wide)
    page.locator(".marker").first.click()
    assert lit(page)
    assert not page.evaluate(wide)
    if width < 768:
        assert page.locator("#pane").bounding_box()["width"] == width
    page.keyboard.press("Escape")
    if width < 1408:
        page.get_by_role("button", name="Conversations").click()
        page.locator("#rail.open").wait_for()
        page.keyboard.press("Escape")
    page.locator(".masthead [data-do=articles]").click()
    page.locator("#listed li").first.wait_for()
    assert not page.evaluate(wide)


# Every control in view that cannot be brought under the pointer: cut off, or covered by what sticks to an edge.
COVERED = """() => [...(document.querySelector("dialog[open]") ?? document)
    .querySelectorAll("button, a[href], input, textarea, summary")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".hidden, .skip, [inert]"))
    .filter((one) => {
        one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
        const { left, top, width, height } = one.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        return width > 1 && !(hit && (one.contains(hit) || hit.contains(one) || hit.closest("label")?.contains(one)));
    })
    .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(("width", "height", "zoom"), [(1440, 900, 2), (1280, 1024, 4)])
def test_everything_can_be_reached_when_zoomed_in(open_page, width, height, zoom):
    """Zoomed in by a browser, a window has as many CSS pixels fewer, each of more of the screen's."""
    view = {"width": width // zoom, "height": height // zoom}
    page = open_page(viewport=view, device_scale_factor=zoom)
    assert page.evaluate("[innerWidth, devicePixelRatio]") == [width // zoom, zoom]

    def check(view):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
        assert page.evaluate(COVERED) == [], view

    page.locator(".stories article").first.wait_for()
    check("front page")
    page.locator("#narrow summary").click()
    check("limits")
    page.locator("#narrow summary").click()
    ask(page)
    ask(page, "And Syria?")
    check("answer")
    page.locator(".sentence .marker").first.click()
    assert lit(page)
    check("reading pane")
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Conversations").click()
    page.locator("#rail.open").wait_for()
    page.get_by_role("button", name="New conversation").click()
    check_settings_and_articles(page, check)


def check_settings_and_articles(page, check):
    page.get_by_role("button", name="Settings").click()
    check("settings")
    page.get_by_role("button", name="Done").click()
    page.locator(".masthead [data-do=articles]").click()
    page.locator("#listed li").first.wait_for()
    check("articles")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_view(open_page, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(color_scheme=scheme)

    def check(view):
        found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
        serious = [one for one in found if one["impact"] in ("serious", "critical")]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in serious] == [], view

    check("front page")
    page.locator("#narrow summary").click()
    check("limits")
    page.locator("#narrow summary").click()
    ask(page, "Say it twice.")
    check("outlets that differ")
    ask(page)
    page.locator(".turn").last.locator(".sentence .marker").first.focus()
    check("answer with a card")
    page.get_by_role("button", name="Bad", exact=True).last.click()
    page.locator(".why").wait_for()
    page.locator("#saved summary").first.click()
    check("judged, with a menu")
    page.locator(".sentence .marker").first.click()
    lit(page)
    check("reading pane")
    page.keyboard.press("Escape")
    ask(page, "Who won the football world cup?", wait=".passages")
    check("decline")
    check_settings_and_articles(page, check)


def test_the_colour_of_the_paper_is_chosen_and_kept(open_page):
    page = open_page()
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Dark").check()
    assert page.evaluate(paper) != light
    page.reload()
    page.locator("html[data-ready]").wait_for()
    assert page.evaluate(paper) != light


def test_a_language_model_is_tested_chosen_and_writes_and_quotations_remain(open_page, first):
    from evals.scripted import scripted

    with scripted() as server:
        name = server.say("small", "Ready. France wanted Iran there [1]. Iran won the cup [1].")
        page = open_page()
        page.get_by_role("button", name="Settings").click()
        page.locator("#llm").fill("nonsense")
        page.get_by_role("button", name="Test it").click()
        page.locator("#llm-said", has_text="There is no language model called “nonsense”").wait_for()
        page.locator("#llm").fill(name)
        page.get_by_role("button", name="Test it").click()
        page.locator("#llm-said", has_text="answers: “Ready.").wait_for()
        page.get_by_role("button", name="Use it").click()
        page.locator("#llm-said", has_text="writes the answers from now on").wait_for()
        page.get_by_role("button", name="Done").click()
        turn = ask(page)
        assert turn.locator(".by, .notice").count() == 1
        page.get_by_role("button", name="Settings").click()
        page.get_by_label("In the articles' own words").check()
        page.get_by_role("button", name="Done").click()
        assert first[0] in ask(page).locator(".sentence").first.inner_text()
        page.get_by_role("button", name="Settings").click()
        page.locator("#llm").fill("")
        page.get_by_role("button", name="Use it").click()
        page.locator("#llm-said", has_text="Answers are quotations from now on").wait_for()


def test_an_empty_library_adds_the_bundled_articles_and_a_restart_loses_nothing(open_page, tmp_path, first):
    with served(tmp_path / "library", bundled=False) as (address, _):
        page = open_page(at=address)
        assert "who printed it, when, and the exact words" in page.locator(".empty").inner_text()
        assert not page.locator("#question").is_visible()
        page.get_by_role("button", name="Add the bundled articles").click()
        page.locator(".stories article").first.wait_for()
        ask(page)
        path = page.url.rpartition("/")[2]
    with served(tmp_path / "library") as (address, _):
        page = open_page(path, at=address)
        assert page.locator(".question").inner_text() == QUESTION
        page.locator(".sentence .marker").first.click()
        assert lit(page).endswith(first[0])


def test_programs_may_ask_and_nothing_else(address):
    _, headers, info = fetch(f"{address}gradio_api/info")
    assert list(json.loads(info)["named_endpoints"]) == ["/ask"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    event = json.loads(fetch(f"{address}gradio_api/call/ask", {"data": [QUESTION, ["Meridian Wire"], "", ""]})[2])
    lines = fetch(f"{address}gradio_api/call/ask/{event['event_id']}")[2].splitlines()
    [answer] = json.loads(next(line for line in lines if line.startswith("data: ")).removeprefix("data: "))
    assert {citation["outlet"] for citation in answer["citations"]} == {"Meridian Wire"}
    assert all(citation["end"] - citation["start"] == len(citation["text"]) for citation in answer["citations"])


def test_the_gradio_client_gets_the_whole_answer(address, first):
    from gradio_client import Client

    client = Client(address, verbose=False, analytics_enabled=False)
    answer = client.predict(QUESTION, api_name="/ask")
    assert answer["citations"][0]["text"] == first[0]
    client.close()


def test_another_sites_page_is_refused(address):
    host = address.removeprefix("http://").rstrip("/")
    call = f"{address}gradio_api/component_server"
    body = {"data": {}, "component_id": 1, "fn_name": "rail", "session_hash": "x"}
    assert fetch(call, body, Origin="https://evil.example")[0] == 403
    assert fetch(call, body, Origin=f"http://{host}")[0] == 200
    assert fetch(address, Host="evil.example")[0] == 403


def test_a_taken_port_is_said_plainly(address, tmp_path):
    port = int(address.rstrip("/").rsplit(":", 1)[1])
    from ui import web

    with pytest.raises(BylineError, match=f"Cannot listen on port {port} of 127.0.0.1"):
        web._check_port("127.0.0.1", port)
    web._check_port("127.0.0.1", free_port())


def test_a_password_is_asked_for(open_page, tmp_path):
    from ui.access import Access

    with served(tmp_path / "library", access=Access(user="desk", password="correct-horse")) as (address, _):
        assert fetch(f"{address}gradio_api/call/ask", {"data": [QUESTION]})[0] == 401
        page = open_page(at=address, ready=False)
        page.get_by_label("username").fill("desk")
        page.get_by_label("password").fill("correct-horse")
        page.get_by_role("button", name="Login").click()
        page.locator("html[data-ready]").wait_for()
        ask(page)
