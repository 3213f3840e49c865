"""The mail sink as a process, on a real Kafka with a stepped clock: kill -9, one mail, a clean stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from riftwatch import topics
from riftwatch.clock import step_clock
from riftwatch.kafka import lag, producer
from riftwatch.records import encode
from riftwatch.settings import Settings
from stores.outbox import FILE, OutboxReader
from tests.sinks.test_search_kafka import until
from tests.stores.samples import HOUR, T0, at, shift

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(90)]


@contextmanager
def sink(kafka: str, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    env = os.environ | {
        "RIFTWATCH_KAFKA": kafka, "RIFTWATCH_DATA": str(data), "RIFTWATCH_CLOCK": f"file:{data / 'clock'}",
        "RIFTWATCH_SESSION_TIMEOUT_S": "6", "RIFTWATCH_MAIL_TO": "a@example.org,b@example.org",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "commands.main", "sink", "mail"], env=env)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_each_recipient_gets_each_mail_once_through_a_kill(fresh_topics: str, tmp_path: Path) -> None:
    settings = Settings(kafka=fresh_topics)
    client = producer(settings)
    outbox = OutboxReader(tmp_path / FILE)

    def tell(value: bytes) -> None:
        client.send(topics.SHIFTS.name, value, b"abc123")
        client.flush()

    def caught_up() -> bool:
        return lag(settings, topics.GROUP_MAIL, topics.SHIFTS.name) == 0

    try:
        step_clock(tmp_path / "clock", T0 + HOUR)
        tell(b"\xff broken")
        tell(encode(shift()))
        with sink(fresh_topics, tmp_path) as process:
            until(lambda: len(outbox.mails()) == 2 and caught_up())
            process.send_signal(signal.SIGKILL)
            process.wait()
        step_clock(tmp_path / "clock", at(40))
        tell(encode(shift()))
        tell(encode(shift(revision=2, state="withdrawn", reported_at=at(40))))
        with sink(fresh_topics, tmp_path) as process:
            until(caught_up)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        kept = [(mail.kind, mail.recipient, mail.state, mail.created_at) for mail in outbox.mails()]
        assert sorted(kept) == [
            ("alert", "a@example.org", "sent", T0 + HOUR),
            ("alert", "b@example.org", "sent", T0 + HOUR),
            ("correction", "a@example.org", "sent", at(40)),
            ("correction", "b@example.org", "sent", at(40)),
        ]
        assert len(list((tmp_path / "mails").glob("*.eml"))) == 4
    finally:
        outbox.close()
        client.close()
