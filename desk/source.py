"""Where the desk reads: the store and the outbox, opened when they first exist.

The desk may start before the first story: until then every page says that it waits.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Protocol

from riftwatch.errors import UserError
from riftwatch.records import Mail
from stores.base import Page, Store
from stores.outbox import OutboxReader, Suppressed


class Waiting(Exception):
    """There is no store yet."""


class Mails(Protocol):
    """The mails of the outbox, read-only."""

    def mails(self, limit: int = 25, offset: int = 0, shift_id: str | None = None) -> Page[Mail]:
        """Return mails, newest first; those of one shift when it is given."""

    def mail(self, mail_id: str) -> Mail | None:
        """Return one mail."""

    def suppressed(self, limit: int = 50) -> list[Suppressed]:
        """Return what was not mailed and why, newest first."""

    def close(self) -> None:
        """Release the outbox; safe to call twice."""


class Source:
    """Opens a store as soon as it can be opened."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open = open_store
        self._store: Store | None = None
        self._lock = Lock()

    def store(self) -> Store:
        """Return the store; raises Waiting while there is none."""
        with self._lock:
            if self._store is None:
                try:
                    self._store = self._open()
                except UserError as error:  # no folder yet, or a file that its sink must bring up to date
                    raise Waiting(str(error)) from error
            return self._store

    def close(self) -> None:
        """Release the store; safe to call twice."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None


class Letterbox:
    """The outbox as the desk sees it: empty as long as nobody has made it."""

    def __init__(self, outbox: OutboxReader) -> None:
        self._outbox = outbox

    def mails(self, limit: int = 25, offset: int = 0, shift_id: str | None = None) -> Page[Mail]:
        """Return mails, newest first; those of one shift when it is given."""
        try:
            return self._outbox.mails(limit, offset, shift_id)
        except UserError:
            return Page((), 0)

    def mail(self, mail_id: str) -> Mail | None:
        """Return one mail."""
        try:
            return self._outbox.mail(mail_id)
        except UserError:
            return None

    def suppressed(self, limit: int = 50) -> list[Suppressed]:
        """Return what was not mailed and why, newest first."""
        try:
            return self._outbox.suppressed(limit)
        except UserError:
            return []

    def close(self) -> None:
        """Release the outbox; safe to call twice."""
        self._outbox.close()
