"""What the demo says on the terminal. Pure: records in, lines out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from demo.judging import Finding, Report, Silence
from demo.tally import Tally
from riftwatch.records import Shift, subject_entities

ARROWS = {"up": "▲ up", "down": "▼ down"}
MEANINGS = {
    "items": "revisions of entries, as the poller read them",
    "stories": "",
    "readings": "what a story says of an actor or a pair",
    "evidence": "readings with their weight in a series",
    "series": "days of actors and pairs",
    "shifts": "",
    "mails": "",
    "dead_letters": "",
}


def progress(moment: datetime, done: int, steps: int, stories: int) -> str:
    """Return the line that is renewed while the replay runs."""
    return f"{moment:%Y-%m-%d}  step {done}/{steps}  {stories} stories"


def news(shift: Shift) -> str:
    """Return the line that tells of a shift as it is reported."""
    return (
        f"{shift.reported_at:%Y-%m-%d %H:%M}  {name(shift.subject)} {ARROWS[shift.direction]}: {shift.state}, "
        f"detected {shift.detected_at:%Y-%m-%d %H:%M}, {shift.before.mean:+.2f} → {shift.after.mean:+.2f}"
    )


def report(
    tally: Tally, result: Report, desk: str, first: datetime, last: datetime, seconds: float
) -> list[str]:
    """Return the whole report, a line each."""
    return [
        "",
        f"Replayed {first:%Y-%m-%d} to {last:%Y-%m-%d} in {seconds:.0f} s.",
        "",
        *_tally(tally),
        "",
        "Expected, and found",
        *(line for finding in result.findings for line in _finding(finding, desk)),
        "",
        "Must be quiet",
        *(line for silence in result.silences for line in _silence(silence, desk)),
        *_also(result.also, desk),
        "",
        *_verdict(result),
    ]


def name(subject: str) -> str:
    """Return a subject as people read it: "musk – trump", "tone of musk"."""
    entities = subject_entities(subject)
    return " – ".join(entities) if len(entities) > 1 else f"tone of {entities[0]}"


def _tally(tally: Tally) -> Iterator[str]:
    for key, about in MEANINGS.items():
        count = getattr(tally, key)
        if count or key != "dead_letters":
            yield f"  {key.replace('_', ' '):<13}{count:>6}  {about}".rstrip()


def _finding(finding: Finding, desk: str) -> Iterator[str]:
    expected, shift = finding.expected, finding.shift
    wanted = f"{name(expected.subject)} {ARROWS[expected.direction]}"
    yield f"  {'✗' if finding.problems else '✓'} {wanted:<22} {expected.day} ± {expected.within_days} days: {expected.why}"
    if shift is None:
        yield "      not found"
        return
    sentences = ", ".join(f"{count} in {language}" for language, count in sorted(finding.languages.items()))
    yield (
        f"      detected {shift.detected_at:%Y-%m-%d %H:%M} · evidence: {sentences or 'none'} · "
        f"{finding.mails} {'mail' if finding.mails == 1 else 'mails'} · {_page(desk, shift)}"
    )


def _silence(silence: Silence, desk: str) -> Iterator[str]:
    quiet = silence.expected
    mark, verdict = ("✗", "not quiet") if silence.broken_by else ("✓", "quiet")
    yield f"  {mark} {name(quiet.subject):<22} {quiet.since} to {quiet.until}: {verdict}"
    yield from (f"      {_seen(shift, desk)}" for shift in silence.broken_by)


def _also(also: Iterable[Shift], desk: str) -> list[str]:
    seen = [f"  {_seen(shift, desk)}" for shift in also]
    return ["", "Also seen", *seen] if seen else []


def _seen(shift: Shift, desk: str) -> str:
    return (
        f"{name(shift.subject)} {ARROWS[shift.direction]}, detected {shift.detected_at:%Y-%m-%d %H:%M}, "
        f"{shift.state} · {_page(desk, shift)}"
    )


def _page(desk: str, shift: Shift) -> str:
    return f"{desk}shift/{shift.shift_id}"


def _verdict(result: Report) -> list[str]:
    if result.passed:
        return ["All that was expected is there, and what must be quiet is quiet."]
    return ["Not as expected:", *(f"  - {problem}" for problem in result.problems)]
