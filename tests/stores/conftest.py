"""The stores that the contract runs on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stores.base import Store
from stores.opening import open_store


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each implementation."""
    urls = {"sqlite": f"sqlite:{tmp_path / 'store.db'}"}
    opened = open_store(urls[request.param], readonly=False)
    yield opened
    opened.close()
