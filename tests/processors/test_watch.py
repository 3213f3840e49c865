from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from processors.replay import replay
from processors.rules import Rules
from processors.signature import signature
from processors.watch import Contribution, Outcome, Watcher
from riftwatch import metrics
from riftwatch.records import Evidence, Reading, SeriesPoint, Shift
from tests.processors.readings import PAIR, START, break_on, history, reading, row
from tests.work import lines_run

RULES = Rules.load(Path(__file__).parents[2] / "config" / "rules.toml")
STORY = [*history(60), *break_on(60, days=8)]


def day(number: float) -> datetime:
    return START + timedelta(days=number)


@dataclass
class Told:
    """What sinks and tables hold after a run."""

    rows: dict[str, Contribution] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    points: dict[str, SeriesPoint] = field(default_factory=dict)
    shifts: dict[str, Shift] = field(default_factory=dict)
    revisions: list[Shift] = field(default_factory=list)

    def hear(self, outcome: Outcome) -> None:
        self.evidence |= {f"{told.subject}|{told.story_id}": told for told in outcome.evidence}
        self.points |= {f"{told.subject}|{told.bucket}": told for told in outcome.points}
        self.shifts |= {told.shift_id: told for told in outcome.shifts}
        self.revisions += outcome.shifts
        for key in outcome.expired:
            del self.rows[key]


def run(
    watcher: Watcher, readings: Iterable[Reading], days: Sequence[float], told: Told | None = None
) -> Told:
    told = told or Told()
    queue = sorted(readings, key=lambda one: one.fetched_at)
    for at in map(day, days):
        while queue and queue[0].fetched_at <= at:
            kept = watcher.absorb(queue.pop(0))
            if kept is not None:
                told.rows[kept[0]] = kept[1]
        told.hear(watcher.tick(at))
    return told


def every(hours: float, until: float, since: float = 0.0) -> list[float]:
    return [since + n * hours / 24 for n in range(1, int((until - since) * 24 / hours) + 1)]


def test_a_break_opens_a_shift_with_its_proof_in_both_languages() -> None:
    told = run(Watcher(RULES), STORY, every(24, 63))
    assert [shift.state for shift in told.revisions][:2] == ["opened", "strengthened"]
    (shift,) = told.shifts.values()
    assert (shift.subject, shift.direction, shift.state) == (PAIR, "down", "strengthened")
    assert day(60) <= shift.onset <= shift.detected_at <= day(62)
    assert shift.detected_at <= shift.reported_at
    assert {found.language for found in shift.evidence} == {"de", "en"}
    assert len({found.publisher for found in shift.evidence}) == len(shift.evidence)
    assert all(found.sentence and found.score < 0 for found in shift.evidence)
    assert set(shift.by_language) == {"de", "en"}
    assert set(shift.publishers) <= {f"house{n}" for n in range(12)}
    assert len(shift.publishers) >= RULES.min_publishers
    assert shift.rules == RULES.version


def test_ticks_tell_only_what_changed() -> None:
    watcher = Watcher(RULES)
    assert watcher.absorb(reading("a", 1)) is not None
    first = watcher.tick(day(1))
    assert [told.story_id for told in first.evidence] == ["a"]
    assert [told.bucket for told in first.points] == ["2025-01-01"]
    assert watcher.tick(day(1)) == watcher.tick(day(2)) == Outcome()
    watcher.absorb(reading("b", 30))
    second = watcher.tick(day(2))
    assert [told.story_id for told in second.evidence] == ["b"]
    assert [told.bucket for told in second.points] == ["2025-01-02"]


def test_a_second_delivery_changes_nothing() -> None:
    watcher = Watcher(RULES)
    watcher.absorb(reading("a", 1))
    watcher.tick(day(1))
    for _ in range(1_000):
        assert watcher.absorb(reading("a", 1)) is None
    assert watcher.tick(day(2)) == Outcome()


def test_a_revision_replaces_and_an_older_one_comes_too_late() -> None:
    watcher = Watcher(RULES)
    watcher.absorb(reading("a", 1, 0.5))
    watcher.tick(day(1))
    assert watcher.absorb(reading("a", 1, -0.5, revision=3)) is not None
    assert watcher.absorb(reading("a", 1, 0.9, revision=2)) is None
    (point,) = watcher.tick(day(1)).points
    assert (point.mean, point.n_stories) == (-0.5, 1)


def test_a_withdrawal_empties_the_day_and_keeps_the_row() -> None:
    watcher = Watcher(RULES)
    watcher.absorb(reading("a", 1))
    watcher.tick(day(1))
    later = START + timedelta(hours=5)
    kept = watcher.absorb(reading("a", 1, revision=2, withdrawn=True, fetched_at=later))
    assert kept is not None
    assert kept[1].withdrawn
    outcome = watcher.tick(day(1))
    assert [(told.counted, told.withdrawn) for told in outcome.evidence] == [(False, True)]
    assert [(told.mean, told.newest_fetched_at) for told in outcome.points] == [(None, later)]


