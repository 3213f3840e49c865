"""The mail sink: shifts ─▶ policy ─▶ outbox ─▶ files and SMTP.

    poll ─▶ decide for each recipient ─▶ rows in the outbox ─▶ commit ─▶ carry what is due a step further

It never waits for longer than POLL_MS, so that a stepped clock is not held up. Whom to tell what is decided in
sinks/policy.py, how it reads in sinks/facts.py and sinks/texts.py, when to try again in sinks/courier.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType

import msgspec

from riftwatch import log, metrics
from riftwatch.clock import Clock
from riftwatch.errors import ConfigError, Reject
from riftwatch.flood import Flood
from riftwatch.letters import Received
from riftwatch.records import Mail, Shift, decode
from riftwatch.settings import Settings
from sinks.consuming import Batch, Commits, Consumer, Letters, Stop, persist
from sinks.courier import Courier
from sinks.facts import Addressed, MailKind, Names
from sinks.message import write
from sinks.policy import OVERTAKEN, Rules, verdict
from stores.outbox import Outbox, Suppressed

STAGE = "mail"
POLL_MS = 100
MAX_RECORDS = 100
PAUSE_FILE = "mail.paused"
FOLDER = "mails"

logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """The people who get mail, and what it needs to be written to them."""

    recipients: tuple[str, ...]
    sender: str
    url: str
    names: Names

    def addressed(self, recipient: str) -> Addressed:
        """Return one recipient's address label."""
        return Addressed(recipient, self.sender, self.url)


def desk_of(settings: Settings, names: Names) -> Desk:
    """Return the desk of the settings; raises ConfigError for what is no mail address."""
    recipients = tuple(dict.fromkeys(one.strip() for one in settings.mail_to.split(",") if one.strip()))
    for name, one in (("mail_from", settings.mail_from), *(("mail_to", one) for one in recipients)):
        if not re.fullmatch(r"[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]+@[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]+", one):
            raise ConfigError(f'{name} must be a mail address such as desk@example.org, not "{one}"')
    return Desk(recipients, settings.mail_from, settings.desk_url, names)


class MailSink:
    """The shell: takes shifts, keeps mails, lets the courier carry them."""

    def __init__(
        self, consumer: Consumer, outbox: Outbox, letters: Letters, courier: Courier, clock: Clock, desk: Desk,
        data: Path, stop: Stop, heard_before: Mapping[str, str] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self._consumer = consumer
        self._outbox = outbox
        self._letters = letters
        self._courier = courier
        self._clock = clock
        self._desk = desk
        self._pause_file = data / PAUSE_FILE
        self._stop = stop
        self._heard_before = heard_before
        self._flood = Flood("handled")
        self._commits = Commits(consumer)

    def run(self) -> None:
        """Work until told to stop; a mail on its way gets a moment to arrive."""
        try:
            while not self._stop.wanted:
                self.turn()
        finally:
            self._courier.finish()

    def turn(self) -> None:
        """Take what one poll brings, then carry what is due."""
        batch: Batch = self._consumer.poll(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
        messages = list(chain.from_iterable(batch.values()))
        if messages and not persist(lambda: self._take(messages), self._consumer, self._stop, STAGE):
            return
        # Before the commit: whoever watches our offsets then finds the files written, too.
        if not persist(self._carry, self._consumer, self._stop, STAGE):
            return
        self._commits.settle(batch)

    def _carry(self) -> None:
        self._courier.turn(paused=self._pause_file.exists())
        self._measure()

    def _take(self, messages: Sequence[Received]) -> None:
        """Keep the mails about some shifts in the outbox; raises Retry."""
        dead: list[tuple[Received, Exception]] = []
        for message in messages:
            if message.value is None:  # Kafka's own deletion
                continue
            try:
                self._tell(decode(message.value, Shift))
            except Reject as error:
                dead.append((message, error))
        self._letters.send(dead)
        for name, number in (("in", len(messages)), ("out", len(messages) - len(dead)), ("dead", len(dead))):
            metrics.RECORDS.labels(STAGE, name).inc(number)
        self._flood.count(good=len(messages) - len(dead), dead=len(dead))

    def _tell(self, shift: Shift) -> None:
        rules = Rules(paused=self._pause_file.exists(), heard_before=self._heard_before)
        now = self._clock.now()
        mails, suppressed = [], []
        for recipient in self._desk.recipients:
            history = self._outbox.history(shift.shift_id, recipient)
            found = verdict(shift, history, now, rules)
            for overtaken in found.cancel:
                self._outbox.update(msgspec.structs.replace(overtaken, state="failed", detail=OVERTAKEN))
            if found.kind is not None and not self._outbox.was_suppressed(
                shift.shift_id, shift.revision, recipient
            ):
                mails.append(self._written(shift, found.kind, recipient, found.first))
            elif found.suppressed:
                suppressed.append(
                    Suppressed(shift.shift_id, shift.revision, shift.state, recipient, found.suppressed, now)
                )
        if mails or suppressed:
            self._log(shift, self._outbox.add(mails, suppressed), suppressed)
        metrics.HEARTBEAT.labels(STAGE).set(shift.reported_at.timestamp())

    def _written(self, shift: Shift, kind: MailKind, recipient: str, first: Mail | None) -> Mail:
        to = self._desk.addressed(recipient)
        try:
            return write(shift, kind, self._desk.names, to, self._clock.now(), first)
        except Reject:
            raise
        except Exception as error:  # one shift that cannot be put into words must not stop all mail
            raise Reject("unwritable", f"{type(error).__name__}: {error}") from error

    @staticmethod
    def _log(shift: Shift, mails: Sequence[Mail], suppressed: Sequence[Suppressed]) -> None:
        metrics.MAILS.labels("queued").inc(len(mails))
        for mail in mails:
            logger.info("mail", status="queued", id=mail.mail_id, kind=mail.kind, subject=shift.subject)
        for one in suppressed:
            logger.info("mail", status="suppressed", shift=one.shift_id, state=one.kind, reason=one.reason)

    def _measure(self) -> None:
        oldest = self._outbox.oldest_waiting()
        metrics.OUTBOX_DEPTH.set(self._outbox.depth())
        age = (self._clock.now() - oldest).total_seconds() if oldest else 0.0
        metrics.OUTBOX_AGE.set(max(0.0, age))
