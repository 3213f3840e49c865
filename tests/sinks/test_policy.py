from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from riftwatch.records import Mail, Shift
from sinks.policy import NEXT, Rules, overtaken, verdict
from tests.stores.samples import HOUR, T0, at, mail, shift

SOON = T0 + HOUR


def told(*kinds: str, state: str = "sent") -> list[Mail]:
    return [mail(f"m{n}", revision=n, kind=kind, state=state) for n, kind in enumerate(kinds, 1)]


def now(state: str, revision: int = 9, **fields: Any) -> Shift:  # Any: as in samples
    return shift(revision=revision, state=state, changed_at=T0, **fields)


def kind(found: Shift, history: Sequence[Mail] = (), **rules: object) -> str | None:
    return verdict(found, history, SOON, Rules(**rules)).kind  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("history", "state", "expected"),
    [
        ((), "opened", "alert"),
        ((), "strengthened", "alert"),
        ((), "settled", None),
        ((), "withdrawn", None),
        (("alert",), "opened", None),
        (("alert",), "strengthened", "update"),
        (("alert", "update"), "strengthened", None),
        (("alert",), "settled", "settled"),
        (("alert", "update"), "settled", "settled"),
        (("alert", "settled"), "settled", None),
        (("alert",), "withdrawn", "correction"),
        (("alert", "update"), "withdrawn", "correction"),
        (("alert", "settled"), "withdrawn", "correction"),
        (("alert", "correction"), "withdrawn", None),
        (("alert", "correction"), "opened", "alert"),
        (("alert", "correction", "alert"), "withdrawn", "correction"),
    ],
)
def test_what_follows_on_what(history: tuple[str, ...], state: str, expected: str | None) -> None:
    assert kind(now(state), told(*history)) == expected


def test_only_pairs_are_mailed_unless_the_desk_wants_more() -> None:
    tone = now("opened", subject="tone:musk")
    assert kind(tone) is None
    assert kind(tone, kinds=("relation", "tone")) == "alert"


def test_nothing_older_than_a_day_is_news() -> None:
    late = T0 + timedelta(hours=24, seconds=1)
    found = verdict(now("opened"), (), late, Rules())
    assert (found.kind, found.suppressed) == (None, "too_old")
    assert verdict(now("opened"), (), T0 + timedelta(hours=24), Rules()).kind == "alert"


def test_a_later_state_of_an_old_shift_is_news_when_it_begins() -> None:
    old = shift(revision=9, state="strengthened", changed_at=at(20))
    assert verdict(old, told("alert"), at(20) + HOUR, Rules()).kind == "update"
    assert verdict(old, told("alert"), at(22), Rules()).suppressed == "too_old"


def test_backfill_is_never_news() -> None:
    found = verdict(now("opened", backfill=True), (), SOON, Rules())
    assert (found.kind, found.suppressed) == (None, "backfill")


def test_a_correction_is_owed_however_late_and_even_while_paused() -> None:
    found = now("withdrawn", backfill=True)
    assert verdict(found, told("alert"), at(300), Rules(paused=True)).kind == "correction"


def test_nobody_is_corrected_who_was_not_alerted() -> None:
    assert kind(now("withdrawn"), told("alert", state="failed")) is None


def test_what_is_withdrawn_before_it_was_sent_is_not_sent() -> None:
    pending = told("alert", state="pending")
    found = verdict(now("withdrawn"), pending, SOON, Rules())
    assert (found.kind, found.cancel) == (None, tuple(pending))
    sent_and_pending = [*told("alert"), mail("m2", revision=2, kind="update", state="pending")]
    found = verdict(now("withdrawn"), sent_and_pending, SOON, Rules())
    assert (found.kind, [one.mail_id for one in found.cancel]) == ("correction", ["m2"])


@pytest.mark.parametrize(
    ("thread", "dropped"),
    [
        ("alert:pending", ""),
        ("alert:pending correction:pending", "m1 m2"),
        ("alert:failed correction:pending", "m2"),
        ("alert:sent correction:pending", ""),
        ("alert:sent update:pending correction:pending", "m2"),
        ("alert:sent correction:sent alert:pending correction:pending", "m3 m4"),
        ("alert:pending correction:pending alert:pending", "m1 m2"),
        ("alert:pending correction:failed alert:pending", ""),
    ],
)
def test_after_a_failed_attempt_only_what_is_still_true_waits(thread: str, dropped: str) -> None:
    history = [
        mail(f"m{number}", revision=number, kind=one.partition(":")[0], state=one.partition(":")[2])
        for number, one in enumerate(thread.split(), 1)
    ]
    assert " ".join(one.mail_id for one in overtaken(history)) == dropped


def test_a_mail_on_its_way_counts_as_told() -> None:
    assert kind(now("withdrawn"), told("alert", state="sending")) == "correction"


def test_paused_means_silent_but_on_record() -> None:
    found = verdict(now("opened"), (), SOON, Rules(paused=True))
    assert (found.kind, found.suppressed) == (None, "paused")


def test_a_revision_that_came_before_says_nothing_again() -> None:
    assert kind(now("opened", revision=1), told("alert")) is None
    assert kind(now("opened", revision=1), told("alert", "correction")) is None


def test_a_thread_starts_with_its_newest_alert() -> None:
    history = told("alert", "correction", "alert")
    assert verdict(now("settled"), history, SOON, Rules()).first == history[2]
    assert verdict(now("opened"), told("alert", "correction"), SOON, Rules()).first is None


def test_any_order_and_number_of_deliveries_never_tells_the_same_twice() -> None:
    revisions = [now("opened", 1), now("strengthened", 2), now("settled", 3)]
    for order in permutations(revisions * 2):
        history: list[Mail] = []
        for found in order:
            if next_kind := kind(found, history):
                history.append(
                    mail(f"m{len(history)}", revision=found.revision, kind=next_kind, state="sent")
                )
        kinds = [one.kind for one in history]
        assert len(kinds) == len(set(kinds))


def test_every_state_of_a_shift_is_thought_of() -> None:
    assert {state for _, state in NEXT} == {"opened", "strengthened", "settled", "withdrawn"}


def test_what_was_told_from_another_outbox_is_not_told_again() -> None:
    before = {"x": "opened"}
    opened, stronger = now("opened", shift_id="x"), now("strengthened", shift_id="x")
    assert verdict(opened, (), SOON, Rules(heard_before=before)).suppressed == "rebuilt"
    assert (
        kind(stronger, (), heard_before=before) == "alert"
    )  # news, and nothing here says who was told before
    assert kind(stronger, told("alert"), heard_before=before) == "update"
    assert kind(now("opened", shift_id="y"), (), heard_before=before) == "alert"
