"""Whether one store holds whatever another one held, in the same revision or a newer one."""

from __future__ import annotations

from collections.abc import Hashable

from riftwatch.records import Coverage, Decision, Evidence, FeedState, Record, SeriesPoint, Shift, Story
from stores.base import Store
from stores.sqlite_tables import table_of

KINDS: tuple[type[Record], ...] = (Story, Evidence, SeriesPoint, Shift, FeedState, Coverage, Decision)


def lacking(store: Store, before: Store) -> dict[str, list[str]]:
    """Return kind -> the keys of the records that `store` lacks or has in an older revision than `before`.

    Dead letters are left out: they expire after a month.
    """
    return {kind.__name__: _lacking(kind, store, before) for kind in KINDS}


def _lacking(kind: type[Record], store: Store, before: Store) -> list[str]:
    table = table_of(kind)

    def key(record: Record) -> tuple[Hashable, ...]:
        columns = table.columns(record)
        return tuple(columns[name] for name in table.key)

    here = {key(record): table.version(record) for record in store.everything(kind)}
    return [
        "|".join(map(str, key(record)))
        for record in before.everything(kind)
        if here.get(key(record), -1) < table.version(record)
    ]
