"""The embedded store: one SQLite file (WAL, FTS5) with one writer and any number of readers.

    put ─▶ one transaction of upserts, each only if its version is equal or newer ─▶ readers see the whole batch

Queries live in sqlite_read, what lies where in sqlite_tables and store_001.sql.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from riftwatch.records import encode
from stores.base import Outcome, Stored, Written
from stores.sqlite_file import open_writer, transaction
from stores.sqlite_read import SCRIPTS, SqliteReader
from stores.sqlite_tables import TABLES, Table, micros

WRITTEN = Written(Outcome.WRITTEN)
STALE = Written(Outcome.STALE)
MAX_RECORD_BYTES = 16_000_000  # far above Kafka's 2 MB; SQLite itself would take a gigabyte


class SqliteStore(SqliteReader):
    """A store in one file; `readonly` for everybody but the search sink."""

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self._writer = None if readonly else open_writer(path, SCRIPTS)
        super().__init__(path)

    def put(self, records: Sequence[Stored]) -> list[Written]:
        """Write records in one transaction, in order.

        Raises Retry when the file is busy, full or unwell: then none of them was written.
        """
        writer = self._writing()
        with transaction(writer):
            return [_put(writer, record) for record in records]

    def retain(self, now: datetime) -> int:
        """Drop what is older than the retention of design.md; return how many records went."""
        writer = self._writing()
        with transaction(writer):
            return sum(_drop_old(writer, table, now) for table in TABLES.values())

    def close(self) -> None:
        """Close the file; the writer leaves it in one piece, without a log beside it."""
        super().close()
        if self._writer is not None:
            self._writer.close()

    def _writing(self) -> sqlite3.Connection:
        if self._writer is None:
            raise TypeError("this store was opened read-only")
        return self._writer


def _put(writer: sqlite3.Connection, record: Stored) -> Written:
    table = TABLES[type(record)]
    try:
        columns = table.columns(record)
        text = encode(record).decode()
        if len(text) > MAX_RECORD_BYTES:
            return Written(Outcome.REJECTED, f"{len(text)} characters are too many for one record")
        row = {**columns, "version": table.version(record), "record": text}
        changed = writer.execute(table.upsert(columns), row).rowcount
    except (ValueError, OverflowError, sqlite3.IntegrityError, sqlite3.DataError) as error:
        return Written(Outcome.REJECTED, f"{type(error).__name__}: {error}")
    return WRITTEN if changed else STALE


def _drop_old(writer: sqlite3.Connection, table: Table, now: datetime) -> int:
    if table.keep_days is None:
        return 0
    oldest = micros(now - timedelta(days=table.keep_days))
    return writer.execute(f"DELETE FROM {table.name} WHERE {table.age} < ?", (oldest,)).rowcount
