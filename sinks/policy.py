"""Who is told what about a shift, and when nobody is. Pure: the outbox remembers, the clock is a parameter.

    opened ─▶ alert        strengthened ─▶ update        settled ─▶ settled        withdrawn ─▶ correction

An update, a settling or a correction goes only to who got the alert; each of them once. What begins anew after
a correction is an alert again. Nothing that happened more than a day ago is news, but a correction is always owed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from riftwatch.records import Mail, Shift
from sinks.facts import MailKind

MAX_AGE = timedelta(hours=24)  # since the state began, on the clock of the mail sink
MAILED_KINDS = ("relation",)  # tones of single actors move often and are read on the desk
OVERTAKEN = "not sent: the shift was withdrawn first"

# What a recipient was last told (None: nothing) and the shift's state -> what to tell now.
NEXT: dict[tuple[MailKind | None, str], MailKind] = {
    (None, "opened"): "alert",
    (None, "strengthened"): "alert",  # the opening was missed, suppressed or never arrived
    ("alert", "strengthened"): "update",
    ("alert", "settled"): "settled",
    ("alert", "withdrawn"): "correction",
    ("update", "settled"): "settled",
    ("update", "withdrawn"): "correction",
    ("settled", "withdrawn"): "correction",
    ("correction", "opened"): "alert",
    ("correction", "strengthened"): "alert",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a desk decides about its mails."""

    kinds: tuple[str, ...] = MAILED_KINDS
    paused: bool = False
    heard_before: Mapping[str, str] = field(default_factory=dict)  # shift -> state, told from another outbox


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to tell one recipient, or why not; `cancel` are mails that are no longer true and not sent yet."""

    kind: MailKind | None = None
    suppressed: str = ""  # paused, backfill, too_old or rebuilt
    cancel: tuple[Mail, ...] = ()
    first: Mail | None = None  # the alert that opened the thread


def verdict(shift: Shift, history: Sequence[Mail], now: datetime, rules: Rules) -> Verdict:
    """Return what to tell a recipient who was told `history` (in the order of revisions) about this shift."""
    if shift.subject.partition(":")[0] not in rules.kinds:
        return Verdict()
    if history and history[-1].revision >= shift.revision:
        return Verdict()  # delivered again, or overtaken
    cancel = tuple(mail for mail in history if mail.state == "pending") if shift.state == "withdrawn" else ()
    told = [mail for mail in history if mail.state != "failed" and mail not in cancel]
    kind = NEXT.get((told[-1].kind if told else None, shift.state))
    if kind is None:
        return Verdict(cancel=cancel)
    if not told and rules.heard_before.get(shift.shift_id) == shift.state:
        return Verdict(suppressed="rebuilt", cancel=cancel)
    suppressed = _suppressed(shift, kind, now, rules)
    return Verdict(
        kind=None if suppressed else kind, suppressed=suppressed, cancel=cancel, first=_thread(told, kind)
    )


def overtaken(history: Sequence[Mail]) -> tuple[Mail, ...]:
    """Return the waiting mails that must not go out after an attempt of one of them failed.

    Those are what a withdrawal came after while they were under way, and corrections of what never arrived.
    """
    dropped, told = [], None
    for number, mail in enumerate(history):
        if mail.state == "failed":
            continue
        if mail.state == "pending" and not _still_true(mail, told, history[number + 1 :]):
            dropped.append(mail)
        else:
            told = mail.kind
    return tuple(dropped)


def _still_true(mail: Mail, told: str | None, later: Sequence[Mail]) -> bool:
    if mail.kind == "correction":
        return told not in {None, "correction"}
    return not any(one.kind == "correction" and one.state != "failed" for one in later)


def _suppressed(shift: Shift, kind: MailKind, now: datetime, rules: Rules) -> str:
    if kind == "correction":
        return ""  # while paused it waits in the outbox
    if rules.paused:
        return "paused"
    if shift.backfill:
        return "backfill"
    return "too_old" if now - began(shift) > MAX_AGE else ""


def began(shift: Shift) -> datetime:
    """Return when the shift's present state began."""
    if shift.state == "opened":
        return shift.detected_at
    return shift.changed_at or shift.settled_at or shift.reported_at


def _thread(told: Sequence[Mail], kind: MailKind) -> Mail | None:
    if kind == "alert":
        return None
    alerts = [mail for mail in told if mail.kind == "alert"]
    return alerts[-1] if alerts else None
