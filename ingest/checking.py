"""Feeds looked at once, for people: what is there, and what is wrong, in one line each. Sends nothing."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.discover import Announced, announced
from ingest.feeds import Feed, feed_id_of
from ingest.fetch import HttpFetcher, Request
from ingest.hosts import HostRules
from ingest.neighbours import place_of
from ingest.outcome import SUCCESSES, Failure, Outcome
from ingest.parsers import Parsers
from ingest.poll import Deps, poll_feed
from ingest.reading import Reader
from ingest.robots import Robots
from ingest.schedule import Bounds
from riftwatch.clock import iso
from riftwatch.errors import UserError
from riftwatch.publishers import Publishers, domain_of
from riftwatch.settings import Settings

PARSERS = 2
_PAGES = frozenset({Outcome.NOT_A_FEED, Outcome.CHALLENGE})


@dataclass(frozen=True, slots=True)
class Checked:
    """What one look at a feed found."""

    feed: Feed
    outcome: Outcome
    detail: str
    title: str = ""
    language: str | None = None
    entries: int = 0
    newest: datetime | None = None

    @property
    def is_good(self) -> bool:
        """Whether the feed can be polled as it is."""
        return self.outcome in SUCCESSES

    @property
    def line(self) -> str:
        """The finding in one line."""
        newest = f", newest {iso(self.newest)}" if self.newest else ""
        found = f"{self.entries} entries{newest}" if self.outcome == Outcome.OK else self.detail
        return f"{self.outcome.value:<16} {self.feed.feed_id:<32} {found}"

    @property
    def as_json(self) -> dict[str, object]:
        """The finding for a program."""
        return {
            "feed_id": self.feed.feed_id,
            "url": self.feed.url,
            "outcome": self.outcome.value,
            "detail": self.detail,
            "entries": self.entries,
            "newest": iso(self.newest) if self.newest else None,
        }


async def check(
    feeds: Sequence[Feed], settings: Settings, publishers: Publishers, now: datetime
) -> AsyncIterator[Checked]:
    """Yield a finding for each feed as it comes; one domain after the other, domains side by side."""
    parsers = Parsers(PARSERS)
    await parsers.start()
    try:
        async with HttpFetcher(settings) as fetcher:
            bounds = Bounds(settings.poll_min_s, settings.poll_max_s)
            rules = HostRules.load(settings.config_dir / "hosts.toml")
            deps = Deps(
                fetcher=fetcher, reader=Reader(parsers, publishers), bounds=bounds, robots=Robots(fetcher)
            )
            limit = asyncio.Semaphore(settings.poll_parallel)
            found: asyncio.Queue[Checked] = asyncio.Queue()
            rows = [
                _row(row, deps, now, _gap(row[0], rules, settings), limit, found) for row in _by_domain(feeds)
            ]
            tasks = [asyncio.create_task(row) for row in rows]
            try:
                for _ in feeds:
                    yield await found.get()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await parsers.stop()


async def find_feed(
    url: str, settings: Settings, publishers: Publishers, now: datetime
) -> Checked | list[Announced]:
    """Return the feed at an address, or the one that the page there announces, or all of several announced.

    Raises UserError when there is none.
    """
    direct = await _look(url, settings, publishers, now)
    if direct.is_good:
        return direct
    found = await _announced(url, settings) if direct.outcome in _PAGES else []
    if not found:
        raise UserError(f"{url} gives no feed: {direct.detail}.")
    if len(found) > 1:
        return found
    only = await _look(found[0].url, settings, publishers, now)
    if not only.is_good:
        raise UserError(f"{url} announces {only.feed.url}, which gives no feed: {only.detail}.")
    return only


async def _look(url: str, settings: Settings, publishers: Publishers, now: datetime) -> Checked:
    feed = Feed(feed_id=feed_id_of(url), url=url)
    [found] = [one async for one in check([feed], settings, publishers, now)]
    return found


async def _announced(url: str, settings: Settings) -> list[Announced]:
    async with HttpFetcher(settings) as fetcher:
        page = await fetcher.fetch(Request(url=url))
    return [] if isinstance(page, Failure) else announced(page.body, page.url)


async def _row(
    feeds: Iterable[Feed],
    deps: Deps,
    now: datetime,
    gap_s: float,
    limit: asyncio.Semaphore,
    found: asyncio.Queue[Checked],
) -> None:
    for number, feed in enumerate(feeds):
        if number:
            await asyncio.sleep(gap_s)
        async with limit:
            found.put_nowait(await _one(feed, deps, now))


async def _one(feed: Feed, deps: Deps, now: datetime) -> Checked:
    try:
        result = await poll_feed(feed, None, deps, now)
    except Exception as error:
        return Checked(feed, Outcome.INTERNAL, f"a fault of ours: {type(error).__name__}: {error}")
    dated = [item.published for item in result.items if item.published_confidence in {"claimed", "day"}]
    return Checked(
        feed,
        result.outcome,
        result.state.detail,
        title=result.state.title,
        language=next((item.language for item in result.items if item.language), None),
        entries=result.state.items_total,
        newest=max(dated, default=None),
    )


def _gap(feed: Feed, rules: HostRules, settings: Settings) -> float:
    place = place_of(feed.url)
    own = rules.of(place.host, place.port).gap_s
    return settings.poll_host_gap_s if own is None else own


def _by_domain(feeds: Iterable[Feed]) -> list[list[Feed]]:
    rows: defaultdict[str, list[Feed]] = defaultdict(list)
    for feed in feeds:
        rows[domain_of(feed.url)].append(feed)
    return list(rows.values())
