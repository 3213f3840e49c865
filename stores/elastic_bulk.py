"""Writes many documents to Elasticsearch in bulks of bounded size, and says what became of each.

    documents ─▶ newest of each id ─▶ chunks ─▶ _bulk ─▶ an outcome per document
                                         ▲        │ too large: its halves; one alone: its shorter form
                                         └────────┘

Each document has a deterministic id and an external version, so sending one again has no further effect: a
lost answer is harmless. Never waits: what the server could not take now is left to the caller (Unfinished).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from riftwatch import log, metrics
from stores.base import Outcome, Unfinished, Written
from stores.elastic_answers import STALE, UNWELL, Answer, TooLarge, Unwell, of_failure, of_item

if TYPE_CHECKING:
    from stores.elastic_documents import Document

MAX_CHUNK = 500  # documents: of 50, 500 and 2,000 the quickest
MAX_CHUNK_BYTES = 8 << 20  # far below http.max_content_length (100 MB), and quick enough for one timeout
TIMEOUT_S = 30.0
ANSWER = (
    "items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store"  # the rest is not read
)

logger = log.get(__name__)

Shorten = Callable[
    [int], "Document | None"
]  # the place of a document that is too large -> a shorter form of it
Answers = list[Answer | None]  # None: not known yet


def write(
    client: Elasticsearch,
    documents: Sequence[Document],
    *,
    shorten: Shorten = lambda _: None,
    refresh: str = "false",
) -> list[Written]:
    """Write every document; return what became of each, in order.

    Of several versions of one document only the newest is sent, the last of equal ones; the others are stale
    once it is written. Raises Unfinished when some could not be written now, AccessError when none ever will.
    `refresh` "wait_for" returns when all is searchable.
    """
    work = _Work(client, documents, shorten, refresh)
    rivals = _by_id(documents)
    while rivals:
        work.send([group[-1] for group in rivals])
        rivals = [rest for group in rivals if (rest := _settle(group, work.answers))]
    return _finished(work.answers)


def _by_id(documents: Sequence[Document]) -> list[list[int]]:
    """Group the places of equal ids, the one that counts last."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place, document in enumerate(documents):
        groups.setdefault((document.index, document.id), []).append(place)
    for group in groups.values():
        group.sort(key=lambda place: documents[place].version)  # stable: the last of equal ones counts
    return list(groups.values())


def _settle(group: list[int], answers: Answers) -> list[int]:
    """Note what the answer to the one that counts means for the others; return those to send instead of it."""
    *others, counts = group
    answer = answers[counts]
    if isinstance(answer, Written) and answer.outcome is Outcome.REJECTED:
        return others
    for place in others:
        answers[place] = answer if isinstance(answer, Unwell) else STALE
    return []


def _finished(answers: Answers) -> list[Written]:
    unwell = [answer for answer in answers if isinstance(answer, Unwell)]
    settled = [answer if isinstance(answer, Written) else None for answer in answers]
    if unwell:
        raise Unfinished(unwell[0].message, unwell[0].reason, settled)
    return [answer for answer in settled if answer is not None]


@dataclass(frozen=True, slots=True)
class _Line:
    """A document as it goes on the wire, and its place among the answers."""

    place: int
    document: Document
    head: bytes

    @property
    def size(self) -> int:
        return len(self.head) + len(self.document.source) + 2


def _line(place: int, document: Document) -> _Line:
    head = {
        "_index": document.index, "_id": document.id, "version": document.version, "version_type": "external_gte",
    }  # fmt: skip
    return _Line(place, document, orjson.dumps({"index": head}))


def _chunks(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    chunk: list[_Line] = []
    size = 0
    for line in lines:
        if chunk and (len(chunk) == MAX_CHUNK or size + line.size > MAX_CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(line)
        size += line.size
    if chunk:
        yield chunk


class _Work:
    """The requests of one `write`, and the answers as they come in."""

    def __init__(
        self, client: Elasticsearch, documents: Sequence[Document], shorten: Shorten, refresh: str
    ) -> None:
        self._client = client.options(request_timeout=TIMEOUT_S, max_retries=0, retry_on_timeout=False)
        self._documents = documents
        self._shorten = shorten
        self._refresh = refresh
        self.answers: Answers = [None] * len(documents)

    def send(self, places: Sequence[int]) -> None:
        """Send some of the documents in chunks; once a whole request has failed the others are not tried."""
        for chunk in _chunks(_line(place, self._documents[place]) for place in places):
            unwell = self._deliver(chunk)
            if unwell is not None:
                for place in places:
                    self.answers[place] = self.answers[place] or unwell
                return

    def _deliver(self, chunk: Sequence[_Line]) -> Unwell | None:
        """Send one request and note its answers; return why, when it failed as a whole."""
        body = [part for line in chunk for part in (line.head, line.document.source)]
        try:
            answer = self._client.bulk(operations=body, filter_path=ANSWER, refresh=self._refresh)  # type: ignore[arg-type]  # bytes go as they are
        except (ApiError, TransportError) as error:
            failure = of_failure(error)
            return failure if isinstance(failure, Unwell) else self._halve(chunk, failure)
        items = answer.get("items", ())
        if len(items) != len(chunk):
            return Unwell(UNWELL, f"Elasticsearch answered for {len(items)} of {len(chunk)} documents")
        for line, item in zip(chunk, items, strict=True):
            self.answers[line.place] = of_item(item["index"], line.document.index)
        return None

    def _halve(self, chunk: Sequence[_Line], refused: TooLarge) -> Unwell | None:
        if len(chunk) == 1:
            return self._cut(chunk[0], refused)
        metrics.STORE_SPLITS.labels("halved").inc()
        middle = len(chunk) // 2
        return self._deliver(chunk[:middle]) or self._deliver(chunk[middle:])

    def _cut(self, line: _Line, refused: TooLarge) -> Unwell | None:
        shorter = self._shorten(line.place)
        if shorter is None or len(shorter.source) >= len(line.document.source):
            self.answers[line.place] = Written(Outcome.REJECTED, refused.message)
            return None
        metrics.STORE_SPLITS.labels("cut").inc()
        logger.warning("document cut", status="cut", id=shorter.id, error=refused.message)
        return self._deliver([_line(line.place, shorter)])
