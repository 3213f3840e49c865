"""The permanent page of a shift: what happened, how sure we are, and the sentences on both sides."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from desk.chart import Chart, chart, language_name
from desk.lines import EvidenceLine, ShiftLine, shift_evidence_line, shift_line
from desk.look import Look
from desk.query import Asked, NotFound
from riftwatch.records import Mail, Shift, Split

BEFORE_DAYS, AFTER_DAYS = 45, 30  # shown around a shift
MAILS = 50


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one language or publisher said during the shift."""

    key: str
    label: str
    split: Split


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A moment in the life of a shift."""

    at: datetime
    key: str  # names the text
    recipient: str = ""
    mail_id: str = ""


class ShiftPage(msgspec.Struct, frozen=True, kw_only=True):
    """All of a shift's page."""

    line: ShiftLine
    shift: Shift
    name: str
    chart: Chart
    evidence: tuple[EvidenceLine, ...]
    counter_evidence: tuple[EvidenceLine, ...]
    languages: tuple[Share, ...]
    publishers: tuple[Share, ...]
    history: tuple[Step, ...]


def shift(look: Look, asked: Asked) -> ShiftPage:
    """Return the page of a shift; raises NotFound."""
    found = look.store.shift(asked.path["shift_id"])
    if found is None:
        raise NotFound("missing.shift")
    return ShiftPage(
        line=shift_line(found, look),
        shift=found,
        name=look.names.subject(found.subject),
        chart=_chart(found, look),
        evidence=tuple(shift_evidence_line(evidence, look) for evidence in found.evidence),
        counter_evidence=tuple(shift_evidence_line(evidence, look) for evidence in found.counter_evidence),
        languages=tuple(
            Share(key=code, label=language_name(code, look.wording), split=split)
            for code, split in sorted(found.by_language.items())
        ),
        publishers=tuple(
            Share(key=family, label=look.names.publisher(family), split=split)
            for family, split in sorted(found.by_publisher.items(), key=lambda item: item[1].mean)
        ),
        history=history(found, list(look.mails.mails(limit=MAILS, shift_id=found.shift_id))),
    )


def history(shift: Shift, mails: list[Mail]) -> tuple[Step, ...]:
    """Return what is known of a shift's life, oldest first."""
    steps = [Step(at=shift.onset, key="onset"), Step(at=shift.detected_at, key="detected")]
    if shift.state in {"strengthened", "withdrawn"}:
        steps.append(Step(at=shift.changed_at or shift.reported_at, key=shift.state))
    if shift.settled_at:
        steps.append(Step(at=shift.settled_at, key="settled"))
    steps += [
        Step(at=mail.sent_at, key=f"mail_{mail.kind}", recipient=mail.recipient, mail_id=mail.mail_id)
        for mail in mails
        if mail.sent_at
    ]
    return tuple(sorted(steps, key=lambda step: step.at))


def _chart(shift: Shift, look: Look) -> Chart:
    start = shift.onset.date() - timedelta(days=BEFORE_DAYS)
    end = (shift.settled_at or shift.detected_at).date() + timedelta(days=AFTER_DAYS)
    until = max(min(end, look.today()), shift.detected_at.date())
    points = look.store.series(shift.subject, start, until)
    return chart(shift.subject, points, start, until, [shift], look.names, look.wording)
