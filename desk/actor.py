"""The page of an actor: the tone toward them, and how they stand to the others."""

from __future__ import annotations

import msgspec

from desk.lines import RECENT_DAYS, SubjectLine, subject_line
from desk.look import Look
from desk.query import Asked, NotFound
from desk.subject import SubjectView, subject_view
from riftwatch.records import subject_entities, tone_subject


class ActorPage(msgspec.Struct, frozen=True, kw_only=True):
    """All of an actor's page."""

    entity: str
    name: str
    view: SubjectView
    pairs: tuple[SubjectLine, ...]


def actor(look: Look, asked: Asked) -> ActorPage:
    """Return the page of an actor; raises NotFound."""
    entity = asked.path["entity"]
    subject = tone_subject(entity)
    if entity not in look.names.actors and not look.store.series(subject):
        raise NotFound("missing.actor")
    return ActorPage(
        entity=entity,
        name=look.names.actor(entity),
        view=subject_view(subject, look, asked),
        pairs=_pairs(entity, look),
    )


def _pairs(entity: str, look: Look) -> tuple[SubjectLine, ...]:
    today = look.today()
    summaries = look.store.subjects("relation", today, days=RECENT_DAYS)
    lines = [
        subject_line(summary, today, look)
        for summary in summaries
        if entity in subject_entities(summary.subject)
    ]
    return tuple(sorted(lines, key=lambda line: (-line.stories, line.subject)))
