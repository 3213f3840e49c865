"""The mail outbox: one SQLite file, written by the mail sink alone, read by the desk.

    pending ─▶ sending ─▶ sent | failed        one row for each (shift, revision, kind, recipient), for ever

It lies here because desk and sinks never import one another. It decides nothing: whom to write and when to
try again is the mail sink's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from riftwatch.records import Mail, encode
from stores.base import Page
from stores.sqlite_file import open_writer, transaction
from stores.sqlite_rows import Rows
from stores.sqlite_tables import micros, moment_of

SCRIPTS = ("outbox_001.sql",)
FILE = "outbox.db"
WAITING = "state IN ('pending', 'sending')"

_decode = msgspec.json.Decoder(Mail).decode


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A mail that was not written, and why."""

    shift_id: str
    revision: int
    kind: str
    recipient: str
    reason: str
    at: datetime


class OutboxReader:
    """Reads an outbox that the mail sink writes, or will write; until then it is empty."""

    def __init__(self, path: Path) -> None:
        self._rows = Rows(path, SCRIPTS)

    def mails(self, limit: int = 25, offset: int = 0, shift_id: str | None = None) -> Page[Mail]:
        """Return mails, newest first; those of one shift when it is given."""
        where, values = ("shift_id = ?", (shift_id,)) if shift_id is not None else ("1", ())
        sql = f"SELECT record FROM mails WHERE {where} ORDER BY created_at DESC, revision DESC, mail_id LIMIT ? OFFSET ?"
        total = self._rows.number(f"SELECT count(*) FROM mails WHERE {where}", values)
        return Page(tuple(_decode(row[0]) for row in self._rows.all(sql, (*values, limit, offset))), total)

    def mail(self, mail_id: str) -> Mail | None:
        """Return one mail."""
        rows = self._rows.all("SELECT record FROM mails WHERE mail_id = ?", (mail_id,))
        return _decode(rows[0][0]) if rows else None

    def suppressed(self, limit: int = 50) -> list[Suppressed]:
        """Return what was not mailed and why, newest first."""
        sql = (
            "SELECT shift_id, revision, kind, recipient, reason, at FROM suppressed "
            "ORDER BY at DESC, shift_id, revision, recipient LIMIT ?"
        )
        return [
            Suppressed(shift_id, revision, kind, recipient, reason, moment_of(at))
            for shift_id, revision, kind, recipient, reason, at in self._rows.all(sql, (limit,))
        ]

    def waiting(self) -> list[Mail]:
        """Return the mails that wait, oldest first."""
        sql = f"SELECT record FROM mails WHERE {WAITING} ORDER BY created_at, revision, mail_id"
        return [_decode(row[0]) for row in self._rows.all(sql)]

    def depth(self) -> int:
        """Return how many mails wait."""
        return self._rows.number(f"SELECT count(*) FROM mails WHERE {WAITING}")

    def oldest_waiting(self) -> datetime | None:
        """Return since when the oldest mail waits."""
        oldest = self._rows.all(f"SELECT min(created_at) FROM mails WHERE {WAITING}")[0][0]
        return None if oldest is None else moment_of(oldest)

    def close(self) -> None:
        """Close the connections of all threads; safe to call twice."""
        self._rows.close()


class Outbox(OutboxReader):
    """The writing side, for the one mail sink; every method raises Retry when the file is unwell."""

    def __init__(self, path: Path) -> None:
        self._writer = open_writer(path, SCRIPTS)
        super().__init__(path)

    def add(self, mails: Iterable[Mail], suppressed: Iterable[Suppressed] = ()) -> list[Mail]:
        """Keep new mails as pending and return those that were not there already."""
        added = []
        with transaction(self._writer):
            for one in suppressed:
                self._writer.execute(
                    "INSERT OR IGNORE INTO suppressed VALUES (?, ?, ?, ?, ?, ?)",
                    (one.shift_id, one.revision, one.kind, one.recipient, one.reason, micros(one.at)),
                )
            for mail in mails:
                at = micros(mail.created_at)
                row = (
                    mail.mail_id, mail.shift_id, mail.revision, mail.kind, mail.recipient, mail.state, at, at,
                    encode(mail).decode(),
                )  # fmt: skip
                inserted = self._writer.execute(
                    "INSERT OR IGNORE INTO mails (mail_id, shift_id, revision, kind, recipient, state, created_at,"
                    " next_try_at, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
                if inserted.rowcount:
                    added.append(mail)
        return added

    def update(
        self, mail: Mail, *, next_try_at: datetime | None = None, refused_at: datetime | None = None
    ) -> None:
        """Keep the mail's new state."""
        with transaction(self._writer):
            self._writer.execute(
                "UPDATE mails SET state = ?, record = ?, next_try_at = coalesce(?, next_try_at),"
                " refused_at = coalesce(?, refused_at) WHERE mail_id = ?",
                (
                    mail.state, encode(mail).decode(), None if next_try_at is None else micros(next_try_at),
                    None if refused_at is None else micros(refused_at), mail.mail_id,
                ),
            )  # fmt: skip

    def due(self, now: datetime, limit: int = 20) -> list[Mail]:
        """Return mails to be sent now, oldest first; those found in `sending` were cut off and go first.

        A mail waits for the earlier ones of its thread: no update arrives before its alert.
        """
        sql = (
            f"SELECT record FROM mails WHERE {WAITING} AND (next_try_at <= ? OR state = 'sending') "
            "AND NOT EXISTS (SELECT 1 FROM mails AS earlier WHERE earlier.shift_id = mails.shift_id "
            "AND earlier.recipient = mails.recipient AND earlier.revision < mails.revision "
            "AND earlier.state IN ('pending', 'sending')) "
            "ORDER BY state = 'pending', created_at, revision, mail_id LIMIT ?"
        )
        return [_decode(row[0]) for row in self._rows.all(sql, (micros(now), limit))]

    def history(self, shift_id: str, recipient: str) -> list[Mail]:
        """Return what was written to a recipient about a shift, in the order of revisions."""
        sql = "SELECT record FROM mails WHERE shift_id = ? AND recipient = ? ORDER BY revision, created_at, mail_id"
        return [_decode(row[0]) for row in self._rows.all(sql, (shift_id, recipient))]

    def was_suppressed(self, shift_id: str, revision: int, recipient: str) -> bool:
        """Tell whether a mail about this revision was decided against."""
        sql = "SELECT count(*) FROM suppressed WHERE shift_id = ? AND revision = ? AND recipient = ?"
        return self._rows.number(sql, (shift_id, revision, recipient)) > 0

    def refusals(self, recipient: str, last: int) -> list[datetime | None]:
        """Return, for the last tried mails to a recipient, newest first, when each was refused for good."""
        sql = (
            "SELECT refused_at FROM mails WHERE recipient = ? AND (refused_at IS NOT NULL OR state = 'sent') "
            "ORDER BY created_at DESC, revision DESC LIMIT ?"
        )
        return [
            None if row[0] is None else moment_of(row[0]) for row in self._rows.all(sql, (recipient, last))
        ]

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._writer.close()


def read_mails(data: Path) -> list[Mail]:
    """Return all mails of an installation, oldest first."""
    reader = OutboxReader(data / FILE)
    try:
        page = reader.mails(limit=-1)  # SQLite's word for no limit
        return list(reversed(page.items))
    finally:
        reader.close()
