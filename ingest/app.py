"""The poller as a process: wires the loop to the world, and stops it cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator

from kafka import KafkaProducer

from ingest import pages
from ingest.catalogue import Catalogue
from ingest.fetch import HttpFetcher
from ingest.hosts import HostRules
from ingest.hub import Hub
from ingest.hub import check as wants_hub
from ingest.memory import StateTopic
from ingest.pages import Pages
from ingest.parsers import Parsers
from ingest.poll import Deps
from ingest.poller import Poller
from ingest.produce import Sender
from ingest.reading import Reader
from ingest.robots import Robots
from ingest.schedule import Bounds
from ingest.world import World
from riftwatch import kafka, log
from riftwatch.clock import clock_from
from riftwatch.errors import ConfigError, UserError
from riftwatch.publishers import Publishers
from riftwatch.settings import Settings
from riftwatch.topics import ITEMS

PARSERS = 2  # a core each; a first document costs a few ms, a changed one a tenth, and 80 % of the answers need none
CLOSE_S = 5.0
logger = log.get(__name__)


def run(settings: Settings) -> None:
    """Poll until SIGTERM or SIGINT. Raises UserError for what a person must mend."""
    publishers = Publishers.load(settings.config_dir / "publishers.toml")
    catalogue = Catalogue(settings.config_dir / "feeds.opml", publishers)
    bounds = bounds_from(settings)
    clock_from(settings.clock).now()
    wants_hub(settings)
    pages.check(list(catalogue.feeds.values()))
    if not catalogue.feeds:
        raise ConfigError(
            "names no feed: add one with `riftwatch feeds add URL`", settings.config_dir / "feeds.opml"
        )
    with _clients(settings) as (producer, memory):
        asyncio.run(_serve(settings, catalogue, publishers, bounds, producer, memory))


def bounds_from(settings: Settings) -> Bounds:
    """Return the bounds of a feed's interval; raises ConfigError if they make no sense."""
    if not 0 < settings.poll_min_s <= settings.poll_max_s:
        raise ConfigError("poll_min_s must be above 0 and not above poll_max_s")
    if settings.poll_priority_min_s <= 0:
        raise ConfigError("poll_priority_min_s must be above 0")
    fast = min(settings.poll_priority_min_s, settings.poll_min_s)
    return Bounds(settings.poll_min_s, settings.poll_max_s, fast)


async def _serve(
    settings: Settings,
    catalogue: Catalogue,
    publishers: Publishers,
    bounds: Bounds,
    producer: KafkaProducer,
    memory: StateTopic,
) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    sender, parsers = Sender(producer), Parsers(PARSERS)
    async with HttpFetcher(settings) as fetcher, contextlib.AsyncExitStack() as stack:
        hub = await stack.enter_async_context(Hub(settings, fetcher)) if wants_hub(settings) else None
        await parsers.start()
        robots = Robots(fetcher) if settings.clock == "wall" else None
        try:
            poller = Poller(
                World(
                    settings=settings,
                    clock=clock_from(settings.clock),
                    catalogue=catalogue,
                    memory=memory,
                    sender=sender,
                    deps=Deps(
                        fetcher=fetcher,
                        reader=Reader(parsers, publishers),
                        bounds=bounds,
                        robots=robots,
                    ),
                    item_partitions=_partitions(producer),
                    hosts=HostRules.load(settings.config_dir / "hosts.toml"),
                    hub=hub,
                    pages=Pages(settings, fetcher, parsers, robots, publishers) if robots else None,
                )
            )
            logger.info("polling", status="started", feeds=len(catalogue.feeds))
            await poller.run(stopping)
        finally:
            sender.stop()
            await parsers.stop()


@contextlib.contextmanager
def _clients(settings: Settings) -> Iterator[tuple[KafkaProducer, StateTopic]]:
    producer = kafka.producer(settings)
    try:
        memory = StateTopic(settings)
        try:
            yield producer, memory
        finally:
            memory.stop()
    finally:
        producer.close(timeout=CLOSE_S)


def _partitions(producer: KafkaProducer) -> int:
    numbers = producer.partitions_for(ITEMS.name)
    if not numbers:
        raise UserError(f"Kafka has no topic {ITEMS.name}: run `riftwatch topics apply`.")
    return len(numbers)
