"""Local stand-ins for an Elasticsearch that is unwell: one that answers what it is told, one that loses answers.

They speak HTTP, so that the real client stands before them. What they hold is in `documents`.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]  # Any: JSON
Bulk = list[tuple[Json, Json]]  # (what "index" names, source)
HEADERS = {
    "X-Elastic-Product": "Elasticsearch",
    "Content-Type": "application/vnd.elasticsearch+json;compatible-with=9",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says: a status with a body, or nothing at all (status 0: the connection is closed)."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))


def said(status: int, kind: str = "", reason: str = "said so") -> Answer:
    """An error about a whole request, in Elasticsearch's words."""
    return Answer(status, json.dumps({"error": {"type": kind, "reason": reason}, "status": status}).encode())


def item(status: int, kind: str = "", reason: str = "said so", **more: object) -> Json:
    """One item of a bulk response."""
    error = {"error": {"type": kind, "reason": reason}} if kind else {}
    return {"index": {"status": status, **error, **more}}


def items(*found: Json) -> Answer:
    """A bulk response."""
    return Answer(200, json.dumps({"items": found}).encode())


LOST = Answer(0)  # the request arrived; the answer never does


class ScriptedElastic:
    """Answers each bulk with the next line of its script, and once that is over takes everything.

    A line is an Answer, or a function of the bulk; None lets the bulk through. Versions count as in Elasticsearch.
    """

    def __init__(self, *script: Answer | Callable[[Bulk], Answer | None] | None) -> None:
        self.script = deque(script)
        self.bulks: list[Bulk] = []
        self.documents: dict[str, Json] = {}
        self.versions: dict[str, int] = {}
        self.writes = 0
        self.url = ""

    def ids(self) -> list[list[str]]:
        """The ids of each bulk that came."""
        return [[head["_id"] for head, _ in bulk] for bulk in self.bulks]

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer one request."""
        if not path.startswith("/_bulk"):
            return said(404, "no_handler", f"{method} {path}")
        lines = [json.loads(line) for line in body.splitlines()]
        bulk: Bulk = [(head["index"], source) for head, source in zip(lines[::2], lines[1::2], strict=True)]
        self.bulks.append(bulk)
        line = self.script.popleft() if self.script else None
        given = line(bulk) if callable(line) else line
        if given is None or given is LOST:
            stored = items(*[self._store(head, source) for head, source in bulk])
            return given or stored
        return given

    def _store(self, head: Json, source: Json) -> Json:
        if self.versions.get(head["_id"], -1) > head["version"]:
            return item(409, "version_conflict_engine_exception")
        self.documents[head["_id"]] = source
        self.versions[head["_id"]] = head["version"]
        self.writes += 1
        return item(201)


class LossyProxy:
    """Stands before a real engine and, `losing` times, closes the connection after the engine has answered.

    While `hold` is set it does so with every bulk, and keeps the client waiting for it.
    """

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.losing = 0
        self.hold = threading.Event()
        self.down = False  # closes every connection at once
        self.instead: Answer | None = None  # what it says to a bulk without passing it on
        self.lost: list[bytes] = []  # what the engine said, and nobody heard
        self.url = ""

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Pass a request on."""
        if self.down:
            return LOST
        if self.instead and path.startswith("/_bulk"):
            return self.instead
        kind = (
            "application/vnd.elasticsearch+x-ndjson" if path.startswith("/_bulk") else HEADERS["Content-Type"]
        )
        request = urllib.request.Request(
            self.engine + path, data=body or None, method=method,
            headers={"Content-Type": f"{kind.partition(';')[0]};compatible-with=9", "Accept": HEADERS["Content-Type"]},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=30) as found:
                answer = Answer(found.status, found.read())
        except urllib.error.HTTPError as error:
            with error:
                answer = Answer(error.code, error.read())
        if path.startswith("/_bulk") and (self.losing or self.hold.is_set()):
            self.losing = max(0, self.losing - 1)
            self.lost.append(answer.body)
            while self.hold.is_set():
                time.sleep(0.02)
            return LOST
        return answer


class RoutedElastic:
    """Answers each request by a word in its path, and remembers what it was asked."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.url = ""

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer one request by a word in its path."""
        self.asked.append(f"{method} {path}")
        return next(
            (answer for word, answer in self.answers.items() if word in path), said(404, "no_handler", path)
        )


@contextmanager
def serving(server: ScriptedElastic | LossyProxy | RoutedElastic) -> Iterator[str]:
    """Serve on a free port of loopback; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body in one packet: the second would wait for an acknowledgement

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = server.answer(self.command, self.path, body)
            if not answer.status:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        server.url = f"http://127.0.0.1:{listening.server_address[1]}"
        try:
            yield server.url
        finally:
            listening.shutdown()
            thread.join(5)
