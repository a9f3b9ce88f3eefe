"""The page: a question box, a conversation, and the articles beside it; Gradio is met only here."""

import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

import gradio as gr
from markupsafe import Markup
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.answer import Answer
from index.errors import BylineError
from index.library import Entry
from ui.render import DECLINE, render_answer, render_articles, render_notice, render_shelf

# Four answers may be in the making at a time; Gradio's own default is one.
SHARED: dict[str, Any] = {"concurrency_limit": 4, "concurrency_id": "ask"}
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

# The browser itself then refuses other hosts. Gradio compiles its templates, hence 'unsafe-eval'.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; form-action 'self'"
)
ICON = (
    '<link rel="icon" href="data:image/svg+xml,'
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='5' "
    "fill='%23932419'/%3E%3Cpath d='M8 10h16M8 16h16M8 22h9' stroke='white' stroke-width='3'/%3E%3C/svg%3E\">"
)
MASTHEAD = (
    '<header class="masthead"><h1>Byline</h1><p>Ask the articles. Every quotation is theirs, word for word; '
    "its number opens the article that it stands in.</p></header>"
)

CONVERSATION = '<div role="log" aria-label="Conversation">${value}</div>'
ARTICLES = '<span id="closed"></span>${value}'  # where the address points when no article is open


class Answering(Protocol):
    """What the page needs of `bot.chat.Bot`."""

    def ask(self, question: str, history: Sequence[tuple[str, str]] = ()) -> Answer:
        """Answer one question."""

    def stream(self, question: str, history: Sequence[tuple[str, str]] = ()) -> Iterable[Answer]:
        """Yield the answer as it grows; the last one is final."""


class Shelving(Protocol):
    """What the page needs of `index.library.Library`."""

    def entries(self) -> Sequence[Entry]:
        """Return one entry an article."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation, and what has come of it so far."""

    question: str
    answer: Answer | None = None
    problem: str | None = None


def build(
    bot: Answering,
    *,
    library: Shelving,
    examples: Sequence[str] = (),
    to_json: Callable[[Answer], dict[str, Any]] | None = None,
) -> gr.Blocks:
    """Lay out the page and wire it to `bot`; with `to_json`, programs may call `/ask` too."""
    blocks = gr.Blocks(analytics_enabled=False, title="Byline", fill_width=True)
    with blocks:
        turns = gr.State(())
        _html(MASTHEAD, "masthead")
        conversation = _html("", "conversation", CONVERSATION, _read("page.js"))
        with gr.Column(elem_id="asking"):
            box = _question_box()
            buttons = [gr.Button(example, elem_classes="example") for example in examples]
        afresh = gr.Button("New conversation", elem_id="afresh")
        articles = _html("", "articles", ARTICLES)
        shelf = _html("", "shelf")
        blocks.load(lambda: str(render_shelf(library.entries())), None, shelf, **QUIET)
        running = _wire_questions(bot, turns, conversation, articles, box, buttons)
        afresh.click(lambda: ((), "", ""), None, [turns, conversation, articles], cancels=running, **QUIET)
        if to_json is not None:
            _offer(bot, to_json)
    return blocks


def launch(
    blocks: gr.Blocks,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    open_browser: bool = True,
    wait: bool = True,
) -> str:
    """Serve the page and return its address: after Ctrl-C, or at once where `wait` is false.

    Raises BylineError when nothing can listen on the port.
    """
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        reason = error.strerror or error
        raise BylineError(f"Cannot listen on port {port} of {host} ({reason}): choose another port.") from error
    _, address, _ = blocks.launch(
        server_name=host,
        server_port=port,
        inbrowser=open_browser,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        footer_links=[],
        max_file_size=1,  # byte; the page takes no files, and Gradio would take them of any size
        theme=_theme(),
        head=f"{ICON}<style>{_read('page.css')}</style>",
        app_kwargs={"middleware": [Middleware(_OnlyThisHost)]},
    )
    if wait:
        print(f"Byline is open at {address} (Ctrl-C closes it).", flush=True)
        blocks.block_thread()
    return address


