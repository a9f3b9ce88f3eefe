"""Takes the README's pictures: `make screenshots`, or python -m docs.screenshots [--keep FOLDER].

They show the bundled articles on a new library, in the Chromium that is on the PATH.
"""

import io
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from PIL import Image

import seeds
from evals.page import chromium, serving

FOLDER = Path(__file__).with_name("pictures")
COLOURS = 256  # of the palette; fewer lose the one red that there is
WHY = "Why wasn't Iran invited to the Paris talks?"
WIDE, PHONE = (1440, 900), (390, 780)


def front(page: Any) -> None:
    """Show the first screen."""


def answer(page: Any) -> None:
    """Show an answer with an article open at the quoted sentence."""
    ask(page, WHY)
    open_first(page)


def followup(page: Any) -> None:
    """Show a follow-up and what it was understood as."""
    ask(page, WHY)
    ask(page, "And Syria?")


def decline(page: Any) -> None:
    """Show what an answer looks like that the articles do not give."""
    ask(page, "Who won the football world cup?")


def articles(page: Any) -> None:
    """Show the list of articles."""
    page.locator(".masthead [data-do=articles]").click()
    page.locator("#listed li").first.wait_for()


def phone(page: Any) -> None:
    """Show an answer on a phone."""
    ask(page, "How much do the militants earn in a day?")


PICTURES: tuple[tuple[str, Callable[[Any], None], tuple[int, int], str], ...] = (
    ("front", front, WIDE, "light"),
    ("answer", answer, WIDE, "light"),
    ("followup", followup, WIDE, "light"),
    ("decline", decline, WIDE, "light"),
    ("articles", articles, WIDE, "light"),
    ("dark", answer, WIDE, "dark"),
    ("phone", phone, PHONE, "light"),
)


def ask(page: Any, question: str) -> None:
    """Ask and wait for the whole answer."""
    turns = page.locator(".turn .tools").count()
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    page.locator(".turn .tools").nth(turns).wait_for()


def open_first(page: Any) -> None:
    """Open the first citation's article."""
    page.locator(".sentence .marker").first.click()
    page.locator("#sheet mark.lit").first.wait_for()


def take(browser: Any, address: str, draw: Callable[[Any], None], size: tuple[int, int], scheme: str) -> bytes:
    """Return one picture as a small PNG."""
    width, height = size
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=1, reduced_motion="reduce"
    )
    page.goto(address)
    page.locator("html[data-ready]").wait_for()
    draw(page)
    page.evaluate("document.fonts.ready")
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    small = io.BytesIO()
    shot.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


@click.command()
@click.option("--keep", "folder", default=FOLDER, type=click.Path(path_type=Path), help="Where to put the pictures.")
def main(folder: Path) -> None:
    """Take every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as library, chromium() as browser:
        adding = [sys.executable, "-m", "ui.cli", "add", "--library", library, str(seeds.FOLDER)]
        subprocess.run(adding, check=True, stdout=subprocess.DEVNULL)
        with serving(Path(library)) as address:
            for name, draw, size, scheme in PICTURES:
                (folder / f"{name}.png").write_bytes(take(browser, address, draw, size, scheme))
                click.echo(f"{folder / name}.png")


if __name__ == "__main__":
    main()
