from __future__ import annotations

import logging

from riftwatch.log import SPARING_KEPT, SPARING_S, Sparing


def record(name: str, message: str) -> logging.LogRecord:
    return logging.makeLogRecord({"name": name, "msg": message})


def test_the_same_words_pass_once_a_minute() -> None:
    now = [0.0]
    sparing = Sparing(clock=lambda: now[0])
    refused = "Connection to 127.0.0.1:2%d failed"
    passed = []
    for second in range(125):
        now[0] = float(second)
        passed.append(sparing.filter(record("kafka.net", refused % second)))
    assert [second for second, through in enumerate(passed) if through] == [0, SPARING_S, 2 * SPARING_S]


def test_other_words_and_other_loggers_pass() -> None:
    sparing = Sparing(clock=lambda: 0.0)
    assert sparing.filter(record("kafka.net", "refused"))
    assert sparing.filter(record("kafka.net", "timed out"))
    assert sparing.filter(record("aiokafka", "refused"))
    assert not sparing.filter(record("aiokafka", "refused"))


def test_what_it_remembers_is_bounded() -> None:
    sparing = Sparing(clock=lambda: 0.0)
    for one in range(SPARING_KEPT * 2):
        sparing.filter(record(f"logger{one}", "words"))
    assert len(sparing._said) <= SPARING_KEPT
