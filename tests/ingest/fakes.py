"""Hand-written fakes of the poller's ports: servers, brokers and memory as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kafka.errors import KafkaTimeoutError

from ingest.document import ParseAnswer, ParseRequest
from ingest.fetch import Request, Response
from ingest.memory import Share
from ingest.outcome import Failure
from ingest.parse import parse
from riftwatch.records import Record, decode
from riftwatch.topics import Topic


class FakeFetcher:
    """Answers with what it was given, by address; records what was asked."""

    def __init__(self, answers: dict[str, Response | Failure] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[Request] = []
        self.addresses: dict[str, str] = {}

    def address_of(self, url: str) -> str | None:
        return self.addresses.get(url)

    async def fetch(self, request: Request) -> Response | Failure:
        self.asked.append(request)
        answer = self.answers[request.url]
        if isinstance(answer, Response) and request.etag and request.etag == answer.etag:
            return replace(answer, status=304, body=b"")
        return answer


class InlineParser:
    """The real parser without its process."""

    async def parse(self, request: ParseRequest) -> ParseAnswer:
        return parse(request)


class FakeAck:
    """An acknowledgement that has come, or never will."""

    def __init__(self, error: BaseException | None) -> None:
        self._error = error

    def add_callback(self, done: Callable[[object], object]) -> None:
        if self._error is None:
            done(None)

    def add_errback(self, failed: Callable[[BaseException], object]) -> None:
        if self._error is not None:
            failed(self._error)


class FakeBroker:
    """A producer that keeps what is sent by topic; `refusing` names topics whose records are not taken."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes, int | None]] = []
        self.refusing: set[str] = set()

    def send(self, topic: str, *, value: bytes, key: bytes, partition: int | None) -> FakeAck:
        if topic in self.refusing:
            return FakeAck(KafkaTimeoutError())
        self.sent.append((topic, key.decode(), value, partition))
        return FakeAck(None)

    def records(self, topic: Topic) -> list[Record]:
        """Return what was taken of a topic, in order."""
        assert topic.record is not None
        return [decode(value, topic.record) for name, _, value, _ in self.sent if name == topic.name]


class FakeMemory:
    """A shared memory that says what a test wants."""

    def __init__(self, share: Share) -> None:
        self.share = share

    def look(self) -> Share:
        share, self.share = self.share, replace(self.share, news={})
        return share
