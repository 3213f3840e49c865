from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from demo.corpus import HERE
from demo.expectations import Expected, ExpectedShift, Quiet, load
from demo.judging import judge_run
from riftwatch.records import Mail, Shift, ShiftEvidence, WindowMean

SUBJECT = "relation:musk|trump"
EXPECTED = Expected(
    shift=(
        ExpectedShift(
            subject=SUBJECT,
            direction="down",
            day=date(2025, 1, 22),
            within_days=2,
            languages=("de", "en"),
            why="x",
        ),
    ),
    quiet=(Quiet(subject="relation:musk|xai", since=date(2025, 1, 1), until=date(2025, 1, 31), why="y"),),
)


def sentence(language: str) -> ShiftEvidence:
    when = datetime(2025, 1, 22, 9, tzinfo=UTC)
    return ShiftEvidence(
        story_id="s", sentence="…", score=-0.9, published=when, publisher="p", language=language
    )


def shift(day: int = 23, **changed: object) -> Shift:
    when = datetime(2025, 1, day, 9, tzinfo=UTC)
    mean = WindowMean(mean=0.0, low=-0.1, high=0.1, n=9)
    found = Shift(
        shift_id="shift", revision=1, subject=SUBJECT, direction="down", state="opened", onset=when,
        detected_at=when, reported_at=when, before=mean, after=mean, statistic=5.0, threshold=3.5,
        evidence=(sentence("de"), sentence("en"), sentence("en")),
    )  # fmt: skip
    return msgspec.structs.replace(found, **changed)


def mail(**changed: object) -> Mail:
    sent = Mail(
        mail_id="m", shift_id="shift", revision=1, kind="alert", recipient="r", subject_line="", text="", html="",
        state="sent", created_at=datetime(2025, 1, 23, tzinfo=UTC),
    )  # fmt: skip
    return msgspec.structs.replace(sent, **changed)


def test_all_there() -> None:
    report = judge_run(EXPECTED, [shift()], [mail()])
    assert report.passed
    assert report.findings[0].languages == {"de": 1, "en": 2}
    assert report.findings[0].mails == 1
    assert report.also == ()


@pytest.mark.parametrize("day", [20, 24])
def test_the_tolerance_is_in_days(day: int) -> None:
    assert judge_run(EXPECTED, [shift(day)], [mail()]).passed


@pytest.mark.parametrize(
    ("shifts", "mails", "problem"),
    [
        ([], [], "was not found"),
        ([shift(19)], [mail()], "was not found"),
        ([shift(25)], [mail()], "was not found"),
        ([shift(direction="up")], [mail()], "was not found"),
        ([shift(state="withdrawn")], [mail()], "was not found"),
        ([shift(subject="relation:musk|openai")], [mail()], "was not found"),
        ([shift(evidence=(sentence("en"),))], [mail()], "has no evidence in de"),
        ([shift()], [], "was mailed to nobody"),
        ([shift()], [mail(state="pending")], "was mailed to nobody"),
        ([shift()], [mail(kind="settled")], "was mailed to nobody"),
        ([shift()], [mail(shift_id="other")], "was mailed to nobody"),
    ],
)
def test_what_is_missing_is_said(shifts: list[Shift], mails: list[Mail], problem: str) -> None:
    report = judge_run(EXPECTED, shifts, mails)
    assert not report.passed
    assert [problem in said for said in report.problems] == [True]


def test_noise_breaks_a_silence_even_when_it_was_withdrawn() -> None:
    noise = shift(31, shift_id="noise", subject="relation:musk|xai", state="withdrawn")
    report = judge_run(EXPECTED, [shift(), noise], [mail()])
    assert report.silences[0].broken_by == (noise,)
    assert report.problems == [
        "musk and xai must be quiet from 2025-01-01 to 2025-01-31, but a shift (down) was detected on 2025-01-31"
    ]


def test_a_shift_outside_the_silence_is_only_also_seen() -> None:
    later = shift(
        1, shift_id="later", subject="relation:musk|xai", detected_at=datetime(2025, 2, 1, tzinfo=UTC)
    )
    report = judge_run(EXPECTED, [later, shift()], [mail()])
    assert report.passed
    assert report.also == (later,)


def test_the_nearest_candidate_is_taken() -> None:
    far, near = shift(20, shift_id="far"), shift(22)
    report = judge_run(EXPECTED, [far, near], [mail()])
    assert report.findings[0].shift == near
    assert report.also == (far,)


def test_the_expectations_are_those_of_the_history() -> None:
    """The dates come from public history; whoever finds them inconvenient must change the detector."""
    expected = load()
    relation = [(s.subject, s.direction, s.day.isoformat(), s.within_days) for s in expected.shift]
    assert relation == [
        (SUBJECT, "up", "2024-07-14", 2),
        (SUBJECT, "down", "2025-01-22", 2),
        (SUBJECT, "down", "2025-06-05", 2),
    ]
    assert all(set(s.languages) == {"de", "en"} for s in expected.shift)
    assert {q.subject for q in expected.quiet} >= {"relation:musk|softbank", "relation:softbank|xai"}


def test_the_code_that_knows_the_expectations_writes_no_file() -> None:
    for script in HERE.glob("*.py"):
        text = script.read_text(encoding="utf-8")
        if "expected.toml" in text:
            assert ".write_" not in text, script


def test_a_shorter_run_is_held_to_what_it_can_know() -> None:
    assert [s.day.isoformat() for s in load().until(date(2025, 1, 24)).shift] == ["2024-07-14", "2025-01-22"]
    assert [s.day.isoformat() for s in load().until(date(2025, 1, 23)).shift] == ["2024-07-14"]
