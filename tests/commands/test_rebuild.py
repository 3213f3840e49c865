"""`riftwatch rebuild`: what is refilled from a store goes on as if nothing had been lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from commands.rebuild import rebuild
from commands.refill import REFILLED, refills
from commands.supervisor import Supervisor
from processors.analyse import StoryMemory
from processors.contributions import Contribution
from processors.kept_state import check_state
from processors.watch import Outcome, Watcher
from riftwatch import kafka as clients
from riftwatch import topics
from riftwatch.errors import StateError
from riftwatch.rebuilt import KEY, finished_rebuild
from riftwatch.records import Shift, Story, decode, encode
from riftwatch.settings import Settings
from stores.sqlite import SqliteStore
from tests.processors.readings import PAIR
from tests.processors.test_watch import RULES, STORY, Told, day, every, run


def told_stories() -> list[Story]:
    """The stories behind the readings, as analyse would have told them."""
    return [
        Story(
            story_id=one.story_id, revision=one.revision, feed_id="f", publisher=one.publisher, published=one.published,
            first_published=one.first_published, fetched_at=one.fetched_at, signature=one.signature,
        )
        for one in STORY
    ]  # fmt: skip


@pytest.fixture(scope="module")
def told() -> Told:
    return run(Watcher(RULES), STORY, every(24, 63))


@pytest.fixture
def store(tmp_path: Path, told: Told) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.db")
    opened.put([*told_stories(), *told.evidence.values(), *told.points.values(), *told.shifts.values()])
    yield opened
    opened.close()


def test_state_comes_back_as_it_was(store: SqliteStore, told: Told) -> None:
    rows, shifts, memories = {}, [], {}
    for topic, key, value, partition in refills(store, 4):
        if topic is topics.CONTRIBUTIONS:
            rows[key] = msgspec.json.decode(value, type=Contribution)
            assert partition == clients.partition(PAIR.encode(), 4)
        elif topic is topics.LEDGER:
            shifts.append(decode(value, Shift))
        elif topic is topics.STORY_MEMORY:
            memories[key] = msgspec.json.decode(value, type=StoryMemory)
    assert rows == told.rows
    assert {shift.shift_id: shift for shift in shifts} == told.shifts
    assert {memory.revision for memory in memories.values()} == {1}
    assert set(memories) == {one.story_id for one in STORY}
    watcher = Watcher(RULES)
    watcher.restore(rows.items(), shifts)
    outcome = watcher.tick(day(63))
    assert {point.bucket: point for point in outcome.points} == {p.bucket: p for p in told.points.values()}
    assert outcome.shifts == tuple(told.shifts.values())
    assert watcher.tick(day(63)) == Outcome()


def shorten(settings: Settings) -> None:
    """Lose the oldest rows, as a wrong cleanup policy would."""
    name = topics.CONTRIBUTIONS.name
    wrong = ConfigResource(ConfigResourceType.TOPIC, name, configs={"cleanup.policy": "delete"})
    client = clients.admin(settings)
    client.alter_configs([wrong])
    home = clients.partition(PAIR.encode(), settings.partitions)
    client.delete_records({TopicPartition(name, home): 5})
    client.close()


@pytest.mark.kafka
def test_shortened_state_is_refused_and_made_anew(
    fresh_topics: str, store: SqliteStore, tmp_path: Path, told: Told
) -> None:
    settings = Settings(kafka=fresh_topics)
    source = f"sqlite:{tmp_path / 'store.db'}"
    first = rebuild(settings, source)
    assert first[topics.CONTRIBUTIONS.name] == len(told.rows)
    assert all(count is not None for count in first.values())
    check_state(settings)
    shorten(settings)
    with pytest.raises(StateError, match=rf"{topics.CONTRIBUTIONS.name}.*riftwatch rebuild"):
        check_state(settings)
    again = rebuild(settings, source)
    assert {name for name, count in again.items() if count} == {topics.CONTRIBUTIONS.name}
    assert again[topics.CONTRIBUTIONS.name] == len(told.rows)
    check_state(settings)
    assert set(again) == {topic.name for topic in REFILLED}


@pytest.mark.kafka
def test_a_rebuild_that_was_cut_short_is_refused_until_it_is_gone_through_again(
    fresh_topics: str, store: SqliteStore, tmp_path: Path, told: Told
) -> None:
    settings = Settings(kafka=fresh_topics)
    source = f"sqlite:{tmp_path / 'store.db'}"
    with sqlite3.connect(tmp_path / "store.db") as file:
        whole = file.execute("SELECT rowid, record FROM series").fetchall()
        file.execute("UPDATE series SET record = '{'")
    with pytest.raises(StateError, match="holds a record that cannot be read"):
        rebuild(settings, source)
    assert not clients.extents(settings, [topics.EVIDENCE.name])[topics.EVIDENCE.name].empty
    with sqlite3.connect(tmp_path / "store.db") as file:
        file.executemany("UPDATE series SET record = ?2 WHERE rowid = ?1", whole)
    for starting in (check_state, finished_rebuild):
        with pytest.raises(StateError, match=rf"has not finished.*riftwatch rebuild --from {source}"):
            starting(settings)
    with pytest.raises(StateError, match=f"go on with `riftwatch rebuild --from {source}`"):
        rebuild(settings, "sqlite::memory:")
    again = rebuild(settings, source)
    assert all(count is not None for count in again.values())
    check_state(settings)
    mark = finished_rebuild(settings)
    assert mark is not None
    assert mark.told == {shift.shift_id: shift.state for shift in told.shifts.values()}
    assert rebuild(settings, source)[topics.EVIDENCE.name] is None
    assert (
        finished_rebuild(settings) != mark
    )  # what the store lacks as well is asked for again, and nothing forgotten
    assert (last := finished_rebuild(settings)) is not None
    assert last.told == mark.told


@pytest.mark.kafka
def test_while_somebody_works_nothing_is_touched(
    fresh_topics: str, store: SqliteStore, tmp_path: Path
) -> None:
    assert store
    settings = Settings(kafka=fresh_topics, session_timeout_s=0.1)
    worker = clients.consumer(Settings(kafka=fresh_topics), topics.GROUP_MAIL, [topics.SHIFTS.name])
    while not worker.assignment():
        worker.poll(timeout_ms=100)
    with pytest.raises(StateError, match="riftwatch-mail still at work: stop the workers"):
        rebuild(settings, f"sqlite:{tmp_path / 'store.db'}")
    worker.close()
    assert finished_rebuild(settings) is None
    assert clients.extents(settings, [topics.SHIFTS.name])[topics.SHIFTS.name].empty


@pytest.mark.kafka
def test_an_embedded_installation_mends_its_state_itself(
    fresh_topics: str, store: SqliteStore, tmp_path: Path, told: Told
) -> None:
    assert store
    settings = Settings(kafka=fresh_topics, data=tmp_path, store=f"sqlite:{tmp_path / 'store.db'}")
    rebuild(settings, settings.store_url)
    shorten(settings)
    with Supervisor(settings, []):
        check_state(settings)
        assert "state is missing from riftwatch-contributions-changelog" in (tmp_path / "log").read_text()
    assert clients.extents(settings, [topics.CONTRIBUTIONS.name]).popitem()[1].end == len(told.rows)


@pytest.mark.kafka
def test_an_embedded_installation_goes_on_with_a_rebuild_that_was_cut_short(
    fresh_topics: str, store: SqliteStore, tmp_path: Path
) -> None:
    assert store
    settings = Settings(kafka=fresh_topics, data=tmp_path, store=f"sqlite:{tmp_path / 'store.db'}")
    rebuild(settings, settings.store_url)
    mark = finished_rebuild(settings)
    assert mark is not None
    sender = clients.producer(settings)
    sender.send(topics.REBUILDS.name, key=KEY, value=encode(msgspec.structs.replace(mark, finished_at=None)))
    sender.close()
    with Supervisor(settings, []):
        assert finished_rebuild(settings) is not None
        assert "a rebuild was cut short: refilling from" in (tmp_path / "log").read_text()
