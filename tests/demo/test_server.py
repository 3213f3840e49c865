from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import aiohttp
import pytest

from demo import corpus
from demo.server import FeedServer, Press

MORNING = datetime(2025, 1, 22, 4, tzinfo=UTC)
EVENING = datetime(2025, 1, 22, 22, 30, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    feeds = FeedServer(corpus.load(), MORNING)
    feeds.start()
    yield feeds
    feeds.stop()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_feed_changes_with_the_moment(server: FeedServer, client: aiohttp.ClientSession) -> None:
    async with client.get(server.url("morgenruf")) as before:
        old = await before.read()
    server.moment = EVENING
    async with client.get(server.url("morgenruf")) as after:
        assert after.status == 200
        assert await after.read() != old
        assert after.headers["Last-Modified"] == "Wed, 22 Jan 2025 16:40:00 GMT"
        assert after.content_type == "application/rss+xml"


async def test_what_the_reader_knows_is_not_sent_again(
    server: FeedServer, client: aiohttp.ClientSession
) -> None:
    async with client.get(server.url("meridian")) as first:
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": f'"other", W/{etag}'},
        {"If-Modified-Since": modified},
    ):
        async with client.get(server.url("meridian"), headers=headers) as again:
            assert (again.status, await again.read()) == (304, b"")
            assert again.headers["ETag"] == etag


async def test_a_stale_validator_brings_the_document(
    server: FeedServer, client: aiohttp.ClientSession
) -> None:
    async with client.get(server.url("meridian")) as first:
        modified = first.headers["Last-Modified"]
    for headers in (
        {"If-None-Match": '"old"', "If-Modified-Since": modified},  # the tag outweighs the date
        {"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        async with client.get(server.url("meridian"), headers=headers) as again:
            assert again.status == 200


async def test_an_unknown_outlet_is_not_found(server: FeedServer, client: aiohttp.ClientSession) -> None:
    async with client.get(server.url("nobody")) as answer:
        assert answer.status == 404


def test_an_unchanged_document_is_printed_once() -> None:
    press = Press(corpus.load())
    first = press.answer("meridian", EVENING)
    assert press.answer("meridian", EVENING.replace(minute=31)) is first
