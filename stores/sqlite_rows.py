"""Reading rows of a SQLite file: a read-only connection for each thread, opened when it is first needed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from stores.sqlite_file import is_empty_stand_in, open_reader, unwell_is_retry

ROWS_AT_ONCE = 500


class Rows:
    """Reads a file that somebody else writes, or will write; until then it is empty.

    Every method but `close` raises Retry when the file is busy or unwell, ConfigError or StateError when it
    cannot be read at all.
    """

    def __init__(self, path: Path, scripts: Sequence[str]) -> None:
        self._path = path
        self._scripts = scripts
        self._mine = threading.local()
        self._all: list[sqlite3.Connection] = []

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            with unwell_is_retry():
                connection = open_reader(self._path, self._scripts)
            if not is_empty_stand_in(connection):  # otherwise look again the next time
                self._mine.connection = connection
                self._all.append(connection)
        return connection

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:  # Any: SQLite's rows
        """Return every row."""
        with unwell_is_retry():
            return self.connection().execute(sql, values).fetchall()

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:  # Any: as above
        """Yield every row without holding all of them at once."""
        with unwell_is_retry():
            cursor = self.connection().execute(sql, values)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield from rows

    def number(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Return the one number of the first row; 0 when there is none."""
        rows = self.all(sql, values)
        return (rows[0][0] or 0) if rows else 0

    def close(self) -> None:
        """Close the connections of all threads; safe to call twice."""
        while self._all:
            self._all.pop().close()
        self._mine = threading.local()
