"""The report of a run, opened from disk in a real browser."""

import re
import shutil
from collections.abc import Iterator
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from evals import report
from evals.runs import Part, Run
from evals.suite import Case, Measure

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
browser_tests = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="neither chromium nor google-chrome is on the PATH"),
]
HOSTILE = '</style><script>window.pwned=1</script><img src="https://evil.example/x.png" onerror="window.pwned=2">${{}}'


def case(id: str, good: float, *, text: str = "", tags: tuple[str, ...] = ()) -> Case:
    quoted = {"text": text or f"Sentence of {id}.", "citations": [1], "support": "quoted"}
    citation = {"number": 1, "outlet": None, "published": None, "file": "a.md", "start": 0, "end": 9}
    answer = {
        "question": f"What of {id}?",
        "standalone": f"What of {id}?",
        "confidence": 0.5,
        "sentences": [quoted],
        "citations": [citation | {"text": quoted["text"]}],
        "nearest": [],
    }
    shown: dict[str, Any] = {"question": f"What of {id}?", "history": [["Before?", "Yes."]], "answer": answer}
    values = {"good": good, "confidence": good / 2, "right": float(good > 0.5)}
    return Case(id, values, shown | {"gold": [{"file": "a.md", "text": "Gold."}]}, tags)


MEASURES = (
    Measure("good", "good ones"),
    Measure("curve", "area under it", "lower", ("confidence", "right"), "risk-coverage"),
)
CASES = (
    case("best", 1.0, tags=("right",)),
    case("worst", 0.0, text=HOSTILE, tags=("wrong", "declined")),
    case("middling", 0.5, tags=("wrong",)),
)
ABOUT = {"code": {"version": "1", "commit": "abc"}, "started": "2026-11-24T09:00:00", "machine": {"cpus": 2}}
RUN = Run((Part("words", "How good is it?", "c", "q", {"size": 1}, ("good",), MEASURES, CASES, 3),), ABOUT, True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, chromium: Any, tmp_path: Path) -> Iterator[Any]:
    (tmp_path / "report.html").write_text(report.render(RUN), encoding="utf-8")
    context = chromium.new_context(
        color_scheme=getattr(request, "param", "light"), viewport={"width": 480, "height": 900}
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda one: problems.append(one.url) if not one.url.startswith("file:") else None)
    page.goto((tmp_path / "report.html").as_uri())
    yield page
    context.close()
    assert problems == []


def test_cases_stand_worst_first() -> None:
    assert [one.id for one in report.worst_first(RUN.parts[0])] == ["worst", "middling", "best"]


def test_nothing_is_loaded_from_anywhere() -> None:
    html = report.render(RUN)
    assert "default-src 'none'" in unescape(html)
    assert re.findall(r"""(?:src|href)=["']""", html) == []
    assert "https://evil.example" in html  # shown as the article says it, and no more than text
    assert "<img" not in html


def test_an_interrupted_run_says_so() -> None:
    part = RUN.parts[0]
    cut = Run((Part(*(getattr(part, name) for name in Part.__slots__[:-1]), planned=9),), ABOUT, False)
    assert "was interrupted" in report.render(cut) and "3 of 9" in report.render(cut)
    assert "was interrupted" not in report.render(RUN)


class TestInTheBrowser:
    pytestmark = browser_tests

    @pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
    def test_it_passes_axe_with_everything_open(self, page: Any) -> None:
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
        found = page.evaluate("axe.run()")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
        assert len(found["passes"]) > 10

    def test_cases_are_filtered_by_words_and_tags(self, page: Any) -> None:
        shown = page.locator("details:visible")
        assert shown.count() == 3
        page.get_by_role("combobox", name="Only").select_option("wrong")
        assert shown.count() == 2
        page.get_by_role("searchbox", name="Words").fill("middling")
        assert shown.count() == 1
        assert page.locator("output").inner_text() == "1 of 3"

    def test_what_articles_say_is_only_shown(self, page: Any) -> None:
        page.locator("summary").first.click()
        assert HOSTILE in page.locator("details").first.inner_text()
        assert page.evaluate("window.pwned") is None

    def test_paper_shows_every_case_opened(self, page: Any) -> None:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details[open]").count() == 3
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details[open]").count() == 0

    def test_it_fits_a_narrow_screen(self, page: Any) -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
