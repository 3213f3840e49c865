"""A rebuild from Elasticsearch sends what a rebuild from SQLite sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from commands.refill import refills
from stores.sqlite import SqliteStore
from tests.deployed import Deployed, on_elasticsearch
from tests.desk import newsroom
from tests.stores.full_records import FULL


@pytest.fixture(scope="module")
def deployed(elasticsearch_url: str) -> Iterator[Deployed]:
    with on_elasticsearch(elasticsearch_url) as found:
        yield found


@pytest.mark.elasticsearch
def test_both_stores_refill_the_same(deployed: Deployed, tmp_path: Path) -> None:
    records = [*newsroom.stories(30), *FULL]
    with closing(SqliteStore(tmp_path / "store.db")) as sqlite, closing(deployed.store()) as elastic:
        sqlite.put(records)
        elastic.put(records)
        ours, theirs = ([*refills(store, 12)] for store in (sqlite, elastic))
        assert len(ours) > len(records)
        assert sorted(theirs, key=str) == sorted(ours, key=str)
        assert list(elastic.story_ids()) == list(sqlite.story_ids())
