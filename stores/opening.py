"""Opens the store that a setting names."""

from __future__ import annotations

from pathlib import Path

from riftwatch.errors import ConfigError
from stores.base import Store
from stores.sqlite import SqliteStore


def open_store(url: str, *, readonly: bool) -> Store:
    """Open "sqlite:PATH"; raises ConfigError or StateError with one clear sentence.

    A read-only store that nobody has written yet reads as empty, and fills once its writer has started.
    """
    return SqliteStore(_place(url), readonly=readonly)


def is_written(url: str) -> bool:
    """Tell whether somebody has written the store that a setting names; raises ConfigError."""
    return _place(url).exists()


def _place(url: str) -> Path:
    kind, _, place = url.partition(":")
    if kind == "sqlite" and place:
        return Path(place)
    raise ConfigError(f'store must be sqlite:PATH, such as sqlite:data/live/store.db, not "{_harmless(url)}"')


def _harmless(url: str) -> str:
    head, at, tail = url.rpartition("@")  # an address may carry a password
    return f"{head.partition('://')[0]}://***@{tail}" if at else url
