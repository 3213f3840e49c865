"""The one table of topics.

Items, readings, decisions and Faust's changelogs share one partition count, because Faust co-partitions
its tables with the topics its agents read. Changing the count of a running installation means `rebuild`.
"""

from __future__ import annotations

from dataclasses import dataclass

from riftwatch import records

DAY_MS = 24 * 3600 * 1000
MAX_MESSAGE_BYTES = 2_000_000  # an item with full text is a few kB; 2 MB leaves room for live tickers
MAX_LETTER_BYTES = 2 * MAX_MESSAGE_BYTES  # a dead letter holds the largest record in base64
FAUST_APP = "riftwatch"  # Faust names its changelogs after the app and the table


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic: what it carries and how long Kafka keeps it."""

    name: str
    record: type[records.Record] | None  # None: Faust's own changelog
    key: str  # what its key is, for people
    cleanup: str  # Kafka's cleanup.policy
    retention_ms: int | None = None  # None: kept (compacted topics)
    partitioned: bool = True  # False: one partition is enough
    max_bytes: int = MAX_MESSAGE_BYTES


ITEMS = Topic("riftwatch.items", records.FeedItem, "story_id", "delete", 14 * DAY_MS)
STORIES = Topic("riftwatch.stories", records.Story, "story_id", "compact,delete", 90 * DAY_MS)
READINGS = Topic("riftwatch.readings", records.Reading, "subject", "delete", 90 * DAY_MS)  # and Tick
EVIDENCE = Topic("riftwatch.evidence", records.Evidence, "subject|story_id", "compact")
SERIES = Topic("riftwatch.series", records.SeriesPoint, "subject|bucket", "compact")
SHIFTS = Topic("riftwatch.shifts", records.Shift, "shift_id", "compact")
FEEDS = Topic("riftwatch.feeds", records.FeedState, "feed_id", "compact")
COVERAGE = Topic("riftwatch.coverage", records.Coverage, "hour|publisher|feed_id", "compact")
DECISIONS = Topic("riftwatch.decisions", records.Decision, "subject or shift_id", "compact")
DEAD_LETTERS = Topic(
    "riftwatch.dead-letters",
    records.DeadLetter,
    "original key",
    "delete",
    30 * DAY_MS,
    partitioned=False,
    max_bytes=MAX_LETTER_BYTES,
)
REBUILDS = Topic("riftwatch.rebuilds", records.Rebuild, "rebuild", "compact", partitioned=False)
# Faust tables: state of analyse (a row per story), of watch (a row per contribution), and watch's ledger.
STORY_MEMORY = Topic(f"{FAUST_APP}-stories-changelog", None, "story_id", "compact")
CONTRIBUTIONS = Topic(f"{FAUST_APP}-contributions-changelog", None, "subject|story_id", "compact")
LEDGER = Topic(f"{FAUST_APP}-ledger-changelog", None, "shift_id", "compact")

ALL = (
    ITEMS, STORIES, READINGS, EVIDENCE, SERIES, SHIFTS, FEEDS, COVERAGE, DECISIONS, DEAD_LETTERS,
    REBUILDS, STORY_MEMORY, CONTRIBUTIONS, LEDGER,
)  # fmt: skip

# Kafka consumer groups, one per role that commits offsets. The Faust app's group is its id.
GROUP_PROCESS = FAUST_APP
GROUP_SEARCH = "riftwatch-search"
GROUP_MAIL = "riftwatch-mail"
GROUP_POLL = "riftwatch-poll"


def config_of(topic: Topic) -> dict[str, str]:
    """Return the topic's configuration in Kafka's own words."""
    config = {"cleanup.policy": topic.cleanup, "max.message.bytes": str(topic.max_bytes)}
    if topic.retention_ms is not None:
        config["retention.ms"] = str(topic.retention_ms)
    elif "delete" in topic.cleanup:
        config["retention.ms"] = "-1"
    if "delete" in topic.cleanup:
        config["retention.bytes"] = "-1"  # a cluster's default may be less than our time
    return config


def safe_copies(replication: int) -> int:
    """Return how many replicas must hold a record before it counts as sent: 2 of 3, so that one broker may die."""
    return (replication + 1) // 2