def _wire_questions(
    bot: Answering,
    turns: gr.State,
    conversation: gr.HTML,
    articles: gr.HTML,
    box: gr.Textbox,
    buttons: Sequence[gr.Button],
) -> list[dict[str, Any]]:
    """Let the box and the buttons ask; return the events, for whoever must stop them."""

    def answer(question: str, before: tuple[Turn, ...]) -> Iterator[dict[Any, Any]]:
        also = {box: ""}  # once: from then on the box belongs to whoever types the next question
        for now in _take_turn(bot, question, before):
            yield {turns: now, conversation: _conversation(now), articles: _articles(now), **also}
            also = {}

    outputs = [turns, conversation, articles, box]
    asks = [(box.submit, box), *((button.click, button) for button in buttons)]
    return [ask(answer, [asked, turns], outputs, **SHARED, **QUIET) for ask, asked in asks]


def _take_turn(bot: Answering, question: str, before: Iterable[Turn]) -> Iterator[tuple[Turn, ...]]:
    """Yield the conversation as it grows by one turn; turns that came to nothing leave it."""
    answered = [(turn, turn.answer) for turn in before if turn.answer]
    kept = tuple(turn for turn, _ in answered)
    yield (*kept, Turn(question))
    try:
        for answer in bot.stream(question, [(turn.question, _said(answer)) for turn, answer in answered]):
            yield (*kept, Turn(question, answer))
    except BylineError as error:
        yield (*kept, Turn(question, problem=str(error)))


def _said(answer: Answer) -> str:
    return " ".join(sentence.text for sentence in answer.sentences) or DECLINE


def _conversation(turns: Sequence[Turn]) -> str:
    return str(Markup().join(_turn(turn, number) for number, turn in enumerate(turns, 1)))


def _turn(turn: Turn, number: int) -> Markup:
    if turn.answer:
        return render_answer(turn.answer, turn=number)
    if turn.problem:
        return render_notice(turn.question, turn.problem, turn=number, wrong=True)
    return render_notice(turn.question, "Reading the articles …", turn=number)


def _articles(turns: Sequence[Turn]) -> str:
    answers = ((turn.answer, number) for number, turn in enumerate(turns, 1))
    return str(Markup().join(render_articles(answer, turn=number) for answer, number in answers if answer))


def _offer(bot: Answering, to_json: Callable[[Answer], dict[str, Any]]) -> None:
    def ask(question: str) -> dict[str, Any]:
        """Answer one question, with the exact characters that each sentence quotes."""
        try:
            return to_json(bot.ask(question))
        except BylineError as error:
            raise gr.Error(str(error), print_exception=False) from error

    gr.events.api(ask, api_name="ask", **SHARED)


def _html(value: str, name: str, template: str = "${value}", script: str | None = None) -> gr.HTML:
    # `${value}` alone is safe in a template of Gradio's: `{{value}}` would run a "${…}" of an article.
    return gr.HTML(value, elem_id=name, html_template=template, js_on_load=script, apply_default_css=False)


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        show_label=False,
        container=False,
        placeholder="Ask a question",
        max_lines=5,
        autofocus=True,
        submit_btn="Ask",
        elem_id="question",
    )


def _theme() -> gr.themes.Base:
    """Return a theme of the system's own fonts and the paper's colours, so that the first paint is right."""
    theme = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    return theme.set(
        body_background_fill="#fbfaf7",
        body_background_fill_dark="#171613",
        body_text_color="#1c1b19",
        body_text_color_dark="#e9e5dc",
    )


def _read(name: str) -> str:
    return files("ui").joinpath(name).read_text(encoding="utf-8")


class _OnlyThisHost:
    """Stamp every response with the policy that keeps the page to its own host."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = POLICY
            await send(message)

        await self.app(scope, receive, stamped)
