"""Writes many documents to Elasticsearch in bulks of bounded size, and says what became of each.

    actions ─▶ newest of each id ─▶ chunks ─▶ _bulk ─▶ an outcome per action
                                       ▲        │ too large: halves; one alone: its shorter form
                                       └────────┘

Each document has a deterministic id and an external version, so sending one again has no further effect: a
lost answer is harmless. Never waits: what the server could not take now is left to the caller (Unfinished).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from riftwatch import log, metrics
from stores.base import Outcome, Unfinished, Written
from stores.elastic_answers import STALE, UNWELL, Answer, TooLarge, Unwell, of_failure, of_item

MAX_CHUNK = 500  # documents: of 50, 500 and 2,000 the quickest
MAX_CHUNK_BYTES = 8 << 20  # far below http.max_content_length (100 MB), and quick enough for one timeout
TIMEOUT_S = 30.0
ANSWER = (
    "items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store"  # the rest is not read
)

logger = log.get(__name__)

Source = Mapping[str, object]  # a part of it that is JSON already may be an orjson.Fragment


def _no_shorter() -> Source | None:
    return None


@dataclass(frozen=True, slots=True)
class Action:
    """One document to write, unless the index holds a newer version of it."""

    index: str
    id: str
    version: int
    source: Source
    shorter: Callable[[], Source | None] = _no_shorter  # for a server that finds `source` too large


@dataclass(frozen=True, slots=True)
class _Line:
    """An action as it goes on the wire, and its place among the answers."""

    place: int
    action: Action
    head: bytes
    source: bytes

    @property
    def size(self) -> int:
        return len(self.head) + len(self.source) + 2


Answers = list[Answer | None]  # None: not known yet


def write(client: Elasticsearch, actions: Sequence[Action]) -> list[Written]:
    """Write every action; return what became of each, in order.

    Of several versions of one document only the newest is sent, the last of equal ones; the others are stale
    once it is written. Raises Unfinished when some could not be written now, AccessError when none ever will.
    """
    answers: Answers = [None] * len(actions)
    rivals = _by_document(actions)
    while rivals:
        _send(client, actions, [group[-1] for group in rivals], answers)
        rivals = [rest for group in rivals if (rest := _settle(group, answers))]
    return _finished(answers)


def _by_document(actions: Sequence[Action]) -> list[list[int]]:
    """Group the places of equal documents, the one that counts last."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place, action in enumerate(actions):
        groups.setdefault((action.index, action.id), []).append(place)
    for group in groups.values():
        group.sort(key=lambda place: actions[place].version)  # stable: the last of equal ones counts
    return list(groups.values())


def _settle(group: list[int], answers: Answers) -> list[int]:
    """Note what the head's answer means for the others; return those to be sent instead of it."""
    *others, head = group
    answer = answers[head]
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


def _send(client: Elasticsearch, actions: Sequence[Action], places: Sequence[int], answers: Answers) -> None:
    """Send some of the actions in chunks; once a whole request has failed the others are not tried."""
    patient = client.options(request_timeout=TIMEOUT_S, max_retries=0, retry_on_timeout=False)
    for chunk in _chunks(_lines(actions, places, answers)):
        unwell = _deliver(patient, chunk, answers)
        if unwell is not None:
            for place in places:
                answers[place] = answers[place] or unwell
            return


def _lines(actions: Sequence[Action], places: Iterable[int], answers: Answers) -> Iterator[_Line]:
    for place in places:
        try:
            yield _line(place, actions[place])
        except TypeError as error:  # lone surrogates, whole numbers beyond 64 bits
            answers[place] = Written(Outcome.REJECTED, f"this is no JSON: {error}")


def _line(place: int, action: Action) -> _Line:
    head = {
        "_index": action.index, "_id": action.id, "version": action.version, "version_type": "external_gte",
    }  # fmt: skip
    return _Line(place, action, orjson.dumps({"index": head}), orjson.dumps(action.source))


def _chunks(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
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


def _deliver(client: Elasticsearch, chunk: Sequence[_Line], answers: Answers) -> Unwell | None:
    """Send one request and note the answers; return why, when it failed as a whole."""
    body = [part for line in chunk for part in (line.head, line.source)]
    try:
        answer = client.bulk(operations=body, filter_path=ANSWER)  # type: ignore[arg-type]  # bytes go as they are
    except (ApiError, TransportError) as error:
        failure = of_failure(error)
        return failure if isinstance(failure, Unwell) else _halve(client, chunk, failure, answers)
    items = answer.get("items", ())
    if len(items) != len(chunk):
        return Unwell(UNWELL, f"Elasticsearch answered for {len(items)} of {len(chunk)} documents")
    for line, item in zip(chunk, items, strict=True):
        answers[line.place] = of_item(item["index"], line.action.index)
    return None


def _halve(
    client: Elasticsearch, chunk: Sequence[_Line], refused: TooLarge, answers: Answers
) -> Unwell | None:
    if len(chunk) == 1:
        return _shorten(client, chunk[0], refused, answers)
    metrics.STORE_SPLITS.labels("halved").inc()
    middle = len(chunk) // 2
    return _deliver(client, chunk[:middle], answers) or _deliver(client, chunk[middle:], answers)


def _shorten(client: Elasticsearch, line: _Line, refused: TooLarge, answers: Answers) -> Unwell | None:
    source = line.action.shorter()
    if source is None:
        answers[line.place] = Written(Outcome.REJECTED, f"Elasticsearch does not take it ({refused.why})")
        return None
    metrics.STORE_SPLITS.labels("cut").inc()
    logger.warning("document cut", status="cut", id=line.action.id, bytes=len(line.source), why=refused.why)
    shorter = replace(line.action, source=source, shorter=_no_shorter)
    return _deliver(client, [_line(line.place, shorter)], answers)
