"""Coverage: whom we hear, and whom we do not."""

from __future__ import annotations

from deploy.dashboards.conditions import AtLeast, Has
from deploy.dashboards.model import Days, Metric, Top
from deploy.dashboards.panels import Chart, Dashboard, Matrix, Number, Row, Series, Table, row
from deploy.dashboards.views import COVERAGE, EVIDENCE, STORIES
from deploy.dashboards.words import ACCENT, BAND, COUNTED, count, different, header, newest, publisher

HEARD = AtLeast("news.coverage.heard", 1)
COPIED = Has("news.duplicate_of")

COVERAGE_BOARD = Dashboard(
    key="coverage",
    title="Riftwatch – Coverage",
    answers="Whom we hear: outlets, languages, publisher families and news agencies, and the hours in which someone was silent.",
    since="now-14d",
    controls=(publisher(STORIES),),
    rows=(
        row(5, header(
            "### Whom do we hear?\nOutlets of one owner are one **publisher family** and count as one witness; a text that"
            " credits a news agency is the agency's, whoever prints it. **Gaps are data**: a publisher that was not heard"
            " says nothing about the news."
        )),
        row(4,
            Number(key="stories", view=STORIES, metric=count("Stories")),
            Number(key="publishers", view=STORIES, metric=different("news.publisher_family", "Publisher families with stories")),
            Number(key="heard", view=COVERAGE, where=(HEARD,), metric=different("news.publisher_family", "Publisher families heard")),
            Number(key="agency", view=STORIES, where=(Has("news.wire"),), metric=count("Stories that credit an agency")),
        ),
        row(11,
            Chart(
                key="languages", title="Stories by language (a day)", view=STORIES,
                series=(Series(
                    kind="bar_stacked", along=Days(), metrics=(count("Stories"),),
                    split=Top(field="news.language", label="Language", size=6),
                ),),
            ),
            Chart(
                key="heard-a-day", title="Publisher families heard (a day)", view=COVERAGE, where=(HEARD,), legend=False,
                series=(Series(
                    kind="bar", along=Days(), metrics=(different("news.publisher_family", "Families heard", ACCENT),),
                ),),
            ),
        ),
        Row(15, (
            (28, Matrix(
                key="hours", title="Hours in which each publisher was heard (hours a day, of 24)", view=COVERAGE, where=(HEARD,),
                x=Days(), y=Top(field="news.publisher_family", label="Publisher", size=30, by=None),
                metric=count("Hours heard"),
                about="A pale or missing cell is a gap: the feed was down, blocked or not polled.",
            )),
            (20, Chart(
                key="outlets", title="Stories by publisher family", view=STORIES, legend=False,
                series=(Series(
                    kind="bar_horizontal", metrics=(count("Stories", colour=ACCENT),),
                    along=Top(field="news.publisher_family", label="Publisher", size=15),
                ),),
            )),
        )),
        row(11,
            Chart(
                key="wires", title="Stories by news agency", view=STORIES, where=(Has("news.wire"),), legend=False,
                series=(Series(
                    kind="bar_horizontal", metrics=(count("Stories", colour=ACCENT),),
                    along=Top(field="news.wire", label="News agency", size=10),
                ),),
            ),
            Chart(
                key="copies", title="Counted readings and copies (a day)", view=EVIDENCE,
                series=(Series(kind="bar_stacked", along=Days(), metrics=(
                    count("Counted", COUNTED, colour=ACCENT), count("Copies of another text", COPIED, colour=BAND),
                )),),
                about="A story gives a reading for each actor and each pair it speaks of.",
            ),
        ),
        row(13,
            Table(
                key="publisher-list", title="Publisher families", view=STORIES,
                rows=(Top(field="news.publisher_family", label="Publisher", size=100, by=0),),
                metrics=(
                    count("Stories"), count("With agency credit", Has("news.wire")),
                    different("news.feed.id", "Feeds"), newest("@timestamp", "Newest story"),
                ),
            ),
            Table(
                key="copy-list", title="Who prints copies (readings)", view=EVIDENCE,
                rows=(Top(field="news.publisher_family", label="Publisher", size=100, by=2),),
                metrics=(
                    count("Counted", COUNTED), count("Copies", COPIED),
                    Metric(operation="count", label="All readings"),
                ),
            ),
        ),
    ),
)  # fmt: skip
