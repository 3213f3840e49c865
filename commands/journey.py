"""The stations of one story, from the records that name it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from riftwatch.clock import iso
from riftwatch.errors import Reject
from riftwatch.letters import Received
from riftwatch.records import (
    DeadLetter,
    Evidence,
    FeedItem,
    Reading,
    Story,
    decode,
    decode_reading,
)
from riftwatch.topics import DEAD_LETTERS, EVIDENCE, ITEMS, READINGS, STORIES

STORE = "store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One record on the way: when Kafka took it, which revision, what it says, where it lies."""

    station: str  # items, stories, readings, evidence, dead-letters, store
    at: datetime | None  # wall clock of the broker; a store keeps no such time
    revision: int | None = None
    version: str = ""  # of the model and watchlist, or of the program that buried it
    what: str
    place: str  # topic-partition-offset, or the store


def stations(messages: Iterable[Received], story_id: str) -> list[Station]:
    """Return the stations among the records of one topic, in their order."""
    return [found for message in messages if (found := _station(message, story_id))]


def stored(story: Story, store: str) -> Station:
    """Return what a store holds."""
    return Station(
        station=STORE,
        at=None,
        revision=story.revision,
        version=_version(story),
        what=_about(story),
        place=store,
    )


def verdict(found: Sequence[Station]) -> str:
    """Return in one sentence where the story is now."""
    newest = {one.station: one.revision or 0 for one in sorted(found, key=lambda one: one.revision or 0)}
    letters = [one for one in found if one.station == "dead-letters"]
    if STORE in newest and newest[STORE] >= newest.get("stories", 0):
        end = f"in the store as revision {newest[STORE]}"
    elif "stories" in newest:
        end = f"revision {newest['stories']} waits for the search sink"
    elif letters:
        end = "only in the dead letters"
    elif "items" in newest:
        end = "waits to be analysed"
    else:
        return "nothing is known of it"
    return f"{end}; dead letters: {len(letters)}" if letters else end


def _station(message: Received, story_id: str) -> Station | None:
    try:
        what = _READERS[message.topic](message, story_id)
    except Reject as error:
        what = (None, "", f"cannot be read: {error}") if message.key == story_id.encode() else None
    if what is None:
        return None
    revision, version, about = what
    return Station(
        station=message.topic.removeprefix("riftwatch."),
        at=datetime.fromtimestamp(message.timestamp / 1000, UTC),
        revision=revision,
        version=version,
        what=about,
        place=f"{message.topic}-{message.partition}-{message.offset}",
    )


_What = tuple[int | None, str, str] | None


def _item(message: Received, story_id: str) -> _What:
    item = decode(message.value, FeedItem)
    if item.story_id != story_id:
        return None
    again = next((value.decode() for name, value in message.headers if name == "riftwatch-replayed"), "")
    parts = [item.status, f"from {item.feed_id}", f"fetched {iso(item.fetched_at)}"]
    parts += [f"replayed from {again}"] if again else []
    return None, item.content_hash[:12], ", ".join(parts)


def _story(message: Received, story_id: str) -> _What:
    if message.key != story_id.encode():
        return None
    story = decode(message.value, Story)
    return story.revision, _version(story), _about(story)


def _reading(message: Received, story_id: str) -> _What:
    reading = decode_reading(message.value)
    if not isinstance(reading, Reading) or reading.story_id != story_id:
        return None
    said = "withdrawn" if reading.withdrawn else f"{reading.label} {reading.score:+.2f}"
    return reading.revision, reading.model, f"{reading.subject} {said}"


def _evidence(message: Received, story_id: str) -> _What:
    if not (message.key or b"").endswith(b"|" + story_id.encode()):
        return None
    evidence = decode(message.value, Evidence)
    if evidence.story_id != story_id:
        return None
    return evidence.revision, evidence.model, f"{evidence.subject} {_weight(evidence)}"


def _weight(evidence: Evidence) -> str:
    if evidence.withdrawn:
        return "withdrawn"
    if evidence.copy_of:
        return f"a copy of {evidence.copy_of}"
    return f"counted {evidence.score:+.2f}" if evidence.counted else f"not counted ({evidence.label})"


def _letter(message: Received, story_id: str) -> _What:
    letter = decode(message.value, DeadLetter)
    name = story_id.encode()
    keyed = letter.key == name or (letter.key or b"").endswith(b"|" + name)
    if not keyed and b'"' + name + b'"' not in (letter.value or b""):
        return None
    about = f"{letter.letter_id}: {letter.stage} {letter.reason}: {letter.error}"
    return None, letter.version, about


def _version(story: Story) -> str:
    return " ".join(part for part in (story.model, story.watchlist) if part)


def _about(story: Story) -> str:
    subjects = " ".join((*sorted(story.tones), *sorted(story.relations))) or "no actor of the watchlist"
    return f"{story.status}, {story.language}, {subjects}"


_READERS: dict[str, Callable[[Received, str], _What]] = {
    ITEMS.name: _item,
    STORIES.name: _story,
    READINGS.name: _reading,
    EVIDENCE.name: _evidence,
    DEAD_LETTERS.name: _letter,
}
