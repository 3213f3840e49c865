"""The fetcher against a local server that misbehaves: every fault ends within limits and under its name."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any  # Any: keyword values of several types

import pytest
from aiohttp import web

from ingest.fetch import HttpFetcher, Request, Response, _refuse_hop
from ingest.outcome import Failure, Outcome
from riftwatch.settings import Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """A server of handlers by path, and what it was asked."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    port: int = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return await self.handlers[request.path](request)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    yield made
    await runner.cleanup()


@asynccontextmanager
async def raw_server(answer: bytes, *, drip: bytes = b"") -> AsyncIterator[int]:
    """A server below HTTP: writes `answer` at once, then `drip` again and again."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            while drip:
                writer.write(drip)
                await writer.drain()
                await asyncio.sleep(0.01)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    started = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield started.sockets[0].getsockname()[1]
    finally:
        started.close()


def answering(body: bytes = b"feed", status: int = 200, **headers: str) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, status=status, headers=named)

    return handler


async def fetch(port: int, url: str, *, allowed: bool = True, **given: Any) -> Response | Failure:
    request = {
        name: given.pop(name) for name in ("etag", "last_modified", "validators_host") if name in given
    }
    limits: dict[str, Any] = {
        "poll_timeout_s": 2.0,
        "poll_max_wire_bytes": 50_000,
        "poll_max_body_bytes": 100_000,
    } | given
    settings = Settings(poll_allow_private=f"127.0.0.1:{port}" if allowed else "", **limits)
    async with HttpFetcher(settings) as fetcher:
        return await fetcher.fetch(Request(url=url, **request))


async def outcome(server: Server, path: str, **given: Any) -> Outcome:
    found = await fetch(server.port, server.url(path), **given)
    assert isinstance(found, Failure), found
    assert found.detail
    assert "\n" not in found.detail
    return found.outcome


async def test_a_document_comes_with_its_headers(server: Server) -> None:
    server.handlers["/a"] = answering(
        b"feed", ETag='W/"x"', Last_Modified="yesterday, roughly", Cache_Control="max-age=60",
        Content_Type="application/rss+xml; charset=latin-1",
    )  # fmt: skip
    found = await fetch(server.port, server.url("/a"))
    assert found == Response(
        status=200, url=server.url("/a"), body=b"feed", etag='W/"x"', last_modified="yesterday, roughly",
        content_type="application/rss+xml; charset=latin-1", cache_control="max-age=60",
    )  # fmt: skip
    sent = server.asked[0].headers
    assert sent["User-Agent"].startswith("Riftwatch/")
    assert "(+http" in sent["User-Agent"]
    assert sent["Accept-Encoding"] == "gzip"
    assert not {"Cookie", "Referer", "If-None-Match", "If-Modified-Since"} & set(sent)


async def test_validators_are_sent_byte_for_byte_and_304_is_no_failure(server: Server) -> None:
    server.handlers["/a"] = answering(b"", 304, ETag='W/"x"')
    found = await fetch(server.port, server.url("/a"), etag='W/"x"', last_modified="yesterday, roughly")
    assert isinstance(found, Response)
    assert found.status == 304
    assert server.asked[0].headers["If-None-Match"] == 'W/"x"'
    assert server.asked[0].headers["If-Modified-Since"] == "yesterday, roughly"


async def test_validators_of_one_host_are_not_shown_to_another(server: Server) -> None:
    server.handlers["/a"] = answering()
    await fetch(server.port, server.url("/a"), etag='"x"', validators_host="elsewhere.example")
    assert "If-None-Match" not in server.asked[0].headers


async def test_cookies_are_not_kept(server: Server) -> None:
    server.handlers["/a"] = answering(Set_Cookie="id=1")
    settings = Settings(poll_allow_private=f"127.0.0.1:{server.port}")
    async with HttpFetcher(settings) as fetcher:
        for _ in range(2):
            await fetcher.fetch(Request(url=server.url("/a")))
    assert "Cookie" not in server.asked[1].headers


async def test_gzip_is_unpacked(server: Server) -> None:
    server.handlers["/a"] = answering(gzip.compress(b"feed"), Content_Encoding="gzip")
    found = await fetch(server.port, server.url("/a"))
    assert isinstance(found, Response)
    assert found.body == b"feed"


async def test_hops_are_followed_and_a_permanent_move_is_told(server: Server) -> None:
    server.handlers["/a"] = answering(status=301, Location="/b")
    server.handlers["/b"] = answering(status=308, Location="c")
    server.handlers["/c"] = answering()
    found = await fetch(server.port, server.url("/a"))
    assert isinstance(found, Response)
    assert (found.url, found.moved_to) == (server.url("/c"), server.url("/c"))


async def test_one_passing_redirect_makes_no_move(server: Server) -> None:
    server.handlers["/a"] = answering(status=301, Location="/b")
    server.handlers["/b"] = answering(status=302, Location="/c")
    server.handlers["/c"] = answering()
    found = await fetch(server.port, server.url("/a"))
    assert isinstance(found, Response)
    assert found.moved_to is None


async def test_a_redirect_loop_and_too_many_hops_are_named(server: Server) -> None:
    server.handlers["/a"] = answering(status=302, Location="/b")
    server.handlers["/b"] = answering(status=302, Location="/a")
    assert await outcome(server, "/a") == Outcome.REDIRECT
    for number in range(30):
        server.handlers[f"/{number}"] = answering(status=302, Location=f"/{number + 1}")
    assert await outcome(server, "/0") == Outcome.REDIRECT
    assert len(server.asked) == 2 + 6


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/", "http://[::1]/", "http://0.0.0.0/", "http://169.254.169.254/latest/meta-data", "http://[fd00::1]/",
     "http://0x7f.1/", "http://2130706433/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/",
     "http://[2002:7f00:1::]/", "http://localhost/", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"],
)  # fmt: skip
async def test_private_targets_are_refused_directly_and_by_redirect(server: Server, target: str) -> None:
    direct = await fetch(1, target)
    assert isinstance(direct, Failure)
    assert direct.outcome in {Outcome.BLOCKED_ADDRESS, Outcome.DNS}, direct
    server.handlers["/a"] = answering(status=302, Location=target)
    hop = await fetch(server.port, server.url("/a"))
    assert isinstance(hop, Failure)
    assert hop.outcome == direct.outcome, hop


@pytest.mark.parametrize("allowed", ["127.0.0.1:{own},127.0.0.1:{other}", "127.0.0.1:*"])
async def test_an_allowed_address_is_for_its_own_feed_and_nobody_s_redirect(
    server: Server, allowed: str
) -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfeed") as other:
        server.handlers["/a"] = answering(status=302, Location=f"http://127.0.0.1:{other}/admin")
        settings = Settings(poll_allow_private=allowed.format(own=server.port, other=other))
        async with HttpFetcher(settings) as fetcher:
            hop = await fetcher.fetch(Request(url=server.url("/a")))
            direct = await fetcher.fetch(Request(url=f"http://127.0.0.1:{other}/admin"))
    assert isinstance(hop, Failure)
    assert hop.outcome == Outcome.BLOCKED_ADDRESS
    assert isinstance(direct, Response)


async def test_without_an_allowance_loopback_is_never_connected_to(server: Server) -> None:
    server.handlers["/a"] = answering()
    assert await outcome(server, "/a", allowed=False) == Outcome.BLOCKED_ADDRESS
    assert not server.asked


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (404, {}, Outcome.NOT_FOUND),
        (410, {}, Outcome.GONE),
        (401, {}, Outcome.FORBIDDEN),
        (403, {}, Outcome.FORBIDDEN),
        (403, {"cf_mitigated": "challenge"}, Outcome.CHALLENGE),
        (429, {}, Outcome.RATE_LIMITED),
        (503, {"Retry_After": "120"}, Outcome.RATE_LIMITED),
        (503, {}, Outcome.SERVER_ERROR),
        (500, {}, Outcome.SERVER_ERROR),
        (204, {}, Outcome.SERVER_ERROR),
        (301, {}, Outcome.SERVER_ERROR),
    ],
)
async def test_each_status_has_its_name(
    server: Server, status: int, headers: dict[str, str], expected: Outcome
) -> None:
    server.handlers["/a"] = answering(b"", status, **headers)
    assert await outcome(server, "/a") == expected


async def test_retry_after_is_handed_on(server: Server) -> None:
    server.handlers["/a"] = answering(status=429, Retry_After="120")
    found = await fetch(server.port, server.url("/a"))
    assert isinstance(found, Failure)
    assert (found.retry_after, found.status) == ("120", 429)


async def test_a_body_too_large_on_the_wire_or_unpacked_is_stopped(server: Server) -> None:
    server.handlers["/wire"] = answering(b"x" * 60_000)
    server.handlers["/bomb"] = answering(gzip.compress(b"\0" * 10_000_000), Content_Encoding="gzip")
    assert await outcome(server, "/wire") == Outcome.TOO_LARGE
    assert await outcome(server, "/bomb") == Outcome.TOO_LARGE


async def test_endless_chunks_are_stopped(server: Server) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 1000)

    server.handlers["/a"] = endless
    assert await outcome(server, "/a") == Outcome.TOO_LARGE


async def test_one_byte_at_a_time_ends_with_the_total_time() -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", drip=b"x") as port:
        found = await fetch(port, f"http://127.0.0.1:{port}/", poll_timeout_s=0.3)
    assert isinstance(found, Failure)
    assert found.outcome == Outcome.TIMEOUT


async def test_headers_without_end_are_stopped() -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\nX: ", drip=b"y" * 5000) as port:
        found = await fetch(port, f"http://127.0.0.1:{port}/")
    assert isinstance(found, Failure)
    assert found.outcome in {Outcome.SERVER_ERROR, Outcome.UNREACHABLE, Outcome.TOO_LARGE}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"", Outcome.UNREACHABLE),
        (b"no http at all\r\n\r\n", Outcome.SERVER_ERROR),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", Outcome.UNREACHABLE),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc", Outcome.SERVER_ERROR),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", Outcome.SERVER_ERROR),
    ],
)
async def test_broken_answers_have_a_name(answer: bytes, expected: Outcome) -> None:
    async with raw_server(answer) as port:
        found = await fetch(port, f"http://127.0.0.1:{port}/")
    assert isinstance(found, Failure)
    assert found.outcome == expected, found


async def test_a_closed_port_a_missing_name_and_a_server_without_tls_are_told_apart(server: Server) -> None:
    server.handlers["/a"] = answering()
    async with raw_server(b"") as port:
        closed = port
    refused = await fetch(closed, f"http://127.0.0.1:{closed}/")
    nameless = await fetch(1, "http://no-such-host.invalid/")
    plain = await fetch(server.port, server.url("/a").replace("http:", "https:"))
    found = [one.outcome for one in (refused, nameless, plain) if isinstance(one, Failure)]
    assert found == [Outcome.UNREACHABLE, Outcome.DNS, Outcome.TLS]


async def test_https_is_never_left_for_http() -> None:
    refused = _refuse_hop("https://example.com/a", "http://example.com/a", set())
    assert refused is not None
    assert refused.outcome == Outcome.REDIRECT
