"""The loop with a broker, servers and a clock made of data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any  # Any: keyword values of several types

from msgspec.structs import replace as replace_state

from ingest.catalogue import Catalogue
from ingest.fetch import Response
from ingest.memory import Share
from ingest.outcome import Failure, Outcome
from ingest.poll import Deps
from ingest.poller import Poller
from ingest.produce import Sender
from ingest.reading import Reader
from ingest.schedule import Bounds
from ingest.world import World
from riftwatch.clock import Clock, ManualClock, WallClock
from riftwatch.kafka import partition
from riftwatch.records import Coverage, FeedItem, FeedState, Record
from riftwatch.settings import Settings
from riftwatch.topics import COVERAGE, FEEDS, ITEMS
from tests.ingest.fakes import FakeBroker, FakeFetcher, FakeMemory, InlineParser
from tests.ingest.samples import NOW, PUBLISHERS, response
from tests.ingest.servers import rss

ALL = Share(1, frozenset({0}))


@dataclass
class Room:
    """A poller and everything around it."""

    folder: Path
    broker: FakeBroker = field(default_factory=FakeBroker)
    fetcher: FakeFetcher = field(default_factory=FakeFetcher)
    memory: FakeMemory = field(default_factory=lambda: FakeMemory(ALL))
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))

    def list_feeds(self, *names: str) -> None:
        outlines = "".join(
            f'<outline feedId="{name}" publisher="{name}" xmlUrl="https://{name}.example/rss"/>'
            for name in names
        )
        self.folder.joinpath("feeds.opml").write_text(
            f"<opml><body>{outlines}</body></opml>", encoding="utf-8"
        )

    def serve(self, name: str, answer: bytes | Response | Failure) -> None:
        found = response(answer, etag=f'"{hash(answer)}"') if isinstance(answer, bytes) else answer
        url = f"https://{name}.example/rss"
        self.fetcher.answers[url] = replace(found, url=url) if isinstance(found, Response) else found

    def poller(self, clock: Clock | None = None, **settings: Any) -> Poller:
        given: dict[str, Any] = {"poll_host_gap_s": 0.0, "poll_turn_s": 0.01} | settings
        return Poller(
            World(
                settings=Settings(**given),
                clock=clock or self.clock,
                catalogue=Catalogue(self.folder / "feeds.opml", PUBLISHERS),
                memory=self.memory,
                sender=Sender(self.broker, ack_s=5.0),
                deps=Deps(
                    fetcher=self.fetcher,
                    reader=Reader(InlineParser(), PUBLISHERS),
                    bounds=Bounds(300, 3600),
                ),
                item_partitions=4,
            )
        )

    def items(self) -> list[FeedItem]:
        return [one for one in self.records(ITEMS) if isinstance(one, FeedItem) and not one.canary]

    def canaries(self) -> list[FeedItem]:
        return [one for one in self.records(ITEMS) if isinstance(one, FeedItem) and one.canary]

    def states(self) -> list[FeedState]:
        return [one for one in self.records(FEEDS) if isinstance(one, FeedState)]

    def records(self, topic: object) -> Sequence[Record]:
        return self.broker.records(topic)  # type: ignore[arg-type]


def patience_over(poller: Poller) -> None:
    """As if the pauses after refused sends had passed."""
    poller._delivery._held.clear()
    poller._standstill._again = 0.0


async def turn(poller: Poller) -> int:
    started = poller.turn()
    await poller.idle()
    return started


async def test_a_turn_polls_what_is_due_and_the_next_one_nothing(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha", "beta")
    room.serve("alpha", rss("One", "Two"))
    room.serve("beta", rss("Three", host="beta.example"))
    poller = room.poller()
    assert await turn(poller) == 2
    assert await turn(poller) == 0
    assert sorted(item.title for item in room.items()) == ["One", "Three", "Two"]
    assert {item.fetched_at for item in room.items()} == {NOW}
    assert {state.feed_id for state in room.states()} == {"alpha", "beta"}


async def test_items_are_sent_before_the_state(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha")
    room.serve("alpha", rss("One"))
    await turn(room.poller())
    topics = [topic for topic, _, _, _ in room.broker.sent]
    assert topics.index(ITEMS.name) < topics.index(FEEDS.name)


async def test_a_refused_send_leaves_the_old_state_and_the_next_poll_delivers(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha")
    room.serve("alpha", rss("One"))
    room.broker.refusing = {ITEMS.name}
    poller = room.poller()
    await turn(poller)
    assert room.states() == []
    room.broker.refusing = set()
    patience_over(poller)
    await turn(poller)
    assert [item.title for item in room.items()] == ["One"]
    assert room.fetcher.asked[1].etag is None


async def test_a_refused_state_sends_the_items_twice_under_one_story(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha")
    room.serve("alpha", rss("One"))
    room.broker.refusing = {FEEDS.name}
    poller = room.poller()
    await turn(poller)
    room.broker.refusing = set()
    patience_over(poller)
    await turn(poller)
    ids = [item.story_id for item in room.items()]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_while_the_broker_is_away_nothing_is_fetched_until_a_canary_arrived(tmp_path: Path) -> None:
    room = Room(tmp_path)
    names = ("alpha", "beta", "gamma")
    room.list_feeds(*names)
    for name in names:
        room.serve(name, rss(name, host=f"{name}.example"))
    room.broker.refusing = {ITEMS.name}
    poller = room.poller(WallClock())
    await turn(poller)
    for _ in range(5):
        patience_over(poller)
        assert await turn(poller) == 0
    assert len(room.fetcher.asked) == 3
    room.broker.refusing = set()
    patience_over(poller)
    assert await turn(poller) == 0
    assert room.canaries()
    assert await turn(poller) == 3
    assert sorted(item.title for item in room.items()) == sorted(names)


async def test_where_no_canary_is_ours_one_feed_finds_out_whether_the_broker_is_back(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha", "beta", "gamma")
    for name in ("alpha", "beta", "gamma"):
        room.serve(name, rss(name, host=f"{name}.example"))
    room.broker.refusing = {ITEMS.name}
    poller = room.poller()
    started = [await turn(poller)]
    for refusing in ({ITEMS.name}, set(), set()):
        room.broker.refusing = refusing
        patience_over(poller)
        started.append(await turn(poller))
    assert started == [3, 1, 1, 2]
    assert sorted(item.title for item in room.items()) == ["alpha", "beta", "gamma"]


async def test_a_restart_goes_on_from_the_states_in_the_topic(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha")
    room.serve("alpha", rss("One"))
    await turn(room.poller())
    saved = room.states()[0]
    room.memory.share = replace(ALL, news={"alpha": saved})
    room.clock.time = NOW + timedelta(hours=2)
    room.serve("alpha", rss("One", "Two"))
    assert await turn(room.poller()) == 1
    assert room.fetcher.asked[-1].etag == saved.etag
    assert [item.title for item in room.items()] == ["One", "Two"]


async def test_only_feeds_of_ready_partitions_are_polled(tmp_path: Path) -> None:
    room = Room(tmp_path)
    names = [f"feed-{number}" for number in range(20)]
    room.list_feeds(*names)
    for name in names:
        room.serve(name, rss(name, host=f"{name}.example"))
    poller = room.poller(poll_parallel=100)
    room.memory.share = Share(4, frozenset())
    assert await turn(poller) == 0
    room.memory.share = Share(4, frozenset({0, 1}))
    first = await turn(poller)
    room.memory.share = Share(4, frozenset({2, 3}))
    assert 0 < first < 20
    assert first + await turn(poller) == 20


async def test_one_turn_starts_no_more_than_allowed(tmp_path: Path) -> None:
    room = Room(tmp_path)
    names = [f"feed-{number}" for number in range(10)]
    room.list_feeds(*names)
    for name in names:
        room.serve(name, rss(name))
    assert await turn(room.poller(poll_parallel=3)) == 3


async def test_a_feed_taken_out_of_the_catalogue_is_no_longer_polled(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha", "beta")
    room.serve("alpha", rss("One"))
    room.serve("beta", rss("Two"))
    poller = room.poller()
    await turn(poller)
    room.list_feeds("beta")
    poller._world.catalogue._looked = -100.0
    room.clock.time = NOW + timedelta(hours=3)
    assert await turn(poller) == 1


async def test_canaries_go_to_every_partition_once_a_stepped_moment_is_polled(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha")
    room.serve("alpha", rss("One"))
    poller = room.poller()
    await turn(poller)
    assert room.canaries() == []
    await turn(poller)
    assert [(one.story_id, one.fetched_at) for one in room.canaries()] == [
        (f"canary-{number}", NOW) for number in range(4)
    ]
    assert [partition for _, key, _, partition in room.broker.sent if key.startswith("canary")] == [
        0,
        1,
        2,
        3,
    ]
    await turn(poller)
    assert len(room.canaries()) == 4
    room.clock.time = NOW + timedelta(seconds=5)
    await turn(poller)
    assert len(room.canaries()) == 8


async def test_a_moment_is_not_over_while_a_feed_could_not_be_reached(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha")
    room.serve("alpha", Failure(outcome=Outcome.UNREACHABLE, detail="refused"))
    poller = room.poller()
    for _ in range(3):
        await turn(poller)
    assert room.canaries() == []
    room.serve("alpha", rss("One"))
    poller._delivery._held.clear()
    await turn(poller)
    await turn(poller)
    assert len(room.canaries()) == 4
    assert room.items()[0].fetched_at == NOW


async def test_a_canary_speaks_for_the_partitions_that_its_poller_polls(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds()
    room.memory.share = Share(12, frozenset({3, 1, 2}))
    poller = room.poller()
    await turn(poller)
    assert {(one.speaks_for, one.feed_partitions) for one in room.canaries()} == {((1, 2, 3), 12)}
    room.memory.share = Share(12, frozenset())
    room.clock.time = NOW + timedelta(minutes=5)
    await turn(poller)
    assert len(room.canaries()) == 4


async def test_what_was_read_of_a_partition_survives_the_loss_of_another(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha")
    room.serve("alpha", rss("One"))
    await turn(room.poller())
    saved = room.states()[0]
    home = partition(b"alpha", 4)
    other = (home + 1) % 4
    poller = room.poller()
    for share in (
        Share(4, frozenset({other}), frozenset({home}), {"alpha": saved}),
        Share(4, frozenset(), frozenset({home})),
        Share(4, frozenset({home})),
    ):
        room.memory.share = share
        assert await turn(poller) == 0
    assert len(room.fetcher.asked) == 1


async def test_a_canary_waits_while_a_partition_is_still_being_read(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds()
    room.memory.share = Share(4, frozenset({0}), reading=frozenset({1}))
    poller = room.poller()
    await turn(poller)
    assert room.canaries() == []


async def test_on_the_wall_clock_a_canary_promises_no_more_than_the_oldest_poll_under_way(
    tmp_path: Path,
) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha")
    room.serve("alpha", rss("One"))
    poller = room.poller(WallClock())
    await turn(poller)
    canary, item = room.canaries()[0], room.items()[0]
    assert canary.fetched_at <= item.fetched_at


async def test_coverage_counts_successful_polls_by_hour(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha", "beta")
    room.serve("alpha", rss("One"))
    room.serve("beta", Failure(outcome=Outcome.GONE, detail="gone"))
    poller = room.poller()
    await turn(poller)
    room.clock.time = NOW + timedelta(hours=3)
    await turn(poller)
    heard = [
        (one.hour, one.publisher, one.heard) for one in room.records(COVERAGE) if isinstance(one, Coverage)
    ]
    assert heard == [(NOW, "alpha", 1), (NOW + timedelta(hours=3), "alpha", 1)]


async def test_who_takes_a_feed_over_counts_on_within_the_hour(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha")
    room.serve("alpha", rss("One"))
    for minute in (0, 20, 40):
        room.clock.time = NOW + timedelta(minutes=minute)
        saved = room.states()[-1:]
        room.memory.share = replace(
            ALL, news={one.feed_id: replace_state(one, next_poll_at=None) for one in saved}
        )
        await turn(room.poller())
    assert [one.heard for one in room.records(COVERAGE) if isinstance(one, Coverage)] == [1, 2, 3]
    keys = {key for topic, key, _, _ in room.broker.sent if topic == COVERAGE.name}
    assert keys == {f"{NOW:%Y-%m-%dT%H}|alpha|alpha"}


async def test_a_fault_of_ours_on_one_feed_leaves_the_others_alone(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.list_feeds("alpha", "beta")
    room.serve("beta", rss("Two"))
    poller = room.poller()
    assert await turn(poller) == 2
    assert [item.title for item in room.items()] == ["Two"]
    assert await turn(poller) == 0
