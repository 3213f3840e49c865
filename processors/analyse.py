"""The one chain from an item to its story and readings: language ─▶ entities ─▶ sentences ─▶ judge ─▶ story.

Pure: no I/O, no clock. The Faust agent, `riftwatch analyse`, `riftwatch backtest` and the tests all call it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from processors.entities import FIELDS, MAX_FIELD_CHARS, EntityFinder
from processors.hits import Field
from processors.judge import SentenceReading
from processors.language import LanguageDetector
from processors.passages import Passage, passages, relations_in, tones_in
from processors.readings import readings_of, withdrawn
from processors.sentences import sentences
from processors.signature import signature
from processors.story_relation import evidence, story_relation, story_tone
from riftwatch.clock import monotonic
from riftwatch.records import (
    FeedItem,
    Mention,
    Reading,
    Relation,
    SentenceScore,
    Story,
    Tone,
    relation_subject,
    tone_subject,
)
from riftwatch.watchlist import Watchlist

# The model was trained on these; of other languages names are found, but nothing is said of them.
JUDGED_LANGUAGES = frozenset({"de", "en"})


class JudgesSentences(Protocol):
    """What the chain needs of a judge."""

    version: str
    tone_threshold: float
    relation_threshold: float

    def read(
        self,
        text: str,
        spans: Sequence[tuple[int, int]],
        language: str,
        pairs: Sequence[tuple[int, int]] | None = None,
    ) -> SentenceReading:
        """Read the tone toward each span and the relation of each pair of span indices."""


class StoryMemory(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a story between its revisions: one small table row."""

    revision: int
    content_hash: str
    first_published: datetime
    fetched_at: datetime
    subjects: tuple[str, ...] = ()
    status: str = "present"
    model: str = ""
    watchlist: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """The item leads to nothing, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Analysed:
    """What one revision led to. Send the story and the readings first, then keep the memory."""

    story: Story
    readings: tuple[Reading, ...]
    memory: StoryMemory


def memory_of(story: Story) -> StoryMemory:
    """Return what is remembered of a story; a lost table is refilled from the store with it."""
    return StoryMemory(
        revision=story.revision,
        content_hash=story.content_hash,
        first_published=story.first_published,
        fetched_at=story.fetched_at,
        subjects=(
            *(tone_subject(entity) for entity in story.tones),
            *(relation_subject(*pair.split("|")) for pair in story.relations),
        ),
        status=story.status,
        model=story.model,
        watchlist=story.watchlist,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was read from one text."""

    language: str = "und"
    mentions: tuple[Mention, ...] = ()
    tones: dict[str, Tone] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    tone_evidence: dict[str, tuple[SentenceScore, ...]] = field(default_factory=dict)
    signature: str = ""


class Analyser:
    """Analyses items with one watchlist and one judge. A result depends on the item and its memory alone."""

    def __init__(self, watchlist: Watchlist, judge: JudgesSentences) -> None:
        self._watchlist = watchlist
        self._judge = judge
        self._finder = EntityFinder(watchlist)
        self._languages = LanguageDetector(watchlist.names)

    def analyse(self, item: FeedItem, memory: StoryMemory | None) -> Analysed | Drop:
        """Return the story and readings of an item, or why it leads to nothing.

        A second delivery of what is remembered is dropped: memory is written after the outputs, so they are
        out. Before that it gives the same story revision and the same readings again.
        """
        began = monotonic()
        if memory and item.fetched_at < memory.fetched_at:
            return Drop("older")
        if memory and self._known(item, memory):
            return Drop("unchanged")
        judged = _Judged() if item.status == "deleted" else self._judged(item)
        story = self._story(item, memory, judged, (monotonic() - began) * 1000)
        remembered = memory_of(story)
        gone = [s for s in (memory.subjects if memory else ()) if s not in remembered.subjects]
        readings = (*readings_of(story, judged.tone_evidence), *(withdrawn(story, s) for s in gone))
        return Analysed(story, readings, remembered)

    def _known(self, item: FeedItem, memory: StoryMemory) -> bool:
        same_text = (item.content_hash, item.status) == (memory.content_hash, memory.status)
        return same_text and (self._judge.version, self._watchlist.version) == (
            memory.model,
            memory.watchlist,
        )

    def _judged(self, item: FeedItem) -> _Judged:
        texts = _texts(item)
        body = texts["summary"] or texts["content"]
        language = self._languages.detect(texts["title"], body, item.language)
        published = item.published.date()
        mentions = self._finder.find(texts, language, published)
        entities = sorted({mention.entity for mention in mentions})
        signed = signature(
            title=texts["title"], summary=texts["summary"], content=texts["content"], entities=entities
        )
        read = self._read(texts, mentions, language) if language in JUDGED_LANGUAGES else []
        tones_said = {entity: tones_in(read, entity, published) for entity in entities}
        tones = {e: story_tone(said, self._judge.tone_threshold) for e, said in tones_said.items()}
        relations = {
            f"{a}|{b}": story_relation(relations_in(read, a, b, published), self._judge.relation_threshold)
            for a in entities
            for b in entities
            if a < b
        }
        proof = {entity: evidence(said, tones[entity].score) for entity, said in tones_said.items()}
        return _Judged(language, mentions, tones, relations, proof, signed)

    def _read(
        self, texts: dict[Field, str], mentions: Sequence[Mention], language: str
    ) -> list[tuple[Passage, SentenceReading]]:
        chosen = passages(sentences(texts, language), mentions) if mentions else []
        return [(p, self._judge.read(p.sentence.text, p.spans, language, p.pairs)) for p in chosen]

    def _story(
        self, item: FeedItem, memory: StoryMemory | None, judged: _Judged, analysed_ms: float
    ) -> Story:
        return Story(
            story_id=item.story_id,
            revision=memory.revision + 1 if memory else 1,
            feed_id=item.feed_id,
            publisher=item.publisher,
            url=item.canonical_url or item.url,
            title=item.title,
            summary=item.summary,
            content=item.content,
            authors=item.authors,
            wire=item.wire,
            status=item.status,
            language=judged.language,
            published=item.published,
            published_confidence=item.published_confidence,
            first_published=memory.first_published if memory else item.published,
            fetched_at=item.fetched_at,
            backfill=item.backfill,
            mentions=judged.mentions,
            tones=judged.tones,
            relations=judged.relations,
            signature=judged.signature,
            model=self._judge.version,
            watchlist=self._watchlist.version,
            content_hash=item.content_hash,
            analysed_ms=round(analysed_ms, 3),
        )


def _texts(item: FeedItem) -> dict[Field, str]:
    whole = (item.title, item.summary, item.content)
    return {field: text[:MAX_FIELD_CHARS] for field, text in zip(FIELDS, whole, strict=True)}
