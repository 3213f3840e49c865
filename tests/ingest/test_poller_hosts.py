"""The loop and its neighbours: pleas for rest, refusals, hosts that lie, clocks that jump."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from ingest.hosts import HostRule, HostRules
from ingest.outcome import Failure, Outcome
from ingest.poller import Poller
from riftwatch.clock import WallClock
from tests.ingest.samples import NOW, response
from tests.ingest.servers import rss
from tests.ingest.test_poller import ALL, Room, turn

PLEA = Failure(outcome=Outcome.RATE_LIMITED, detail="too many", status=429, retry_after="3600")
AWAY = Failure(outcome=Outcome.UNREACHABLE, detail="refused", refused=True)


def urls(folder: Path, found: Sequence[str]) -> None:
    outlines = "".join(
        f'<outline feedId="{number}" publisher="p" xmlUrl="{url}"/>' for number, url in enumerate(found)
    )
    (folder / "feeds.opml").write_text(f"<opml><body>{outlines}</body></opml>", encoding="utf-8")


def ruled(poller: Poller, *rules: HostRule) -> Poller:
    poller._neighbours._rules = HostRules(rules)
    return poller


def asked(room: Room) -> list[str]:
    return [request.url for request in room.fetcher.asked]


QUICK = 0.000001  # a gap that turns politeness on and no test slow


@pytest.mark.parametrize(
    ("scope", "expected"),
    [(None, {"/1", "b/1"}), ("feed", {"/1", "/2", "b/1"}), ("domain", {"/1"})],
)
async def test_a_plea_for_rest_holds_for_the_neighbours_and_over_a_restart(
    tmp_path: Path, scope: str | None, expected: set[str]
) -> None:
    room = Room(tmp_path)
    found = {"/1": "https://a.example/1", "/2": "https://a.example/2", "b/1": "https://b.a.example/1"}
    urls(tmp_path, list(found.values()))
    room.fetcher.answers = dict.fromkeys(found.values(), PLEA)
    rules = [HostRule(host="a.example", gap_s=QUICK, retry_scope=scope)] if scope else []  # type: ignore[arg-type]
    poller = ruled(room.poller(poll_host_gap_s=QUICK, poll_parallel=1), *rules)
    met: set[str] = set()
    for patience in (
        200,
        4,
    ):  # until all that may be asked were, at the gap of a host that said too many; no more
        for _ in range(patience):
            await turn(poller)
            met = {name for name, url in found.items() if url in asked(room)}
            if patience > 4 and met == expected:
                break
            await asyncio.sleep(0.03)
        assert met == expected
    room.fetcher.asked.clear()
    room.memory.share = replace(ALL, news={state.feed_id: state for state in room.states()})
    again = ruled(room.poller(poll_host_gap_s=QUICK, poll_parallel=1), *rules)
    for _ in range(4):
        await turn(again)
    assert asked(room) == []


async def test_a_host_that_refuses_connections_rests_and_others_do_not(tmp_path: Path) -> None:
    room = Room(tmp_path)
    found = ["https://a.example/1", "https://a.example/2", "https://b.example/1"]
    urls(tmp_path, found)
    room.fetcher.answers = {found[0]: AWAY, found[1]: AWAY, found[2]: response(rss("One"))}
    poller = room.poller(WallClock(), poll_host_gap_s=QUICK, poll_parallel=1)
    for _ in range(5):
        await turn(poller)
    assert sorted(asked(room)) in ([found[0], found[2]], [found[1], found[2]])


async def test_a_304_that_lied_to_one_feed_is_not_believed_for_its_hosts_other_feeds(tmp_path: Path) -> None:
    room = Room(tmp_path)
    found = ["https://a.example/1", "https://a.example/2"]
    urls(tmp_path, found)
    room.fetcher.answers = {url: replace(response(rss("One"), etag='"1"'), url=url) for url in found}
    poller = room.poller()
    await turn(poller)
    poller.roster.states["0"] = structs.replace(
        poller.roster.states["0"], validators_off_until=NOW + timedelta(days=7)
    )
    poller.roster._liars.learn(poller.roster.states["0"])
    room.clock.time = NOW + timedelta(hours=2)
    room.fetcher.asked.clear()
    await turn(poller)
    assert [request.etag for request in room.fetcher.asked] == [None, None]


class JumpingClock(WallClock):
    """The machine's clock with an error that a test sets."""

    def __init__(self) -> None:
        self.error = timedelta()

    def now(self) -> datetime:
        return super().now() + self.error


@pytest.mark.parametrize("hours", [-1, 1, -24 * 365, 24 * 365])
async def test_a_clock_that_jumps_makes_no_storm_and_stops_no_feed(tmp_path: Path, hours: int) -> None:
    room, clock = Room(tmp_path), JumpingClock()
    names = [f"feed-{number}" for number in range(20)]
    room.list_feeds(*names)
    for name in names:
        room.serve(name, rss(name, host=f"{name}.example"))
    poller = room.poller(clock, poll_parallel=100)
    assert await turn(poller) == 20
    clock.error = timedelta(hours=hours)
    assert await turn(poller) == 0
    waits = [
        state.next_poll_at - clock.now() for state in poller.roster.states.values() if state.next_poll_at
    ]
    assert len(waits) == 20
    assert all(timedelta() < wait < timedelta(hours=2) for wait in waits)


async def test_a_restart_after_the_clock_was_set_back_waits_no_year(tmp_path: Path) -> None:
    room, clock = Room(tmp_path), JumpingClock()
    room.list_feeds("alpha")
    room.serve("alpha", rss("One"))
    clock.error = timedelta(days=365)
    await turn(room.poller(clock))
    clock.error = timedelta()
    room.memory.share = replace(ALL, news={"alpha": room.states()[0]})
    poller = room.poller(clock)
    await turn(poller)
    due = poller.roster.states["alpha"].next_poll_at
    assert due is not None
    assert due - clock.now() < timedelta(hours=2)


async def test_the_address_in_use_is_the_one_that_is_polite_to_ask(tmp_path: Path) -> None:
    room = Room(tmp_path)
    urls(tmp_path, ["https://a.example/1", "https://b.example/1"])
    moved = "https://b.example/moved"
    room.fetcher.answers = {
        url: replace(response(rss("One")), url=url) for url in ("https://a.example/1", "https://b.example/1", moved)
    }  # fmt: skip
    poller = room.poller()
    await turn(poller)
    state = structs.replace(poller.roster.states["0"], moved_url=moved, next_poll_at=NOW)
    poller.roster.states["0"] = state
    poller._neighbours._gap_s = 1000.0
    poller._neighbours.asked_to_rest("https://b.example/", 1e12)
    room.fetcher.asked.clear()
    assert await turn(poller) == 0
