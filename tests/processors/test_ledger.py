from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from processors.episode import Change, ChangeState, Episode
from processors.ledger import Finding, Ledger
from processors.profile import Profile
from processors.rules import Rules
from processors.windows import Baseline
from riftwatch.records import Shift, Split, WindowMean
from tests.processors.readings import PAIR, START

RULES = Rules(version="test")
ORIGIN = int(START.timestamp())
BEFORE = WindowMean(mean=0.3, low=0.2, high=0.4, n=9)
AFTER = WindowMean(mean=-0.5, low=-0.7, high=-0.3, n=6)
PROFILE = Profile(("bbc",), (), (), {"en": Split(mean=-0.5, n_stories=6, n_publishers=6)}, {}, "m1")


def hour(day: float) -> int:
    return ORIGIN + int(day * 24) * 3600


def moment(day: float) -> datetime:
    return datetime.fromtimestamp(hour(day), UTC)


def episode(
    detected: float = 10.0, ended: float | None = None, sign: int = -1, strengthened: float | None = None
) -> Episode:
    times: list[tuple[ChangeState, float]] = [("opened", detected)]
    times += [("strengthened", strengthened)] if strengthened else []
    times += [("settled", ended)] if ended else []
    return Episode(
        sign=sign,
        onset=hour(detected - 0.5),
        detected=hour(detected),
        since=hour(detected - 3),
        baseline=Baseline(0.3, 0.05, 0.1, 0.02, 9, 20, 40),
        changes=tuple(
            Change(state, hour(at), -4.0 - n, -0.8, BEFORE, AFTER) for n, (state, at) in enumerate(times)
        ),
        backfill=False,
        ended=hour(ended) if ended else None,
    )


def tell(ledger: Ledger, at: float, *episodes: Episode, profile: Profile = PROFILE) -> list[tuple[int, str]]:
    revisions = ledger.reconcile([Finding(found, profile) for found in episodes], moment(at))
    return [(shift.revision, shift.state) for shift in revisions]


def test_a_new_episode_opens_a_shift_once() -> None:
    ledger = Ledger(PAIR, RULES)
    assert tell(ledger, 10, episode()) == [(1, "opened")]
    assert tell(ledger, 10, episode()) == []
    assert tell(ledger, 10.5, episode()) == []
    (shift,) = ledger.shifts
    assert (shift.subject, shift.direction, shift.rules, shift.model) == (PAIR, "down", "test", "m1")
    assert (shift.detected_at, shift.reported_at, shift.settled_at) == (moment(10), moment(10), None)
    assert (shift.threshold, shift.before, shift.after) == (RULES.threshold, BEFORE, AFTER)


def test_changes_of_state_are_told_in_order_even_when_several_came_at_once() -> None:
    ledger = Ledger(PAIR, RULES)
    told = tell(ledger, 20, episode(strengthened=11, ended=18))
    assert told == [(1, "opened"), (2, "strengthened"), (3, "settled")]
    (shift,) = ledger.shifts
    assert shift.settled_at == moment(18)
    assert shift.statistic == -6.0


def test_the_id_stays_when_the_onset_moves() -> None:
    ledger = Ledger(PAIR, RULES)
    tell(ledger, 10, episode())
    (first,) = ledger.shifts
    assert tell(ledger, 12, episode(detected=9, strengthened=11)) == [(2, "strengthened")]
    (second,) = ledger.shifts
    assert second.shift_id == first.shift_id
    assert second.detected_at == moment(9)


def test_ids_tell_subjects_directions_and_days_apart() -> None:
    ids = set()
    for subject in (PAIR, "tone:musk"):
        for sign in (-1, 1):
            for day in (10.0, 11.0):
                ledger = Ledger(subject, RULES)
                tell(ledger, day, episode(detected=day, sign=sign))
                ids |= {shift.shift_id for shift in ledger.shifts}
    assert len(ids) == 8


def test_what_no_longer_stands_is_withdrawn_and_may_stand_again() -> None:
    ledger = Ledger(PAIR, RULES)
    tell(ledger, 10, episode())
    assert tell(ledger, 11) == [(2, "withdrawn")]
    assert tell(ledger, 12) == []
    assert tell(ledger, 13, episode()) == [(3, "opened")]
    assert len(ledger.shifts) == 1


def test_the_other_direction_is_another_shift() -> None:
    ledger = Ledger(PAIR, RULES)
    tell(ledger, 10, episode())
    assert tell(ledger, 11, episode(sign=1)) == [(1, "opened"), (2, "withdrawn")]
    assert len(ledger.shifts) == 2


def test_a_second_episode_after_the_first_gets_an_entry_of_its_own() -> None:
    ledger = Ledger(PAIR, RULES)
    assert tell(ledger, 15, episode(ended=14)) == [(1, "opened"), (2, "settled")]
    assert tell(ledger, 25, episode(ended=14), episode(detected=25)) == [(1, "opened")]
    assert len(ledger.shifts) == 2


def test_new_proof_is_told_once_a_day_at_most() -> None:
    ledger = Ledger(PAIR, RULES)
    tell(ledger, 10, episode())
    more = replace(PROFILE, publishers=("bbc", "faz"))
    assert tell(ledger, 10.5, episode(), profile=more) == []
    assert tell(ledger, 11, episode(), profile=more) == [(2, "opened")]
    assert tell(ledger, 13, episode(), profile=more) == []


def test_what_is_long_past_is_neither_reported_nor_withdrawn() -> None:
    ledger = Ledger(PAIR, RULES)
    assert tell(ledger, 45, episode()) == []
    tell(ledger, 10, episode())
    assert tell(ledger, 45) == []
    assert ledger.shifts[0].state == "opened"


def test_a_restored_ledger_tells_what_it_holds_once_more() -> None:
    ledger = Ledger(PAIR, RULES)
    tell(ledger, 12, episode(strengthened=11))
    restored = Ledger(PAIR, RULES)
    for shift in ledger.shifts:
        restored.restore(msgspec.json.decode(msgspec.json.encode(shift), type=Shift))
    assert tell(restored, 11, episode()) == [], "a time before the newest report judges nothing"
    assert tell(restored, 12, episode(strengthened=11)) == [(2, "strengthened")]
    assert tell(restored, 12, episode(strengthened=11)) == []
    assert tell(restored, 20, episode(strengthened=11, ended=18)) == [(3, "settled")]
    restored.restore(ledger.shifts[0])
    assert restored.shifts[0].state == "settled", "an older revision does not come back"


def test_a_shift_that_was_settled_too_early_is_open_again() -> None:
    ledger = Ledger(PAIR, RULES)
    tell(ledger, 18, episode(ended=18))
    assert tell(ledger, 18 + 1 / 24, episode()) == [(3, "opened")]
    assert ledger.shifts[0].settled_at is None
    assert ledger.shifts[0].reported_at - START > timedelta(days=18)
