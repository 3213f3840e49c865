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
    """Return which way it went: across zero (`turned`), deeper on its side, or back towards the middle."""
    sign = -1 if shift.direction == "down" else 1
    before, after = shift.before.mean * sign, shift.after.mean * sign
    if before >= TURN:
        return f"{shift.direction}_further"
    if after >= TURN:
        return f"{shift.direction}_turned"
    return f"{shift.direction}_eased"
