"""What one story contributes to one subject: the row that watch keeps, and the record that stores see.

A contribution is keyed by (subject, story_id): a redelivery, a revision or a withdrawal replaces it and never
adds one. It carries its strongest sentence, so that a shift proves itself without reading a store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from riftwatch.records import Evidence, Reading, SentenceScore

SENTENCE_CHARS = 280
TITLE_CHARS = 160
URL_CHARS = 300
ROW_BYTES = 1_500  # 15 subjects x 1,000 rows stay a changelog that is read back in seconds
MICRO = 1_000_000  # scores are summed as whole millionths: the same sum in any order, to the bit


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """The table row of one (subject, story_id), at most ROW_BYTES encoded as JSON."""

    subject: str
    story_id: str
    revision: int
    score: float
    confidence: float
    label: str
    a_to_b: float | None = None
    b_to_a: float | None = None
    sentence: str = ""
    sentence_score: float = 0.0
    publisher: str
    wire: str | None = None
    language: str = "und"
    signature: str = ""
    published: datetime
    first_published: datetime
    fetched_at: datetime
    url: str = ""
    title: str = ""
    backfill: bool = False
    withdrawn: bool = False
    model: str = ""

    @property
    def at(self) -> int:
        """Event time in Unix seconds: the first publication, which no later revision moves."""
        return int(self.first_published.timestamp())

    @property
    def unit(self) -> str:
        """The independent witness: the agency of an agency text, the publisher's family otherwise."""
        return f"wire:{self.wire}" if self.wire else self.publisher

    @property
    def speaks(self) -> bool:
        """Whether it says anything: withdrawn and unknown readings weigh nothing."""
        return not self.withdrawn and self.label != "unknown"


@dataclass(frozen=True, slots=True)
class Voice:
    """A contribution that counts in the series: it speaks and is no copy."""

    at: int
    unit: str
    micro: int  # score in millionths
    row: Contribution


def voice_of(row: Contribution) -> Voice:
    """Return the row as a counted voice."""
    return Voice(row.at, row.unit, round(row.score * MICRO), row)


def key_of(subject: str, story_id: str) -> str:
    """Return the key of a row: "subject|story_id"."""
    return f"{subject}|{story_id}"


def contribution_of(reading: Reading) -> Contribution:
    """Return the row of a reading, clipped to ROW_BYTES: first the address goes, then title, then sentence."""
    best = reading.evidence[0] if reading.evidence else SentenceScore(sentence="", score=0.0)
    row = Contribution(
        subject=reading.subject,
        story_id=reading.story_id,
        revision=reading.revision,
        score=min(1.0, max(-1.0, reading.score)),
        confidence=reading.confidence,
        label=reading.label,
        a_to_b=reading.a_to_b,
        b_to_a=reading.b_to_a,
        sentence=clip(best.sentence, SENTENCE_CHARS),
        sentence_score=best.score,
        publisher=reading.publisher,
        wire=reading.wire,
        language=reading.language,
        signature=reading.signature,
        published=reading.published,
        first_published=reading.first_published,
        fetched_at=reading.fetched_at,
        url=reading.url if len(reading.url) <= URL_CHARS else "",
        title=clip(reading.title, TITLE_CHARS),
        backfill=reading.backfill,
        withdrawn=reading.withdrawn,
        model=reading.model,
    )
    return _fitted(row)


def _fitted(row: Contribution) -> Contribution:
    replace = msgspec.structs.replace
    for smaller in ({}, {"url": ""}, {"title": ""}, {"sentence": clip(row.sentence, SENTENCE_CHARS // 3)}):
        row = replace(row, **smaller)
        if len(msgspec.json.encode(row)) <= ROW_BYTES:
            break
    return row


def clip(text: str, chars: int) -> str:
    """Return the text, cut at a word and marked with an ellipsis when it is longer than `chars`."""
    if len(text) <= chars:
        return text
    head = text[: chars - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head) + "…"


def newer(row: Contribution, than: Contribution) -> bool:
    """Whether a row replaces another of its key; equal rows do not, and any order ends with the same one."""
    ours, theirs = (row.revision, row.fetched_at), (than.revision, than.fetched_at)
    if ours != theirs:
        return ours > theirs
    return msgspec.json.encode(row) > msgspec.json.encode(than)


def evidence_of(row: Contribution, copy_of: str | None) -> Evidence:
    """Return the record that stores see: the row with its weight in the series."""
    counted = row.speaks and copy_of is None
    return Evidence(
        subject=row.subject,
        story_id=row.story_id,
        revision=row.revision,
        score=row.score,
        confidence=row.confidence,
        label=row.label,
        a_to_b=row.a_to_b,
        b_to_a=row.b_to_a,
        weight=1.0 if counted else 0.0,
        counted=counted,
        copy_of=copy_of,
        sentences=(SentenceScore(sentence=row.sentence, score=row.sentence_score),) if row.sentence else (),
        publisher=row.publisher,
        wire=row.wire,
        language=row.language,
        published=row.published,
        first_published=row.first_published,
        fetched_at=row.fetched_at,
        url=row.url,
        title=row.title,
        withdrawn=row.withdrawn,
        model=row.model,
    )
