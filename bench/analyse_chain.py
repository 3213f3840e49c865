"""Speed of the analyse chain without the model: stories a second, and matching against the bare automaton.

    python -m bench.analyse_chain

Prints JSON. Figures are of this machine; only the ratio to the bare automaton is comparable.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ahocorasick_rs import AhoCorasick

from processors.analyse import Analyser
from processors.entities import EntityFinder
from processors.judge import Probabilities, RelationProbabilities, SentenceReading
from processors.patterns import patterns_of
from riftwatch import settings
from riftwatch.clock import monotonic
from riftwatch.records import FeedItem
from riftwatch.watchlist import Watchlist

ROUNDS = 7
STORIES = 200
NEUTRAL = (
    "Die Regierung hat am Montag neue Zahlen zur Wirtschaft vorgelegt, die besser als erwartet ausfielen. "
)
NAMED = "Musk hat den Plan von Trump kritisiert, OpenAI und SoftBank wollten sich dazu nicht äußern. "


class NoJudge:
    """Answers at once, so that only the chain is measured."""

    version = "none"
    tone_threshold = relation_threshold = 0.5

    def read(
        self,
        text: str,  # noqa: ARG002
        spans: Sequence[tuple[int, int]],
        language: str,  # noqa: ARG002
        pairs: Sequence[tuple[int, int]] | None = None,
    ) -> SentenceReading:
        """Return neutral readings."""
        quiet = RelationProbabilities(0.1, 0.8, 0.1)
        return SentenceReading(
            tuple(Probabilities(0.1, 0.8, 0.1) for _ in spans), dict.fromkeys(pairs or (), quiet)
        )


def item(content: str, number: int) -> FeedItem:
    at = datetime(2025, 6, 5, 12, tzinfo=UTC)
    return FeedItem(
        story_id=str(number), content_hash="h", feed_id="f", publisher="p", title="Neue Zahlen vorgelegt",
        summary="", content=content, published=at, fetched_at=at, language="de",
    )  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    """Return the median duration of some rounds."""
    durations = []
    for _ in range(ROUNDS):
        began = monotonic()
        work()
        durations.append(monotonic() - began)
    return statistics.median(durations)


def main() -> None:
    watchlist = Watchlist.load(settings.load().config_dir / "watchlist.toml")
    analyser, finder = Analyser(watchlist, NoJudge()), EntityFinder(watchlist)
    bare = AhoCorasick([pattern.text.lower() for pattern in patterns_of(watchlist)])
    plain, named = NEUTRAL * 22, (NEUTRAL * 3 + NAMED) * 5
    analyser.analyse(item(plain, 0), None)  # loads the language model

    def chain(text: str) -> float:
        items = [item(f"{text}{number}", number) for number in range(STORIES)]
        return STORIES / seconds(lambda: [analyser.analyse(one, None) for one in items])

    def matched(text: str) -> float:
        day = datetime(2025, 6, 5, tzinfo=UTC).date()
        ours = seconds(lambda: [finder.find({"content": text}, "de", day) for _ in range(STORIES)])
        theirs = seconds(
            lambda: [bare.find_matches_as_indexes(text.lower(), overlapping=True) for _ in range(STORIES)]
        )
        return theirs / ours

    print(
        json.dumps(
            {
                "stories_per_s_without_mentions": round(chain(plain)),
                "stories_per_s_with_25_mentions": round(chain(named)),
                "match_ratio_without_mentions": round(matched(plain), 2),
                "match_ratio_with_mentions": round(matched(named), 2),
            }
        )
    )


if __name__ == "__main__":
    main()
