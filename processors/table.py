"""One Faust table as the agents use it: rows of one record type, written with their acknowledgement.

A batching agent has no current event, so a plain table write would raise; and Faust does not await its own
changelog sends. Both are avoided by sending the row to the changelog ourselves, in the partition of the event
that caused it, and putting it into the table once the broker has acknowledged it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

import faust
import msgspec

from processors.sending import Outgoing
from riftwatch.topics import FAUST_APP, Topic

Row = TypeVar("Row", bound=msgspec.Struct)


class RowTable(Generic[Row]):
    """A typed view of a Faust table whose keys and values are bytes."""

    def __init__(self, app: faust.App, topic: Topic, kind: type[Row], partitions: int) -> None:
        self._topic = topic
        self._decoder = msgspec.json.Decoder(kind)
        name = topic.name.removeprefix(f"{FAUST_APP}-").removesuffix("-changelog")
        self.faust_table = app.Table(name, key_type=bytes, value_type=bytes, partitions=partitions)

    def get(self, key: str) -> Row | None:
        """Return one row."""
        value = self.faust_table.data.get(key.encode())
        return None if value is None else self._decoder.decode(value)

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Yield every row this worker holds."""
        for key, value in list(self.faust_table.data.items()):
            if value is not None:
                yield key.decode(), self._decoder.decode(value)

    def write(self, key: str, row: Row | None, partition: int) -> Outgoing:
        """Return the changelog record of a row; None deletes it. Call `keep` once it is acknowledged."""
        return Outgoing(
            self._topic, key.encode(), None if row is None else msgspec.json.encode(row), partition
        )

    def keep(self, written: Outgoing) -> None:
        """Put an acknowledged row into the table."""
        data = self.faust_table.data
        if written.value is None:
            data.pop(written.key, None)
        else:
            data[written.key] = written.value
