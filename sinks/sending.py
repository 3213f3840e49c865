"""One mail on its way, in a thread. Knows no outbox: what comes of it is read when the thread has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from email.message import EmailMessage

from riftwatch.records import Mail
from sinks.smtp import Delivery

Send = Callable[[EmailMessage, str], Delivery]


class Sending:
    """Sends one mail; its thread does not keep the process from ending."""

    def __init__(self, mail: Mail, message: EmailMessage, send: Send) -> None:
        self.mail = mail
        self.delivery: Delivery | None = None
        self.error: Exception | None = None
        self._message = message
        self._send = send
        self.thread = threading.Thread(target=self._run, name="smtp", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.delivery = self._send(self._message, self.mail.recipient)
        except Exception as error:  # handed to the sink's own thread
            self.error = error
