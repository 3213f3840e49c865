"""What analyse forgets, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from processors.analyse import StoryMemory
from processors.forgetting import AT_ONCE, KEEP, KEEP_LONG, Sweep, forgettable
from processors.rules import Rules
from riftwatch import topics
from riftwatch.kafka import partition as partition_of
from stores.sqlite_tables import MONTHS_24_DAYS
from tests.fakes import FakeTable
from tests.work import lines_run

AT = datetime(2025, 6, 1, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def memory(age: timedelta, *, revision: int = 1, dated: bool = True, status: str = "present") -> StoryMemory:
    fetched = AT - age
    published = fetched - timedelta(hours=2) if dated else fetched
    return StoryMemory(
        revision=revision, content_hash="x", first_published=published, fetched_at=fetched, status=status
    )


@pytest.mark.parametrize(
    ("row", "gone"),
    [
        (memory(KEEP - DAY), False),
        (memory(KEEP + DAY), True),
        (memory(KEEP + DAY, revision=2), False),
        (memory(KEEP + DAY, revision=2, status="deleted"), False),
        (memory(KEEP + DAY, dated=False), False),
        (memory(KEEP_LONG + DAY, revision=7), True),
        (memory(KEEP_LONG + DAY, dated=False), True),
    ],
)
def test_a_row_goes_when_a_first_revision_may_stand_in_for_it(row: StoryMemory, gone: bool) -> None:
    assert forgettable(row, AT) is gone


def test_an_old_story_heard_of_lately_stays() -> None:
    row = StoryMemory(
        revision=3,
        content_hash="x",
        first_published=AT - 3 * KEEP_LONG,
        fetched_at=AT - DAY,
        status="present",
    )
    assert not forgettable(row, AT)


def test_nothing_goes_before_watch_and_the_store_have_let_go_of_it() -> None:
    rules = Rules.load(Path(__file__).parents[2] / "config" / "rules.toml")
    assert timedelta(days=rules.keep_days) <= KEEP
    assert timedelta(days=MONTHS_24_DAYS) < KEEP_LONG


class Table(FakeTable[StoryMemory]):
    """A table that counts how often it is gone through."""

    passes = 0

    def rows(self) -> Iterator[tuple[str, StoryMemory]]:
        self.passes += 1
        return super().rows()


def table(**rows: StoryMemory) -> Table:
    made = Table(topics.STORY_MEMORY, StoryMemory)
    for story, row in rows.items():
        made.keep(made.write(story, row, 0))
    return made


def test_one_pass_a_day_serves_all_partitions() -> None:
    old = {f"s{n}": memory(KEEP + DAY) for n in range(30)}
    rows = table(**old, young=memory(DAY))
    sweep = Sweep(rows, 3)
    taken = {number: sweep.take(number, AT + timedelta(minutes=number)) for number in range(3)}
    assert sorted(story for stories in taken.values() for story in stories) == sorted(old)
    assert all(partition_of(s.encode(), 3) == number for number, stories in taken.items() for s in stories)
    assert [sweep.take(number, AT + timedelta(hours=5)) for number in range(3)] == [[], [], []]
    assert rows.passes == 1
    sweep.take(0, AT + DAY)
    assert rows.passes == 2


def test_a_partition_that_lags_behind_waits_for_its_own_day() -> None:
    sweep = Sweep(table(s=memory(KEEP + DAY)), 1)
    assert sweep.take(7, AT) == []
    assert sweep.take(0, AT - DAY) == []
    assert sweep.take(0, AT) == ["s"]


def test_what_was_revised_since_the_pass_stays() -> None:
    rows = table(s=memory(KEEP + DAY))
    sweep = Sweep(rows, 1)
    sweep.take(7, AT)
    rows.keep(rows.write("s", memory(DAY, revision=2), 0))
    assert sweep.take(0, AT) == []


def test_a_great_many_go_in_portions() -> None:
    rows = table(**{f"s{n}": memory(KEEP + DAY) for n in range(AT_ONCE + 10)})
    sweep = Sweep(rows, 1)
    assert [len(sweep.take(0, AT)) for _ in range(3)] == [AT_ONCE, 10, 0]


@pytest.mark.parametrize("age", [DAY, KEEP + DAY])
def test_a_pass_costs_as_much_as_there_are_rows(age: timedelta) -> None:
    def cost(count: int) -> int:
        rows = table(**{f"s{n}": memory(age) for n in range(count)})
        return lines_run(lambda: Sweep(rows, 1).take(0, AT))

    assert cost(2_000) < 4.4 * cost(500)
