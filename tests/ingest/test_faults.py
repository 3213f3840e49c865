"""Every fault of fetching and parsing, against a server that has it: its name, and the next feed unharmed.

Real sockets and the real fetcher.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any  # Any: keyword values of several types

import pytest
from aiohttp import web
from msgspec import structs

from ingest.dates import readable
from ingest.feeds import Feed
from ingest.fetch import HttpFetcher
from ingest.outcome import Outcome
from ingest.parsers import Parsers
from ingest.poll import Deps, PollResult, poll_feed
from ingest.reading import Parser, Reader
from ingest.schedule import Bounds
from riftwatch.records import FeedState
from riftwatch.settings import Settings
from tests.ingest.fakes import InlineParser
from tests.ingest.samples import NOW, PUBLISHERS
from tests.ingest.servers import rss

GOOD = rss("Good one", "Good two")
NESTED = b"<rss version='2.0'><channel>" + b"<a>" * 200_000
ENTITIES = (
    b"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a '" + b"x" * 50_000 + b"'>]><rss version='2.0'><channel><title>"
    + b"&a;" * 50_000 + b"</title></channel></rss>"
)  # fmt: skip
EXTERNAL = (
    b"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
    b"<rss version='2.0'><channel><title>t</title><item><title>&e;read on</title><guid>1</guid></item></channel></rss>"
)


@dataclass
class Faulty:
    """A server with every fault at a path of its own, and a poller of one feed at a time."""

    port: int
    deps: Deps

    async def poll(self, path: str, state: FeedState | None = None, **altered: Any) -> PollResult:
        url = path if "://" in path else f"http://127.0.0.1:{self.port}{path}"
        feed = Feed(feed_id=path, url=url, publisher="p", language="en")
        return await poll_feed(replace(feed, **altered), state, self.deps, NOW)


def body(content: bytes, content_type: str = "application/rss+xml", **headers: str) -> web.Response:
    return web.Response(body=content, headers={"Content-Type": content_type, **headers})


def flood(count: int, prefix: str) -> bytes:
    items = "".join(
        f"<item><title>{prefix} {number}</title><link>https://n.example/{prefix}/{number}</link></item>"
        for number in range(count)
    )
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65_536)


async def drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x")
        await asyncio.sleep(0.02)


async def never(_: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    raise AssertionError


def cut_off(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


HTML = b"<!doctype html><html><head><title>{}</title></head><body>x</body></html>"
MARKUP = (
    b"<rss version='2.0'><channel><title>t</title><item><title>One&#13;&#10;Bcc: x &lt;script&gt;alert(1)&lt;/script&gt;"
    b"&#x202E;two</title><link>javascript:alert(1)</link><guid>g</guid>"
    b"<description>&lt;a href='data:text/html,x'&gt;link&lt;/a&gt;&lt;img src=x onerror=y&gt;</description></item></channel></rss>"
)
ANSWERS: dict[str, Any] = {
    "/good": body(GOOD),
    "/loop": web.Response(status=302, headers={"Location": "/loop"}),
    "/to-private": web.Response(status=301, headers={"Location": "http://169.254.169.254/latest/"}),
    "/entities": body(ENTITIES),
    "/external": body(EXTERNAL),
    "/nested": body(NESTED),
    "/large": body(b"x" * 2_000_000),
    "/bomb": body(gzip.compress(b"\0" * 50_000_000), **{"Content-Encoding": "gzip"}),
    "/html": body(HTML.replace(b"{}", b"News"), "text/html"),
    "/login": body(HTML.replace(b"{}", b"Please log in"), "text/html"),
    "/captcha": body(HTML.replace(b"{}", b"Just a moment..."), "text/html"),
    "/error-page": body(HTML.replace(b"{}", b"Fatal error: database"), "application/rss+xml"),
    "/error-json": body(json.dumps({"error": "down"}).encode(), "application/json"),
    "/empty": body(b""),
    "/no-entries": body(rss()),
    "/path": body(b"/etc/passwd"),
    "/404": web.Response(status=404),
    "/410": web.Response(status=410),
    "/403": web.Response(status=403),
    "/429": web.Response(status=429, headers={"Retry-After": "3600"}),
    "/503": web.Response(status=503, headers={"Retry-After": "Wed, 22 Jan 2025 16:00:00 GMT"}),
    "/500": web.Response(status=500),
    "/undated": body(flood(10, "undated")),
    "/wrong-charset": body(GOOD.replace(b"Good one", "Größe".encode("latin-1")), "text/xml; charset=utf-8"),
    "/nul": body(GOOD.replace(b"Good one", b"Go\x00od \x07one")),
    "/surrogate": body(GOOD.replace(b"Good one", b"Good &#xD800;&#1114112;&#x99999999999; one")),
    "/markup": body(MARKUP),
    "/50000": body(flood(50_000, "new")),
}
STREAMS = {"/endless": endless, "/drip": drip, "/never": never}


@asynccontextmanager
async def serving(parser: Parser | None = None, **settings: Any) -> AsyncIterator[Faulty]:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path in STREAMS:
            return await STREAMS[request.path](request)
        if request.path == "/cut":
            return cut_off(request)
        found = ANSWERS[request.path]
        headers = {name: value for name, value in found.headers.items() if name != "Content-Length"}
        return web.Response(body=found.body, status=found.status, headers=headers)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    given: dict[str, Any] = {
        "poll_allow_private": f"127.0.0.1:{port}", "poll_timeout_s": 1.0, "poll_max_wire_bytes": 6_000_000,
        "poll_max_body_bytes": 8_000_000,
    } | settings  # fmt: skip
    reader = Reader(parser or InlineParser(), PUBLISHERS)
    async with HttpFetcher(Settings(**given)) as fetcher:
        yield Faulty(port, Deps(fetcher=fetcher, reader=reader, bounds=Bounds(300, 3600)))
    await runner.cleanup()


@pytest.fixture
async def faulty() -> AsyncIterator[Faulty]:
    async with serving() as made:
        yield made


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/loop", Outcome.REDIRECT),
        ("/to-private", Outcome.BLOCKED_ADDRESS),
        ("/bomb", Outcome.TOO_LARGE),
        ("/endless", Outcome.TOO_LARGE),
        ("/drip", Outcome.TIMEOUT),
        ("/never", Outcome.TIMEOUT),
        ("/cut", Outcome.UNREACHABLE),
        ("/html", Outcome.NOT_A_FEED),
        ("/login", Outcome.CHALLENGE),
        ("/captcha", Outcome.CHALLENGE),
        ("/error-page", Outcome.NOT_A_FEED),
        ("/error-json", Outcome.NOT_A_FEED),
        ("/path", Outcome.NOT_A_FEED),
        ("/404", Outcome.NOT_FOUND),
        ("/410", Outcome.GONE),
        ("/403", Outcome.FORBIDDEN),
        ("/429", Outcome.RATE_LIMITED),
        ("/503", Outcome.RATE_LIMITED),
        ("/500", Outcome.SERVER_ERROR),
        ("http://no-such-host.invalid/rss", Outcome.DNS),
        ("http://10.0.0.1/rss", Outcome.BLOCKED_ADDRESS),
        ("ftp://news.example/rss", Outcome.BLOCKED_ADDRESS),
    ],
)
async def test_a_fault_has_a_name_a_sentence_and_a_time_to_try_again_and_harms_no_other_feed(
    faulty: Faulty, path: str, expected: Outcome
) -> None:
    known = structs.replace((await faulty.poll("/good")).state, feed_id=path)
    result = await faulty.poll(path)
    assert (result.outcome, result.state.health, result.items) == (expected, expected.value, ())
    assert result.state.detail
    assert result.state.detail.isprintable()
    assert result.state.next_poll_at is not None
    assert NOW < result.state.next_poll_at < NOW + timedelta(days=3)
    after = await faulty.poll(path, structs.replace(known, url=result.state.url))
    assert (after.items, after.state.seen) == ((), known.seen)
    assert len((await faulty.poll("/good")).items) == 2


async def test_a_document_that_keeps_the_parser_busy_ends_its_process_and_no_other_feed() -> None:
    parsers = Parsers(1, wall_s=0.5)
    await parsers.start()
    async with serving(parsers) as faulty:
        busy, good = await asyncio.gather(faulty.poll("/nested"), faulty.poll("/good"))
    await parsers.stop()
    assert (busy.outcome, busy.items) == (Outcome.PARSE_TIMEOUT, ())
    assert len(good.items) == 2


@pytest.mark.parametrize("path", ["/empty", "/no-entries"])
async def test_an_empty_answer_is_named_and_deletes_nothing(faulty: Faulty, path: str) -> None:
    result = await faulty.poll(path)
    assert (result.outcome, result.items) == (Outcome.EMPTY, ())


async def test_a_plea_for_rest_is_kept_for_the_neighbours_and_the_next_start(faulty: Faulty) -> None:
    seconds, date = (await faulty.poll("/429")).state, (await faulty.poll("/503")).state
    assert seconds.asked_to_rest_until == NOW + timedelta(hours=1)
    assert date.asked_to_rest_until == NOW + timedelta(hours=2)
    assert date.next_poll_at is not None
    assert date.next_poll_at >= NOW + timedelta(hours=2)


async def test_entities_are_bounded_and_no_file_is_read(faulty: Faulty) -> None:
    started = time.process_time()
    bomb = await faulty.poll("/entities")
    assert time.process_time() - started < 5
    assert bomb.items == ()
    external = await faulty.poll("/external")
    assert [item.title for item in external.items] == ["read on"]


@pytest.mark.parametrize(
    ("path", "title"),
    [("/wrong-charset", "Größe"), ("/nul", "Good one"), ("/surrogate", "Good")],
)
async def test_bytes_that_are_no_text_become_text(faulty: Faulty, path: str, title: str) -> None:
    result = await faulty.poll(path)
    assert result.outcome == Outcome.OK
    assert title in result.items[0].title or result.items[0].title.startswith(title)
    for item in result.items:
        item.title.encode("utf-8")
        assert "\x00" not in item.title


async def test_titles_are_one_line_without_markup_and_links_are_web_addresses(faulty: Faulty) -> None:
    [item] = (await faulty.poll("/markup")).items
    assert item.title == "One Bcc: x two"
    assert (item.url, item.canonical_url) == ("", None)
    assert item.summary == "link"


async def test_all_undated_is_said_and_a_first_sight_of_them_is_old_news(faulty: Faulty) -> None:
    result = await faulty.poll("/undated")
    assert result.outcome == Outcome.UNDATED
    assert len(result.items) == 10
    assert {(item.published, item.published_confidence, item.backfill) for item in result.items} == {
        (NOW, "missing", True)
    }


async def test_50_000_entries_at_once_are_capped_and_raise_no_alert(faulty: Faulty) -> None:
    known = (await faulty.poll("/undated")).state
    hour_ago = NOW - timedelta(hours=1)
    url = f"http://127.0.0.1:{faulty.port}/50000"
    before = structs.replace(known, feed_id="/50000", url=url, last_success_at=hour_ago, polled_at=hour_ago)
    result = await faulty.poll("/50000", before)
    assert len(result.items) == 300
    assert all(item.backfill for item in result.items)
    assert result.state.rate_per_hour is not None
    assert result.state.rate_per_hour < 5


@pytest.fixture
def resolving(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Names resolve to what the test says, one answer after the other."""
    answers: list[list[str]] = []
    real = socket.getaddrinfo

    def lookup(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if host != "news.example":
            return real(host, port, *rest, **named)
        found = answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return answers


@pytest.mark.parametrize(
    "answers", [[["203.0.113.1"], ["127.0.0.1"]], [["127.0.0.1"]], [["10.0.0.1", "127.0.0.1"]]]
)
async def test_a_name_that_resolves_to_a_private_address_is_refused_when_connecting(
    resolving: list[list[str]], answers: list[list[str]]
) -> None:
    resolving.extend(answers)
    for last in range(len(answers)):
        async with serving(poll_timeout_s=0.5) as faulty:
            result = await faulty.poll(f"http://news.example:{faulty.port}/good")
        assert result.items == ()
        if last == len(answers) - 1:
            assert result.outcome == Outcome.BLOCKED_ADDRESS


async def test_proxy_variables_are_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serving() as faulty:
        assert (await faulty.poll("/good")).outcome == Outcome.OK


async def test_a_feed_on_ipv6_only_is_read() -> None:
    async def answer(_: web.Request) -> web.Response:
        return body(GOOD)

    app = web.Application()
    app.router.add_get("/rss", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "::1", 0).start()
    except OSError:
        pytest.fail("this machine has no IPv6 loopback")
    port = runner.addresses[0][1]
    async with HttpFetcher(Settings(poll_allow_private=f"[::1]:{port}")) as fetcher:
        deps = Deps(fetcher=fetcher, reader=Reader(InlineParser(), PUBLISHERS), bounds=Bounds(300, 3600))
        url = f"http://[::1]:{port}/rss"
        result = await poll_feed(Feed(feed_id="six", url=url), None, deps, NOW)
        met = fetcher.address_of(url)
    await runner.cleanup()
    assert (result.outcome, met) == (Outcome.OK, "::1")


async def test_the_address_of_the_connection_is_known_for_politeness(faulty: Faulty) -> None:
    await faulty.poll("/good")
    assert faulty.deps.fetcher.address_of(f"http://127.0.0.1:{faulty.port}/good") == "127.0.0.1"
    await faulty.poll("/404")
    assert faulty.deps.fetcher.address_of(f"http://127.0.0.1:{faulty.port}/404") == "127.0.0.1"
    assert faulty.deps.fetcher.address_of("http://elsewhere.example/") is None


def test_dates_are_read_the_same_in_every_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    read = set()
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        read.add(readable("Sun, 30 Mar 2025 02:30:00 +0100"))
    monkeypatch.undo()
    time.tzset()
    assert read == {"2025-03-30T01:30:00Z"}
