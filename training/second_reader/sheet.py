"""The blind sheet: every sentence of stories.jsonl that names an actor, and what a second reader is asked of it.

    python -m training.second_reader.sheet > sheet.tsv

A line a question: sentence id, language, question, sentence. `tone musk` asks how the sentence speaks of Musk,
`relation musk>openai` how Musk behaves or stands toward OpenAI in it. The reader writes into labels.tsv and sees
neither this project's answers nor its corpus; training/relations/GUIDELINE.md says what the labels mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from pathlib import Path

from processors.entities import EntityFinder
from processors.hits import Field
from processors.passages import Passage, passages
from processors.pronouns import Follower
from processors.sentences import sentences
from riftwatch.settings import ROOT
from riftwatch.watchlist import Watchlist

HERE = Path(__file__).parent
DAY = date(2026, 2, 2)  # on which the stories are set


@dataclass(frozen=True, slots=True)
class Question:
    """One thing asked of one sentence."""

    sentence_id: str
    language: str
    asked: str  # "tone A" or "relation A>B"
    passage: Passage

    @property
    def text(self) -> str:
        """The sentence as it stands in the story."""
        return (self.passage.quoted or self.passage.sentence).text


def questions() -> Iterator[Question]:
    """Yield every question, in the order of the stories."""
    watchlist = Watchlist.load(ROOT / "config/watchlist.toml")
    finder, follower = EntityFinder(watchlist), Follower(watchlist)
    for line in (HERE / "stories.jsonl").read_text(encoding="utf-8").splitlines():
        story = json.loads(line)
        texts: dict[Field, str] = {"title": story["title"], "summary": story["summary"]}
        language = story["language"]
        found = sentences(texts, language)
        mentions = finder.find(texts, language, DAY)
        chosen = passages(found, mentions, follower.follow(found, mentions, language))
        for number, passage in enumerate(chosen, 1):
            yield from _of(f"{story['id']}.{number}", language, passage)


def _of(sentence_id: str, language: str, passage: Passage) -> Iterator[Question]:
    actors = tuple(dict.fromkeys(passage.entities))
    for actor in actors:
        yield Question(sentence_id, language, f"tone {actor}", passage)
    for one, other in permutations(actors, 2):
        yield Question(sentence_id, language, f"relation {one}>{other}", passage)


if __name__ == "__main__":
    for question in questions():
        print(f"{question.sentence_id}\t{question.language}\t{question.asked}\t{question.text}")
