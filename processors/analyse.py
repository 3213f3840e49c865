"""The one chain from an item to its story and readings: language ─▶ entities ─▶ sentences ─▶ judge ─▶ story.

Pure: no I/O, no clock. The Faust agent, `riftwatch analyse`, `riftwatch backtest` and the tests all call it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from processors.reader import JudgesSentences, Reader, TextReading
from processors.readings import readings_of, withdrawn
from riftwatch.clock import monotonic
from riftwatch.records import FeedItem, Reading, Story, relation_subject, tone_subject
from riftwatch.watchlist import Watchlist


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


class Analyser:
    """Analyses items with one watchlist and one judge. A result depends on the item and its memory alone."""

    def __init__(self, watchlist: Watchlist, judge: JudgesSentences) -> None:
        self._watchlist = watchlist
        self._judge = judge
        self._reader = Reader(watchlist, judge)

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
        read = TextReading() if item.status == "deleted" else self._reader.read(item)
        story = self._story(item, memory, read, (monotonic() - began) * 1000)
        remembered = memory_of(story)
        gone = [s for s in (memory.subjects if memory else ()) if s not in remembered.subjects]
        readings = (*readings_of(story, read.tone_evidence), *(withdrawn(story, s) for s in gone))
        return Analysed(story, readings, remembered)

    def _known(self, item: FeedItem, memory: StoryMemory) -> bool:
        same_text = (item.content_hash, item.status) == (memory.content_hash, memory.status)
        return same_text and (self._judge.version, self._watchlist.version) == (
            memory.model,
            memory.watchlist,
        )

    def _story(
        self, item: FeedItem, memory: StoryMemory | None, read: TextReading, analysed_ms: float
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
            language=read.language,
            published=item.published,
            published_confidence=item.published_confidence,
            first_published=memory.first_published if memory else item.published,
            fetched_at=item.fetched_at,
            backfill=item.backfill,
            mentions=read.mentions,
            tones=read.tones,
            relations=read.relations,
            signature=read.signature,
            model=self._judge.version,
            watchlist=self._watchlist.version,
            content_hash=item.content_hash,
            analysed_ms=round(analysed_ms, 3),
        )
