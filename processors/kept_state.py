"""Whether the state in Kafka is whole: a lost or shortened changelog would silently count from zero.

What a stage has told and what it remembers are written together, so a topic with results beside an empty changelog
means that the changelog is gone (a kill in the very first batch of analyse aside). A compacted changelog starts at offset 0 for ever; one that does not was shortened.
"""

from __future__ import annotations

from collections.abc import Mapping

from riftwatch.errors import StateError
from riftwatch.kafka import Extent, extents
from riftwatch.rebuilt import finished_rebuild
from riftwatch.settings import Settings
from riftwatch.topics import (
    CONTRIBUTIONS,
    EVIDENCE,
    ITEMS,
    LEDGER,
    READINGS,
    SHIFTS,
    STORIES,
    STORY_MEMORY,
    Topic,
)

ONE_BATCH = 64  # stories that analyse may have told before its first row was written

# what was told -> the changelog of what is remembered of it
REMEMBERED = {STORIES: STORY_MEMORY, EVIDENCE: CONTRIBUTIONS, SHIFTS: LEDGER}


# Kept together by key: a worker that believes in another number of partitions would miss state and time.
TOGETHER = (ITEMS, READINGS, *REMEMBERED.values())


def check_state(settings: Settings) -> None:
    """Raise StateError when state was lost, shortened, half refilled or cannot be found; it names the remedy."""
    finished_rebuild(settings)
    found = look_at_state(settings)
    damaged = damaged_state(found)
    if damaged:
        raise StateError(
            f"state is missing from {' and '.join(damaged)}: going on would count from zero."
            " Run `riftwatch rebuild` to refill it from the store."
        )


def look_at_state(settings: Settings) -> dict[str, Extent]:
    """Return how far told and remembered topics reach; raises StateError when `partitions` is not theirs."""
    topics = {topic.name for topic in (*REMEMBERED, *TOGETHER)}
    found = extents(settings, sorted(topics))
    check_partitions(found, settings.partitions)
    return found


def check_partitions(found: Mapping[str, Extent], wanted: int) -> None:
    """Raise StateError when a topic that state depends on has another number of partitions."""
    for topic in TOGETHER:
        has = found[topic.name].partitions
        if has != wanted:
            raise StateError(
                f"{topic.name} has {has} partitions and the setting says {wanted}: state would not be found."
                f" Set RIFTWATCH_PARTITIONS={has}."
            )


def damaged_state(found: Mapping[str, Extent]) -> list[str]:
    """Return the names of the changelogs that are lost or shortened."""
    return [
        log.name
        for told, log in REMEMBERED.items()
        if found[log.name].start > 0 or (found[log.name].empty and found[told.name].size > _grace(told))
    ]


def _grace(told: Topic) -> int:
    return ONE_BATCH if told is STORIES else 0
