"""A hand-written outbox for the desk's tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from riftwatch.records import Mail
from stores.base import Page
from stores.outbox import Suppressed


class FakeMails:
    """Mails in memory."""

    def __init__(self, mails: Sequence[Mail] = ()) -> None:
        self._mails = sorted(mails, key=lambda mail: mail.created_at, reverse=True)

    def mails(self, limit: int = 25, offset: int = 0, shift_id: str | None = None) -> Page[Mail]:
        found = [mail for mail in self._mails if shift_id in (None, mail.shift_id)]
        return Page(tuple(found[offset : offset + limit]), len(found))

    def mail(self, mail_id: str) -> Mail | None:
        return next((mail for mail in self._mails if mail.mail_id == mail_id), None)

    def suppressed(self, limit: int = 50) -> list[Suppressed]:
        at = datetime(2024, 12, 12, 7, tzinfo=UTC)
        return [Suppressed("e0d3f5a8", 1, "alert", "desk@localhost", "found in back-filled stories", at)][
            :limit
        ]

    def close(self) -> None:
        pass