def test_an_original_that_comes_late_makes_copies_of_what_was_counted() -> None:
    watcher = Watcher(RULES)
    text = signature(title="", summary="", content=" ".join(f"word{n}" for n in range(80)))
    watcher.absorb(reading("b", 30, signature=text, publisher="x"))
    watcher.absorb(reading("c", 31, signature=text, publisher="y"))
    watcher.tick(day(2))
    watcher.absorb(reading("a", 10, signature=text, publisher="z"))
    outcome = watcher.tick(day(2))
    assert {told.story_id: told.copy_of for told in outcome.evidence} == {"a": None, "b": "a", "c": "a"}
    assert {told.bucket: told.n_stories for told in outcome.points} == {"2025-01-01": 1, "2025-01-02": 0}


def test_evidence_that_goes_withdraws_the_shift() -> None:
    watcher = Watcher(RULES)
    told = run(watcher, STORY, every(24, 64))
    gone = [
        msgspec.structs.replace(one, revision=2, withdrawn=True, fetched_at=day(64.1))
        for one in STORY
        if one.story_id.startswith("b")
    ]
    run(watcher, gone, [65], told)
    assert [shift.state for shift in told.shifts.values()] == ["withdrawn"]


def test_any_order_of_delivery_ends_with_the_same_series_and_episodes() -> None:
    in_order, shuffled = Watcher(RULES), Watcher(RULES)
    first = run(in_order, STORY, every(24, 69))
    rng = random.Random(8)
    mixed = STORY * 2
    rng.shuffle(mixed)
    second = Told()
    for number, one in enumerate(mixed):
        shuffled.absorb(one)
        if number % 150 == 0:
            second.hear(shuffled.tick(day(rng.uniform(1, 69))))
    second.hear(shuffled.tick(day(69)))
    assert second.points == first.points
    assert second.evidence == first.evidence
    standing, other = (
        [shift for shift in told.shifts.values() if shift.state != "withdrawn"] for told in (first, second)
    )
    same = ("direction", "state", "onset", "detected_at", "before", "after", "statistic", "settled_at")
    assert len(standing) == len(other) == 1
    assert [getattr(standing[0], name) for name in same] == [getattr(other[0], name) for name in same]


@pytest.mark.parametrize("stopped", [30.0, 61.0, 62.5, 66.0])
def test_a_restart_in_the_middle_ends_in_the_same_state(stopped: float) -> None:
    whole = run(Watcher(RULES), STORY, every(6, 100))
    told = run(Watcher(RULES), STORY, every(6, stopped))
    restarted = Watcher(RULES)
    restarted.restore(told.rows.items(), told.shifts.values())
    early = [one for one in STORY if one.fetched_at > day(stopped)]
    run(restarted, early, every(6, 100, since=stopped), told)
    assert told.points == whole.points
    assert told.evidence == whole.evidence
    assert told.shifts == whole.shifts
    assert told.rows == whole.rows


def test_after_a_restore_everything_is_told_again_as_it_was() -> None:
    told = run(Watcher(RULES), STORY, every(24, 69))
    restarted = Watcher(RULES)
    restarted.restore(told.rows.items(), told.shifts.values())
    outcome = restarted.tick(day(69))
    assert {f"{one.subject}|{one.story_id}" for one in outcome.evidence} == set(told.evidence)
    assert {f"{one.subject}|{one.bucket}" for one in outcome.points} == set(told.points)
    assert outcome.shifts == tuple(told.shifts.values())
    assert restarted.tick(day(69)) == Outcome()


def test_time_that_goes_back_after_a_restore_takes_no_shift_back() -> None:
    told = run(Watcher(RULES), STORY, every(1, 63))
    (opened,) = (shift for shift in told.revisions if shift.state == "opened")
    restarted = Watcher(RULES)
    restarted.restore(told.rows.items(), told.shifts.values())
    redelivered = [restarted.tick(opened.detected_at + timedelta(hours=late)) for late in (-30, -1, 0)]
    assert [outcome.shifts for outcome in redelivered] == [(), (), ()]
    assert restarted.tick(day(63)).shifts == tuple(told.shifts.values())


def test_time_alone_settles_and_then_nothing_is_due() -> None:
    watcher = Watcher(RULES)
    told = run(watcher, STORY, [*every(24, 69), 110])
    assert [shift.state for shift in told.shifts.values()] == ["settled"]
    assert watcher.due() is None
    assert watcher.tick(day(111)) == Outcome()


def test_rows_older_than_they_are_kept_go_and_their_points_stay() -> None:
    watcher = Watcher(RULES)
    told = run(watcher, STORY, [*every(24, 69), 150.0])
    oldest = day(150 - RULES.keep_days).replace(hour=0)
    assert told.rows
    assert all(row.first_published >= oldest for row in told.rows.values())
    assert told.points[f"{PAIR}|2025-01-03"].mean is not None
    assert watcher.tick(day(150)) == Outcome()
    run(watcher, [reading("late", 1, fetched_at=day(151))], [151.0], told)
    assert all(row.first_published >= oldest for row in told.rows.values())


