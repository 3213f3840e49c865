"""Every text of a mail in English, in one place. A translation is a second module with the same names.

{a} and {b} are names of actors, {day} is a date such as "22 January 2025".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

LANGUAGE = "en"
NAME = "Riftwatch"

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

# The subject line stays the same through a thread, so that mail programs keep it together; only a correction
# says what it is.
HEADLINE = {
    ("relation", "down"): "{a} and {b}: relations have cooled since {day}",
    ("relation", "up"): "{a} and {b}: relations have warmed since {day}",
    ("tone", "down"): "{a}: coverage has turned more critical since {day}",
    ("tone", "up"): "{a}: coverage has turned more favourable since {day}",
}
CORRECTION_SUBJECT = "Correction: {headline}"
CORRECTION_HEADLINE = "Withdrawn: “{headline}”"

LABEL = {"alert": "Alert", "update": "Update", "correction": "Correction", "settled": "Settled"}

# One plain sentence under the headline: what happened, by kind of mail, subject and direction.
LEAD = {
    ("alert", "relation", "down"): "Reports now speak of the two in colder terms than before, across {n} independent publishers.",
    ("alert", "relation", "up"): "Reports now speak of the two in warmer terms than before, across {n} independent publishers.",
    ("alert", "tone", "down"): "Reports now judge {a} more harshly than before, across {n} independent publishers.",
    ("alert", "tone", "up"): "Reports now judge {a} more kindly than before, across {n} independent publishers.",
    ("update", "relation", "down"): "The rift reported on {alerted} has deepened; {n} independent publishers now bear it out.",
    ("update", "relation", "up"): "The rapprochement reported on {alerted} has gone further; {n} independent publishers now bear it out.",
    ("update", "tone", "down"): "The harsher tone reported on {alerted} has grown harsher still; {n} independent publishers now bear it out.",
    ("update", "tone", "up"): "The kinder tone reported on {alerted} has grown kinder still; {n} independent publishers now bear it out.",
}  # fmt: skip
LEAD_CORRECTION = (
    "We no longer stand by the alert of {alerted}. Stories it rested on were revised, deleted or turned out to be "
    "copies, and what is left does not show a shift. If you have used it, please check."
)
LEAD_SETTLED = (
    "The shift reported on {alerted} has run its course: coverage has returned to its earlier level, or has stayed "
    "at the new one long enough to count as usual."
)

SCALE = {
    "relation": "The scale runs from −1 (hostile) to +1 (friendly); 0 is neutral.",
    "tone": "The scale runs from −1 (negative) to +1 (positive); 0 is neutral.",
}
ENDS = {"relation": ("hostile", "friendly"), "tone": ("negative", "positive")}
BEFORE = "Before"
AFTER = "After"
INTERVAL = "95 % interval {low} to {high}"
PUBLISHERS = ("{n} independent publisher", "{n} independent publishers")
STORIES = ("{n} story", "{n} stories")
ONSET = "Began about"
DETECTED = "Detected"
WITHDRAWN = "Withdrawn"
SETTLED = "Settled"

EVIDENCE = "The sentences that moved it most"
EVIDENCE_CORRECTION = "What the alert rested on and is still on record"
NO_EVIDENCE = "No sentence is left: the stories were revised or deleted."
COUNTER = "The strongest sentence against it"
NO_COUNTER = "Among the stories of these days, none spoke against it."
WRITTEN_IN = {"de": "German", "en": "English", "fr": "French", "es": "Spanish", "it": "Italian"}
READ_STORY = "Read the story"

WHO = "Who reports it"
BY_LANGUAGE = "By language"
BY_PUBLISHER = "By publisher"
AND_MORE = "and {n} more"

SURE = "How sure we are"
STATISTIC = (
    "The change measures {statistic} on the detector's scale; from {threshold} on it is reported as a shift."
)
FALSE_ALARMS = "With that threshold, expect about {n} false alarms a month over the whole watchlist."
UNCALIBRATED = (
    "The threshold is a cautious default. It has not been calibrated on your own history yet, so how often it is "
    "wrong is not known."
)
MACHINE = (
    "A model judges single sentences and errs at times. Judge the shift by the sentences, not by the number."
)

OPEN_DESK = "See the whole shift on the desk"
WHY = (
    "You get this because {recipient} is on the list of recipients for shifts between actors on the watchlist. "
    "To leave the list, write to {sender}."
)
TEST_SUBJECT = "Riftwatch: this is a test"
TEST_TEXT = (
    "This is a test mail. If you can read it, alerts will reach you too.\n\n"
    "It was sent by hand with `riftwatch mail test`; nothing has happened in the news."
)


def day(moment: datetime) -> str:
    """Return a date such as "22 January 2025"."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def time_of(moment: datetime) -> str:
    """Return a date with the time, such as "22 January 2025, 14:00 UTC"."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


def number(value: float) -> str:
    """Return a score with its sign and two places, with a real minus: "−0.35"."""
    return f"{value:+.2f}".replace("-", "−").replace("+0.00", "0.00").replace("−0.00", "0.00")


def counted(forms: tuple[str, str], n: int) -> str:
    """Return the form that fits the number, filled in."""
    return forms[n != 1].format(n=n)


def language(code: str) -> str:
    """Return the name of a language; an unknown code stands for itself."""
    return WRITTEN_IN.get(code, code)


def headline(kind: str, direction: str, names: Mapping[str, str]) -> str:
    """Return what changed in one plain sentence; `names` holds a, b and day."""
    return HEADLINE[kind, direction].format(**names)
