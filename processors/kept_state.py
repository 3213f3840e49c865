"""Whether the state in Kafka is whole: a lost or shortened changelog would silently count from zero.

What a stage has told and what it remembers are written together, so a topic with results beside an empty changelog
means that the changelog is gone (a kill in the very first batch of analyse aside). A compacted changelog starts at offset 0 for ever; one that does not was shortened.
"""

from __future__ import annotations

from collections.abc import Mapping

from riftwatch.errors import StateError
from riftwatch.kafka import Extent, extents
from riftwatch.settings import Settings
from riftwatch.topics import CONTRIBUTIONS, EVIDENCE, LEDGER, SHIFTS, STORIES, STORY_MEMORY, Topic

ONE_BATCH = 64  # stories that analyse may have told before its first row was written

# what was told -> the changelog of what is remembered of it
REMEMBERED = {STORIES: STORY_MEMORY, EVIDENCE: CONTRIBUTIONS, SHIFTS: LEDGER}


def check_state(settings: Settings) -> None:
    """Raise StateError when state was lost or shortened; it names the remedy."""
    names = [topic.name for pair in REMEMBERED.items() for topic in pair]
    damaged = damaged_state(extents(settings, names))
    if damaged:
        raise StateError(
            f"state is missing from {' and '.join(damaged)}: going on would count from zero."
            " Run `riftwatch rebuild` to refill it from the store."
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
