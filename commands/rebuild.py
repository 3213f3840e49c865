"""`riftwatch rebuild`: refill lost or empty topics and state from a store."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import click

from riftwatch import log, topics
from riftwatch import settings as settings_table
from riftwatch.errors import StateError
from riftwatch.records import Evidence, FeedState, Record, SeriesPoint, Shift, Story, encode
from riftwatch.settings import Settings
from riftwatch.topics import Topic
from stores.base import Store

# topic, key, value, partition (None: the key's own)
Refill = tuple[Topic, str, bytes, int | None]
CHUNK = 500  # stories read at once for the signatures of their evidence

logger = log.get(__name__)


@click.command("rebuild")
@click.option("--from", "source", help="sqlite:PATH; default: the store in use.")
def command(*, source: str | None) -> None:
    """Refill lost, shortened or empty topics and state from a store; what is whole is left alone.

    Stop the workers first. No mail goes out for what is refilled.

    Example: riftwatch rebuild --from sqlite:data/live/store.db
    """
    config = settings_table.load()
    log.configure(config, "rebuild")
    for name, count in rebuild(config, source or config.store_url).items():
        click.echo(f"{name:<40} {count if count is not None else 'holds records, left alone'}")


def rebuild(settings: Settings, source: str) -> dict[str, int | None]:
    """Refill every topic that lacks something from the store; return topic -> records sent, None if left alone.

    State of which only a part is left is deleted and made anew: what is missing cannot be told from what is not.

    Raises StateError while a worker is running, ConfigError for a store that cannot be opened.
    """
    from riftwatch.kafka import producer
    from stores.opening import open_store

    store = open_store(source, readonly=True, settings=settings)
    try:
        empty = _empty_topics(settings)
        counts: dict[str, int | None] = {topic.name: 0 if topic in empty else None for topic in REFILLED}
        sender = producer(settings)
        pending = []
        for topic, key, value, partition in refills(store, settings.partitions):
            if topic in empty:
                pending.append(sender.send(topic.name, key=key.encode(), value=value, partition=partition))
                counts[topic.name] = (counts[topic.name] or 0) + 1
        sender.flush()
        for sent in pending:
            sent.get(timeout=60)
        sender.close()
        return counts
    finally:
        store.close()


STATE = (topics.STORY_MEMORY, topics.CONTRIBUTIONS, topics.LEDGER)
REFILLED = (topics.STORIES, topics.EVIDENCE, topics.SERIES, topics.SHIFTS, topics.FEEDS, *STATE)


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


def _empty_topics(settings: Settings) -> set[Topic]:
    from processors.kept_state import check_partitions
    from riftwatch.kafka import extents, group_members

    working = [group for group in (topics.GROUP_PROCESS, topics.GROUP_POLL) if group_members(settings, group)]
    if working:
        raise StateError(
            f"{' and '.join(working)} still at work: stop the workers, wait {settings.session_timeout_s:.0f} s and"
            " rebuild then."
        )
    found = extents(settings, [topic.name for topic in (topics.ITEMS, topics.READINGS, *REFILLED)])
    check_partitions(found, settings.partitions)
    shortened = {topic for topic in STATE if found[topic.name].start > 0}
    _make_anew(settings, shortened)
    return shortened | {topic for topic in REFILLED if found[topic.name].empty}


def _make_anew(settings: Settings, shortened: Collection[Topic]) -> None:
    from commands.topics import apply, delete

    if shortened:
        delete(settings, [topic.name for topic in shortened])
        apply(settings)
