"""How fast the poller polls, against a bare aiohttp client on the same server in the same run.

A local server answers FEEDS feeds of 30 entries: all with 304 (`feed`), or every fifth with a new entry
(`changing`, 80 % 304). Three clients work one after the other, the bare one before and after ours, and medians are
printed as JSON:

bare         aiohttp alone: it sends the validator and reads the body of what changed, no more
with_parser  the same, and feedparser in as many processes as we use reads what changed
ours         the poller with its parsers: checks addresses, inflates, hashes, parses, identifies, encodes and sends
             items and state, and waits for the acknowledgement of a broker that acknowledges at once

`ratio` compares polls a second on the wall, `cpu_ratio` polls for a second of processor time of the client and its
parsers: on a machine that is busy otherwise only the latter says something. Memory is what a feed adds to the
resident size of the poller, with 30 known entries, and what the guids of three documents add later.

Example: python -m bench.polling 10000
"""

from __future__ import annotations

import asyncio
import gc
import io
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
import feedparser
from aiohttp import web
from msgspec.structs import replace

from ingest.catalogue import Catalogue
from ingest.fetch import HttpFetcher
from ingest.memory import Share
from ingest.parsers import Parsers
from ingest.poll import Deps
from ingest.poller import Poller
from ingest.produce import Sender
from ingest.reading import Reader
from ingest.schedule import Bounds
from ingest.state import FEWEST_GUIDS_KEPT
from ingest.world import World
from riftwatch import log
from riftwatch.clock import ManualClock, parse_time
from riftwatch.publishers import Publishers
from riftwatch.records import FeedState, decode, encode
from riftwatch.settings import Settings
from tests.ingest.fakes import FakeAck, FakeMemory

START = parse_time("2025-01-22T12:00:00Z")
PARALLEL = 64
ROUNDS = 5
PARSERS = 2


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
        return web.Response(
            body=document(f"f{number}", version), headers={"ETag": tag}, content_type="application/rss+xml"
        )

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


@dataclass(frozen=True, slots=True)
class Took:
    """What a round over all feeds took."""

    wall_s: float
    cpu_s: float


class Forgetful:
    """A broker that acknowledges at once and keeps nothing."""

    def send(self, topic: str, *, value: bytes, key: bytes, partition: int | None) -> FakeAck:  # noqa: ARG002
        """Take a record."""
        return FakeAck(None)


async def timed(work: Callable[[], Awaitable[object]], cpu: Callable[[], float]) -> Took:
    wall, used = time.perf_counter(), cpu()
    await work()
    return Took(time.perf_counter() - wall, cpu() - used)


