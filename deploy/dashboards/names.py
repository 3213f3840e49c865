"""What keys are called: actors and pairs by their names, labels in plain words. Kibana shows them, and filters by the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from deploy.dashboards.place import Place
from riftwatch.records import pair_key, relation_subject, tone_subject

Words: TypeAlias = Mapping[str, str]  # key -> what people call it

PLAIN: Mapping[str, Words] = {
    "news.language": {"de": "German", "en": "English", "und": "Language unknown"},
    "news.shift.direction": {"down": "▼ down", "up": "▲ up"},
    "news.shift.state": {"strengthened": "opened, strengthened since"},
    "news.label": {"unknown": "uncertain"},
    "news.feed.health": {
        "ok": "well", "not_modified": "well, nothing new", "new": "not polled yet", "rate_limited": "rate limited",
        "not_a_feed": "not a feed", "too_large": "too large", "parse_timeout": "parsing took too long",
    },
}  # fmt: skip


def words(place: Place) -> dict[str, Words]:
    """Return, for each field, what its keys are called; a key that is not in it stands for itself."""
    if not place.actors:
        return dict(PLAIN)
    actors = dict(place.actors)
    ids = sorted(actors)
    pairs = {pair_key(a, b): f"{actors[a]} – {actors[b]}" for n, a in enumerate(ids) for b in ids[n + 1 :]}
    subjects = {relation_subject(*pair.split("|")): name for pair, name in pairs.items()}
    subjects |= {tone_subject(actor): f"Tone toward {name}" for actor, name in actors.items()}
    return {
        **PLAIN,
        "news.entity_ids": actors,
        "news.relation.a": actors,
        "news.relation.b": actors,
        "news.pair": pairs,
        "news.subject": subjects,
    }
