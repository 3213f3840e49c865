"""The desk on a search engine tells what it tells on SQLite, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from desk.app import make_app
from desk.source import Source
from tests.deployed import Deployed, on_elasticsearch, on_opensearch
from tests.desk import newsroom
from tests.desk.conftest import Client, desk_over

PAGES = (
    "/api/overview", "/api/pair/musk/trump", "/api/pair/musk/trump?range=all&order=lowest&page=2",
    "/api/pair/musk/trump?range=all&order=highest&language=de&copies=1", "/api/pair/openai/xai?range=1y",
    "/api/pair/musk/trump?publisher=hanse&range=all", "/api/actor/musk", "/api/actor/trump?range=all",
    "/api/shifts", "/api/stories", "/api/stories?page=3", "/api/stories?actor=musk&language=de",
    "/api/stories?publisher=hanse&since=2025-01-01&until=2025-02-01", "/api/feeds", "/api/feeds?show=problems", "/api/ops",
)  # fmt: skip
SEARCHES = ("musk", "trump musk", "SoftBank", "Zölle", "…", "nosuchword")


def _filled(deployed: Deployed) -> Deployed:
    store = deployed.store()
    store.put(newsroom.records())
    store.close()
    return deployed


@pytest.fixture(scope="session")
def newsroom_on_elasticsearch(elasticsearch_url: str) -> Iterator[Deployed]:
    with on_elasticsearch(elasticsearch_url) as deployed:
        yield _filled(deployed)


@pytest.fixture(scope="session")
def newsroom_on_opensearch(opensearch_url: str) -> Iterator[Deployed]:
    with on_opensearch(opensearch_url) as deployed:
        yield _filled(deployed)


@pytest.fixture
async def other(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    deployed: Deployed = request.getfixturevalue(f"newsroom_on_{request.param}")
    async with TestClient(TestServer(make_app(desk_over(Source(deployed.store))))) as client:
        yield client


async def told(client: Client, page: str) -> Any:  # Any: JSON
    answer = await client.get(page)
    assert answer.status == 200, page
    return await answer.json()


@pytest.mark.elasticsearch
@pytest.mark.parametrize("other", ["elasticsearch"], indirect=True)
async def test_every_page_tells_the_same(client: Client, other: Client) -> None:
    for page in PAGES:
        assert await told(other, page) == await told(client, page), page


@pytest.mark.elasticsearch
@pytest.mark.parametrize("other", ["elasticsearch"], indirect=True)
async def test_every_story_and_shift_of_a_list_has_its_page(client: Client, other: Client) -> None:
    stories = (await told(client, "/api/stories"))["stories"][:3]
    shifts = (await told(client, "/api/shifts"))["shifts"]
    pages = [f"/api/story/{one['story_id']}" for one in stories]
    pages += [f"/api/shift/{one['shift_id']}" for one in shifts]
    for page in pages:
        assert await told(other, page) == await told(client, page), page
    assert (await other.get("/story/nosuchstory")).status == 404
    assert (await other.get("/shift/nosuchshift")).status == 404


@pytest.mark.opensearch
@pytest.mark.parametrize("other", ["opensearch"], indirect=True)
@pytest.mark.parametrize("words", SEARCHES)
async def test_a_search_finds_the_same_number_of_stories(client: Client, other: Client, words: str) -> None:
    page = f"/api/stories?q={words}"
    here, there = await told(client, page), await told(other, page)
    assert there["paging"]["total"] == here["paging"]["total"]
