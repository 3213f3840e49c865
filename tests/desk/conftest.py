"""The desk over a real store that holds the invented newsroom."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from desk.app import Desk, make_app
from desk.figures import Times
from desk.look import Look
from desk.names import Names
from desk.source import Source
from desk.wording import Wording
from riftwatch.clock import ManualClock
from stores.sqlite import SqliteStore
from tests.desk import newsroom
from tests.desk.outbox import FakeMails

Client = TestClient[web.Request, web.Application]


class Outlets:
    """Titles of the invented outlets."""

    def title(self, key: str, /) -> str:
        return newsroom.OUTLETS.get(key, key)


def desk_over(source: Source) -> Desk:
    return Desk(
        source=source,
        mails=FakeMails(newsroom.mails()),
        names=Names(newsroom.ACTORS, Outlets()),
        wording=Wording.load(),
        clock=ManualClock(newsroom.NOW),
    )


@pytest.fixture(scope="session")
def newsroom_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("newsroom") / "store.db"
    store = SqliteStore(path)
    store.put(newsroom.records())
    store.close()
    return path


@pytest.fixture
def store(newsroom_file: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(newsroom_file, readonly=True)
    yield store
    store.close()


@pytest.fixture
def look(store: SqliteStore) -> Look:
    wording = Wording.load()
    return Look(
        store=store,
        mails=FakeMails(newsroom.mails()),
        names=Names(newsroom.ACTORS, Outlets()),
        wording=wording,
        times=Times(wording),
        clock=ManualClock(newsroom.NOW),
    )


@pytest.fixture
async def client(newsroom_file: Path) -> AsyncIterator[Client]:
    desk = desk_over(Source(lambda: SqliteStore(newsroom_file, readonly=True)))
    async with TestClient(TestServer(make_app(desk))) as client:
        yield client
