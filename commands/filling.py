"""Copies every record from the indices of one prefix into those of another, through the store's own interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice

from riftwatch.errors import ConfigError
from riftwatch.settings import Settings
from stores.base import Outcome, Store, Stored
from stores.elastic_families import FAMILIES
from stores.opening import open_store

AT_ONCE = 500


def fill(settings: Settings, url: str, old: str) -> Iterator[tuple[str, int, int]]:
    """Copy from `old` to the prefix in use; yield each family, how many were copied and how many refused.

    Idempotent: what is there in a newer version stays. Raises Retry when the server is unwell; the same call then
    does the rest.
    """
    if old == settings.index_prefix:
        raise ConfigError(f"{old} is the prefix in use: set RIFTWATCH_INDEX_PREFIX to the new one")
    with (
        closing(open_store(url, readonly=True, settings=replace(settings, index_prefix=old))) as source,
        closing(open_store(url, readonly=False, settings=settings)) as target,
    ):
        for kind, family in FAMILIES.items():
            yield (family.name, *_copy(source, target, kind))


def _copy(source: Store, target: Store, kind: type[Stored]) -> tuple[int, int]:
    records, copied, refused = source.everything(kind), 0, 0
    while batch := list(islice(records, AT_ONCE)):
        bad = sum(written.outcome is Outcome.REJECTED for written in target.put(batch))
        copied, refused = copied + len(batch) - bad, refused + bad
    return copied, refused
