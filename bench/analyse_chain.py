"""Speed of the analyse chain, without a model and with each: stories a CPU second, with tracked names and without.

    python -m bench.analyse_chain

Prints JSON, with the share of a story's time that the chain itself takes beside each model, and the speed of
matching against the bare automaton. Figures are of this machine; only the ratios are comparable.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ahocorasick_rs import AhoCorasick

from processors import model
from processors.analyse import Analyser
from processors.asked import Asked
from processors.entities import EntityFinder
from processors.judge import Judge, Probabilities, RelationProbabilities, SentenceReading
from processors.patterns import patterns_of
from riftwatch import settings
from riftwatch.records import FeedItem
from riftwatch.watchlist import Watchlist

ROUNDS = 7
STORIES = 200
STORIES_WITH_A_MODEL = 10
NEUTRAL = (
    "Die Regierung hat am Montag neue Zahlen zur Wirtschaft vorgelegt, die besser als erwartet ausfielen. "
)
NAMED = "Musk hat den Plan {} von Trump kritisiert, OpenAI und SoftBank wollten sich dazu nicht äußern. "
PLAIN_TEXT = NEUTRAL * 22
NAMED_TEXT = "".join(NEUTRAL * 3 + NAMED.format(number) for number in range(5))


class NoJudge:
    """Answers at once, so that only the chain is measured."""

    version = "none"
    tone_threshold = relation_threshold = 0.5

    def read_all(self, asked: Sequence[Asked]) -> list[SentenceReading]:
        """Return neutral readings."""
        tone, relation = Probabilities(0.1, 0.8, 0.1), RelationProbabilities(0.1, 0.8, 0.1)
        return [
            SentenceReading((tone,) * len(one.spans), dict.fromkeys(one.wanted, relation)) for one in asked
        ]


def item(content: str, number: int) -> FeedItem:
    at = datetime(2025, 6, 5, 12, tzinfo=UTC)
    return FeedItem(
        story_id=str(number), content_hash="h", feed_id="f", publisher="p", title="Neue Zahlen vorgelegt",
        summary="", content=content, published=at, fetched_at=at, language="de",
    )  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    """Return the median processor time of some rounds."""
    durations = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        durations.append(time.process_time() - began)
    return statistics.median(durations)


def stories_per_cpu_s(analyser: Analyser, text: str, stories: int) -> float:
    analyser.analyse(item(text, 0), None)  # loads the language model
    items = [item(f"{text}{number}", number) for number in range(stories)]
    return stories / seconds(lambda: [analyser.analyse(one, None) for one in items])


def matched(watchlist: Watchlist, text: str) -> float:
    """Return the speed of the finder as a share of the bare automaton's."""
    finder, day = EntityFinder(watchlist), datetime(2025, 6, 5, tzinfo=UTC).date()
    bare = AhoCorasick([pattern.text.lower() for pattern in patterns_of(watchlist)])
    ours = seconds(lambda: [finder.find({"content": text}, "de", day) for _ in range(STORIES)])
    theirs = seconds(
        lambda: [bare.find_matches_as_indexes(text.lower(), overlapping=True) for _ in range(STORIES)]
    )
    return theirs / ours


def main() -> None:
    chosen = settings.load()
    watchlist = Watchlist.load(chosen.config_dir / "watchlist.toml")
    chain = Analyser(watchlist, NoJudge())
    named = stories_per_cpu_s(chain, NAMED_TEXT, STORIES)
    found: dict[str, float] = {
        "stories_per_cpu_s_without_mentions": round(stories_per_cpu_s(chain, PLAIN_TEXT, STORIES)),
        "stories_per_cpu_s_with_20_mentions_unjudged": round(named),
    }
    for name in model.catalogue(chosen.models):
        analyser = Analyser(watchlist, Judge.load(chosen.models, name))
        judged = stories_per_cpu_s(analyser, NAMED_TEXT, STORIES_WITH_A_MODEL)
        found[f"stories_per_cpu_s_with_20_mentions_{name}"] = round(judged, 1)
        found[f"chain_share_{name}"] = round(judged / named, 3)
    found["match_ratio_without_mentions"] = round(matched(watchlist, PLAIN_TEXT), 2)
    found["match_ratio_with_mentions"] = round(matched(watchlist, NAMED_TEXT), 2)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
