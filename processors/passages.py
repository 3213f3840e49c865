"""Chooses the sentences a judge reads, and collects what it read by actor and by pair."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise, permutations

from processors.hits import Field
from processors.judge import Probabilities, RelationProbabilities, SentenceReading
from processors.pronouns import Followed
from processors.sentences import Sentence
from processors.story_relation import P, Said, mean, weight_of
from riftwatch.records import Mention

# Judging is the cost of the chain: 10 ms a sentence. An article has about ten sentences with a name; live
# tickers have hundreds, and their first forty tell the story.
MAX_SENTENCES = 40
MAX_MENTIONS_EACH = 3  # of one actor in one sentence
MAX_NEIGHBOURS = 3  # passages of two sentences, for a pair that shares no sentence

# "Musk's xAI", "Musks KI-Firma xAI": what belongs to somebody. "xAI-Chef Musk", "OpenAI co-founder Musk".
_OWNED = re.compile(
    r"(?:['’]s)? (?:(?:new|own|neues?|eigenes?) )?(?:(?:AI|A\.I\.|KI|artificial[ -]intelligence)[ -])?"
    r"(?:(?:start-?up|company|firm|lab|venture|Start-?up|Startup|Firma|Unternehmen|Konzern|Schmiede) )?"
)
_ROLE = re.compile(
    r"[- ](?:(?:co-?)?founder|Mitgründer|Mitbegründer|Gründer|Chef|CEO|boss|chief(?: executive)?|owner|Eigentümer|"
    r"Eigner|Besitzer|Boss)(?: and CEO)?,? ",
    re.IGNORECASE,
)
# What a sentence says of two who are named in one phrase only.
SILENT = RelationProbabilities(0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with the mentions in it."""

    sentence: Sentence
    entities: tuple[str, ...]  # one a span
    spans: tuple[tuple[int, int], ...]  # in the sentence
    quoted: Sentence | None = None  # what is shown as evidence, if it is not the sentence

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Every ordered pair of spans of two different actors who are not joined in one phrase."""
        numbers = range(len(self.spans))
        pairs = [(i, j) for i, j in permutations(numbers, 2) if self.entities[i] != self.entities[j]]
        return [(i, j) for i, j in pairs if not self._joined(min(i, j), max(i, j))]

    def _joined(self, i: int, j: int) -> bool:
        """Tell whether two names make one phrase that says who belongs to whom, not how they stand."""
        between = self.sentence.text[self.spans[i][1] : self.spans[j][0]]
        genitive = between[:2] in {"'s", "’s"} or self.sentence.text[self.spans[i][1] - 1] in "sS"
        return bool(_ROLE.fullmatch(between)) or (genitive and bool(_OWNED.fullmatch(between)))


Read = tuple[Passage, SentenceReading]


def passages(
    sentences: Iterable[Sentence], mentions: Sequence[Mention], followed: Sequence[Followed] = ()
) -> list[Passage]:
    """Return the sentences that name an actor, each wording once, at most 40: those with pairs first.

    What stands for an actor is read with the name in its place, and quoted as it is.
    """
    by_text: dict[str, Passage] = {}
    by_place = sorted(mentions, key=_place)
    stands_for = {_place(one.mentions[0]): one for one in followed}
    for sentence in sentences:
        passage = _passage(sentence, by_place)
        if found := stands_for.get((sentence.field, sentence.start)):
            passage = _spelled_out(passage, found)
        if passage.spans:
            by_text.setdefault(" ".join(sentence.text.split()).rstrip(".!"), passage)
    # The title comes first by nature; sorting is stable, so the order of the story is kept.
    wanted = sorted(by_text.values(), key=lambda p: len(set(p.entities)) < 2)[:MAX_SENTENCES]
    return [passage for passage in by_text.values() if passage in wanted]


def neighbours(
    sentences: Sequence[Sentence], mentions: Sequence[Mention], pair: tuple[str, str]
) -> list[Passage]:
    """Return the first places where one of a pair is named in a sentence and the other in the next.

    The headline and the first sentence of the body are such neighbours too.
    """
    by_place = sorted(mentions, key=_place)
    found: list[Passage] = []
    for first, second in pairwise(sentences):
        if len(found) < MAX_NEIGHBOURS and (second.lead or first.field == second.field):
            one, two = (_only(_passage(sentence, by_place), pair) for sentence in (first, second))
            if one.spans and two.spans:
                found.append(_joined(one, two))
    return found


def tones_in(read: Sequence[Read], entity: str, published: date) -> list[Said[Probabilities]]:
    """Return what each sentence says of an actor."""
    said = []
    for passage, reading in read:
        at = [i for i, other in enumerate(passage.entities) if other == entity]
        if at:
            tone = mean([reading.tones[i] for i in at], Probabilities)
            said.append(_said(passage, (tone,), at, published))
    return said


def relations_in(read: Sequence[Read], a: str, b: str, published: date) -> list[Said[RelationProbabilities]]:
    """Return what each sentence says of a pair: of a toward b, and of b toward a."""
    said = []
    for passage, reading in read:
        at_a = [i for i, entity in enumerate(passage.entities) if entity == a]
        at_b = [i for i, entity in enumerate(passage.entities) if entity == b]
        if at_a and at_b:
            pairs = [(i, j) for i in at_a for j in at_b if (i, j) in reading.relations]
            there = [reading.relations[i, j] for i, j in pairs] or [SILENT]
            back = [reading.relations[j, i] for i, j in pairs] or [SILENT]
            ways = (mean(there, RelationProbabilities), mean(back, RelationProbabilities))
            said.append(_said(passage, ways, [*at_a, *at_b], published))
    return said


def _said(passage: Passage, readings: tuple[P, ...], at: Sequence[int], published: date) -> Said[P]:
    weight = weight_of(passage.sentence, published)
    shown = passage.quoted or passage.sentence
    return Said(shown, weight, readings, tuple(passage.spans[i] for i in at))


def _spelled_out(passage: Passage, followed: Followed) -> Passage:
    """Return a passage with names in place of the word it begins with."""
    word = followed.mentions[0].text
    shift = len(followed.replacement) - len(word)
    places = [followed.replacement.find(name) for name in followed.names]
    names = tuple((at, at + len(name)) for at, name in zip(places, followed.names, strict=True))
    moved = tuple((start + shift, end + shift) for start, end in passage.spans)
    text = followed.replacement + passage.sentence.text[len(word) :]
    entities = tuple(mention.entity for mention in followed.mentions)
    sentence = replace(passage.sentence, text=text)
    return Passage(sentence, entities + passage.entities, names + moved, passage.sentence)


def _only(passage: Passage, pair: tuple[str, str]) -> Passage:
    at = [i for i, entity in enumerate(passage.entities) if entity in pair]
    return Passage(
        passage.sentence, tuple(passage.entities[i] for i in at), tuple(passage.spans[i] for i in at)
    )


def _joined(one: Passage, two: Passage) -> Passage:
    """Return two passages as one text, as the model reads it."""
    between = " " if one.sentence.text[-1] in ".!?…:" else ". "
    text = one.sentence.text + between + two.sentence.text
    shift = len(text) - len(two.sentence.text)
    moved = tuple((start + shift, end + shift) for start, end in two.spans)
    sentence = replace(one.sentence, text=text, end=two.sentence.end)
    # A headline and a sentence of the body do not stand together: the headline is quoted alone.
    quoted = one.sentence if two.sentence.lead and one.sentence.field == "title" else None
    return Passage(sentence, one.entities + two.entities, one.spans + moved, quoted)


def _place(mention: Mention) -> tuple[Field, int]:
    return mention.field, mention.start


def _passage(sentence: Sentence, by_place: Sequence[Mention]) -> Passage:
    first = bisect_left(by_place, (sentence.field, sentence.start), key=_place)
    after = bisect_left(by_place, (sentence.field, sentence.end), key=_place)
    kept: list[Mention] = []
    for mention in by_place[first:after]:
        known = sum(other.entity == mention.entity for other in kept)
        if mention.end <= sentence.end and known < MAX_MENTIONS_EACH:
            kept.append(mention)
    spans = tuple((m.start - sentence.start, m.end - sentence.start) for m in kept)
    return Passage(sentence, tuple(m.entity for m in kept), spans)