def test_stories_of_past_years_go_at_once_and_disturb_nothing() -> None:
    watcher = Watcher(RULES)
    run(watcher, STORY, every(24, 69))
    old = [reading(f"old{n}", -24 * 400 - n, -1.0, publisher=f"p{n}") for n in range(50)]
    for one in old:
        assert watcher.absorb(one) is not None
    outcome = watcher.tick(day(69))
    assert outcome == Outcome(expired=tuple(f"{PAIR}|{one.story_id}" for one in reversed(old)))
    assert watcher.tick(day(69)) == Outcome()


def test_a_story_of_the_future_waits_for_its_hour() -> None:
    watcher = Watcher(RULES)
    for one in STORY:
        watcher.absorb(one)
    assert watcher.tick(day(59)).shifts == ()
    assert [shift.state for shift in watcher.tick(day(63)).shifts][:1] == ["opened"]


def test_an_unknown_subject_is_no_trouble_and_time_may_stand_still_or_go_back() -> None:
    watcher = Watcher(RULES)
    assert watcher.tick(day(1)) == Outcome()
    run(watcher, STORY, [63.0])
    assert watcher.tick(day(20)).shifts == ()
    assert watcher.tick(day(63)).shifts == ()


def test_replay_equals_the_stream_hour_by_hour() -> None:
    played = list(replay(STORY, Watcher(RULES)))
    told = run(Watcher(RULES), STORY, every(1, 98))
    states = list(dict.fromkeys((shift.shift_id, shift.state) for shift in told.revisions))
    assert [(shift.shift_id, shift.state) for shift in played] == states
    assert [shift.state for shift in played][-1] == "settled"
    assert list(replay([], Watcher(RULES))) == []


OTHER = "relation:openai|xai"


def broken_row() -> Contribution:
    """Return a row that no reading leads to and no sum can be made of."""
    return msgspec.structs.replace(row("bad", 30), score="much")


def with_a_broken_subject(told: Told) -> Watcher:
    watcher = Watcher(RULES)
    watcher.restore([*told.rows.items(), (f"{PAIR}|bad", broken_row())], told.shifts.values())
    watcher.absorb(reading("fine", 30, subject=OTHER))
    return watcher


def test_a_subject_that_fails_is_set_aside_and_the_others_go_on() -> None:
    count = metrics.SUBJECTS_SET_ASIDE.labels(PAIR)._value
    before = count.get()
    watcher = with_a_broken_subject(Told())
    assert [told.subject for told in watcher.tick(day(2)).evidence] == [OTHER]
    assert count.get() == before + 1
    watcher.absorb(reading("more", 31, subject=OTHER))
    assert [told.story_id for told in watcher.tick(day(3)).evidence] == ["more"]
    assert count.get() == before + 1  # without news it is not tried again


def test_a_subject_set_aside_is_tried_again_with_its_next_news_and_has_missed_nothing() -> None:
    told = run(Watcher(RULES), STORY, every(24, 61))
    watcher = with_a_broken_subject(told)
    assert {one.subject for one in watcher.tick(day(61)).evidence} == {OTHER}
    assert watcher.absorb(reading("more", 31)) is not None
    assert watcher.tick(day(61)) == Outcome()  # still broken
    assert watcher.absorb(reading("bad", 30, revision=2)) is not None
    outcome = watcher.tick(day(61))
    assert {one.story_id for one in outcome.evidence} == {row.story_id for row in told.rows.values()} | {
        "bad", "more",
    }  # fmt: skip
    assert outcome.shifts == tuple(told.shifts.values())


def test_what_a_failed_tick_let_expire_expires_at_the_next() -> None:
    watcher = Watcher(RULES)
    old = row("old", -24 * 100)
    watcher.restore([(f"{PAIR}|old", old), (f"{PAIR}|bad", broken_row())], [])
    assert watcher.tick(day(30)).expired == ()
    watcher.absorb(reading("bad", 30, revision=2))
    assert watcher.tick(day(30)).expired == (f"{PAIR}|old",)


def test_twice_the_stories_take_about_twice_the_work() -> None:
    def cost(per_day: int) -> int:
        watcher, readings = Watcher(RULES), history(60, per_day=per_day, houses=20)
        return lines_run(lambda: run(watcher, readings, every(12, 61)))

    assert cost(20) < 2.4 * cost(10)


def test_a_flood_costs_one_evaluation() -> None:
    def cost(stories: int) -> int:
        watcher = Watcher(RULES)
        for number in range(stories):
            watcher.absorb(reading(f"s{number}", number * 20 / stories, publisher=f"p{number % 30}"))
        outcomes: list[Outcome] = []
        lines = lines_run(lambda: outcomes.append(watcher.tick(day(1))))
        [outcome] = outcomes
        assert (len(outcome.evidence), len(outcome.points)) == (stories, 1)
        return lines

    assert cost(1_000) < 4.4 * cost(250)
