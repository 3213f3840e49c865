"""What one text says: its language, who is named, the tone toward each actor, the relation of each pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Protocol

from processors.asked import Asked
from processors.entities import FIELDS, MAX_FIELD_CHARS, EntityFinder
from processors.judge import SentenceReading
from processors.language import LanguageDetector
from processors.passages import Passage, Read, neighbours, passages, relations_in, tones_in
from processors.pronouns import Followed, Follower
from processors.sentences import Sentence, sentences
from processors.signature import signature
from processors.story_relation import evidence, story_relation, story_tone
from riftwatch.records import FeedItem, Mention, Relation, SentenceScore, Tone, pair_key
from riftwatch.watchlist import Watchlist

# The model was trained on these; of other languages names are found, but nothing is said of them.
JUDGED_LANGUAGES = frozenset({"de", "en"})
# Two actors in neighbouring sentences are read as one passage. The model was trained on single sentences, so
# only what it is surer of than usual counts.
NEIGHBOUR_CONFIDENCE = 0.65


class JudgesSentences(Protocol):
    """What the chain needs of a judge."""

    version: str
    tone_threshold: float
    relation_threshold: float

    def read_all(self, asked: Sequence[Asked]) -> list[SentenceReading]:
        """Read the tone toward each span and the relation of each asked pair, sentence by sentence."""


@dataclass(frozen=True, slots=True)
class TextReading:
    """What was read from one text; that of a deleted story is empty."""

    language: str = "und"
    mentions: tuple[Mention, ...] = ()
    tones: dict[str, Tone] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    tone_evidence: dict[str, tuple[SentenceScore, ...]] = field(default_factory=dict)
    signature: str = ""


class Reader:
    """Reads texts with one watchlist and one judge; remembers nothing."""

    def __init__(self, watchlist: Watchlist, judge: JudgesSentences) -> None:
        self._judge = judge
        self._finder = EntityFinder(watchlist)
        self._follower = Follower(watchlist)
        self._languages = LanguageDetector(watchlist.names)

    def read(self, item: FeedItem) -> TextReading:
        """Return what the title, summary and content of an item say. Long texts are read in part."""
        whole = (item.title, item.summary, item.content)
        texts = {name: text[:MAX_FIELD_CHARS] for name, text in zip(FIELDS, whole, strict=True)}
        body = texts["summary"] or texts["content"]
        language = self._languages.detect(texts["title"], body, item.language)
        mentions = self._finder.find(texts, language, item.published.date())
        entities = sorted({mention.entity for mention in mentions})
        signed = signature(
            title=texts["title"], summary=texts["summary"], content=texts["content"], entities=entities
        )
        if not entities:
            return TextReading(language=language, signature=signed)
        found = sentences(texts, language) if language in JUDGED_LANGUAGES else []
        followed = self._follower.follow(found, mentions, language)
        tones, proof, relations = self._judgement(found, language, mentions, followed, item)
        return TextReading(language, _in_order(mentions, followed), tones, relations, proof, signed)

    def _judgement(
        self,
        found: Sequence[Sentence],
        language: str,
        mentions: Sequence[Mention],
        followed: Sequence[Followed],
        item: FeedItem,
    ) -> tuple[dict[str, Tone], dict[str, tuple[SentenceScore, ...]], dict[str, Relation]]:
        published = item.published.date()
        entities = sorted({mention.entity for mention in mentions})
        read = self._read(passages(found, mentions, followed), language)
        said = {entity: tones_in(read, entity, published) for entity in entities}
        tones = {e: story_tone(said[e], self._judge.tone_threshold) for e in entities}
        proof = {e: evidence(said[e], tones[e].score) for e in entities}
        relations = {}
        for a, b in combinations(entities, 2):
            threshold = self._judge.relation_threshold
            of_pair = relations_in(read, a, b, published)
            if not of_pair:
                beside = self._beside(found, mentions, (a, b), language)
                of_pair = relations_in(beside, a, b, published)
                threshold = max(threshold, NEIGHBOUR_CONFIDENCE)
            relations[pair_key(a, b)] = story_relation(of_pair, threshold)
        return tones, proof, relations

    def _beside(
        self, found: Sequence[Sentence], mentions: Sequence[Mention], pair: tuple[str, str], language: str
    ) -> list[Read]:
        return self._read(neighbours(found, mentions, pair), language)

    def _read(self, chosen: Sequence[Passage], language: str) -> list[Read]:
        asked = [Asked(p.sentence.text, p.spans, language, p.pairs) for p in chosen]
        return list(zip(chosen, self._judge.read_all(asked), strict=True))


def _in_order(mentions: Sequence[Mention], followed: Sequence[Followed]) -> tuple[Mention, ...]:
    """Return the mentions by name and by pronoun, by field and place."""
    every = [*mentions, *(mention for one in followed for mention in one.mentions)]
    return tuple(sorted(every, key=lambda m: (FIELDS.index(m.field), m.start)))
