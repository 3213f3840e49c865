"""Reading rows of a SQLite file: a read-only connection for each thread, opened when it is first needed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stores.sqlite_file import is_empty_stand_in, open_reader


class Rows:
    """Reads a file that somebody else writes, or will write; until then it is empty."""

    def __init__(self, path: Path, scripts: Sequence[str]) -> None:
        self._path = path
        self._scripts = scripts
        self._mine = threading.local()
        self._all: list[sqlite3.Connection] = []

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection; raises ConfigError or StateError."""
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = open_reader(self._path, self._scripts)
            if not is_empty_stand_in(connection):  # otherwise look again the next time
                self._mine.connection = connection
                self._all.append(connection)
        return connection

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:  # Any: SQLite's rows
        """Return every row."""
        return self.connection().execute(sql, values).fetchall()

    def number(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Return the one number of the first row; 0 when there is none."""
        row = self.connection().execute(sql, values).fetchone()
        return (row[0] or 0) if row else 0

    def close(self) -> None:
        """Close the connections of all threads; safe to call twice."""
        while self._all:
            self._all.pop().close()
        self._mine = threading.local()
