"""Roles and users of a secured Elasticsearch, and the health check."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from elasticsearch import Elasticsearch

from deploy import accounts
from deploy.alive import alive
from riftwatch.errors import ConfigError
from riftwatch.settings import ROOT

SECRET = {
    "SINK_PASSWORD": "sink-secret-1",
    "READER_PASSWORD": "reader-secret",
    "KIBANA_PASSWORD": "kibana-secret",
}


class Security(BaseHTTPRequestHandler):
    """Answers as Elasticsearch's security API does, and remembers what it was asked."""

    asked: list[tuple[str, str]] = []

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.asked.append((self.path, body))
        self.send_response(200)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=9")
        self.end_headers()
        self.wfile.write(b'{"created":true}')

    do_POST = do_PUT

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server():
    Security.asked = []
    server = HTTPServer(("127.0.0.1", 0), Security)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_roles_users_and_kibanas_password_are_set(server) -> None:
    with Elasticsearch(server) as client:
        accounts.apply(client, SECRET)
    paths = [path for path, _ in Security.asked]
    assert paths == [
        "/_security/role/riftwatch_sink", "/_security/role/riftwatch_reader",
        "/_security/user/riftwatch_sink", "/_security/user/riftwatch_reader",
        "/_security/user/kibana_system/_password",
    ]  # fmt: skip
    bodies = dict(Security.asked)
    assert "sink-secret-1" in bodies["/_security/user/riftwatch_sink"]
    assert '"riftwatch_reader"' in bodies["/_security/user/riftwatch_reader"]
    assert "create_index" not in bodies["/_security/role/riftwatch_reader"]


@pytest.mark.parametrize("value", ["", "short"])
def test_a_missing_or_short_password_is_named_and_not_shown(value) -> None:
    with pytest.raises(ConfigError, match="READER_PASSWORD is missing or shorter"):
        accounts.passwords(SECRET | {"READER_PASSWORD": value})


def test_an_elasticsearch_that_is_not_there_is_one_sentence(monkeypatch, capsys) -> None:
    for name, value in SECRET.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RIFTWATCH_STORE", "http://elastic:my-own-secret@127.0.0.1:1")
    with pytest.raises(SystemExit) as left:
        accounts.main()
    said = capsys.readouterr().err
    assert left.value.code == 2
    assert said.startswith("riftwatch: accounts were not made: ")
    assert "secret" not in said


def test_alive_tells_why_not(server) -> None:
    assert "501" in alive(server)  # it knows no GET
    assert "refused" in alive("http://127.0.0.1:1/metrics")
    assert alive("nonsense").startswith("nonsense: ")


def test_a_proxy_of_the_machine_does_not_come_between(server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert "501" in alive(server)


def test_the_health_check_ends_as_docker_reads_it(server) -> None:
    def code(url: str) -> int:
        command = [sys.executable, "-m", "deploy.alive", url]
        return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=30).returncode

    Security.do_GET = Security.do_PUT
    assert code(server) == 0
    del Security.do_GET
    assert code(server) == 1
