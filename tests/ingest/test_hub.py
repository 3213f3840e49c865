"""A feed with a hub, both on a local server: subscribed, verified, pushed, renewed, left; strangers get nowhere."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from ingest import hub as hubs
from ingest.catalogue import Catalogue
from ingest.fetch import HttpFetcher
from ingest.hub import Hub
from ingest.memory import Share
from ingest.outcome import Failure, Outcome
from ingest.poll import Deps
from ingest.poller import Poller
from ingest.produce import Sender
from ingest.reading import Reader
from ingest.schedule import Bounds
from ingest.world import World
from riftwatch.clock import ManualClock
from riftwatch.errors import ConfigError
from riftwatch.records import FeedItem, FeedState, Subscription
from riftwatch.settings import Settings
from riftwatch.topics import FEEDS, ITEMS
from tests.ingest.fakes import FakeBroker, FakeMemory, InlineParser
from tests.ingest.samples import NOW, PUBLISHERS
from tests.ingest.servers import rss

SECRET = "a secret of the desk's own"


@dataclass
class Outlet:
    """A newsroom's feed and its hub."""

    titles: list[str] = field(default_factory=lambda: ["One"])
    asked: list[dict[str, str]] = field(default_factory=list)
    verify: bool = True
    port: int = 0

    def document(self) -> bytes:
        return rss(*self.titles)

    async def feed(self, request: web.Request) -> web.Response:
        tag = f'"{len(self.titles)}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304)
        links = (
            f'<http://127.0.0.1:{self.port}/hub>; rel="hub", <http://127.0.0.1:{self.port}/feed>; rel="self"'
        )
        return web.Response(body=self.document(), headers={"ETag": tag, "Link": links})

    async def hub(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.asked.append(form)
        if self.verify:
            assert await self.verified(form) == "chal-1"
        return web.Response(status=202)

    async def verified(self, form: dict[str, str], **changed: str) -> str | None:
        query = {
            "hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "chal-1", "hub.lease_seconds": "864000",
        }  # fmt: skip
        async with (
            aiohttp.ClientSession() as session,
            session.get(form["hub.callback"], params=query | changed) as answer,
        ):
            return await answer.text() if answer.status == 200 else None

    async def push(
        self, body: bytes, *, secret: str | None = None, address: str | None = None, **headers: str
    ) -> int:
        form = self.asked[-1]
        key = form["hub.secret"] if secret is None else secret
        given = {"Content-Type": "application/rss+xml"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        given.setdefault(
            "X-Hub-Signature", "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        )
        async with (
            aiohttp.ClientSession() as session,
            session.post(address or form["hub.callback"], data=io.BytesIO(body), headers=given) as answer,
        ):
            return answer.status


@dataclass
class Room:
    """A poller that listens for hubs, and an outlet."""

    outlet: Outlet
    poller: Poller
    broker: FakeBroker
    clock: ManualClock
    hub: Hub

    async def turn(self, hours: float = 0) -> int:
        self.clock.time += timedelta(hours=hours)
        started = self.poller.turn()
        await self.poller.idle()
        return started

    def titles(self) -> list[str]:
        return [
            one.title for one in self.broker.records(ITEMS) if isinstance(one, FeedItem) and not one.canary
        ]

    @property
    def subscription(self) -> Subscription | None:
        return self.state.websub

    @property
    def state(self) -> FeedState:
        *_, last = self.broker.records(FEEDS)
        assert isinstance(last, FeedState)
        return last


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    outlet = Outlet()
    app = web.Application()
    app.router.add_get("/feed", outlet.feed)
    app.router.add_post("/hub", outlet.hub)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    outlet.port = runner.addresses[0][1]
    (tmp_path / "feeds.opml").write_text(
        f'<opml><body><outline feedId="a/b ü" publisher="p" xmlUrl="http://127.0.0.1:{outlet.port}/feed"/></body></opml>',
        encoding="utf-8",
    )
    settings = Settings(
        poll_allow_private=f"127.0.0.1:{outlet.port}", poll_host_gap_s=0.0, websub_callback="http://placeholder",
        websub_secret=SECRET, websub_port=0,
    )  # fmt: skip
    clock, broker = ManualClock(NOW), FakeBroker()
    async with HttpFetcher(settings) as fetcher, Hub(settings, fetcher) as hub:
        object.__setattr__(settings, "websub_callback", f"http://127.0.0.1:{hub.port}/hooks")
        deps = Deps(fetcher=fetcher, reader=Reader(InlineParser(), PUBLISHERS), bounds=Bounds(300, 3600))
        world = World(
            settings=settings, clock=clock, catalogue=Catalogue(tmp_path / "feeds.opml", PUBLISHERS),
            memory=FakeMemory(Share(1, frozenset({0}))), sender=Sender(broker), deps=deps, item_partitions=1, hub=hub,
        )  # fmt: skip
        yield Room(outlet, Poller(world), broker, clock, hub)
    world.sender.stop()
    await runner.cleanup()


async def subscribed(room: Room) -> None:
    await room.turn()
    await room.turn()
    assert room.subscription is not None
    assert room.subscription.state == "active"


async def test_a_feed_with_a_hub_is_subscribed_and_a_push_arrives_before_the_next_poll(room: Room) -> None:
    await subscribed(room)
    form = room.outlet.asked[0]
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", f"http://127.0.0.1:{room.outlet.port}/feed")
    assert room.subscription is not None
    assert room.subscription.until == NOW + timedelta(days=10)
    assert await room.outlet.push(rss("Two")) == 202
    await room.turn()
    assert room.titles() == ["One", "Two"]
    room.outlet.titles = ["Two", "One"]
    await room.turn(hours=2)
    assert room.titles() == ["One", "Two"], "the poll finds nothing that is new"
    assert room.state.interval_s == 3600
    assert set(room.state.seen) == {
        one.story_id for one in room.broker.records(ITEMS) if isinstance(one, FeedItem) and not one.canary
    }


async def test_a_push_that_is_lost_is_found_by_the_next_poll(room: Room) -> None:
    await subscribed(room)
    await room.outlet.push(rss("Two"))
    assert room.hub.take("a/b ü") is not None
    room.outlet.titles = ["Two", "One"]
    await room.turn(hours=2)
    assert room.titles() == ["One", "Two"]


async def test_strangers_get_nowhere(room: Room) -> None:
    await subscribed(room)
    form = room.outlet.asked[0]
    assert await room.outlet.push(rss("Forged"), secret="guessed") == 202
    assert await room.outlet.push(rss("Forged"), X_Hub_Signature="") == 202
    assert await room.outlet.push(rss("Other"), Link='<https://other.example/>; rel="self"') == 202
    assert await room.outlet.push(rss("Forged"), address=form["hub.callback"][:-1] + "x") == 404
    assert (
        await room.outlet.push(rss("Forged"), address=f"http://127.0.0.1:{room.hub.port}/hooks/nobody/x")
        == 404
    )
    assert await room.outlet.push(b"x" * 6_000_000) == 413
    assert await room.outlet.verified(form, **{"hub.topic": "https://other.example/"}) is None
    assert await room.outlet.verified(form, **{"hub.mode": "unsubscribe"}) is None
    assert not room.hub.has("a/b ü")
    await room.turn()
    assert room.titles() == ["One"]


async def test_a_compressed_push_is_unpacked_under_the_same_limits(room: Room) -> None:
    await subscribed(room)
    assert await room.outlet.push(gzip.compress(rss("Two")), Content_Encoding="gzip") == 202
    assert await room.outlet.push(gzip.compress(b" " * 25_000_000), Content_Encoding="gzip") == 413
    assert await room.outlet.push(b"no gzip", Content_Encoding="gzip") == 413
    await room.turn()
    assert room.titles() == ["One", "Two"]


async def test_a_hub_that_never_confirms_is_asked_again_hours_later(room: Room) -> None:
    room.outlet.verify = False
    await room.turn()
    await room.turn(hours=2)
    assert len(room.outlet.asked) == 1
    await room.turn(hours=5)
    assert [form["hub.mode"] for form in room.outlet.asked] == ["subscribe", "subscribe"]


async def test_a_lease_is_renewed_before_it_ends(room: Room) -> None:
    await subscribed(room)
    await room.turn(hours=24 * 7)
    await room.turn()
    assert len(room.outlet.asked) == 2
    assert room.subscription is not None
    assert room.subscription.until == NOW + timedelta(days=17)


async def test_a_hub_that_says_no_is_believed(room: Room) -> None:
    room.outlet.verify = False
    await room.turn()
    await room.outlet.verified(room.outlet.asked[0], **{"hub.mode": "denied"})
    await room.turn()
    assert room.subscription is not None
    assert room.subscription.state == "refused"


async def test_a_secret_is_told_to_public_https_hubs_only() -> None:
    async with HttpFetcher(Settings(poll_allow_private="127.0.0.1:9,localhost:9")) as fetcher:
        for url, home in (
            ("http://hub.example/", "http://hub.example/feed"),
            ("http://127.0.0.1:9/hub", "https://outlet.example/feed"),
            ("https://127.0.0.1:9/hub", "https://outlet.example/feed"),
            ("https://[::ffff:127.0.0.1]:9/hub", "https://outlet.example/feed"),
            ("file:///etc/passwd", "https://outlet.example/feed"),
        ):
            refused = await fetcher.post(url, {}, home=home)
            assert isinstance(refused, Failure)
            assert refused.outcome == Outcome.BLOCKED_ADDRESS, url


def test_it_is_off_by_default_and_refuses_to_run_without_a_secret() -> None:
    assert not hubs.check(Settings())
    assert hubs.check(Settings(websub_callback="https://us.example", websub_secret=SECRET))
    for given in (
        Settings(websub_callback="https://us.example"),
        Settings(websub_callback="https://us.example", websub_secret="short"),
        Settings(websub_callback="us.example", websub_secret=SECRET),
    ):
        with pytest.raises(ConfigError, match="websub_callback"):
            hubs.check(given)


async def test_more_messages_than_can_wait_are_left_to_the_hub(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribed(room)
    monkeypatch.setattr(hubs, "MOST_WAITING", 1)
    answers = [await room.outlet.push(rss("Two")), await room.outlet.push(rss("Three"))]
    assert answers == [202, 503]
    await asyncio.sleep(0)


async def test_a_push_that_never_ends_is_cut_off(room: Room) -> None:
    await subscribed(room)
    object.__setattr__(room.hub._settings, "poll_timeout_s", 0.2)
    address = urlsplit(room.outlet.asked[0]["hub.callback"])
    reader, writer = await asyncio.open_connection("127.0.0.1", room.hub.port)
    writer.write(f"POST {address.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n<rss".encode())
    assert (await asyncio.wait_for(reader.readline(), 10)).startswith(b"HTTP/1.1 408")
    writer.close()
    await writer.wait_closed()
