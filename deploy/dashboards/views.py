"""The data views: which index under which name, its time, and what opens when somebody clicks on a value."""

from __future__ import annotations

from deploy.dashboards.model import View

SHIFT_PAGE = ("{desk}/shift/{{value}}", "Sentences and chart")  # {{value}} is Kibana's own, {desk} is ours
STORY_PAGE = ("{desk}/story/{{value}}", "Story on the desk")

STORIES = View(
    key="stories", title="Riftwatch – stories", family="stories", time="@timestamp",
    opens={"news.id": STORY_PAGE},
)  # fmt: skip
ARRIVALS = View(
    key="stories-by-arrival", title="Riftwatch – stories by time of arrival", family="stories",
    time="event.ingested", opens={"news.id": STORY_PAGE},
)  # fmt: skip
EVIDENCE = View(
    key="evidence", title="Riftwatch – evidence", family="evidence", time="@timestamp",
    opens={"news.id": STORY_PAGE},
)  # fmt: skip
SERIES = View(key="series", title="Riftwatch – daily series", family="series", time="@timestamp")
SHIFTS = View(
    key="shifts", title="Riftwatch – shifts", family="shifts", time="@timestamp",
    opens={"news.shift.id": SHIFT_PAGE},
)  # fmt: skip
COVERAGE = View(
    key="publishers-heard", title="Riftwatch – publishers heard", family="coverage", time="@timestamp"
)
# Without a time: a feed that has not answered for a week must not fall out of the last 24 hours.
FEEDS = View(key="feeds", title="Riftwatch – feeds", family="feeds", time=None)
DEAD_LETTERS = View(
    key="dead-letters", title="Riftwatch – dead letters", family="dead-letters", time="@timestamp"
)

VIEWS = (STORIES, ARRIVALS, EVIDENCE, SERIES, SHIFTS, COVERAGE, FEEDS, DEAD_LETTERS)

# What fields are called in Kibana's lists, filters and tables.
FIELD_NAMES = {
    "news.pair": "Pair",
    "news.entity_ids": "Actor",
    "news.language": "Language",
    "news.publisher_family": "Publisher",
    "news.wire": "News agency",
    "news.title.raw": "Headline",
    "news.sentence.raw": "Sentence",
    "news.label": "Reading",
    "news.score": "Score (−1 to +1)",
    "news.shift.direction": "Direction",
    "news.shift.state": "State of the shift",
    "news.series.mean": "Mean of the day (−1 to +1)",
    "news.feed.health": "State of the feed",
}
