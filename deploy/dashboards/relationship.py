"""Relationship: one pair."""

from __future__ import annotations

from deploy.dashboards.conditions import Condition
from deploy.dashboards.model import Days, Metric, Top
from deploy.dashboards.panels import Chart, Dashboard, Marks, Number, Row, Series, Table, row
from deploy.dashboards.views import EVIDENCE, SERIES, SHIFTS
from deploy.dashboards.words import (
    ACCENT,
    BAND,
    COUNTED,
    FRIENDLY,
    HOSTILE,
    INK,
    RELATIONS,
    STANDS,
    by_reading,
    count,
    different,
    header,
    mean,
    newest,
    pair,
)

DETECTED = Marks(
    view=SHIFTS, time="news.shift.detected_at", label="Shift detected", where=(STANDS,),
    shows=("news.shift.state", "news.shift.before.mean", "news.shift.after.mean"), text="news.shift.direction",
)  # fmt: skip


def stories(label: str, field: str, colour: str | None = None) -> Metric:
    """Add up a daily number of stories."""
    return Metric(operation="sum", field=field, label=label, colour=colour)


def day_by_day(title: str, of: Condition) -> Chart:
    """Return the chart of a series: the daily mean within its interval, detected shifts as vertical lines."""
    lines = (
        mean("news.series.mean", "Mean", colour=INK),
        mean("news.series.low", "Interval, lower end", colour=BAND),
        mean("news.series.high", "Interval, upper end", colour=BAND),
    )
    return Chart(
        key="series", title=title, view=SERIES, where=(of,), marks=DETECTED, zero=True, bounds=(-1, 1),
        series=(Series(kind="line", along=Days(), metrics=lines),),
    )  # fmt: skip


def sentences(key: str, title: str, kind: Condition, *, lowest: bool) -> Table:
    """Return the table of the sentences at one end of the scale, the strongest first."""
    return Table(
        key=key, title=title, view=EVIDENCE, where=(kind, COUNTED),
        rows=(
            Top(field="news.sentence.raw", label="Sentence", size=30, by=0, lowest=lowest),
            Top(field="news.publisher_family", label="Publisher", size=1, by=None),
            Top(field="news.id", label="Open", size=1, by=None),
        ),
        metrics=(
            Metric(
                operation="min" if lowest else "max", field="news.sentence_score", label="Score",
                format="signed", decimals=2, scored=True,
            ),
            newest("@timestamp", "Published"),
        ),
    )  # fmt: skip


RELATIONSHIP = Dashboard(
    key="relationship",
    title="Riftwatch – Relationship",
    answers="How one pair stands to each other: the daily mean with its interval, the shifts, and the sentences behind them.",
    since="now-90d",
    controls=(pair("{pair}"),),
    rows=(
        row(5, header(
            "### How do the two stand to each other?\nChoose **one pair** above. The dark line is the mean of a day over"
            " publishers, from −1 (hostile) to +1 (friendly); the pale lines are its 95 % interval: the wider apart, the"
            " less is known. Vertical lines are shifts."
        )),
        row(4,
            Number(key="mean", view=SERIES, where=(RELATIONS,), metric=mean("news.series.mean", "Mean of the days (−1 to +1)")),
            Number(key="counted", view=SERIES, where=(RELATIONS,), metric=stories("Counted stories", "news.series.n_stories")),
            Number(key="publishers", view=EVIDENCE, where=(RELATIONS, COUNTED), metric=different("news.publisher_family", "Publishers")),
            Number(key="shifts", view=SHIFTS, where=(STANDS,), metric=count("Shifts detected")),
        ),
        row(13, day_by_day("The relation day by day (mean and 95 % interval, −1 to +1)", RELATIONS)),
        row(11,
            Chart(
                key="directions", title="Who is hostile to whom (mean of a day, −1 to +1)", view=SERIES, where=(RELATIONS,),
                zero=True, bounds=(-1, 1),
                series=(Series(kind="line", along=Days(), metrics=(
                    mean("news.series.a_to_b", "First toward second", colour=HOSTILE),
                    mean("news.series.b_to_a", "Second toward first", colour=FRIENDLY),
                )),),
                about="First and second as the pair is written: musk|trump has Musk first.",
            ),
            Chart(
                key="languages", title="In German and in English (mean of a day, −1 to +1)", view=SERIES, where=(RELATIONS,),
                zero=True, bounds=(-1, 1),
                series=(Series(kind="line", along=Days(), metrics=(
                    mean("news.series.de.mean", "German", colour=ACCENT),
                    mean("news.series.en.mean", "English", colour="#7a5195"),
                )),),
            ),
        ),
        Row(12, (
            (16, Chart(
                key="volume", title="Stories and copies (a day)", view=SERIES, where=(RELATIONS,),
                series=(Series(kind="bar_stacked", along=Days(), metrics=(
                    stories("Counted", "news.series.n_stories", ACCENT),
                    stories("Copies, not counted", "news.series.n_copies", BAND),
                )),),
            )),
            (20, Chart(
                key="outlets", title="Who writes what (counted stories by publisher)", view=EVIDENCE, where=(RELATIONS, COUNTED),
                series=(Series(
                    kind="bar_horizontal_stacked", metrics=(count("Stories"),), split=by_reading(),
                    along=Top(field="news.publisher_family", label="Publisher", size=12),
                ),),
            )),
            (12, Chart(
                key="by-language", title="In which language (counted stories)", view=EVIDENCE, where=(RELATIONS, COUNTED),
                series=(Series(
                    kind="bar_stacked", metrics=(count("Stories"),), split=by_reading(),
                    along=Top(field="news.language", label="Language", size=6),
                ),),
            )),
        )),
        row(8, Table(
            key="shift-list", title="Shifts of this pair, newest first", view=SHIFTS, where=(STANDS,),
            rows=(
                Top(field="news.shift.id", label="Open on the desk", size=30, by=0),
                Top(field="news.shift.direction", label="Direction", size=1),
                Top(field="news.shift.state", label="State", size=1),
                Top(field="news.sentence.raw", label="Sentence that moved it most", size=1),
            ),
            metrics=(
                newest("news.shift.detected_at", "Detected"),
                mean("news.shift.before.mean", "Before (−1 to +1)"),
                mean("news.shift.after.mean", "After (−1 to +1)"),
            ),
        )),
        row(14,
            sentences("hostile", "The most hostile sentences", RELATIONS, lowest=True),
            sentences("friendly", "The friendliest sentences", RELATIONS, lowest=False),
        ),
    ),
)  # fmt: skip
