"""Full text: fetched where a feed asks for it and the host lets us; in any other case the item is as it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any  # Any: keyword values of several types

import pytest
from aiohttp import web
from msgspec.structs import replace as altered

from ingest import pages
from ingest.document import ParseAnswer, ParseRequest
from ingest.feeds import Feed, read, write
from ingest.fetch import HttpFetcher
from ingest.neighbours import Neighbours
from ingest.pages import Pages, is_better
from ingest.parsers import Parsers
from ingest.robots import Robots
from riftwatch.errors import ConfigError
from riftwatch.records import FeedItem
from riftwatch.settings import Settings
from tests.ingest.samples import NOW, PUBLISHERS

WORDS = "The ministers agreed on the harbour deal after a long night. " * 8
PAGE = f"<html><head><title>x</title></head><body><nav>Menu</nav><article><h1>Deal</h1><p>{WORDS}</p><p>(npa)</p></article></body></html>"


@dataclass
class Outlet:
    """A newsroom's pages."""

    answers: dict[str, web.Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    slow: bool = False
    port: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if self.slow and request.path != "/robots.txt":
            await asyncio.sleep(5)
        return self.answers.get(request.path) or web.Response(status=404)

    def page(self, path: str, text: str = PAGE, **given: Any) -> None:
        self.answers[path] = web.Response(text=text, **({"content_type": "text/html"} | given))

    def item(self, path: str = "/deal", **given: Any) -> FeedItem:
        values = {
            "story_id": path, "content_hash": "h", "feed_id": "a", "publisher": "p", "title": "Ministers agree on harbour deal",
            "summary": "Agreed.", "url": f"http://127.0.0.1:{self.port}{path}", "published": NOW, "fetched_at": NOW,
        }  # fmt: skip
        return FeedItem(**(values | given))

    @property
    def feed(self) -> Feed:
        return Feed(feed_id="a", url=f"http://127.0.0.1:{self.port}/feed", full_text=True)


@pytest.fixture
async def outlet() -> AsyncIterator[Outlet]:
    made = Outlet()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


class Extractor:
    """The extraction without its process."""

    async def parse(self, request: ParseRequest) -> ParseAnswer:
        assert request.is_page
        return ParseAnswer(text=request.body.decode().partition("<p>")[2].partition("</p></article>")[0])


@pytest.fixture
async def room(outlet: Outlet) -> AsyncIterator[Pages]:
    settings = Settings(poll_allow_private=f"127.0.0.1:{outlet.port}")
    async with HttpFetcher(settings) as fetcher:
        yield Pages(settings, fetcher, Extractor(), Robots(fetcher), PUBLISHERS, longest_s=2.0)


async def enriched(room: Pages, outlet: Outlet, *items: FeedItem, gap_s: float = 0.0) -> list[FeedItem]:
    return list(await room.enriched(outlet.feed, items, Neighbours(gap_s), NOW))


async def test_a_new_item_gets_the_text_of_its_page_and_its_credit(room: Pages, outlet: Outlet) -> None:
    outlet.page("/deal")
    [found] = await enriched(room, outlet, outlet.item())
    assert "long night" in found.content
    assert found.wire == "npa"
    assert (found.content_hash, found.summary) == ("h", "Agreed.")


async def test_robots_txt_is_obeyed_and_asked_once(room: Pages, outlet: Outlet) -> None:
    outlet.page("/robots.txt", "User-agent: *\nDisallow: /secret", content_type="text/plain")
    outlet.page("/secret/deal")
    outlet.page("/deal")
    items = [outlet.item("/secret/deal"), outlet.item("/deal")]
    found = await enriched(room, outlet, *items)
    assert found[0] == items[0]
    assert found[1].content
    assert outlet.asked == ["/robots.txt", "/deal"]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("<html><p>Please accept all cookies.</p></article>", {}),
        (PAGE, {"content_type": "application/pdf"}),
        (PAGE, {"status": 404}),
        (PAGE, {"status": 403}),
        (PAGE.replace("ministers", "cats").replace("harbour deal", "sofa").replace("agreed", "slept"), {}),
        (PAGE + " " * 2_000_001, {}),
        ("", {"status": 302, "headers": {"Location": "http://127.0.0.2:1/deal"}}),
    ],
)
async def test_whatever_is_no_article_leaves_the_item_as_it_was(
    room: Pages, outlet: Outlet, text: str, given: dict[str, Any]
) -> None:
    outlet.page("/deal", text, **given)
    assert await enriched(room, outlet, outlet.item()) == [outlet.item()]


async def test_known_old_and_deleted_items_and_foreign_private_pages_are_not_fetched(
    room: Pages, outlet: Outlet
) -> None:
    outlet.page("/deal")
    items = [
        outlet.item(backfill=True),
        outlet.item(status="deleted"),
        outlet.item(url=""),
        outlet.item(url="https://[::1"),
    ]
    assert await enriched(room, outlet, *items) == items
    public = replace(outlet.feed, url="https://outlet.example/feed")
    items = [
        outlet.item(),
        outlet.item(url="http://169.254.169.254/latest"),
        outlet.item(url="http://x.example:99999/"),
    ]
    assert list(await room.enriched(public, items[:1], Neighbours(0.0), NOW)) == items[:1]
    assert list(await room.enriched(public, items[1:], Neighbours(0.0), NOW)) == items[1:]
    assert outlet.asked == []


