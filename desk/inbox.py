"""The mails as they were sent."""

from __future__ import annotations

from datetime import datetime

import msgspec

from desk.look import Look
from desk.query import PAGE_SIZE, Asked, NotFound, Paging
from riftwatch.records import Mail
from stores.outbox import Suppressed

SUPPRESSED = 20


class MailLine(msgspec.Struct, frozen=True, kw_only=True):
    """A mail in one line."""

    mail_id: str
    shift_id: str
    kind: str
    subject_line: str
    recipient: str
    state: str
    at: datetime  # sent, or made while it waits
    detail: str


class SuppressedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that was not written, and why."""

    shift_id: str
    kind: str
    recipient: str
    reason: str
    at: datetime


class InboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the inbox."""

    mails: tuple[MailLine, ...]
    paging: Paging
    suppressed: tuple[SuppressedLine, ...]


class MailPage(msgspec.Struct, frozen=True, kw_only=True):
    """One mail."""

    mail: Mail


def inbox(look: Look, asked: Asked) -> InboxPage:
    """Return a page of mails, newest first; raises BadQuery."""
    page = asked.page()
    found = look.mails.mails(limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return InboxPage(
        mails=tuple(map(_line, found)),
        paging=Paging(page=page, total=found.total),
        suppressed=tuple(map(_suppressed, look.mails.suppressed(SUPPRESSED))),
    )


def mail(look: Look, asked: Asked) -> MailPage:
    """Return one mail; raises NotFound."""
    found = look.mails.mail(asked.path["mail_id"])
    if found is None:
        raise NotFound("missing.mail")
    return MailPage(mail=found)


def _line(mail: Mail) -> MailLine:
    return MailLine(
        mail_id=mail.mail_id,
        shift_id=mail.shift_id,
        kind=mail.kind,
        subject_line=mail.subject_line,
        recipient=mail.recipient,
        state=mail.state,
        at=mail.sent_at or mail.created_at,
        detail=mail.detail,
    )


def _suppressed(one: Suppressed) -> SuppressedLine:
    return SuppressedLine(
        shift_id=one.shift_id, kind=one.kind, recipient=one.recipient, reason=one.reason, at=one.at
    )
