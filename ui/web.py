"""The page, served: Gradio carries it, and is met only here; what it shows is rendered elsewhere."""

import inspect
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware

import seeds
from bot.answer import as_json
from bot.chat import Bot
from bot.conversations import Conversations
from index.drafts import MAX_BINARY
from index.errors import BylineError
from index.limits import Limits, checked_limits
from index.stores import Stores
from ui.access import Access
from ui.adding import Adding
from ui.choosing import Choosing
from ui.desk import AT_ONCE, WAITING, Desk
from ui.gate import FILES, PAGE, Gate
from ui.managing import Managing
from ui.room import Answering, Room

if TYPE_CHECKING:
    from bot.llms import Model

HEAD = f"""
<link rel="icon" href="{FILES[1:]}icon.svg">
<link rel="preload" href="{FILES[1:]}fonts/newsreader.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="{FILES[1:]}page.css">
<script src="{FILES[1:]}theme.js"></script>
"""
# `js_on_load` runs once the skeleton is there; the rest is modules, which the browser caches.
START = (
    f"import(new URL('{FILES[1:]}page.js', document.baseURI).href)"
    ".then((page) => page.start({ element, server, upload }))"
)


@dataclass(slots=True)
class Page:
    """A page that is being served; `close` ends it."""

    address: str
    blocks: gr.Blocks
    closers: Sequence[Callable[[], None]]

    def close(self) -> None:
        """Stop serving, finish what is being written, and let go of the conversations."""
        self.blocks.close(verbose=False)
        for close in self.closers:
            close()


def serve(bot: Answering, stores: Stores, *, access: Access, port: int = 7860, open_browser: bool = True) -> None:
    """Serve the page until Ctrl-C; BylineError when nothing can listen on the port."""
    page = start(bot, stores, access=access, port=port, open_browser=open_browser)
    print(f"Byline is open at {page.address} (Ctrl-C closes it).", flush=True)
    try:
        page.blocks.block_thread()
    finally:
        page.close()


def start(
    bot: Answering,
    stores: Stores,
    *,
    access: Access | None = None,
    port: int = 7860,
    open_browser: bool = False,
    make: Callable[["Model | None"], Answering] | None = None,
) -> Page:
    """Start serving the page and return at once; BylineError when nothing can listen on the port.

    `make` makes the bot for a language model that is chosen on the page; without it, a `Bot`.
    """
    access = access or Access()
    _check_port(access.host, port)
    desk, adding, conversations = Desk(), Adding(stores), Conversations(stores.library)
    choosing = Choosing(bot, make or partial(_bot, stores), stores.library.folder, allowed=access.is_local)
    room = Room(choosing, stores.library, conversations, desk)
    managing = Managing(
        stores.library,
        adding,
        uploads=Path(get_upload_folder()),
        bundled=seeds.FOLDER,
        paths_allowed=access.is_local,
    )
    blocks = build(bot, [*room.functions(), *managing.functions(), *choosing.functions()])
    address = _launch(blocks, access, port=port, open_browser=open_browser)
    return Page(address, blocks, [desk.close, adding.close, conversations.close])


def _bot(stores: Stores, model: "Model | None") -> Bot:
    return Bot(stores, llm=model)


def build(bot: Answering, functions: Sequence[Callable[..., Any]]) -> gr.Blocks:
    """Lay out the page, hand it the functions that it may call, and offer `/ask` to programs."""
    blocks = gr.Blocks(analytics_enabled=False, title="Byline", fill_width=True)
    with blocks:
        gr.HTML(
            (PAGE / "page.html").read_text(encoding="utf-8"),
            elem_id="byline",
            html_template="${value}",
            js_on_load=START,
            server_functions=[_told(function) for function in functions],
            apply_default_css=False,
        )
        _offer(bot)
    return blocks


def _offer(bot: Answering) -> None:
    def ask(question: str, outlets: list[str] | None = None, since: str = "", until: str = "") -> dict[str, Any]:
        """Answer one question, with the exact characters that each sentence cites.

        outlets, since and until (days such as 2014-09-15) narrow it; the answer is what `byline ask --json` prints.
        """
        try:
            limits = checked_limits(Limits(tuple(outlets or ()), since or None, until or None))
            return as_json(bot.ask(question, limits=limits))
        except BylineError as error:
            raise gr.Error(str(error), print_exception=False) from error

    gr.events.api(ask, api_name="ask", concurrency_limit=AT_ONCE)


def _told(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what the page may call, so that an error that is meant for a person reaches one."""
    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def told_later(asked: dict[str, Any]) -> dict[str, Any]:
            try:
                return dict(await function(asked or {}))
            except BylineError as error:
                return {"error": str(error)}

        return told_later

    @wraps(function)
    def told(asked: dict[str, Any]) -> dict[str, Any]:
        try:
            return dict(function(asked or {}))
        except BylineError as error:
            return {"error": str(error)}

    return told


def _launch(blocks: gr.Blocks, access: Access, *, port: int, open_browser: bool) -> str:
    blocks.queue(default_concurrency_limit=AT_ONCE, max_size=WAITING)
    _, address, _ = blocks.launch(
        server_name=access.host,
        server_port=port,
        auth=(access.user, access.password) if access.user and access.password else None,
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
        max_file_size=MAX_BINARY,
        theme=_theme(),
        head=HEAD,
        app_kwargs={"middleware": [Middleware(Gate, local=access.is_local)]},
    )
    return str(address)


def _check_port(host: str, port: int) -> None:
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        reason = error.strerror or error
        raise BylineError(f"Cannot listen on port {port} of {host} ({reason}): choose another port.") from error


def _theme() -> gr.themes.Base:
    """Return a theme of the system's own fonts and the paper's colours, so that the first paint is right."""
    theme = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    return theme.set(
        body_background_fill="#fbfaf7",
        body_background_fill_dark="#161512",
        body_text_color="#1b1a18",
        body_text_color_dark="#e9e5dc",
    )
