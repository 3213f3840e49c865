"""Sending dead letters back to where they came from: the same bytes, key and partition, and a header that says so.

A replay can be repeated: ids are made of content, so a record that was handled meanwhile changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from commands.scan import scan
from riftwatch.kafka import answering, bootstrap, extents, producer
from riftwatch.records import DeadLetter
from riftwatch.settings import Settings
from riftwatch.topics import ALL, DEAD_LETTERS, Topic

HEADER = "riftwatch-replayed"
ACK_S = 60.0
BY_NAME = {topic.name: topic for topic in ALL}

Slot = tuple[str, int, bytes | None]  # topic, partition, key: where compaction keeps one record


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one letter: the offset it got, or why it was not sent."""

    letter_id: str
    topic: str
    partition: int
    offset: int | None = None
    refused: str = ""


def replay(settings: Settings, letters: Iterable[DeadLetter]) -> list[Replayed]:
    """Send letters back, in the order of the original records, and return what became of each.

    Every record is sent once, however many letters it has. Returns when the broker has acknowledged all;
    raises UserError when it does not.
    """
    distinct = once(letters)
    partitions = _partitions(settings, distinct)
    newest = _newest(settings, distinct)
    results, pending = [], []
    with answering(bootstrap(settings)), closing(producer(settings)) as sender:
        for letter in distinct:
            if why := refusal(letter, partitions, newest):
                results.append(Replayed(letter.letter_id, letter.topic, letter.partition, refused=why))
                continue
            pending.append((letter, sender.send(
                letter.topic, key=letter.key, value=letter.value, partition=letter.partition, headers=headers(letter)
            )))  # fmt: skip
        for letter, sent in pending:
            offset = sent.get(timeout=ACK_S).offset
            results.append(Replayed(letter.letter_id, letter.topic, letter.partition, offset))
    return results


def once(letters: Iterable[DeadLetter]) -> list[DeadLetter]:
    """Return each record once, in the original order: a replay that failed again has left two letters."""
    newest_last = sorted(letters, key=lambda one: (one.topic, one.partition, one.offset))
    records = {(one.topic, one.partition, one.key, one.value): one for one in newest_last}
    return list(records.values())


def headers(letter: DeadLetter) -> list[tuple[str, bytes]]:
    """Return the record's own headers and which letter it comes from."""
    own = [(name, value) for name, value in letter.headers if name != HEADER]
    return [*own, (HEADER, letter.letter_id.encode())]


def refusal(letter: DeadLetter, partitions: Mapping[str, int], newest: Mapping[Slot, int]) -> str:
    """Return why a letter must not be sent, or nothing. Pure."""
    topic = BY_NAME.get(letter.topic)
    if letter.topic.endswith("-changelog"):
        return "this is Faust's own state: `riftwatch rebuild` refills it"
    if topic is None or topic is DEAD_LETTERS:
        return f"{letter.topic} is no topic that records are sent to"
    if letter.value is None:
        return f"the letter holds no bytes: {letter.error}"
    if letter.partition >= partitions.get(letter.topic, 0):
        return f"{letter.topic} has no partition {letter.partition} any more"
    if newest.get(_slot(letter), -1) > letter.offset:
        return "the topic holds a newer record with this key, which an older one must not replace"
    return ""


def _slot(letter: DeadLetter) -> Slot:
    return letter.topic, letter.partition, letter.key


def _known(letters: Sequence[DeadLetter]) -> list[Topic]:
    return [BY_NAME[name] for name in sorted({one.topic for one in letters} & BY_NAME.keys())]


def _partitions(settings: Settings, letters: Sequence[DeadLetter]) -> dict[str, int]:
    names = [topic.name for topic in _known(letters)]
    with answering(bootstrap(settings)):
        return {name: extent.partitions for name, extent in extents(settings, names).items()}


def _newest(settings: Settings, letters: Sequence[DeadLetter]) -> dict[Slot, int]:
    """Return the newest offset of the letters' keys in compacted topics, where the newest record is the state."""
    wanted = {_slot(letter) for letter in letters}
    compacted = [one.name for one in _known(letters) if "compact" in one.cleanup and one.record]
    found: dict[Slot, int] = {}
    for name in compacted:
        for message in scan(settings, name):
            slot = message.topic, message.partition, message.key
            if slot in wanted:
                found[slot] = message.offset
    return found
