"""Operations: does everything arrive, and how late."""

from __future__ import annotations

from deploy.dashboards.conditions import AtLeast, Not, OneOf
from deploy.dashboards.model import Days, Metric, Top
from deploy.dashboards.panels import Chart, Dashboard, Number, Row, Series, Table, row
from deploy.dashboards.views import ARRIVALS, COVERAGE, DEAD_LETTERS, FEEDS
from deploy.dashboards.words import ACCENT, HOSTILE, INK, count, different, header, newest

ILL = AtLeast("news.feed.failures", 3)  # what wakes somebody, see docs/operations.md
# As on the desk's page of feeds.
WELL = OneOf("news.feed.health", ("ok", "not_modified", "new"))
HOURS = Days(every="1h", label="Hour")


def seconds(operation: str, field: str, label: str, colour: str | None = None) -> Metric:
    """Return a time in seconds: its median or its 95th percentile."""
    return Metric(
        operation="median" if operation == "median" else "percentile", field=field, label=label, colour=colour,
        decimals=1,
    )  # fmt: skip


OPERATIONS = Dashboard(
    key="operations",
    title="Riftwatch – Operations",
    answers="Whether everything arrives, and how late: feeds, freshness, delays and dead letters.",
    since="now-24h",
    refresh_s=60,
    rows=(
        row(5, header(
            "### Does everything arrive?\nTimes here are **times of arrival**, not of publication. The canary passes every"
            " stage each minute and is not stored: its age at each stage and the consumer lag are on the"
            " [desk's operations page]({desk}/ops) and in Prometheus. No story for an hour in news hours: look at the feeds."
        )),
        row(4,
            Number(key="newest", view=ARRIVALS, metric=newest("event.ingested", "Last story stored")),
            Number(key="freshest", view=ARRIVALS, metric=newest("@timestamp", "Newest publication stored")),
            Number(key="stored", view=ARRIVALS, metric=count("Stories stored")),
            Number(key="ill", view=FEEDS, where=(ILL,), metric=count("Feeds failing, three times or more in a row")),
            Number(key="letters", view=DEAD_LETTERS, metric=count("Dead letters")),
            Number(key="polled", view=FEEDS, metric=newest("news.feed.polled_at", "Last poll of any feed")),
        ),
        row(11,
            Chart(
                key="arrivals", title="Stories stored (an hour)", view=ARRIVALS, legend=False,
                series=(Series(kind="bar", along=HOURS, metrics=(count("Stories", colour=ACCENT),)),),
            ),
            Chart(
                key="fetch-delay", title="From publication to fetch (seconds, by hour of arrival)", view=ARRIVALS,
                series=(Series(kind="line", along=HOURS, metrics=(
                    seconds("median", "news.latency.fetch_s", "Median", INK),
                    seconds("percentile", "news.latency.fetch_s", "95th percentile", HOSTILE),
                )),),
                about="Most of it is the interval between two polls of a feed.",
            ),
        ),
        row(11,
            Chart(
                key="store-delay", title="From fetch to searchable (seconds, by hour of arrival)", view=ARRIVALS,
                series=(Series(kind="line", along=HOURS, metrics=(
                    seconds("median", "news.latency.store_s", "Median", INK),
                    seconds("percentile", "news.latency.store_s", "95th percentile", HOSTILE),
                )),),
                about="The way through Kafka, analysis and the search sink: our own part of the delay.",
            ),
            Chart(
                key="analysis", title="Analysis of a story (milliseconds, by hour of arrival)", view=ARRIVALS,
                series=(Series(kind="line", along=HOURS, metrics=(
                    seconds("median", "news.analysed_ms", "Median", INK),
                    seconds("percentile", "news.analysed_ms", "95th percentile", HOSTILE),
                )),),
            ),
        ),
        Row(11, (
            (16, Chart(
                key="health", title="Feeds by state (feeds)", view=FEEDS, legend=False,
                series=(Series(
                    kind="bar_horizontal", metrics=(count("Feeds", colour=ACCENT),),
                    along=Top(field="news.feed.health", label="State", size=15),
                ),),
            )),
            (16, Chart(
                key="dead", title="Dead letters by stage (an hour)", view=DEAD_LETTERS,
                series=(Series(
                    kind="bar_stacked", along=HOURS, metrics=(count("Dead letters"),),
                    split=Top(field="news.dead_letter.stage", label="Stage", size=8),
                ),),
            )),
            (16, Chart(
                key="heard", title="Publishers heard (an hour)", view=COVERAGE, legend=False,
                series=(Series(
                    kind="bar", along=HOURS,
                    metrics=(different("news.publisher_family", "Publishers heard", ACCENT),),
                ),),
            )),
        )),
        row(9, Table(
            key="feed-list", title="Feeds with a problem, most failures in a row first", view=FEEDS, where=(Not(WELL),),
            rows=(
                Top(field="news.feed.id", label="Feed", size=100, by=0),
                Top(field="news.feed.health", label="State", size=1),
                Top(field="news.feed.detail", label="What happened", size=1),
            ),
            metrics=(
                Metric(operation="max", field="news.feed.failures", label="Failures in a row", decimals=1),
                Metric(operation="max", field="news.feed.interval_s", label="Interval (seconds)"),
                newest("news.feed.failing_since", "Failing since"),
                newest("news.feed.last_success_at", "Last success"),
                newest("news.feed.last_new_item_at", "Last new item"),
            ),
        )),
        row(8, Table(
            key="letter-list", title="Dead letters by stage and reason", view=DEAD_LETTERS,
            rows=(
                Top(field="news.dead_letter.stage", label="Stage", size=20, by=0),
                Top(field="error.type", label="Reason", size=20, by=0),
                Top(field="error.message", label="Error", size=5, by=0),
            ),
            metrics=(
                count("Dead letters"), newest("@timestamp", "Newest"),
            ),
            about="`riftwatch dead-letters list` shows them one by one; `replay` sends them again.",
        )),
    ),
)  # fmt: skip
