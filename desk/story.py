"""The page of a story: its text with every mention marked, and everything read from it."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from desk.lines import web_address
from desk.look import Look
from desk.marks import Piece, pieces
from desk.query import Asked, NotFound
from riftwatch.records import Evidence, Relation, Story, Tone, relation_subject, tone_subject
from stores.base import EvidenceQuery

COPY_WINDOW = timedelta(hours=72)  # in which a text counts as a copy of another
SUBJECTS = 3  # whose evidence is searched for copies; the copies of a text are the same under each
COPIES = 200


class TextPart(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a story with its mentions marked."""

    field: str
    pieces: tuple[Piece, ...]


class ToneLine(msgspec.Struct, frozen=True, kw_only=True):
    """The tone toward one actor."""

    entity: str
    tone: Tone


class RelationLine(msgspec.Struct, frozen=True, kw_only=True):
    """How two actors stand to each other in this story."""

    a: str
    b: str
    relation: Relation


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """Another story with the same text; `original` is the one that counts."""

    story_id: str
    publisher_title: str
    title: str
    original: bool


class StoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """All of a story's page."""

    story: Story
    publisher_title: str
    url: str
    parts: tuple[TextPart, ...]
    tones: tuple[ToneLine, ...]
    relations: tuple[RelationLine, ...]
    copies: tuple[Copy, ...]


def story(look: Look, asked: Asked) -> StoryPage:
    """Return the page of a story; raises NotFound."""
    found = look.store.story(asked.path["story_id"])
    if found is None:
        raise NotFound("missing.story")
    return StoryPage(
        story=found,
        publisher_title=look.names.publisher(found.publisher),
        url=web_address(found.url),
        parts=tuple(_part(found, name) for name in ("title", "summary", "content") if getattr(found, name)),
        tones=tuple(ToneLine(entity=entity, tone=tone) for entity, tone in sorted(found.tones.items())),
        relations=tuple(
            RelationLine(a=key.split("|")[0], b=key.split("|")[1], relation=relation)
            for key, relation in sorted(found.relations.items())
        ),
        copies=_copies(found, look),
    )


def _part(story: Story, name: str) -> TextPart:
    spans = [(m.start, m.end, m.entity) for m in story.mentions if m.field == name]
    return TextPart(field=name, pieces=pieces(getattr(story, name), spans))


def _copies(story: Story, look: Look) -> tuple[Copy, ...]:
    """Return the texts that were counted as one with this story."""
    near = [evidence for subject in _subjects(story) for evidence in _around(subject, story, look)]
    own = next((e.copy_of for e in near if e.story_id == story.story_id and e.copy_of), None)
    origin = own or story.story_id
    found = {
        e.story_id: e for e in near if origin in (e.copy_of, e.story_id) and e.story_id != story.story_id
    }
    return tuple(
        Copy(
            story_id=evidence.story_id,
            publisher_title=look.names.publisher(evidence.publisher),
            title=evidence.title,
            original=evidence.story_id == origin,
        )
        for evidence in sorted(found.values(), key=lambda e: (e.story_id != origin, e.published, e.story_id))
    )


def _subjects(story: Story) -> list[str]:
    pairs = [relation_subject(*key.split("|")) for key in sorted(story.relations)]
    return [*map(tone_subject, sorted(story.tones)), *pairs][:SUBJECTS]


def _around(subject: str, story: Story, look: Look) -> tuple[Evidence, ...]:
    since, until = story.published - COPY_WINDOW, story.published + COPY_WINDOW
    query = EvidenceQuery(subject=subject, since=since, until=until, limit=COPIES)
    return look.store.evidence(query).items
