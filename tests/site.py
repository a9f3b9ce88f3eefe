"""A site on loopback that does what sites do: well, badly and with malice."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STORY = "<p>The council of Norbury voted on Monday to widen its quay.</p><p>Work begins in March, said the clerk.</p>"


def page(title: str = "Quay", head: str = "", body: str = STORY) -> bytes:
    top = f"<title>{title}</title>{head}"
    return f"<!doctype html><html><head>{top}</head><body><article>{body}</article></body></html>".encode()


class Site:
    """What it answers, by path: (status, headers, body); a callable writes the answer itself. It remembers requests."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.address = ""

    def serve(
        self, path: str, body: bytes, *, kind: str = "text/html; charset=utf-8", status: int = 200, **told: str
    ) -> None:
        self.answers[path] = (status, {"Content-Type": kind, **{n.replace("_", "-"): v for n, v in told.items()}}, body)

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.answers[path] = (status, {"Location": to}, b"")

    def paths(self) -> list[str]:
        return [path for path, _ in self.requests if path != "/robots.txt"]


@contextmanager
def running() -> Iterator[Site]:
    """Run a site until the end of the context."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            answer = site.answers.get(self.path, (404, {}, b"not here"))
            if callable(answer):
                answer(self)
                return
            assert isinstance(answer, tuple)
            status, told, body = answer
            etag = told.get("ETag")
            if etag and self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
            self.send_response(status)
            for name, value in told.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Clients that hang up are what is tested."""

    server = Quiet(("127.0.0.1", 0), Handler)
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Answer a byte at a time for as long as somebody listens."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    for _ in range(400):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Answer without an end."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    while True:
        handler.wfile.write(b"<p>word</p>" * 10_000)


BOMB = gzip.compress(b"<p>word</p>" * 4_000_000)
