"""How quickly the desk answers over HTTP, with 100,000 stories in the SQLite store of bench/desk_store.py.

Run: python -m bench.desk_pages [--stories 100000] [--keep FILE]
Prints median and worst of 9 requests for each page in milliseconds, and exits 1 if a median is over 100 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from bench.desk_store import ACTORS, DAYS, LIMIT_MS, START, fill
from desk.app import Desk, make_app
from desk.names import Names
from desk.source import Letterbox, Source
from desk.wording import Wording
from riftwatch.clock import WallClock
from stores.outbox import OutboxReader
from stores.sqlite import SqliteStore

RUNS = 9
PAGES = (
    "/", "/pair/musk/trump", "/pair/musk/trump?range=all", "/pair/musk/trump?range=all&order=lowest&page=40",
    "/pair/musk/trump?range=all&language=de&publisher=paper7", "/actor/musk", "/shifts", "/shift/shift7", "/stories",
    "/stories?q=tariff", "/stories?q=the", "/stories?q=word5+court&actor=musk", "/stories?actor=trump&page=100",
    "/story/story0050000", "/feeds", "/inbox", "/ops", "/api/overview", "/api/pair/musk/trump",
)  # fmt: skip


def desk_over(path: Path) -> Desk:
    return Desk(
        source=Source(lambda: SqliteStore(path, readonly=True)),
        mails=Letterbox(OutboxReader(path.with_name("outbox.db"))),
        names=Names({actor: actor.title() for actor in ACTORS}),
        wording=Wording.load(),
        clock=WallClock(),
    )


async def timings(path: Path) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {}
    async with TestClient(TestServer(make_app(desk_over(path)))) as client:
        for page in PAGES:
            taken[page] = []
            for _ in range(RUNS + 1):  # the first one warms up
                started = time.perf_counter()
                answer = await client.get(page)
                await answer.read()
                taken[page].append((time.perf_counter() - started) * 1000)
                assert answer.status == 200, page
    return {page: times[1:] for page, times in taken.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="fill this file once and use it again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.keep or Path(folder) / "store.db"
        if not path.exists():
            store = SqliteStore(path)
            print(f"filling with {given.stories} stories, {DAYS} days from {START.date()} …", flush=True)
            fill(store, given.stories)
            store.close()
        taken = asyncio.run(timings(path))
    slow = [page for page, times in taken.items() if statistics.median(times) > LIMIT_MS]
    for page, times in taken.items():
        print(f"{statistics.median(times):7.1f} ms  worst {max(times):7.1f} ms  {page}")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
