"""What a story says, one record for each subject: the tone of each actor, the relation of each pair."""

from __future__ import annotations

from riftwatch.records import Reading, SentenceScore, Story, relation_subject, tone_subject


def readings_of(story: Story, tone_evidence: dict[str, tuple[SentenceScore, ...]]) -> list[Reading]:
    """Return one reading for each actor and each pair that a story names."""
    tones = [
        _reading(
            story,
            tone_subject(entity),
            score=tone.score,
            confidence=tone.confidence,
            label=tone.label,
            evidence=tone_evidence[entity],
        )
        for entity, tone in story.tones.items()
    ]
    relations = [
        _reading(
            story,
            relation_subject(*pair.split("|")),
            score=relation.score,
            confidence=relation.confidence,
            label=relation.label,
            evidence=relation.evidence,
            a_to_b=relation.a_to_b.score,
            b_to_a=relation.b_to_a.score,
        )
        for pair, relation in story.relations.items()
    ]
    return [*tones, *relations]


def withdrawn(story: Story, subject: str) -> Reading:
    """Return the reading of a subject of which the story no longer says anything."""
    return _reading(story, subject, score=0.0, confidence=0.0, label="unknown", withdrawn=True)


def _reading(
    story: Story,
    subject: str,
    *,
    score: float,
    confidence: float,
    label: str,
    evidence: tuple[SentenceScore, ...] = (),
    a_to_b: float | None = None,
    b_to_a: float | None = None,
    withdrawn: bool = False,
) -> Reading:
    return Reading(
        subject=subject,
        story_id=story.story_id,
        revision=story.revision,
        score=score,
        confidence=confidence,
        label=label,
        a_to_b=a_to_b,
        b_to_a=b_to_a,
        evidence=evidence,
        publisher=story.publisher,
        wire=story.wire,
        language=story.language,
        signature=story.signature,
        published=story.published,
        first_published=story.first_published,
        fetched_at=story.fetched_at,
        url=story.url,
        title=story.title,
        backfill=story.backfill,
        withdrawn=withdrawn,
        model=story.model,
    )
