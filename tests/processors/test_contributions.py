from __future__ import annotations

from itertools import permutations

import msgspec

from processors.contributions import ROW_BYTES, Contribution, clip, evidence_of, key_of, newer
from riftwatch.records import SentenceScore
from tests.processors.readings import START, reading, row


def test_a_row_keeps_what_the_reading_says() -> None:
    kept = row("s1", score=-0.4, a_to_b=-0.6, wire="dpa", url="https://example.org/a", title="A title")
    assert (kept.score, kept.a_to_b, kept.wire, kept.title) == (-0.4, -0.6, "dpa", "A title")
    assert kept.sentence == "What s1 says."
    assert kept.at == int(START.timestamp())
    assert key_of(kept.subject, kept.story_id) == "relation:musk|trump|s1"


def test_the_longest_row_fits() -> None:
    long = reading(
        "s" * 64,
        publisher="p" * 40,
        signature="s12345678:" + "A" * 172 + " l:" + "A" * 172,
        title="Ü" * 500,
        url="https://example.org/" + "x" * 270,
        model="m" * 64,
        evidence=(SentenceScore(sentence="”" * 400, score=-0.123456789),),
        a_to_b=-0.123456789,
        b_to_a=0.987654321,
    )
    kept = row(**{name: getattr(long, name) for name in ("signature", "title", "url", "model", "evidence")})
    encoded = msgspec.json.encode(kept)
    assert len(encoded) <= ROW_BYTES
    assert kept.sentence
    assert msgspec.json.decode(encoded, type=Contribution) == kept


def test_a_usual_row_loses_nothing_but_length() -> None:
    kept = row(
        title="T" * 100, url="https://example.org/" + "x" * 100, signature="l:" + "A" * 172,
        evidence=(SentenceScore(sentence="word " * 100, score=0.5),),
    )  # fmt: skip
    assert kept.title == "T" * 100
    assert kept.url.endswith("x")
    assert kept.sentence.endswith("word…")
    assert 200 < len(kept.sentence) <= 280


def test_clip_cuts_at_a_word() -> None:
    assert clip("one two three", 100) == "one two three"
    assert clip("one two three", 9) == "one two…"
    assert clip("onetwothree", 5) == "onet…"


def test_a_later_revision_replaces_and_an_older_one_does_not() -> None:
    first, second = row(), row(revision=2, score=-0.5)
    assert newer(second, than=first)
    assert not newer(first, than=second)
    assert not newer(first, than=first)


def test_rows_with_equal_versions_end_the_same_in_any_order() -> None:
    ends = set()
    for order in permutations([row(score=0.1), row(score=0.2), row(score=0.3)]):
        kept = order[0]
        for other in order[1:]:
            kept = other if newer(other, than=kept) else kept
        ends.add(kept.score)
    assert len(ends) == 1


def test_the_unit_of_an_agency_text_is_the_agency() -> None:
    assert row(wire="dpa").unit == row(wire="dpa", publisher="faz").unit == "wire:dpa"
    assert row(publisher="faz").unit == "faz"


def test_evidence_tells_what_counts() -> None:
    assert evidence_of(row(), None).counted
    copy = evidence_of(row(), "original")
    assert (copy.counted, copy.weight, copy.copy_of) == (False, 0.0, "original")
    assert evidence_of(row(label="unknown"), None).weight == 0.0
    assert not evidence_of(row(withdrawn=True), None).counted
    assert evidence_of(row("s2"), None).sentences == (SentenceScore(sentence="What s2 says.", score=0.5),)
