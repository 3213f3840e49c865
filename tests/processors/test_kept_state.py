"""State that is lost or shortened is noticed; an empty installation is not."""

from __future__ import annotations

import pytest

from processors.kept_state import REMEMBERED, damaged_state
from riftwatch.kafka import Extent
from riftwatch.topics import CONTRIBUTIONS, EVIDENCE, STORIES, STORY_MEMORY


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
