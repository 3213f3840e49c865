"""A shift as a plain sentence: "Musk and Trump fell out"."""

from __future__ import annotations

from desk.names import Names
from desk.wording import Wording
from riftwatch.records import Shift, subject_entities

TURN = 0.15  # a mean beyond this counts as friendly or hostile in words


def headline(shift: Shift, names: Names, wording: Wording) -> str:
    """Return the sentence that says what happened, in the words of the table."""
    entities = subject_entities(shift.subject)
    kind = "pair" if len(entities) == 2 else "actor"
    who = dict(zip("ab", map(names.actor, entities), strict=False))
    return wording.plain(f"headline.{kind}.{_turn(shift)}", **who)


def _turn(shift: Shift) -> str:
    """Return how it went: across the middle (`turned`), away from it (`left`), back to it (`eased`), or on.

    Seen in the direction of the shift: a fall from friendly to hostile turns as a rise from hostile does.
    """
    sign = -1 if shift.direction == "down" else 1
    before, after = shift.before.mean * sign, shift.after.mean * sign
    if before >= TURN:
        return f"{shift.direction}_further"
    if before <= -TURN:
        return f"{shift.direction}_{'turned' if after >= TURN else 'eased'}"
    if after >= TURN:
        return f"{shift.direction}_left"
    return f"{shift.direction}_stirred"