def cpu_of(pids: list[int]) -> float:
    """Return the seconds of processor time that these processes have used."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Bare:
    """The bare client; with a pool it also has changed bodies parsed."""

    def __init__(self, port: int, feeds: int, name: str, pool: ProcessPoolExecutor | None = None) -> None:
        self._port, self._feeds, self._name, self._pool = port, feeds, name, pool
        self._tags: dict[int, str] = {}

    async def round(self, session: aiohttp.ClientSession) -> None:
        """Ask for every feed once."""
        limit = asyncio.Semaphore(PARALLEL)
        await asyncio.gather(*(self._one(session, limit, number) for number in range(self._feeds)))

    async def _one(self, session: aiohttp.ClientSession, limit: asyncio.Semaphore, number: int) -> None:
        headers = {"If-None-Match": self._tags[number]} if number in self._tags else {}
        url = f"http://127.0.0.1:{self._port}/{self._name}-{number}"
        async with limit, session.get(url, headers=headers) as response:
            body = await response.read()
            self._tags[number] = response.headers["ETag"]
        if body and self._pool:
            await asyncio.get_running_loop().run_in_executor(self._pool, parse_whole, body)


def parse_whole(body: bytes) -> int:
    found = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    return len(found["entries"])


async def bare_rounds(
    port: int, feeds: int, name: str, pool: ProcessPoolExecutor | None = None
) -> list[Took]:
    def cpu() -> float:
        others = list(pool._processes) if pool else []  # no public way to their ids
        return time.process_time() + cpu_of(others)

    client = Bare(port, feeds, name, pool)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=PARALLEL * 2)) as session:
        return [await timed(lambda: client.round(session), cpu) for _ in range(ROUNDS + 1)][1:]


class Ours:
    """The poller, whole but for Kafka and the clock."""

    def __init__(self, port: int, feeds: int, name: str, folder: Path, parallel: int = PARALLEL) -> None:
        outlines = "".join(
            f"<outline feedId='f{number}' publisher='p{number}' xmlUrl='http://127.0.0.1:{port}/{name}-{number}'/>"
            for number in range(feeds)
        )
        (folder / "feeds.opml").write_text(f"<opml><body>{outlines}</body></opml>", encoding="utf-8")
        self.settings = Settings(
            poll_allow_private=f"127.0.0.1:{port}",
            poll_host_gap_s=0.0,
            poll_parallel=parallel,
            poll_turn_s=1.0,
        )
        self.clock = ManualClock(START)
        publishers = Publishers(())
        self.catalogue = Catalogue(folder / "feeds.opml", publishers)
        self.parsers = Parsers(PARSERS)
        self.reader = Reader(self.parsers, publishers)
        self.sender = Sender(Forgetful())

    async def rounds(self, count: int) -> tuple[list[Took], Poller]:
        """Poll every feed so often, and return what each round took, and the poller."""
        await self.parsers.start()
        pids = [process.pid for process in self.parsers._idle if process]
        async with HttpFetcher(self.settings) as fetcher:
            poller = Poller(
                World(
                    settings=self.settings, clock=self.clock, catalogue=self.catalogue, sender=self.sender,
                    memory=FakeMemory(Share(1, frozenset({0}))), item_partitions=4,
                    deps=Deps(fetcher=fetcher, reader=self.reader, bounds=Bounds(300, 3600)),
                )
            )  # fmt: skip
            took = []
            for _ in range(count):
                took.append(
                    await timed(lambda: self._round(poller), lambda: time.process_time() + cpu_of(pids))
                )
                self.clock.time += timedelta(hours=12)
        self.sender.stop()
        await self.parsers.stop()
        return took, poller

    async def _round(self, poller: Poller) -> None:
        stopping = asyncio.Event()
        running = asyncio.create_task(poller.run(stopping))
        await asyncio.sleep(0)
        while poller._waiting or not all(one.done() for one in poller._under_way.tasks):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        stopping.set()
        await running


def compare(port: int, feeds: int, folder: Path) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name in ("feed", "changing"):
        bare = asyncio.run(bare_rounds(port, feeds, name))
        before = resident_mb()
        first, *later = asyncio.run(Ours(port, feeds, name, folder).rounds(ROUNDS + 1))[0]
        grown = resident_mb() - before
        bare += asyncio.run(bare_rounds(port, feeds, name))
        shown[name] = {
            "bare_per_s": rate(feeds, bare), "ours_per_s": rate(feeds, later),
            "ratio": round(wall(bare) / wall(later), 2), "cpu_ratio": round(cpu(bare) / cpu(later), 2),
            "ours_cpu_ms": round(cpu(later) / feeds * 1000, 3), "bare_cpu_ms": round(cpu(bare) / feeds * 1000, 3),
            "first_round_per_s": round(feeds / first.wall_s),
            "first_round_cpu_ms": round(first.cpu_s / feeds * 1000, 2), "grown_mb": round(grown),
        }  # fmt: skip
    with ProcessPoolExecutor(PARSERS) as pool:
        some = min(feeds, 1000)
        parsed = asyncio.run(bare_rounds(port, some, "changing", pool))
    shown["changing_with_parser"] = {
        "per_s": rate(some, parsed), "cpu_ms": round(cpu(parsed) / some * 1000, 3)
    }  # fmt: skip
    return shown


def memory(port: int, folder: Path) -> dict[str, float]:
    """Return the MB that 1,000 feeds add, with 30 known entries, and what the guids of three documents add later."""
    gc.collect()
    before = resident_mb()
    _, poller = asyncio.run(Ours(port, 1000, "feed", folder).rounds(1))
    gc.collect()
    plain = resident_mb() - before
    old = next(iter(poller.roster.states.values()))
    guids = {f"{number:012x}": f"{number:024x}" for number in range(FEWEST_GUIDS_KEPT)}
    before = resident_mb()
    kept = [decode(encode(replace(old, guids=guids)), FeedState) for _ in range(1000)]
    full = resident_mb() - before
    return {"per_1000_feeds_mb": round(plain, 1), "guids_of_1000_feeds_mb": round(full, 1), "kept": len(kept)}


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def wall(took: list[Took]) -> float:
    return statistics.median(one.wall_s for one in took)


def cpu(took: list[Took]) -> float:
    return statistics.median(one.cpu_s for one in took)


def rate(feeds: int, took: list[Took]) -> int:
    return round(feeds / wall(took))


def main() -> None:
    log.configure(Settings(log_level="error"), "bench")
    feeds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    with tempfile.TemporaryDirectory() as folder:
        shown = {"feeds": feeds, "memory": memory(port, Path(folder))} | compare(port, feeds, Path(folder))
        small = asyncio.run(Ours(port, 24, "changing", Path(folder), 16).rounds(3))[0]
    shown["turn_24_feeds_ms"] = [round(one.wall_s * 1000) for one in small]
    print(json.dumps(shown, indent=1))
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()
