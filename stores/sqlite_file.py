"""SQLite files: opened for one writer or many readers, and brought to the version that this code knows.

Shared by the store and the mail outbox; knows no record.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from riftwatch.errors import ConfigError, Retry, StateError

BUSY_TIMEOUT_S = 5.0  # a reader never holds the writer up in WAL mode; a backup tool may
READER_CACHE_KIB = 32_000
WAL_ATTEMPTS = 20
UNWELL = {  # what passes by itself once the other side is well again; everything else is a bug and crashes
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PROTOCOL,
}


def open_writer(path: Path, scripts: Sequence[str]) -> sqlite3.Connection:
    """Open the file for its one writer, creating or migrating it; raises ConfigError or StateError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(f"{path.absolute().as_uri()}?mode=rwc")
        _use_wal(connection)
        # FULL: Kafka's offset is committed after the write, so a power cut must not take the write back.
        connection.execute("PRAGMA synchronous = FULL")
        migrate(connection, scripts, path)
    except (OSError, sqlite3.OperationalError) as error:
        raise ConfigError(
            f"cannot be opened for writing ({error}); check the folder's permissions", path
        ) from error
    except sqlite3.DatabaseError as error:
        raise _no_database(path, error) from error
    return connection


def open_reader(path: Path, scripts: Sequence[str]) -> sqlite3.Connection:
    """Open the file read-only; one that nobody has written yet reads as empty. Raises StateError."""
    try:
        connection = _connect(f"{path.absolute().as_uri()}?mode=ro")
        version = version_of(connection)
    except sqlite3.OperationalError:
        if path.exists():
            raise
        return _empty(scripts, path)
    except sqlite3.DatabaseError as error:
        raise _no_database(path, error) from error
    if version == 0:
        connection.close()
        return _empty(scripts, path)
    _refuse_newer(version, len(scripts), path)
    if version < len(scripts):
        raise StateError(
            f"{path} has version {version}: start its sink once, which brings it to {len(scripts)}"
        )
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    return connection


def is_empty_stand_in(connection: sqlite3.Connection) -> bool:
    """Tell whether open_reader found nothing written yet."""
    return not connection.execute("PRAGMA database_list").fetchone()[2]


def migrate(connection: sqlite3.Connection, scripts: Sequence[str], path: Path) -> None:
    """Run the scripts that the file has not seen, each in a transaction of its own."""
    version = version_of(connection)
    _refuse_newer(version, len(scripts), path)
    for number, name in enumerate(scripts[version:], version + 1):
        sql = resources.files("stores").joinpath(name).read_text(encoding="utf-8")
        connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")


def version_of(connection: sqlite3.Connection) -> int:
    """Return the number of the last script that ran."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


@contextmanager
def unwell_is_retry() -> Iterator[None]:
    """Raise Retry for what SQLite says of a file that is busy, full or otherwise unwell."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if (error.sqlite_errorcode & 0xFF) in UNWELL:
            raise Retry(str(error)) from error
        raise


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; raises Retry when the file is busy, full or otherwise unwell."""
    with unwell_is_retry():
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("COMMIT")
        except BaseException:
            _roll_back(connection)
            raise


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # a full disk rolls back by itself
        connection.execute("ROLLBACK")


def _refuse_newer(version: int, known: int, path: Path) -> None:
    if version > known:
        raise StateError(
            f"{path} was written by a newer Riftwatch (version {version}, this one knows {known}): "
            "update Riftwatch, or name another file"
        )


def _no_database(path: Path, error: sqlite3.DatabaseError) -> StateError:
    return StateError(f"{path} is not a SQLite database ({error}); move it away, or name another")


def _empty(scripts: Sequence[str], path: Path) -> sqlite3.Connection:
    if not path.parent.is_dir():
        raise ConfigError("there is no such folder, so there is nothing to read", path.parent)
    connection = _connect("file::memory:")
    migrate(connection, scripts, path)
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    # The first switch needs the file for itself and does not wait for readers that just look in.
    for attempt in range(WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or attempt == WAL_ATTEMPTS - 1:
                raise
            time.sleep(0.1)


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
