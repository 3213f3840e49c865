"""How the system is: what is stored, when each stage last gave a sign of life, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from desk.look import Look
from desk.query import PAGE_SIZE, Asked, Paging

LATE = timedelta(minutes=15)  # three of the shortest polling intervals


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """The newest thing that a stage has left in the store."""

    stage: str
    at: datetime | None
    age_s: float | None
    late: bool


class LetterLine(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter, without its bytes."""

    letter_id: str
    topic: str
    stage: str
    reason: str
    error: str
    where: str
    failed_at: datetime
    size: int | None


class OpsPage(msgspec.Struct, frozen=True, kw_only=True):
    """All of the operations page."""

    clock: datetime
    counts: dict[str, int]
    signs: tuple[Sign, ...]
    letters: tuple[LetterLine, ...]
    paging: Paging


def ops(look: Look, asked: Asked) -> OpsPage:
    """Return the state of the system as the store shows it; raises BadQuery."""
    page = asked.page()
    clock = look.clock.now()
    letters = look.store.dead_letters(limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return OpsPage(
        clock=clock,
        counts=dict(sorted(look.store.counts().items())),
        signs=tuple(_sign(stage, at, clock) for stage, at in _lives(look)),
        letters=tuple(
            LetterLine(
                letter_id=letter.letter_id,
                topic=letter.topic,
                stage=letter.stage,
                reason=letter.reason,
                error=letter.error,
                where=letter.where,
                failed_at=letter.failed_at,
                size=None if letter.value is None else len(letter.value),
            )
            for letter in letters
        ),
        paging=Paging(page=page, total=letters.total),
    )


def _lives(look: Look) -> list[tuple[str, datetime | None]]:
    today = look.today()
    summaries = [*look.store.subjects("tone", today), *look.store.subjects("relation", today)]
    return [
        ("poll", _newest(feed.polled_at for feed in look.store.feeds())),
        ("analyse", look.store.latest_time()),
        ("watch", _newest(line.latest.newest_fetched_at for line in summaries if line.latest)),
        ("shift", _newest(shift.reported_at for shift in look.store.shifts(limit=1))),
        ("mail", _newest(mail.sent_at for mail in look.mails.mails(limit=1))),
    ]


def _newest(times: Iterable[datetime | None]) -> datetime | None:
    return max((time for time in times if time is not None), default=None)


def _sign(stage: str, at: datetime | None, clock: datetime) -> Sign:
    """Return a sign of life; shifts and mails are rare, so that theirs is never late."""
    age = None if at is None else clock - at
    steady = stage in {"poll", "analyse"}
    return Sign(
        stage=stage,
        at=at,
        age_s=None if age is None else age.total_seconds(),
        late=steady and (age is None or age > LATE),
    )
