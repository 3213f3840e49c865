"""What lies in riftwatch.dead-letters, newest first; the topic is the truth, a store only a copy. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict

from riftwatch.clock import iso
from riftwatch.errors import Reject
from riftwatch.letters import Received
from riftwatch.records import DeadLetter, decode

# What a feed might want to do to a terminal: control characters and changes of the writing direction.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Buried:
    """A letter, when it came into the topic, and how often: a redelivered record is buried again."""

    letter: DeadLetter
    buried_at: datetime
    times: int = 1


@dataclass(frozen=True, slots=True)
class Letterbox:
    """All letters, newest first, and the places of those that cannot be read themselves."""

    letters: tuple[Buried, ...] = ()
    unreadable: tuple[str, ...] = ()

    def chosen(self, stage: str | None = None, reason: str | None = None) -> list[Buried]:
        """Return the letters of a stage and a reason."""
        return [
            one
            for one in self.letters
            if stage in {None, one.letter.stage} and reason in {None, one.letter.reason}
        ]

    def named(self, letter_id: str) -> list[Buried]:
        """Return the letters with that id: more than one when two stages failed at the same record."""
        return [one for one in self.letters if one.letter.letter_id == letter_id]


def letterbox(messages: Iterable[Received]) -> Letterbox:
    """Take the topic's records in."""
    found: dict[tuple[str, str, bytes | None, bytes | None], Buried] = {}
    unreadable = []
    for message in sorted(messages, key=lambda one: (one.timestamp, one.partition, one.offset)):
        try:
            letter = decode(message.value, DeadLetter)
        except Reject:
            unreadable.append(f"{message.topic}-{message.partition}-{message.offset}")
            continue
        same = letter.letter_id, letter.stage, letter.key, letter.value
        earlier = found.pop(same, None)
        times = earlier.times + 1 if earlier else 1
        found[same] = Buried(letter, datetime.fromtimestamp(message.timestamp / 1000, UTC), times)
    return Letterbox(tuple(reversed(found.values())), tuple(unreadable))


def tally(letters: Iterable[Buried]) -> list[tuple[str, str, int]]:
    """Return (stage, reason, number), the most frequent first."""
    counted = Counter((one.letter.stage, one.letter.reason) for one in letters)
    return [(stage, reason, number) for (stage, reason), number in counted.most_common()]


def shown(data: bytes | None) -> tuple[str, str]:
    """Return bytes for a person and what they are shown as: text, hex or none."""
    if data is None:
        return "", "none"
    try:
        return data.decode(), "text"
    except UnicodeDecodeError:
        return data.hex(), "hex"


def harmless(text: str) -> str:
    """Return the text with everything that could command a terminal written out."""
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def in_one_line(text: str) -> str:
    """Return the harmless text without line breaks: a record cannot print lines of its own."""
    return harmless(text).replace("\n", "\\n").replace("\t", " ")


# Any: JSON on its way out.
def summary(buried: Buried) -> dict[str, Any]:
    """Return a letter as `list --json` prints it: everything but the bytes."""
    letter = buried.letter
    fields = asdict(letter)
    for name in ("v", "key", "value", "headers"):
        del fields[name]
    size = None if letter.value is None else len(letter.value)
    return fields | {
        "key": shown(letter.key)[0], "failed_at": iso(letter.failed_at), "size": size,
        "buried_at": iso(buried.buried_at), "times": buried.times,
    }  # fmt: skip


def whole(buried: Buried) -> dict[str, Any]:
    """Return a letter as `show --json` prints it: all of it, bytes as text or hex."""
    key, key_as = shown(buried.letter.key)
    value, value_as = shown(buried.letter.value)
    headers = [{"name": name, "value": shown(content)[0]} for name, content in buried.letter.headers]
    return summary(buried) | {
        "headers": headers, "key": key, "key_as": key_as, "value": value, "value_as": value_as,
    }  # fmt: skip


def lines(letters: Sequence[Buried]) -> Iterable[str]:
    """Yield a line for each letter."""
    for one in letters:
        letter = one.letter
        again = f" ({one.times} times)" if one.times > 1 else ""
        yield in_one_line(
            f"{one.buried_at:%Y-%m-%d %H:%M:%S}  {letter.stage:<8} {letter.reason:<14} {letter.letter_id}"
            f"{again}  {letter.error}"
        )
