from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.children import Children
from commands.ports import free_port
from commands.testbed.bed import Leaving
from commands.testbed.running import Running, born
from commands.testbed.server import Kind, Launch, Say, Server, answers
from riftwatch.errors import UserError
from tests.fakes import FakeStarter

# A stand-in for an engine: red for the first answers, then yellow.
SLOW = """
import http.server, sys
left = [2]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        left[0] -= 1
        body = b'{"status": "%s"}' % (b"red" if left[0] > 0 else b"yellow")
        self.send_response(200); self.send_header("content-length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
BROKEN = "print('INFO all is well'); print('ERROR the index is older than I am'); print('bye'); raise SystemExit(1)"


def _kind(code: str) -> Kind:
    def prepare(folder: Path, ports: tuple[int, int], _: Say) -> Launch:
        return Launch([sys.executable, "-c", code, str(ports[0])], {"PYTHONUNBUFFERED": "1"})

    return Kind("fake", "Fake engine", 1, prepare)


def _server(tmp_path: Path, code: str, starter: Children | Leaving | FakeStarter) -> Server:
    (tmp_path / "fake").mkdir(exist_ok=True)
    return Server(_kind(code), tmp_path, starter, print, ports=(free_port(), free_port()))


@pytest.fixture
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.close()


def test_it_is_ready_when_its_cluster_is_and_starts_again_where_it_was(
    tmp_path: Path, children: Children
) -> None:
    server = _server(tmp_path, SLOW, children)
    address = server.start()
    assert answers(address)
    server.stop()
    assert not server.alive()
    assert not answers(address)
    assert server.start() == address
    server.stop()


def test_one_that_ends_by_itself_says_why_in_one_sentence(tmp_path: Path, children: Children) -> None:
    server = _server(tmp_path, BROKEN, children)
    with pytest.raises(UserError, match=r"ended by itself \(ERROR the index is older.*fake\.log") as caught:
        server.start()
    assert "\n" not in str(caught.value)


def test_one_that_never_answers_is_given_up_with_the_place_of_its_log(
    tmp_path: Path, children: Children
) -> None:
    server = _server(tmp_path, "import time; time.sleep(60)", children)
    server.launch()
    with pytest.raises(UserError, match=r"did not answer within 0 s; see .*fake\.log"):
        server.wait(0.2)
    server.stop()


def test_what_cannot_be_started_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Fake engine cannot run in"):
        _server(tmp_path, "", FakeStarter()).start()


def test_an_engine_of_an_earlier_command_is_waited_for_as_ones_own(tmp_path: Path) -> None:
    first = _server(tmp_path, SLOW, Leaving())
    pid = first.launch().pid
    again = _server(tmp_path, SLOW, FakeStarter())
    again.ports = first.ports
    again.adopted = Running("fake", pid, born(pid), first.address, str(first.log))
    again.wait(30)
    first.stop()
    with pytest.raises(UserError, match="ended by itself"):
        again.wait(5)


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]", b"SSH-2.0-no\r\n", b""])
def test_something_else_on_the_port_is_no_engine(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(5)
        port = other.getsockname()[1]
        import threading

        def speak() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(said)

        speaker = threading.Thread(target=speak)
        speaker.start()
        assert not answers(f"http://127.0.0.1:{port}")
        speaker.join()


def test_the_variable_is_made_of_the_name() -> None:
    assert _kind("").variable == "RIFTWATCH_FAKE"
