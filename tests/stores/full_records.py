"""One record of each kind that a store keeps, with every field filled that can be."""

from __future__ import annotations

from riftwatch.records import Mention, Relation, SentenceScore, Side, Split, Tone
from stores.base import Stored
from tests.stores import samples
from tests.stores.samples import HOUR, T0, evidence, point, shift, story

SIDE = Side(label="hostile", score=-0.4)
RELATION = Relation(label="hostile", score=-0.5, confidence=0.8, a_to_b=SIDE, b_to_a=SIDE)
TONE = Tone(label="negative", score=-0.6, confidence=0.9)
SPLIT = Split(mean=-0.2, n_stories=3, n_publishers=2)

FULL: tuple[Stored, ...] = (
    story(
        mentions=(
            Mention(entity="musk", field="title", start=0, end=5, text="Musks", via="name"),
            Mention(entity="musk", field="content", start=0, end=4, text="Musk", via="name"),
            Mention(entity="trump", field="title", start=9, end=15, text="der Präsident", via="description"),
        ),
        tones={"musk": TONE}, relations={"musk|trump": RELATION}, url="https://www.herald.example/a?b=c",
        summary="He doubts it.", content="They do not have the money.", authors=("Ann Author",), wire="dpa",
        model="m1", watchlist="w1", analysed_ms=12.5, backfill=True, signature="ab" * 64, content_hash="cd",
    ),
    evidence(a_to_b=-0.5, b_to_a=0.1, copy_of="s0", wire="dpa", url="http://herald.example:8080/x", title="Musk doubts"),
    evidence("s2", "tone:musk", sentences=(SentenceScore(sentence="Musk zweifelt.", score=-0.3),)),
    point(a_to_b=-0.3, b_to_a=0.2, n_copies=4, languages={"de": SPLIT, "en": SPLIT, "fr": SPLIT}, model="m1"),
    shift(
        changed_at=T0, settled_at=T0 + HOUR, expected_false_alarms=0.2, rules="r1", model="m1", backfill=True,
    ),
    samples.feed(
        title="Herald", publisher="herald", language="en", next_poll_at=T0 + HOUR, http_status=200, rate_per_hour=2.5,
        last_success_at=T0, last_new_item_at=T0, health_since=T0, failing_since=T0,
        seen={"s1": "h1"}, detail="all is well",
    ),
    samples.coverage(),
    samples.decision(note="because"),
    samples.dead_letter(where="x.py:3", version="0.1.0"),
    samples.mail(sent_at=T0, attempts=2),
)  # fmt: skip