async def test_pages_keep_the_host_s_pace_and_all_together_a_limit_of_time(
    room: Pages, outlet: Outlet
) -> None:
    for number in range(12):
        outlet.page(f"/{number}")
    items = [outlet.item(f"/{number}") for number in range(12)]
    quick = await enriched(replace(room, longest_s=60.0), outlet, *items)
    assert sum(bool(item.content) for item in quick) == pages.PAGES
    for number in range(12):
        outlet.page(f"/{number}")  # an answer serves once
    slow = await enriched(room, outlet, *items, gap_s=1.5)
    assert 1 <= sum(bool(item.content) for item in slow) <= 2
    assert [item.story_id for item in slow] == [item.story_id for item in items]


async def test_a_page_that_stalls_holds_the_item_no_longer_than_the_limit(
    room: Pages, outlet: Outlet
) -> None:
    outlet.page("/deal")
    outlet.slow = True
    # The limit ends long before the page comes, and were it missed, the page's text would stand in the item.
    assert await enriched(room, outlet, outlet.item()) == [outlet.item()]


async def test_the_real_extraction_runs_in_a_parser_s_process() -> None:
    pytest.importorskip("trafilatura")
    parsers = Parsers(1, wall_s=30.0)
    await parsers.start()
    try:
        page = PAGE.replace("<nav>", "<script>alert(1)</script><nav>").encode()
        answer = await parsers.parse(
            ParseRequest(body=page, url="https://a.example/x", content_type="text/html", is_page=True)
        )
        hostile = await parsers.parse(ParseRequest(body=b"<div>" * 50_000, url="", is_page=True))
    finally:
        await parsers.stop()
    assert answer.text is not None
    assert "long night" in answer.text
    assert "alert" not in answer.text
    assert "Menu" not in answer.text
    assert not hostile.text


def test_a_longer_text_on_the_same_matter_is_better() -> None:
    item = Outlet().item()
    assert is_better(WORDS, item)
    assert is_better(WORDS, altered(item, title=""))
    assert not is_better(WORDS, altered(item, content=WORDS + "more"))
    assert not is_better(WORDS, altered(item, title="Katzen schlafen lieber draußen"))
    assert not is_better("", item)


def test_the_switch_stands_in_the_catalogue_and_survives_writing() -> None:
    source = b'<opml><body><outline xmlUrl="https://a.example/rss" fullText="yes"/><outline xmlUrl="https://b.example/rss"/></body></opml>'
    feeds = read(source, PUBLISHERS)
    assert [feed.full_text for feed in feeds] == [True, False]
    assert [feed.full_text for feed in read(write(feeds), PUBLISHERS)] == [True, False]


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(feed_id="a", url="https://a.example/rss", full_text=True)
    pages.check([feed])
    monkeypatch.setattr(pages, "find_spec", lambda _: None)
    pages.check([replace(feed, full_text=False)])
    with pytest.raises(ConfigError, match="fulltext"):
        pages.check([feed])


async def test_the_poller_sends_the_enriched_item(outlet: Outlet, room: Pages, tmp_path: Path) -> None:
    from ingest.catalogue import Catalogue
    from ingest.memory import Share
    from ingest.poll import Deps
    from ingest.poller import Poller
    from ingest.produce import Sender
    from ingest.reading import Reader
    from ingest.schedule import Bounds
    from ingest.world import World
    from riftwatch.clock import ManualClock
    from riftwatch.topics import ITEMS
    from tests.ingest.fakes import FakeBroker, FakeMemory, InlineParser

    day = (NOW - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    outlet.page("/deal")
    outlet.page(
        "/feed", f"<rss version='2.0'><channel><item><title>Ministers agree on harbour deal</title><guid>1</guid>"
        f"<link>http://127.0.0.1:{outlet.port}/deal</link><pubDate>{day}</pubDate></item></channel></rss>",
        content_type="application/rss+xml",
    )  # fmt: skip
    (tmp_path / "feeds.opml").write_bytes(write([outlet.feed]))
    broker = FakeBroker()
    deps = Deps(
        fetcher=room.fetcher,
        reader=Reader(InlineParser(), PUBLISHERS),
        bounds=Bounds(300, 3600),
        robots=room.robots,
    )
    poller = Poller(
        World(
            settings=replace(room.settings, poll_host_gap_s=0.0), clock=ManualClock(NOW), sender=Sender(broker), deps=deps,
            catalogue=Catalogue(tmp_path / "feeds.opml", PUBLISHERS), memory=FakeMemory(Share(1, frozenset({0}))),
            item_partitions=1, pages=room,
        )
    )  # fmt: skip
    poller.turn()
    await poller.idle()
    [item] = [one for one in broker.records(ITEMS) if isinstance(one, FeedItem) and not one.canary]
    assert "long night" in item.content
