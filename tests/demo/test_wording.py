from __future__ import annotations

import io
from datetime import UTC, datetime

from demo import wording
from demo.judging import judge_run
from demo.screen import Screen
from demo.tally import Tally
from tests.demo.test_judging import EXPECTED, mail, shift

TALLY = Tally(
    items=774, stories=746, readings=2272, evidence=2185, series=765, shifts=1, mails=1, dead_letters=0
)  # fmt: skip
FIRST, LAST = datetime(2024, 6, 5, tzinfo=UTC), datetime(2025, 12, 9, tzinfo=UTC)


def report(shifts, mails) -> str:
    return "\n".join(
        wording.report(TALLY, judge_run(EXPECTED, shifts, mails), "http://127.0.0.1:8420/", FIRST, LAST, 83.4)
    )


def test_a_good_run_says_what_was_found_and_where_to_read_it() -> None:
    text = report([shift()], [mail()])
    assert "Replayed 2024-06-05 to 2025-12-09 in 83 s." in text
    assert "✓ musk – trump ▼ down" in text
    assert (
        "detected 2025-01-23 09:00 · evidence: 1 in de, 2 in en · 1 mail · http://127.0.0.1:8420/shift/shift"
        in text
    )
    assert "✓ musk – xai             2025-01-01 to 2025-01-31: quiet" in text
    assert "All that was expected is there" in text
    assert "dead letters" not in text
    assert "Also seen" not in text


def test_a_bad_run_says_what_is_missing() -> None:
    noise = shift(20, shift_id="noise", subject="relation:musk|xai")
    other = shift(21, shift_id="other", subject="tone:musk")
    text = report([noise, other], [])
    assert "not found" in text
    assert "musk – xai             2025-01-01 to 2025-01-31: not quiet" in text
    assert "tone of musk ▼ down, detected 2025-01-21 09:00, opened" in text
    assert "Not as expected:\n  - the shift of musk and trump (down) on 2025-01-22 was not found" in text


def test_a_shift_is_told_as_it_happens() -> None:
    assert wording.news(shift()) == (
        "2025-01-23 09:00  musk – trump ▼ down: opened, detected 2025-01-23 09:00, +0.00 → +0.00"
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line_that_is_renewed() -> None:
    terminal, now = Terminal(), [0.0]
    screen = Screen(lambda: now[0], terminal)
    screen.progress(lambda: "one")
    now[0] = 0.1
    screen.progress(lambda: "too early")
    now[0] = 0.3
    screen.progress(lambda: "two")
    screen.say("stays")
    assert terminal.getvalue() == "\r\x1b[Kone\r\x1b[Ktwo\r\x1b[Kstays\n"


def test_a_log_gets_a_line_now_and_then() -> None:
    log, now = io.StringIO(), [0.0]
    screen = Screen(lambda: now[0], log)
    for now[0] in (0.0, 1.0, 6.0):
        screen.progress(lambda: f"at {now[0]:.0f}")
    screen.say("stays")
    assert log.getvalue() == "at 0\nat 6\nstays\n"
