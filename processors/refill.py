"""State from a store: watch's rows, rebuilt from what the search sink has written.

Pure. What watch keeps of a reading follows from its evidence and the story's signature; what analyse remembers
follows from the story (`analyse.memory_of`), and the ledger is the shifts themselves.
"""

from __future__ import annotations

from processors.contributions import Contribution, contribution_of
from riftwatch.records import Evidence, Reading, Story


def row_of(evidence: Evidence, story: Story | None) -> Contribution:
    """Return watch's row of one piece of evidence; without its story it can no longer be found to be a copy."""
    return contribution_of(
        Reading(
            subject=evidence.subject,
            story_id=evidence.story_id,
            revision=evidence.revision,
            score=evidence.score,
            confidence=evidence.confidence,
            label=evidence.label,
            a_to_b=evidence.a_to_b,
            b_to_a=evidence.b_to_a,
            evidence=evidence.sentences,
            publisher=evidence.publisher,
            wire=evidence.wire,
            language=evidence.language,
            signature=story.signature if story else "",
            published=evidence.published,
            first_published=evidence.first_published,
            fetched_at=evidence.fetched_at,
            url=evidence.url,
            title=evidence.title,
            backfill=story.backfill if story else False,
            withdrawn=evidence.withdrawn,
            model=evidence.model,
        )
    )
