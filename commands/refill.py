"""What a complete refill of topics and state would send: every record of a store, and the state that follows."""

from __future__ import annotations

from collections.abc import Iterator

from riftwatch import topics
from riftwatch.records import (
    Coverage,
    DeadLetter,
    Decision,
    Evidence,
    FeedState,
    Record,
    SeriesPoint,
    Shift,
    Story,
    encode,
)
from riftwatch.topics import Topic
from stores.base import Store

# topic, key, value, partition (None: the key's own)
Refill = tuple[Topic, str, bytes, int | None]
CHUNK = 500  # stories read at once for the signatures of their evidence
STATE = (topics.STORY_MEMORY, topics.CONTRIBUTIONS, topics.LEDGER)
REFILLED = (
    topics.STORIES, topics.EVIDENCE, topics.SERIES, topics.SHIFTS, topics.FEEDS, topics.COVERAGE, topics.DECISIONS,
    topics.DEAD_LETTERS, *STATE,
)  # fmt: skip


def refills(store: Store, partitions: int) -> Iterator[Refill]:
    """Yield every record that a complete refill would send, state last."""
    yield from _plain(store)
    yield from _state(store, partitions)


def _plain(store: Store) -> Iterator[Refill]:
    for story in store.everything(Story):
        yield _record(topics.STORIES, story.story_id, story)
    for evidence in store.everything(Evidence):
        yield _record(topics.EVIDENCE, f"{evidence.subject}|{evidence.story_id}", evidence)
    for point in store.everything(SeriesPoint):
        yield _record(topics.SERIES, f"{point.subject}|{point.bucket}", point)
    for shift in store.everything(Shift):
        yield _record(topics.SHIFTS, shift.shift_id, shift)
    for feed in store.everything(FeedState):
        yield _record(topics.FEEDS, feed.feed_id, feed)
    for heard in store.everything(Coverage):
        yield _record(topics.COVERAGE, f"{heard.hour:%Y-%m-%dT%H}|{heard.publisher}|", heard)
    for decision in sorted(store.everything(Decision), key=lambda one: one.decided_at):
        yield _record(topics.DECISIONS, decision.target, decision)
    for letter in store.everything(DeadLetter):
        yield _record(topics.DEAD_LETTERS, (letter.key or b"").decode("utf-8", "replace"), letter)


def _state(store: Store, partitions: int) -> Iterator[Refill]:
    import msgspec

    from processors.analyse import memory_of
    from processors.contributions import key_of
    from processors.refill import row_of
    from riftwatch.kafka import partition

    for story in store.everything(Story):
        yield topics.STORY_MEMORY, story.story_id, msgspec.json.encode(memory_of(story)), None
    for evidence, origin in _with_stories(store):
        key, home = (
            key_of(evidence.subject, evidence.story_id),
            partition(evidence.subject.encode(), partitions),
        )
        yield topics.CONTRIBUTIONS, key, msgspec.json.encode(row_of(evidence, origin)), home
    for shift in store.everything(Shift):
        home = partition(shift.subject.encode(), partitions)
        yield topics.LEDGER, shift.shift_id, encode(shift), home


def _with_stories(store: Store) -> Iterator[tuple[Evidence, Story | None]]:
    chunk: list[Evidence] = []
    for evidence in store.everything(Evidence):
        chunk.append(evidence)
        if len(chunk) == CHUNK:
            yield from _joined(store, chunk)
            chunk = []
    yield from _joined(store, chunk)


def _joined(store: Store, chunk: list[Evidence]) -> Iterator[tuple[Evidence, Story | None]]:
    origins = store.stories([evidence.story_id for evidence in chunk])
    yield from ((evidence, origins.get(evidence.story_id)) for evidence in chunk)


def _record(topic: Topic, key: str, record: Record) -> Refill:
    return topic, key, encode(record), None
