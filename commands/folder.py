"""The data folder of an embedded installation: whose it is, which format it has, whether it is whole.

data/live/  lock  version  broker.json  roles.json  log  kafka/  store.db  outbox.db
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riftwatch.errors import StateError, UserError
from riftwatch.settings import Settings
from stores.opening import is_written

FORMAT = 1  # raised when an older Riftwatch could no longer read what a newer one wrote
LOCK = "lock"
VERSION = "version"
REFILL = "refill"
LEAVING_S = 12.0  # a killed installation's processes are ended by its guard within six seconds


@contextmanager
def claimed(data: Path, *, wipe: bool = False) -> Iterator[int]:
    """Hold the folder for oneself and yield the lock's file descriptor; make it if need be.

    `wipe` empties it first. Raises StateError when another Riftwatch runs in it or a newer one wrote it,
    UserError when it cannot be written.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise UserError(f"no data can be kept in {data}: {error.strerror}; choose RIFTWATCH_DATA.") from error
    try:
        _lock(descriptor, data)
        if wipe:
            _wipe(data)
        _check_format(data)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, data: Path) -> None:
    until = time.monotonic() + LEAVING_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            if _alive(holder) or time.monotonic() > until:
                raise StateError(
                    f"{data} is in use by process {holder or '?'}: stop that Riftwatch first, or choose another "
                    "folder with RIFTWATCH_DATA."
                ) from None
            time.sleep(0.1)
        else:
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            return


def _alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _wipe(data: Path) -> None:
    inside = [path for path in data.iterdir() if path.name != LOCK]
    if inside and not (data / VERSION).exists():
        raise StateError(f"{data} holds files that are not Riftwatch's: it was not emptied.")
    try:
        for path in inside:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    except OSError as error:
        raise UserError(f"{data} cannot be emptied: {error.strerror}.") from error


def _check_format(data: Path) -> None:
    path = data / VERSION
    try:
        found = int(path.read_text(encoding="ascii")) if path.exists() else 0
        if found < FORMAT:
            path.write_text(f"{FORMAT}\n", encoding="ascii")
    except (OSError, ValueError) as error:
        raise StateError(
            f"{path} cannot be used ({error}): restore it, or choose a new folder with RIFTWATCH_DATA."
        ) from error
    if found > FORMAT:
        raise StateError(
            f"{data} was written by a newer Riftwatch (format {found}, this one knows {FORMAT}): "
            "update Riftwatch, or choose another folder with RIFTWATCH_DATA."
        )


def begin_refill_if_lost(settings: Settings) -> None:
    """Note that Kafka's part of the folder is gone while the store in use is still there.

    A refill that was cut short is begun anew, on an empty broker.
    """
    data, kafka = settings.data, settings.data / "kafka"
    if refilling(data) and kafka.exists():
        shutil.rmtree(kafka)
    elif not (kafka / "meta.properties").exists() and is_written(settings.store_url, settings):
        (data / REFILL).touch()


def refilling(data: Path) -> bool:
    """Tell whether topics have to be refilled from the store before any role may start."""
    return (data / REFILL).exists()


def end_refill(data: Path) -> None:
    """Note that the topics are whole again."""
    (data / REFILL).unlink()
