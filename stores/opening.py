"""Opens the store that a setting names: a SQLite file, or Elasticsearch."""

from __future__ import annotations

from pathlib import Path

from riftwatch.errors import ConfigError
from riftwatch.settings import Settings, without_password
from stores.base import Store
from stores.sqlite import SqliteStore

SCHEMES = ("http://", "https://")


def open_store(url: str, *, readonly: bool, settings: Settings | None = None) -> Store:
    """Open "sqlite:PATH" or "http(s)://host:9200"; raises ConfigError, AccessError or StateError.

    The settings hold key, CA and prefix. A read-only store that nobody has written yet reads as empty, and
    fills once its writer has started.
    """
    if is_elastic(url):
        return _elastic(url, settings or Settings(), readonly=readonly)
    return SqliteStore(_place(url), readonly=readonly)


def is_written(url: str, settings: Settings | None = None) -> bool:
    """Tell whether somebody has written the store that a setting names; raises as `open_store` does, and Retry."""
    if not is_elastic(url):
        return _place(url).exists()
    store = open_store(url, readonly=True, settings=settings)
    try:
        return any(store.counts().values())
    finally:
        store.close()


def is_elastic(url: str) -> bool:
    """Tell whether a store is an Elasticsearch."""
    return url.startswith(SCHEMES)


def _elastic(url: str, settings: Settings, *, readonly: bool) -> Store:
    from stores.elastic import ElasticStore  # the embedded installation never loads the client
    from stores.elastic_check import check
    from stores.elastic_client import connect

    client = connect(settings, url, who="riftwatch-reader" if readonly else "riftwatch-sink")
    try:
        check(client, settings.index_prefix, without_password(url), writing=not readonly)
    except BaseException:
        client.close()
        raise
    return ElasticStore(client, settings.index_prefix, readonly=readonly)


def _place(url: str) -> Path:
    kind, _, place = url.partition(":")
    if kind == "sqlite" and place:
        return Path(place)
    raise ConfigError(
        "store must be sqlite:PATH, such as sqlite:data/live/store.db, or http(s)://host:9200, "
        f'not "{_harmless(url)}"'
    )


def _harmless(url: str) -> str:
    head, at, tail = url.rpartition("@")  # an address may carry a password
    return f"{head.partition('://')[0]}://***@{tail}" if at else url
