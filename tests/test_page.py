"""The page in a real browser, served by a real server, answered by a bot that knows seven sentences."""

import json
import shutil
import socket
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from bot.answer import Answer, Citation, Sentence, as_json
from index.articles import Article
from index.errors import BylineError
from index.library import Entry

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
EXAMPLE = "what does the ferry cost the city"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Gradio's queue lags behind pandas
    pytest.mark.skipif(CHROMIUM is None, reason="neither chromium nor google-chrome is on the PATH"),
]

FILLER = "\n\n".join(
    f"Paragraph {n} of the minutes records who spoke, for how long, and to how much applause." for n in range(20)
)
VOTE = "The council voted nine to four on Tuesday to keep the night ferry for another year."
COST = "Running the ferry after midnight costs the city 1.2 million a year, the treasurer said."
QUIET = "“I sleep on the boat and I vote on land,” said Ines Okafor, a nurse who crosses five nights a week."
FERRY = Article(
    id="0123456789ab",
    file="ferry.txt",
    path="/articles/ferry.txt",
    title="Council keeps the night ferry, by nine votes to four",
    outlet="The Harbour Gazette",
    url="https://www.harbour-gazette.example/night-ferry",
    published="2014-09-15",
    authors=("Ada Brandt", "Jonas Weil"),
    text=f"Harbour towns rarely argue about the hours after midnight.\n\n{FILLER}\n\n"
    f"{VOTE} {COST}\n\n{QUIET}\n\n{FILLER}",
)
TOLLS = Article(
    id="ba9876543210",
    file="tolls.txt",
    path="/articles/tolls.txt",
    title="Night crossings survive a close look at the books",
    outlet="Northern Ledger",
    published="2014-09-16T07:30:00",
    text=f"{VOTE}\n\n{FILLER}",
)
HOSTILE = Article(
    id="666666666666",
    file="hostile.txt",
    path="/articles/hostile.txt",
    title='"><img src=x onerror="window.pwned=1">',
    outlet="<script>window.pwned=2</script>",
    url="javascript:window.pwned=3",
    published="<b>1 May</b>",
    authors=("</article><iframe src=//evil.example>",),
    text="A quotation ${window.pwned=4} {{constructor}} <script>window.pwned=5</script> `${window.pwned=6}`."
    "\n\n<svg onload=window.pwned=7> <a href='javascript:window.pwned=8'>x</a> \x00 \ud800 \u202e"
    "<style>*{display:none}",
)


def cite(article: Article, number: int, text: str) -> Citation:
    start = article.text.index(text)
    return Citation(number, article.id, start, start + len(text))


class Clerk:
    """Answer by word: “ferry”, “backwards”, “hostile”, and anything else with a decline."""

    def __init__(self) -> None:
        self.histories: list[list[tuple[str, str]]] = []
        self.gate = threading.Event()  # what a “backwards” answer waits for, half-way

    def ask(self, question: str, history: Sequence[tuple[str, str]] = ()) -> Answer:
        *_, last = self.stream(question, history)
        return last

    def stream(self, question: str, history: Sequence[tuple[str, str]] = ()) -> Iterator[Answer]:
        self.histories.append(list(history))
        if not question.strip():
            raise BylineError("The question is empty: type one.")
        if "hostile" in question:
            line = HOSTILE.text.split("\n")[0]
            yield answered(question, (Sentence(line, (1,)),), (cite(HOSTILE, 1, line),))
        elif "backwards" in question:
            yield answered(question, (Sentence(COST, (1,)),), (cite(FERRY, 1, COST),))
            self.gate.wait(20)
            citations = (cite(FERRY, 1, COST), cite(FERRY, 2, VOTE))
            yield answered(question, (Sentence(COST, (1,)), Sentence(VOTE, (2,))), citations)
        elif "ferry" in question:
            citations = (
                cite(FERRY, 1, VOTE),
                cite(TOLLS, 2, VOTE),
                cite(FERRY, 3, COST),
                cite(FERRY, 4, QUIET),
            )
            said = (Sentence(VOTE, (1, 2)), Sentence(COST, (3,)), Sentence(QUIET, (4,)))
            yield answered(question, said[:1], citations[:2])
            yield answered(question, said, citations)
        else:
            near = (cite(FERRY, 1, QUIET), cite(TOLLS, 2, VOTE))
            yield replace(answered(question, (), near), citations=(), nearest=near, declined=True)


