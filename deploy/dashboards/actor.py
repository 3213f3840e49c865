"""Actor: how the press speaks of one actor, and of it with others."""

from __future__ import annotations

from deploy.dashboards.model import Days, Top
from deploy.dashboards.panels import Chart, Dashboard, Number, Row, Series, Table, row
from deploy.dashboards.relationship import day_by_day, sentences, stories
from deploy.dashboards.views import EVIDENCE, SERIES, SHIFTS
from deploy.dashboards.words import (
    COUNTED,
    RELATIONS,
    STANDS,
    TONES,
    actor,
    by_reading,
    count,
    different,
    header,
    mean,
    newest,
)

ACTOR = Dashboard(
    key="actor",
    title="Riftwatch – Actor",
    answers="How the press speaks of one actor, who writes what, and how it stands to the others.",
    since="now-90d",
    controls=(actor(chosen="{actor}"),),
    rows=(
        row(5, header(
            "### How is one actor spoken of?\nChoose **one actor** above. Tone is what a text says of the actor itself, from"
            " −1 (negative) to +1 (positive): bad news about an actor is not criticism of it."
        )),
        row(4,
            Number(key="mean", view=SERIES, where=(TONES,), metric=mean("news.series.mean", "Mean tone of the days (−1 to +1)")),
            Number(key="counted", view=SERIES, where=(TONES,), metric=stories("Counted stories", "news.series.n_stories")),
            Number(key="publishers", view=EVIDENCE, where=(TONES, COUNTED), metric=different("news.publisher_family", "Publishers")),
            Number(key="shifts", view=SHIFTS, where=(STANDS,), metric=count("Shifts, of its tone and its relations")),
        ),
        row(13, day_by_day("Tone day by day (mean and 95 % interval, −1 to +1)", TONES)),
        row(12,
            Chart(
                key="relations", title="Its relations (mean score of a day by pair, −1 to +1)", view=SERIES, where=(RELATIONS,),
                zero=True, bounds=(-1, 1),
                series=(Series(
                    kind="line", along=Days(), metrics=(mean("news.series.mean", "Mean"),),
                    split=Top(field="news.pair", label="Pair", size=5, by=None),
                ),),
            ),
            Chart(
                key="outlets", title="Who writes what of it (counted stories by publisher)", view=EVIDENCE, where=(TONES, COUNTED),
                series=(Series(
                    kind="bar_horizontal_stacked", metrics=(count("Stories"),), split=by_reading(),
                    along=Top(field="news.publisher_family", label="Publisher", size=12),
                ),),
            ),
        ),
        Row(9, (
            (28, Table(
                key="shift-list", title="Shifts of its tone and its relations, newest first", view=SHIFTS, where=(STANDS,),
                rows=(
                    Top(field="news.shift.id", label="Open on the desk", size=30, by=0),
                    Top(field="news.subject", label="What", size=1),
                    Top(field="news.shift.direction", label="Direction", size=1),
                    Top(field="news.shift.state", label="State", size=1),
                ),
                metrics=(newest("news.shift.detected_at", "Detected"), mean("news.shift.delta", "Change")),
            )),
            (20, Table(
                key="pair-list", title="With whom it is in the news", view=EVIDENCE, where=(RELATIONS, COUNTED),
                rows=(Top(field="news.pair", label="Pair", size=30, by=0),),
                metrics=(count("Stories"), mean("news.score", "Mean score (−1 to +1)")),
            )),
        )),
        row(14,
            sentences("negative", "The most negative sentences", TONES, lowest=True),
            sentences("positive", "The most positive sentences", TONES, lowest=False),
        ),
    ),
)  # fmt: skip
