"""What several dashboards share: colours, metrics, controls and the line of links at the top."""

from __future__ import annotations

from deploy.dashboards.conditions import Condition, Is, Not
from deploy.dashboards.model import Metric, Top, View
from deploy.dashboards.panels import Control, Words
from deploy.dashboards.views import EVIDENCE

# The desk's own: orange is hostile, blue is friendly, told apart by every kind of colour vision.
HOSTILE, NEUTRAL, FRIENDLY, UNKNOWN = "#ad4a0b", "#c9c4b5", "#1c5a94", "#8b857a"
INK, BAND, ACCENT = "#1d1c19", "#a9a291", "#2a8a78"
LABELS = {
    "hostile": HOSTILE, "negative": HOSTILE, "neutral": NEUTRAL,
    "friendly": FRIENDLY, "positive": FRIENDLY, "unknown": UNKNOWN,
}  # fmt: skip
# Steps of a score, each from its lower edge on; desk/figures.py draws the same.
SCORE_STEPS = (
    (-1.0, "#ad4a0b"), (-0.5, "#eda765"), (-0.25, "#f8dfc9"), (-0.1, "#e9e6dc"),
    (0.1, "#d8e6f3"), (0.25, "#8dbae0"), (0.5, "#1c5a94"),
)  # fmt: skip

RELATIONS = Is("news.subject_kind", "relation")
TONES = Is("news.subject_kind", "tone")
COUNTED = Is("news.counted", value=True)  # copies and uncertain readings carry no weight
STANDS = Not(Is("news.shift.state", "withdrawn"))


def count(label: str, *where: Condition, colour: str | None = None) -> Metric:
    """Count documents."""
    return Metric(operation="count", label=label, where=where, colour=colour)


def different(field: str, label: str, colour: str | None = None) -> Metric:
    """Count the different values of a field."""
    return Metric(operation="unique_count", field=field, label=label, colour=colour)


def mean(field: str, label: str, *where: Condition, colour: str | None = None) -> Metric:
    """Average a score in [-1, 1]."""
    return Metric(
        operation="average", field=field, label=label, where=where, colour=colour, format="signed",
        decimals=2, scored=True,
    )  # fmt: skip


def newest(field: str, label: str) -> Metric:
    """Return the latest time of a field."""
    return Metric(operation="max", field=field, label=label, format="date")


def by_reading(size: int = 4) -> Top:
    """Split by what was read: hostile, neutral, friendly, uncertain; in colours that mean something."""
    return Top(field="news.label", label="Reading", size=size, by=None, colours=LABELS)


def actor(view: View = EVIDENCE, *, chosen: str = "") -> Control:
    """Choose actors."""
    return Control(
        key="actor", title="Actor", view=view, field="news.entity_ids", single=bool(chosen),
        chosen=(chosen,) if chosen else (),
    )  # fmt: skip


def pair(chosen: str) -> Control:
    """Choose one pair; a mean over several pairs would say nothing."""
    return Control(key="pair", title="Pair", view=EVIDENCE, field="news.pair", single=True, chosen=(chosen,))


def language(view: View = EVIDENCE) -> Control:
    """Choose languages."""
    return Control(key="language", title="Language", view=view, field="news.language")


def publisher(view: View = EVIDENCE) -> Control:
    """Choose publishers."""
    return Control(key="publisher", title="Publisher", view=view, field="news.publisher_family")


def header(text: str) -> Words:
    """Return the text at the top: what the dashboard answers, then the way to the others."""
    return Words(key="header", text=f"{text}\n\n{{links}}")