def answered(question: str, sentences: tuple[Sentence, ...], citations: tuple[Citation, ...]) -> Answer:
    articles = {article.id: article for article in (FERRY, TOLLS, HOSTILE)}
    return Answer(question, question, sentences, citations, articles=articles)


class Shelf:
    def __init__(self, *articles: Article) -> None:
        self._entries = [Entry(a.id, a.title, a.outlet, a.published, a.file, 1) for a in articles]

    def entries(self) -> list[Entry]:
        return self._entries


def serve(clerk: Clerk, *articles: Article) -> tuple[object, str]:
    from ui import web

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    blocks = web.build(clerk, library=Shelf(*articles), examples=[EXAMPLE], to_json=as_json)
    return blocks, web.launch(blocks, port=port, open_browser=False, wait=False)


@pytest.fixture(scope="module")
def clerk():
    return Clerk()


@pytest.fixture(scope="module")
def address(clerk):
    blocks, address = serve(clerk, FERRY, TOLLS, HOSTILE)
    yield address
    blocks.close(verbose=False)


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

    def open_page(path: str = "", **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
        page.on("request", lambda r: r.url.startswith((address, "data:")) or faults.append(f"request: {r.url}"))
        page.goto(address + path)
        page.locator(".shelf li").first.wait_for(state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def ask(page, question: str, answer: str = ".sentence") -> None:
    turns = page.locator(".turn:not(:has(.wrong))").count()  # a turn that came to nothing makes way
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    page.locator(".turn").nth(turns).locator(answer).first.wait_for()
    page.locator(".reading").wait_for(state="detached")


def lit_quotation(page) -> str:
    """Return what the highlighted marks of the open article say, having checked that they are in view."""
    found = page.wait_for_function(
        """() => {
            const article = document.querySelector(".article:has(:target)");
            if (!article) return null;
            const lit = getComputedStyle(document.body).getPropertyValue("--lit").trim();
            const probe = document.body.appendChild(document.createElement("i"));
            probe.style.background = lit;
            const colour = getComputedStyle(probe).backgroundColor;
            probe.remove();
            const marks = [...article.querySelectorAll("mark")].filter(
                (mark) => getComputedStyle(mark).backgroundColor === colour);
            const seen = ({top, right, bottom, left}) =>
                top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
            return marks.length && marks.every((mark) => seen(mark.getBoundingClientRect()))
                ? marks.map((mark) => mark.textContent).join("") : null;
        }"""
    )
    return found.json_value()


def test_enter_asks_and_the_answer_names_who_printed_it(open_page):
    page = open_page()
    ask(page, "why was the ferry kept")
    page.locator(".sentence").nth(2).wait_for()
    assert page.locator(".sentence q").first.inner_text() == VOTE
    assert page.locator(".turn h3").inner_text() == "From 2 articles, 2 outlets"
    assert page.locator(".cited").inner_text().splitlines()[:2] == [
        FERRY.title,
        "The Harbour Gazette, 15 September 2014134",
    ]
    assert page.locator("#question textarea").input_value() == ""


def test_an_example_asks_itself(open_page):
    page = open_page()
    page.get_by_role("button", name=EXAMPLE).click()
    page.locator(".sentence").first.wait_for()
    assert page.locator(".turn h2").inner_text() == EXAMPLE
    assert not page.get_by_role("button", name=EXAMPLE).is_visible()


def test_a_marker_opens_the_article_at_its_sentence(open_page):
    page = open_page()
    ask(page, "why was the ferry kept")
    page.get_by_role("link", name="Source 3: The Harbour Gazette, 15 September 2014").first.click()
    assert lit_quotation(page) == COST
    marks = page.locator(".article:has(:target) mark")
    assert marks.all_text_contents() == [VOTE, COST, QUIET]
    page.get_by_role("link", name="Source 2: Northern Ledger, 16 September 2014").first.click()
    assert lit_quotation(page) == VOTE
    page.go_back()
    assert lit_quotation(page) == COST
    page.get_by_role("link", name="Close the article").click()
    page.locator(".article:has(:target)").wait_for(state="detached")


def test_a_query_in_the_address_does_not_reload_the_page(open_page):
    page = open_page("?__theme=dark")
    ask(page, "why was the ferry kept")
    page.locator(".sentence .marker").first.click()
    assert lit_quotation(page) == VOTE


def test_an_open_article_stays_while_its_answer_grows(open_page, clerk):
    page = open_page()
    clerk.gate.clear()
    page.locator("#question textarea").fill("backwards")
    page.locator("#question textarea").press("Enter")
    page.locator(".sentence .marker").click()
    assert lit_quotation(page) == COST
    clerk.gate.set()
    page.locator(".sentence").nth(1).wait_for()
    page.locator(".article:has(:target) mark").nth(1).wait_for()
    assert lit_quotation(page) == COST


def test_the_conversation_goes_on_and_starts_afresh(open_page, clerk):
    page = open_page()
    ask(page, "why was the ferry kept")
    ask(page, "who will be mayor", ".decline")
    assert page.locator(".decline").inner_text() == "The articles do not say."
    assert clerk.histories[-1] == [("why was the ferry kept", f"{VOTE} {COST} {QUIET}")]
    ask(page, "   ", ".wrong")
    assert page.get_by_role("alert").inner_text() == "The question is empty: type one."
    ask(page, "and the ferry then")
    assert [question for question, _ in clerk.histories[-1]] == [
        "why was the ferry kept",
        "who will be mayor",
    ]
    page.locator(".sentence .marker").first.click()
    page.get_by_role("button", name="New conversation").click()
    page.locator(".turn").first.wait_for(state="detached")
    ask(page, "why was the ferry kept")
    assert clerk.histories[-1] == []
    assert page.locator(".article:has(:target)").count() == 0


def test_a_decline_shows_the_nearest_passages_and_opens_them(open_page):
    page = open_page()
    ask(page, "who will be mayor", ".decline")
    assert page.locator(".nearest").all_inner_texts() == [QUIET, VOTE]
    page.locator(".passages .marker").first.click()
    assert lit_quotation(page) == QUIET


def test_a_hostile_article_is_inert(open_page):
    page = open_page()
    ask(page, "a hostile one")
    page.locator(".sentence .marker").click()
    assert lit_quotation(page) == HOSTILE.text.split("\n")[0]
    assert page.locator(".article h2").inner_text() == HOSTILE.title
    assert page.evaluate("window.pwned") is None
    assert page.locator("#conversation, #articles").locator("img, script, iframe, svg, [onerror]").count() == 0
    assert page.locator("#articles a:not(.close)").count() == 0


def test_the_keyboard_is_enough(open_page):
    page = open_page()
    page.locator("#question textarea").focus()
    page.keyboard.type("why was the ferry kept")
    page.keyboard.press("Enter")
    page.locator(".sentence").nth(2).wait_for()
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.sentence .marker')"):
            break
    focused = page.evaluate_handle("document.activeElement").as_element()
    assert focused.get_attribute("aria-label") == "Source 4: The Harbour Gazette, 15 September 2014"
    assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert lit_quotation(page) == QUIET
    page.keyboard.press("Escape")
    page.locator(".article:has(:target)").wait_for(state="detached")
    assert focused.evaluate("element => element === document.activeElement")


def test_a_phone_shows_everything_without_scrolling_sideways(open_page):
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True)
    wide = "() => document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
    ask(page, "why was the ferry kept, " + "andwithoutanyspace" * 20)
    page.locator(".sentence").nth(2).wait_for()
    assert not page.evaluate(wide)
    page.locator(".sentence .marker").first.tap()
    assert lit_quotation(page) == VOTE
    assert page.locator(".article:has(:target)").bounding_box()["width"] == 360
    assert not page.evaluate(wide)


def test_an_empty_library_says_what_to_do(browser):
    blocks, address = serve(Clerk())
    page = browser.new_page()
    try:
        page.goto(address)
        page.locator(".empty").wait_for()
        assert "byline add FOLDER" in page.locator(".empty").inner_text()
        assert not page.locator("#question").is_visible()
    finally:
        page.close()
        blocks.close(verbose=False)


def test_programs_may_ask_and_nothing_else(address):
    def fetch(path: str, body: object = None) -> str:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as response:
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]
            return response.read().decode()

    assert list(json.loads(fetch("gradio_api/info"))["named_endpoints"]) == ["/ask"]
    event = json.loads(fetch("gradio_api/call/ask", {"data": ["the ferry"]}))["event_id"]
    data = next(line for line in fetch(f"gradio_api/call/ask/{event}").splitlines() if line.startswith("data: "))
    [answer] = json.loads(data.removeprefix("data: "))
    assert [citation["text"] for citation in answer["citations"]] == [VOTE, VOTE, COST, QUIET]


def test_a_taken_port_is_said_plainly(address):
    from ui import web

    port = int(address.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(BylineError, match=f"Cannot listen on port {port} of 127.0.0.1"):
        web.launch(web.build(Clerk(), library=Shelf()), port=port, open_browser=False, wait=False)
