"""Carries mails out of the outbox: each as a file, and over SMTP when a server is set.

    pending ─▶ sending ─▶ sent | pending again, later | failed

Sending runs in a thread, one mail at a time, so that a slow server never holds up the sink. The outbox is only
touched between sendings. A mail that a crash left in `sending` is sent again, with the same Message-ID. While the
server does not take our login, mails are only written as files: each try brings the account nearer to being locked.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import msgspec

from riftwatch import log, metrics
from riftwatch.clock import Clock
from riftwatch.errors import ConfigError, Reject
from riftwatch.records import Mail
from sinks.headers import token
from sinks.message import compose
from sinks.policy import OVERTAKEN, overtaken
from sinks.sending import Send, Sending
from sinks.smtp import Delivery, Ending
from stores.outbox import Outbox

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP = timedelta(hours=48)
FEWEST_TRIES = 8  # two hours of them, also for a mail that waited for days until the login was mended
LOGIN_PAUSE = timedelta(hours=1)
REFUSALS = 3  # in a row: then the address is wrong, and to go on harms our standing with its server
OFF_FOR = timedelta(days=7)
STOP_WAIT_S = 5.0

AS_FILE = "kept as a file: no SMTP server is set"
SWITCHED_OFF = f"not tried: refused {REFUSALS} times in a row; tried again {OFF_FOR.days} days after the last"

logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a mail after an attempt."""

    mail: Mail
    next_try_at: datetime | None = None
    refused_at: datetime | None = None


def after(mail: Mail, delivery: Delivery, now: datetime) -> Step:
    """Return what becomes of a mail. Pure."""
    if delivery.ending is Ending.SENT:
        return Step(_changed(mail, state="sent", sent_at=now, detail=delivery.detail))
    if delivery.ending is Ending.REFUSED:
        return Step(_changed(mail, state="failed", detail=delivery.detail), refused_at=now)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(max(0, mail.attempts - 1), 10))
    if mail.attempts >= FEWEST_TRIES and now + pause - mail.created_at > GIVE_UP:
        said = f"given up after {GIVE_UP.total_seconds() / 3600:.0f} hours: {delivery.detail}"
        return Step(_changed(mail, state="failed", detail=said))
    return Step(_changed(mail, state="pending", detail=delivery.detail), next_try_at=now + pause)


class Courier:
    """Takes what is due, one mail after the other."""

    def __init__(
        self, outbox: Outbox, clock: Clock, folder: Path, sender: str, send: Send | None = None
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._folder = folder
        self._sender = sender
        self._send = send
        self._under_way: Sending | None = None
        self._held_until: datetime | None = None  # the server does not take our login

    def turn(self, *, paused: bool = False) -> None:
        """Carry what is due a step further, unless paused; never waits for a server.

        Raises Retry when the outbox is unwell.
        """
        self._settle()
        if not paused and self._held_until is not None and self._clock.now() < self._held_until:
            self._write_waiting()
            return
        while not paused and self._under_way is None and (due := self._outbox.due(self._clock.now(), 1)):
            self._start(due[0])

    def finish(self) -> None:
        """Give what is under way a moment to end; what does not is sent again at the next start."""
        if self._under_way is not None:
            self._under_way.thread.join(STOP_WAIT_S)
            self._settle()

    def _start(self, mail: Mail) -> None:
        if self._is_off(mail.recipient):
            self._keep(Step(_changed(mail, state="failed", detail=SWITCHED_OFF)))
            return
        message = self._composed(mail)
        if message is None:
            return
        mail = _changed(mail, state="sending", attempts=mail.attempts + 1)
        self._outbox.update(mail)
        try:
            write_file(self._folder, mail.mail_id, message.as_bytes())
        except OSError as error:
            self._keep(
                after(mail, Delivery(Ending.LATER, f"cannot be written: {error.strerror}"), self._clock.now())
            )
            return
        if self._send is None:
            self._keep(after(mail, Delivery(Ending.SENT, AS_FILE), self._clock.now()))
        else:
            self._under_way = Sending(mail, message, self._send)

    def _composed(self, mail: Mail) -> EmailMessage | None:
        try:
            return compose(mail, self._sender)
        except Reject as error:
            self._keep(Step(_changed(mail, state="failed", detail=str(error))))
            return None

    def _write_waiting(self) -> None:
        """Write what waits as files, once each; a full disk is told when sending goes on."""
        for mail in self._outbox.waiting():
            if file_of(self._folder, mail.mail_id).exists() or (message := self._composed(mail)) is None:
                continue
            with contextlib.suppress(OSError):
                write_file(self._folder, mail.mail_id, message.as_bytes())

    def _settle(self) -> None:
        sending = self._under_way
        if sending is None or sending.thread.is_alive():
            return
        mail, error = sending.mail, sending.error
        if error is None:
            assert sending.delivery is not None
            self._keep(after(mail, sending.delivery, self._clock.now()))
        else:
            # No attempt, as the mail is not what was wrong.
            self._outbox.update(
                _changed(mail, state="pending", attempts=mail.attempts - 1, detail=str(error))
            )
        for untrue in overtaken(self._outbox.history(mail.shift_id, mail.recipient)):
            self._keep(Step(_changed(untrue, state="failed", detail=OVERTAKEN)))
        self._under_way = None  # only now: an outbox that is unwell must not forget what was sent
        if isinstance(error, ConfigError):
            self._hold(error)
        elif error is not None:
            raise error

    def _hold(self, error: ConfigError) -> None:
        """Send nothing for a while."""
        self._held_until = self._clock.now() + LOGIN_PAUSE
        metrics.RETRIES.labels("mail", "login").inc()
        logger.error(f"{error}; tried again in an hour, or at once after a restart", status="held")

    def _keep(self, step: Step) -> None:
        self._outbox.update(step.mail, next_try_at=step.next_try_at, refused_at=step.refused_at)
        if step.mail.state in ("sent", "failed"):
            metrics.MAILS.labels(step.mail.state).inc()
        say = logger.error if step.mail.state == "failed" else logger.info
        say(
            "mail", status=step.mail.state, id=step.mail.mail_id, kind=step.mail.kind, detail=step.mail.detail
        )

    def _is_off(self, recipient: str) -> bool:
        last = self._outbox.refusals(recipient, REFUSALS)
        newest = last[0] if last else None
        return (
            len(last) == REFUSALS
            and None not in last
            and newest is not None
            and self._clock.now() - newest < OFF_FOR
        )


def file_of(folder: Path, mail_id: str) -> Path:
    """Return where a mail lies as a file."""
    return folder / f"{token(mail_id)}.eml"


def write_file(folder: Path, mail_id: str, content: bytes) -> Path:
    """Write a mail as MAIL_ID.eml, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = file_of(folder, mail_id)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path


def _changed(mail: Mail, **fields: object) -> Mail:
    return msgspec.structs.replace(mail, **fields)
