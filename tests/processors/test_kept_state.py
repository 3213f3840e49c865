"""State that is lost or shortened is noticed; an empty installation is not."""

from __future__ import annotations

import pytest

from processors.kept_state import REMEMBERED, TOGETHER, check_partitions, damaged_state
from riftwatch.errors import StateError
from riftwatch.kafka import Extent
from riftwatch.topics import CONTRIBUTIONS, EVIDENCE, READINGS, STORIES, STORY_MEMORY


def whole() -> dict[str, Extent]:
    return {topic.name: Extent(0, 500) for pair in REMEMBERED.items() for topic in pair}


def test_a_whole_and_an_empty_installation_pass() -> None:
    assert damaged_state(whole()) == []
    assert damaged_state({name: Extent(0, 0) for name in whole()}) == []


def test_a_lost_changelog_is_named() -> None:
    assert damaged_state(whole() | {CONTRIBUTIONS.name: Extent(0, 0)}) == [CONTRIBUTIONS.name]


def test_a_shortened_changelog_is_named() -> None:
    assert damaged_state(whole() | {STORY_MEMORY.name: Extent(3, 500)}) == [STORY_MEMORY.name]


@pytest.mark.parametrize(
    ("told", "log", "damaged"), [(STORIES, STORY_MEMORY, False), (EVIDENCE, CONTRIBUTIONS, True)]
)
def test_a_kill_in_the_first_batch_of_analyse_is_no_loss(told, log, damaged) -> None:  # type: ignore[no-untyped-def]
    found = whole() | {told.name: Extent(0, 30), log.name: Extent(0, 0)}
    assert (damaged_state(found) == [log.name]) is damaged


def test_a_worker_with_another_number_of_partitions_is_refused() -> None:
    found = {topic.name: Extent(0, 9, 12) for topic in TOGETHER}
    check_partitions(found, 12)
    with pytest.raises(StateError, match=r"items has 12 partitions and the setting says 4.*PARTITIONS=12"):
        check_partitions(found, 4)
    with pytest.raises(StateError, match=READINGS.name):
        check_partitions(found | {READINGS.name: Extent(0, 9, 6)}, 12)
