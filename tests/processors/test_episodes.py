from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from processors.alarm import onset_of, rings
from processors.contributions import contribution_of, voice_of
from processors.episode import Episode
from processors.episodes import HOUR_S, Fold
from processors.panel import Look, Panel
from processors.rules import Rules
from processors.windows import Baseline, Window
from riftwatch.records import Reading
from tests.processors.readings import START, break_on, history

RULES = Rules.load(Path(__file__).parents[2] / "config" / "rules.toml")
ORIGIN = int(START.timestamp())
DAY_S = 86_400


def day_of(at: int) -> float:
    return (at - ORIGIN) / DAY_S


def folded(readings: Iterable[Reading], days: float, rules: Rules = RULES) -> tuple[Episode, ...]:
    panel = Panel(rules)
    voices = (voice_of(contribution_of(one)) for one in readings)
    panel.extend(sorted(voices, key=lambda voice: (voice.at, voice.row.story_id)))
    fold = Fold(panel, rules)
    fold.run(ORIGIN + int(days * DAY_S) // HOUR_S * HOUR_S)
    return fold.episodes


def test_a_break_is_found_with_its_onset_within_two_days() -> None:
    (episode,) = folded([*history(60), *break_on(60, days=10), *history(10)], 66)
    assert episode.sign == -1
    assert 60.0 <= day_of(episode.onset) <= 61.0
    assert day_of(episode.detected) <= 62.0
    assert episode.detected % HOUR_S == 0
    assert episode.changes[0].state == "opened"
    opened = episode.changes[0]
    assert opened.after.mean < -0.2 < 0.2 < opened.before.mean
    assert opened.after.low <= opened.after.mean <= opened.after.high
    assert abs(opened.statistic) >= RULES.threshold
    assert not episode.backfill


def test_a_calm_history_rings_never() -> None:
    assert folded(history(120, per_day=4, seed=9), 150) == ()


def test_the_return_to_the_old_level_settles_and_is_no_shift_of_its_own() -> None:
    calm = [one for one in history(110) if not 60 <= (one.published - START).days < 70]
    (episode,) = folded([*calm, *break_on(60, days=10)], 110)
    assert episode.sign == -1
    assert episode.last.state == "settled"
    assert episode.ended is not None
    assert 72 <= day_of(episode.ended) <= 80
    assert not episode.normal


def test_a_level_that_lasts_becomes_normal_and_the_way_back_is_a_shift_up() -> None:
    first = history(50)
    hostile = [
        one for one in history(110, level=-0.5, prefix="x", seed=3) if (one.published - START).days >= 50
    ]
    later = [
        one for one in history(130, level=0.4, prefix="y", seed=4) if (one.published - START).days >= 110
    ]
    down, up = folded([*first, *hostile, *later], 125)
    assert (down.sign, down.normal) == (-1, True)
    assert down.ended is not None
    assert day_of(down.ended) - day_of(down.onset) == pytest.approx(RULES.normal_days, abs=0.1)
    assert up.sign == 1
    assert 110 <= day_of(up.detected) <= 114


def test_silence_fades_with_time_alone() -> None:
    (episode,) = folded([*history(60), *break_on(60, days=4)], 90)
    assert episode.last.state == "settled"
    assert episode.ended is not None
    assert 66 < day_of(episode.ended) < 80


def test_while_nothing_is_known_of_later_days_nothing_settles() -> None:
    (episode,) = folded([*history(60), *break_on(60, days=4)], 65)
    assert episode.last.state in {"opened", "strengthened"}
    assert episode.ended is None


def test_three_publishers_are_too_thin_however_loud() -> None:
    loud = [
        msgspec.structs.replace(one, publisher=f"house{number % 3}", score=-1.0)
        for number, one in enumerate(break_on(68, days=6, per_day=12))
    ]
    assert folded([*history(60), *loud], 80) == ()


def test_one_family_flooding_is_one_witness() -> None:
    flood = [msgspec.structs.replace(one, publisher="loud") for one in break_on(60, days=5, per_day=60)]
    assert folded([*history(80), *flood], 80) == ()


def test_one_agency_in_all_papers_is_one_witness() -> None:
    wire = [msgspec.structs.replace(one, wire="dpa") for one in break_on(60, days=5, per_day=14)]
    assert folded([*history(80), *wire], 80) == ()


def test_without_a_baseline_nothing_rings() -> None:
    assert folded(break_on(0, days=6), 20) == ()


@pytest.mark.parametrize("hours", RULES.test_hours)
@pytest.mark.parametrize("sign", [-1, 1])
def test_every_window_can_ring_in_both_directions(hours: int, sign: int) -> None:
    rules = msgspec.structs.replace(RULES, test_hours=(hours,))
    calm = history(60, level=-0.4 * sign)
    found = folded([*calm, *break_on(60, days=8, level=0.6 * sign)], 68, rules)
    assert [episode.sign for episode in found] == [sign]


def test_the_fold_sees_only_what_was_published() -> None:
    whole = [*history(60), *break_on(60, days=10)]
    (episode,) = folded(whole, 75)
    detected = datetime.fromtimestamp(episode.detected, UTC)
    known = [one for one in whole if one.published <= detected]
    (early,) = folded(known, day_of(episode.detected))
    assert early.changes[0] == episode.changes[0]
    assert (early.onset, early.detected, early.baseline) == (
        episode.onset,
        episode.detected,
        episode.baseline,
    )
    assert folded(known, day_of(episode.detected) - 1 / 24) == ()


def test_backfill_is_marked_only_when_nothing_else_carries_it() -> None:
    late = break_on(60, days=5, backfill=True)
    calm = [one for one in history(60) if one.published < START + timedelta(days=56)]
    (episode,) = folded([*calm, *late], 66)
    assert episode.backfill
    (mixed,) = folded([*calm, *late[1:], msgspec.structs.replace(late[0], backfill=False)], 66)
    assert not mixed.backfill


def test_a_deepening_rift_is_told_again_at_most_once_a_day() -> None:
    worse = [*break_on(60, days=1, level=-0.3), *break_on(61, days=6, per_day=12, level=-0.95, seed=5)]
    (episode,) = folded([*history(60), *worse], 68)
    states = [change.state for change in episode.changes]
    assert states[0] == "opened"
    assert "strengthened" in states
    times = [change.at for change in episode.changes]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert min(gaps) >= RULES.strengthen_gap_hours * HOUR_S


def test_steps_taken_back_and_taken_again_end_the_same() -> None:
    readings = [*history(90), *break_on(60, days=10)]
    voices = sorted(
        (voice_of(contribution_of(one)) for one in readings), key=lambda voice: (voice.at, voice.row.story_id)
    )
    until = ORIGIN + 95 * DAY_S
    expected = folded(readings, 95)
    panel = Panel(RULES)
    fold = Fold(panel, RULES)
    rng = random.Random(4)
    panel.extend(voices)
    fold.run(until)
    for _ in range(25):
        at = voices[rng.randrange(len(voices))].at
        panel.truncate(at)
        fold.rewind(at)
        panel.extend(voice for voice in voices if voice.at >= at)
        fold.run(ORIGIN + rng.randrange(60, 95) * DAY_S)
        fold.run(until)
        assert fold.episodes == expected


def baseline(mean: float = 0.0) -> Baseline:
    return Baseline(mean, 0.05, 0.1, 0.02, 8, 20, 40)


def look(*means: float, z: float = -9.0) -> Look:
    mean = sum(means) / len(means)
    window = Window({f"p{n}": value for n, value in enumerate(means)}, mean, 0.1, len(means), 2)
    return Look(window, mean, z)


def test_what_rings() -> None:
    assert rings(look(-0.5, -0.4, -0.6, -0.5), baseline(), RULES)
    assert not rings(look(-0.5, -0.4, -0.6), baseline(), RULES), "three publishers"
    assert not rings(look(-0.2, -0.2, -0.2, -0.2), baseline(), RULES), "too small to matter"
    assert not rings(look(-0.5, -0.4, -0.6, -0.5, z=-RULES.threshold + 0.01), baseline(), RULES)
    assert not rings(look(-1.0, -0.1, -0.05, 0.0), baseline(), RULES), "one carries more than half of it"
    assert not rings(look(-0.9, -0.9, 0.1, 0.1), baseline(), RULES), "no majority moved"


def test_the_onset_is_the_first_story_of_the_new_level() -> None:
    calm = history(10, per_day=4)
    voices = [voice_of(contribution_of(one)) for one in [*calm, *break_on(10, days=2)]]
    assert 9.8 < day_of(onset_of(voices, 0.3, -0.6)) <= 10 + 8 / 24


def test_a_new_model_is_no_shift_and_learns_a_baseline_of_its_own() -> None:
    old = [msgspec.structs.replace(one, model="m1") for one in history(60, level=0.4)]
    new = [
        msgspec.structs.replace(one, model="m2")
        for one in history(120, level=-0.4, prefix="n", seed=7)
        if (one.published - START).days >= 60
    ]
    assert folded([*old, *new], 120) == ()
    up = [msgspec.structs.replace(one, model="m2") for one in break_on(100, days=6, level=0.6)]
    assert [episode.sign for episode in folded([*old, *new, *up], 104)] == [1]
