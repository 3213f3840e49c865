"""How fast the poller polls, against a bare aiohttp client on the same server in the same run.

A local server answers FEEDS feeds, all with 304 or every fifth with a changed document of 30 entries. Prints
JSON: polls a second of both and their ratio, for the 304s alone (the client's part) and with the changed fifth
(where parsing takes over: 16 ms a document), and the time of one turn over 24 feeds as in the demo, five of
them changed. The broker is a fake that acknowledges at once.
Example: python -m bench.polling 2000
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
from aiohttp import web

from ingest.catalogue import Catalogue
from ingest.fetch import HttpFetcher
from ingest.memory import Share
from ingest.parsers import Parsers
from ingest.poll import Deps
from ingest.poller import Poller, World
from ingest.produce import Sender
from ingest.reading import Reader
from ingest.schedule import Bounds
from riftwatch import log
from riftwatch.clock import ManualClock, monotonic, parse_time
from riftwatch.publishers import Publishers
from riftwatch.settings import Settings
from tests.ingest.fakes import FakeBroker, FakeMemory

START = parse_time("2025-01-22T12:00:00Z")
PARALLEL = 64


def document(name: str, version: int) -> bytes:
    items = "".join(
        f"<item><title>{name} story {number}</title><link>https://{name}.example/{number}</link>"
        f"<guid>{name}-{number}</guid><pubDate>Wed, 22 Jan 2025 10:00:00 GMT</pubDate>"
        f"<description>{'A sentence of news. ' * 20}</description></item>"
        for number in range(version, version + 30)
    )
    return f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>".encode()


def serve(pipe: Connection) -> None:
    """Serve /feed-N, and /changing-N, where every fifth feed has a new document at each poll."""
    asked: dict[str, int] = {}

    async def answer(request: web.Request) -> web.Response:
        number = int(request.path.rpartition("-")[2])
        version = asked[request.path] = asked.get(request.path, 0) + (
            "changing" in request.path and number % 5 == 0
        )
        tag = f'"{version}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=document(f"f{number}", version), headers={"ETag": tag})

    async def main() -> None:
        app = web.Application()
        app.router.add_get("/{path}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


async def bare(port: int, feeds: int, name: str) -> float:
    """Return the polls a second of a client that only reads bodies, with the same answers."""
    limit = asyncio.Semaphore(PARALLEL)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=PARALLEL * 2)) as session:

        async def one(number: int) -> None:
            tag = {} if name == "changing" and number % 5 == 0 else {"If-None-Match": '"0"'}
            async with (
                limit,
                session.get(f"http://127.0.0.1:{port}/{name}-{number}", headers=tag) as response,
            ):
                await response.read()

        started = time.perf_counter()
        await asyncio.gather(*map(one, range(feeds)))
        return feeds / (time.perf_counter() - started)


async def ours(port: int, feeds: int, name: str, folder: Path, parallel: int = PARALLEL) -> list[float]:
    """Seconds of three rounds over all feeds: the first fetches everything, the others mostly meet 304s."""
    outlines = "".join(
        f"<outline feedId='f{number}' publisher='p{number}' xmlUrl='http://127.0.0.1:{port}/{name}-{number}'/>"
        for number in range(feeds)
    )
    folder.joinpath("feeds.opml").write_text(f"<opml><body>{outlines}</body></opml>", encoding="utf-8")
    settings = Settings(
        poll_allow_private=f"127.0.0.1:{port}", poll_host_gap_s=0.0, poll_parallel=parallel, poll_turn_s=0.25
    )
    clock, publishers, parsers = ManualClock(START), Publishers(()), Parsers(2)
    await parsers.start()
    rounds = []
    async with HttpFetcher(settings) as fetcher:
        deps = Deps(fetcher=fetcher, reader=Reader(parsers, publishers), bounds=Bounds(300, 3600))
        catalogue = Catalogue(folder / "feeds.opml", publishers)
        memory, sender = FakeMemory(Share(1, frozenset({0}))), Sender(FakeBroker())
        poller = Poller(
            World(settings=settings, clock=clock, catalogue=catalogue, memory=memory, sender=sender, deps=deps, item_partitions=4)
        )  # fmt: skip
        for _ in range(3):
            started, stopping = monotonic(), asyncio.Event()
            running = asyncio.create_task(poller.run(stopping))
            await asyncio.sleep(0)
            while poller.waiting:  # noqa: ASYNC110  # the poller has no event for it
                await asyncio.sleep(0.01)
            stopping.set()
            await running
            rounds.append(monotonic() - started)
            clock.time += timedelta(hours=12)
        sender.stop()
    await parsers.stop()
    return rounds


def main() -> None:
    log.configure(Settings(log_level="warning"), "bench")
    log.configure(Settings(log_level="warning"), "bench")
    feeds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    shown: dict[str, object] = {"feeds": feeds}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("feed", "changing"):
            plain = asyncio.run(bare(port, feeds, name))
            first, *later = asyncio.run(ours(port, feeds, name, Path(folder)))
            best = feeds / min(later)
            shown[name] = {
                "bare_per_s": round(plain), "ours_per_s": round(best), "ratio": round(best / plain, 2),
                "first_round_per_s": round(feeds / first),
            }  # fmt: skip
        small = asyncio.run(ours(port, 24, "changing", Path(folder), 16))
    shown["turn_24_feeds_ms"] = [round(one * 1000) for one in small]
    print(json.dumps(shown))
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()
