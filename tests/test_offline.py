"""The main job with the network cut: add articles and ask about them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import seeds

TOP = Path(__file__).parent.parent
# Every way out of the process is refused; what a name service or a download would need goes through these.
CUT = """
import socket, sys
def refuse(*args, **kwargs):
    raise AssertionError(f"the network was used: {args}")
for name in ("connect", "connect_ex", "sendto", "sendmsg"):
    setattr(socket.socket, name, refuse)
socket.getaddrinfo = socket.create_connection = socket.gethostbyname = refuse
from ui.cli import main
sys.argv[0] = "byline"
main()
"""


def byline(*arguments: str, library: Path) -> str:
    command = [sys.executable, "-c", CUT, *arguments, "--library", str(library)]
    if _can_unshare():
        command = ["unshare", "--net", "--map-root-user", *command]
    environment = {**os.environ, "HOME": str(library.parent), "XDG_CACHE_HOME": str(library.parent / "cache")}
    done = subprocess.run(command, cwd=TOP, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _can_unshare() -> bool:
    """Tell whether this machine can give a child process a network of its own without a way out."""
    try:
        return subprocess.run(["unshare", "--net", "--map-root-user", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def test_add_and_ask_without_a_network(tmp_path: Path) -> None:
    library = tmp_path / "library"
    byline("add", str(seeds.FOLDER), library=library)
    answer = json.loads(byline("ask", "--json", "why wasn't Iran invited", library=library))
    assert not answer["declined"]
    assert "Iran" in answer["citations"][0]["text"]
