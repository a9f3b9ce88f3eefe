"""An HTTP server that speaks OpenAI's streaming protocol as it is told to, in a process of its own.

    python -m evals.scripted        # prints its port, serves until standard input closes

A script is a list of steps, stored under a model's name by PUT /scripts/NAME; whoever asks that model gets it.
GET /state says how many requests are open, and what was asked.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

from bot.llms import Model

Step = Sequence[
    Any
]  # ["say", text] ["wait", seconds] ["raw", text] ["status", code, headers] ["drop"] ["forever", text]


class Scripted:
    """The server, as seen from the process that started it."""

    def __init__(self, port: int) -> None:
        self.port = port

    @property
    def address(self) -> str:
        """Return what to put before `#MODEL`."""
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, model: str, steps: Sequence[Step]) -> str:
        """Let `model` do `steps`; return the name to ask it by."""
        self._call("PUT", f"/scripts/{model}", json.dumps(steps))
        return f"{self.address}#{model}"

    def say(self, model: str, text: str, *, size: int = 8) -> str:
        """Let `model` reply with `text` in pieces of `size` characters; return the name to ask it by."""
        return self.script(model, [["say", text[at : at + size]] for at in range(0, len(text), size)])

    def state(self) -> dict[str, Any]:
        """Return `open` requests, the bodies of all `asked`, and when the last first token was sent."""
        found: dict[str, Any] = json.loads(self._call("GET", "/state"))
        return found

    def settled(self, *, within: float = 5.0) -> bool:
        """Tell whether no request is open any more, waiting a moment for the server to notice."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            if self.state()["open"] == 0:
                return True
            time.sleep(0.02)
        return False

    def _call(self, method: str, path: str, body: str | None = None) -> str:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body)
            return connection.getresponse().read().decode()
        finally:
            connection.close()


@contextmanager
def scripted() -> Iterator[Scripted]:
    """Start the server in a child process, and end it afterwards."""
    top = Path(__file__).parent.parent
    child = subprocess.Popen(
        [sys.executable, "-m", "evals.scripted"], cwd=top, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout and child.stdin
    try:
        yield Scripted(int(child.stdout.readline()))
    finally:
        child.stdin.close()
        child.stdout.close()
        child.wait(10)


@dataclass(slots=True)
class Reciting:
    """What a scripted model in this process will say."""

    reply: str = ""


def reciting(held: Reciting, *, size: int = 40) -> Model:
    """Return a model that says `held.reply`, through LlamaIndex's interface and without a server."""
    from llama_index.core.llms import ChatMessage, ChatResponse, MockLLM

    class Reciter(MockLLM):
        async def astream_chat(self, messages: Any, **kwargs: Any) -> Any:
            async def pieces() -> Any:
                for at in range(0, len(held.reply), size):
                    piece = held.reply[at : at + size]
                    yield ChatResponse(message=ChatMessage(role="assistant", content=piece), delta=piece)

            return pieces()

    return Model("scripted", lambda: Reciter(max_tokens=None))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    scripts: ClassVar[dict[str, list[Step]]] = {}
    asked: ClassVar[list[Mapping[str, Any]]] = []
    running: ClassVar[set[int]] = set()
    first_token: ClassVar[float] = 0.0

    def do_PUT(self) -> None:
        self.scripts[unquote(self.path.rpartition("/")[2])] = json.loads(self._body())
        self._reply({})

    def do_GET(self) -> None:
        if self.path == "/state":
            self._reply({"open": len(self.running), "asked": self.asked, "first_token": _Handler.first_token})
        elif self.path.endswith("/models"):
            self._reply({"object": "list", "data": [{"id": name, "object": "model"} for name in self.scripts]})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = json.loads(self._body())
        self.asked.append({"path": self.path, "key": self.headers.get("Authorization", ""), **body})
        me = threading.get_ident()
        self.running.add(me)
        self._begun, self.close_connection = False, False
        try:
            steps = self.scripts.get(body.get("model", ""), [["status", 404, {}]])
            if all(self._do(step, body["model"]) for step in steps):
                self._end()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            self.running.discard(me)

    def _do(self, step: Step, model: str) -> bool:
        """Do one step; tell whether to go on."""
        match step:
            case ["say", text]:
                self._send(model, text)
            case ["raw", text]:
                self._chunk(text)
            case ["wait", seconds]:
                return self._wait(seconds)
            case ["forever", text]:
                while not self._gone(0.002):
                    self._send(model, text)
                return False
            case ["status", code, headers]:
                self._reply({"error": {"message": "as scripted", "code": code}}, code, headers)
                return False
            case ["drop"]:
                self.close_connection = True
                self.connection.shutdown(2)
                return False
        return True

    def _wait(self, seconds: float) -> bool:
        return not self._gone(seconds)

    def _gone(self, seconds: float) -> bool:
        """Wait, and tell whether whoever asked has hung up meanwhile."""
        readable, _, _ = select.select([self.connection], [], [], seconds)
        self.close_connection = bool(readable)
        return bool(readable)

    def _send(self, model: str, text: str) -> None:
        if text and not self._begun:
            _Handler.first_token = time.time()
        delta = {"role": "assistant", "content": text}
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
        }
        self._chunk(f"data: {json.dumps(chunk)}\n\n")

    def _chunk(self, text: str) -> None:
        if not self._begun:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._begun = True
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _end(self) -> None:
        self._chunk("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _reply(self, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, held in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, held)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of those who hang up, which is what they are here for."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def main() -> None:
    """Serve until standard input closes."""
    server = _Server(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
