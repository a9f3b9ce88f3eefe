"""What stands before every request: the page's own files, the policy of its answers, and whose requests are refused."""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FILES = "/byline/"
PAGE = Path(__file__).with_name("page")

# The browser itself then refuses other hosts. Gradio compiles its templates, hence 'unsafe-eval'.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; form-action 'self'; base-uri 'self'; "
    "frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # an address of ours names a conversation
}
_LOCAL = frozenset(["127.0.0.1", "localhost", "[::1]"])


class Gate:
    """Let the page's own requests through, and nobody else's page's."""

    def __init__(self, app: ASGIApp, *, local: bool) -> None:
        """Stand before `app`; where it is `local`, only names of this machine lead to it."""
        self._app = app
        self._local = local
        self._files = StaticFiles(directory=PAGE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or pass on one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if reason := self._refusal(scope):
            await PlainTextResponse(reason, status_code=403)(scope, receive, stamped)
        elif scope["path"].startswith(FILES):
            inside = {**scope, "path": scope["path"].removeprefix(FILES[:-1]), "root_path": ""}
            await self._files(inside, receive, stamped)
        else:
            await self._app(scope, receive, stamped)

    def _refusal(self, scope: Scope) -> str:
        """Say why a request is refused: another site's page sent it, or led a name of its own to this machine."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._local and host.rsplit(":", 1)[0] not in _LOCAL:
            return f"This page is for this machine only; it is not {host}."
        origin = headers.get("origin")
        if scope["method"] not in ("GET", "HEAD") and origin and origin.partition("://")[2] != host:
            return "This request came from another site's page."
        return ""
