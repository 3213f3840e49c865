"""One example of every record, as version 1 wrote it; the committed JSON files were made from these."""

from __future__ import annotations

from datetime import UTC, datetime

from riftwatch import records as r

AT = datetime(2025, 1, 22, 14, 10, tzinfo=UTC)
SENTENCE = r.SentenceScore(sentence="Musk zweifelt Trumps Projekt öffentlich an.", score=-0.8)
MEAN = r.WindowMean(mean=-0.5, low=-0.7, high=-0.3, n=9)

EXAMPLES: tuple[r.Record, ...] = (
    r.FeedItem(
        story_id="s1", content_hash="c1", feed_id="f1", publisher="nordpresse", url="https://a.example/1",
        canonical_url="https://a.example/1", guid="g1", title="Titel", summary="Text", authors=("A. B.",), wire="dpa",
        language="de", published_claimed="Wed, 22 Jan 2025 14:10:00 GMT", published=AT, fetched_at=AT,
    ),
    r.FeedState(feed_id="f1", url="https://a.example/rss", polled_at=AT, etag='"x"', seen={"s1": "c1"}, health="ok"),
    r.Coverage(hour=AT.replace(minute=0), publisher="nordpresse", heard=12),
    r.Story(
        story_id="s1", revision=2, feed_id="f1", publisher="nordpresse", title="Titel", language="de", published=AT,
        first_published=AT, fetched_at=AT, content_hash="c1",
        mentions=(r.Mention(entity="musk", field="title", start=0, end=4, text="Musk", via="name"),),
        tones={"musk": r.Tone(label="negative", score=-0.4, confidence=0.7)},
        relations={
            "musk|trump": r.Relation(
                label="hostile", score=-0.8, confidence=0.9, a_to_b=r.Side(label="hostile", score=-0.9),
                b_to_a=r.Side(label="neutral", score=-0.1), evidence=(SENTENCE,),
            )
        },
    ),
    r.Reading(
        subject="relation:musk|trump", story_id="s1", score=-0.8, confidence=0.9, label="hostile", a_to_b=-0.9,
        b_to_a=-0.1, evidence=(SENTENCE,), publisher="nordpresse", published=AT, first_published=AT, fetched_at=AT,
    ),
    r.Tick(at=AT, source=0, sources=4),
    r.Evidence(
        subject="relation:musk|trump", story_id="s1", revision=1, score=-0.8, confidence=0.9, label="hostile",
        weight=1.0, counted=True, sentences=(SENTENCE,), publisher="nordpresse", published=AT, first_published=AT,
        fetched_at=AT,
    ),
    r.SeriesPoint(
        subject="relation:musk|trump", bucket="2025-01-22", mean=-0.5, low=-0.7, high=-0.3, n_stories=12,
        n_publishers=9, newest_fetched_at=AT, languages={"de": r.Split(mean=-0.5, n_stories=6, n_publishers=5)},
    ),
    r.Shift(
        shift_id="x1", revision=1, subject="relation:musk|trump", direction="down", state="opened", onset=AT,
        detected_at=AT, reported_at=AT, before=MEAN, after=MEAN, statistic=6.1, threshold=4.5,
        publishers=("nordpresse",),
        evidence=(
            r.ShiftEvidence(story_id="s1", sentence="…", score=-0.8, published=AT, publisher="nordpresse"),
        ),
    ),
    r.Decision(target="x1", kind="acknowledged", who="desk", decided_at=AT),
    r.DeadLetter(
        letter_id="riftwatch.items-0-7", topic="riftwatch.items", partition=0, offset=7, key=b"k", value=b"\xff",
        headers=(("h", b"v"),), stage="analyse", reason="undecodable", error="bad", failed_at=AT,
    ),
    r.Rebuild(
        source="sqlite:data/live/store.db", started_at=AT, topics=("riftwatch.shifts",), finished_at=AT,
        told={"x1": "opened"},
    ),
    r.Mail(
        mail_id="x1-1-ab", shift_id="x1", revision=1, kind="alert", recipient="desk@localhost", subject_line="S",
        text="T", html="<p>T</p>", state="sent", created_at=AT,
    ),
)  # fmt: skip
