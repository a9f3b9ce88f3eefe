"""Benchmark of the page: how soon it is usable, how soon it quotes, and twenty people asking at once.

    python -m evals.page [--rounds 3] [--people 20] [--seconds 20] [--no-browser]

A server of its own is started on a new library of the bundled articles; the browser is Chromium on the PATH.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import click

import seeds
from evals.generated import QUESTIONS
from index.errors import BylineError

_FIRST_QUOTATION = """(question) => new Promise((said) => {
    const box = document.getElementById("question");
    const log = document.getElementById("conversation");
    const before = log.querySelectorAll(".turn").length;
    box.value = question;
    const began = performance.now();
    new MutationObserver((_, observer) => {
        const turn = log.querySelectorAll(".turn")[before];
        if (!turn?.querySelector(".sentence .marker, .decline")) return;
        observer.disconnect();
        requestAnimationFrame(() => said(performance.now() - began));
    }).observe(log, { childList: true, subtree: true });
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
})"""


@contextmanager
def serving(library: Path) -> Iterator[str]:
    """Run `byline chat` on `library` and yield its address as soon as it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "chat", "--library", str(library), "--no-browser", "--port", str(port)]
    address = f"http://127.0.0.1:{port}/"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not _answers(address):
            if process.poll() is not None:
                raise BylineError("`byline chat` ended before it served a page; run it by hand to see why.")
            time.sleep(0.02)
        yield address
    finally:
        process.terminate()
        process.wait(20)


class Person:
    """Somebody who asks through the same functions as the page."""

    def __init__(self, address: str) -> None:
        """Ask the server at `address`."""
        self._call = f"{address}gradio_api/component_server/"
        config = json.loads(_read(f"{address}config"))
        self._component = next(one["id"] for one in config["components"] if one["type"] == "html")

    def ask(self, question: str) -> float:
        """Return the seconds until the first quotation, or the decline; BylineError for an error."""
        began = time.perf_counter()
        told = self._told("ask", {"question": question})
        seen, first = 0, 0.0
        while True:
            news = self._told("follow", {"conversation": told["conversation"], "seen": seen})
            if not first and ('class="marker"' in news["html"] or 'class="decline"' in news["html"]):
                first = time.perf_counter() - began
            if news["done"]:
                if not first:
                    raise BylineError(f"No answer: {news['spoken']}")
                return first
            seen = news["version"]

    def _told(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        body = {"data": asked, "component_id": self._component, "fn_name": name, "session_hash": "benchmark"}
        told: dict[str, Any] = json.loads(_read(self._call, json.dumps(body).encode()))
        if "error" in told:
            raise BylineError(told["error"])
        return told


def crowd(address: str, *, people: int, seconds: float) -> tuple[list[float], list[str]]:
    """Let `people` ask once a second each for `seconds`; return the seconds to each first quotation, and errors."""
    times: list[float] = []
    errors: list[str] = []
    end = time.perf_counter() + seconds

    def sit(number: int) -> None:
        person = Person(address)
        time.sleep(number / people)
        while (now := time.perf_counter()) < end:
            try:
                times.append(person.ask(QUESTIONS[(number + len(times)) % len(QUESTIONS)]))
            except (BylineError, OSError) as error:
                errors.append(str(error))
            time.sleep(max(0.0, now + 1 - time.perf_counter()))

    threads = [threading.Thread(target=sit, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, errors


def summary(values: Sequence[float], unit: float = 1000) -> str:
    """Return median and 95th percentile, in milliseconds unless `unit` says otherwise."""
    high = quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
    return f"median {median(values) * unit:,.0f} ms, p95 {high * unit:,.0f} ms (n = {len(values)})"


def startup(library: Path, browser: Any) -> tuple[float, float]:
    """Return the seconds from the process's start to the first answer of the server, and to a usable page."""
    began = time.perf_counter()
    with serving(library) as address:
        served = time.perf_counter() - began
        if browser is None:
            return served, 0.0
        page = browser.new_page()
        page.goto(address)
        page.locator("html[data-ready]").wait_for()
        usable = time.perf_counter() - began
        page.close()
        return served, usable


def imports() -> float:
    """Return the seconds that the libraries which the page needs take to import, without our own code."""
    code = "import time; t = time.perf_counter(); import gradio, chromadb, onnxruntime, tantivy, sqlalchemy, tokenizers"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print(time.perf_counter() - t)"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"},
    )
    return float(done.stdout)


def quotations(address: str, browser: Any) -> list[float]:
    """Return the seconds from Enter to the first quotation on the screen, for each question, three times."""
    page = browser.new_page()
    page.goto(address)
    page.locator("html[data-ready]").wait_for()
    times = []
    for question in QUESTIONS * 3:
        times.append(page.evaluate(_FIRST_QUOTATION, question) / 1000)
        page.locator("#ask-button:visible").wait_for()
        page.wait_for_timeout(100)
    page.close()
    return times


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a headless Chromium; BylineError where there is none."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise BylineError("Chromium is not on the PATH; install it, or measure with --no-browser.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Starts to time.")
@click.option("--people", default=20, show_default=True, help="People asking once a second each.")
@click.option("--seconds", default=20.0, show_default=True, help="For how long they ask.")
@click.option("--browser/--no-browser", "with_browser", default=True, help="Measure in Chromium too.")
def main(rounds: int, people: int, seconds: float, with_browser: bool) -> None:
    """Print what the page takes, on this machine, now."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    click.echo(f"{os.cpu_count()} cores, load {load:.1f} before the start")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library"
        adding = [sys.executable, "-m", "ui.cli", "add", "--library", str(library), str(seeds.FOLDER)]
        subprocess.run(adding, check=True, stdout=subprocess.DEVNULL)
        if not with_browser:
            _measure(library, None, rounds=rounds, people=people, seconds=seconds)
            return
        with chromium() as browser:
            _measure(library, browser, rounds=rounds, people=people, seconds=seconds)


def _measure(library: Path, browser: Any, *, rounds: int, people: int, seconds: float) -> None:
    starts = [startup(library, browser) for _ in range(rounds)]
    others = min(imports() for _ in range(rounds))
    served = [served for served, _ in starts]
    click.echo(f"start to served page   median {median(served):.2f} s, of which libraries' imports {others:.2f} s")
    with serving(library) as address:
        if browser is not None:
            click.echo(f"start to usable page   median {median(usable for _, usable in starts):.2f} s")
            click.echo(f"Enter to quotation     {summary(quotations(address, browser))}")
        times, errors = crowd(address, people=people, seconds=seconds)
        click.echo(f"{people} people at once      {summary(times)}, {len(errors)} errors")
        for error in sorted(set(errors)):
            click.echo(f"  {error}")


def _answers(address: str) -> bool:
    try:
        _read(address)
    except OSError:
        return False
    return True


def _read(address: str, body: bytes | None = None) -> str:
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return str(response.read().decode())


if __name__ == "__main__":
    main()
