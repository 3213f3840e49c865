"""Newsroom: what moved."""

from __future__ import annotations

from deploy.dashboards.conditions import Is
from deploy.dashboards.model import Days, Top
from deploy.dashboards.panels import Chart, Dashboard, Marks, Matrix, Number, Row, Series, Table, row
from deploy.dashboards.views import EVIDENCE, SHIFTS, STORIES
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
    language,
    mean,
    newest,
    publisher,
)

NEWSROOM = Dashboard(
    key="newsroom",
    title="Riftwatch – Newsroom",
    answers="What moved: who fell out, who made up, how the press speaks of each actor, and which stories carried it.",
    since="now-30d",
    controls=(actor(), language(), publisher()),
    rows=(
        row(5, header(
            "### What moved?\nShifts are reported only when many independent publishers move together; most days have"
            " none. Scores run from **−1 (hostile, negative)** to **+1 (friendly, positive)**. Read by machine: every"
            " figure rests on sentences, and the tables below lead to them."
        )),
        row(4,
            Number(key="shifts", view=SHIFTS, metric=count("Shifts detected"), where=(STANDS,)),
            Number(key="open", view=SHIFTS, metric=count("Shifts still open"), where=(Is("news.shift.open", value=True),)),
            Number(key="stories", view=STORIES, metric=count("Stories about the actors")),
            Number(key="publishers", view=STORIES, metric=different("news.publisher_family", "Publishers they come from")),
        ),
        row(12,
            Matrix(
                key="pairs", title="How the pairs stand to each other (mean score, −1 to +1)", view=EVIDENCE,
                where=(RELATIONS, COUNTED),
                x=Top(field="news.relation.b", label="Actor", size=20, by=None),
                y=Top(field="news.relation.a", label="Actor", size=20, by=None),
                metric=mean("news.score", "Mean score"),
                about="Mean over the counted stories of the range. Orange is hostile, blue is friendly; an empty"
                " cell: nobody wrote of the two together.",
            ),
            Chart(
                key="tone", title="Tone toward each actor (mean of a day, −1 to +1)", view=EVIDENCE,
                where=(TONES, COUNTED), zero=True, bounds=(-1, 1),
                series=(Series(
                    kind="line", along=Days(), metrics=(mean("news.score", "Mean tone"),),
                    split=Top(field="news.entity_ids", label="Actor", size=5, by=None),
                ),),
                about="Tone toward the actor itself, not the mood of the text. Choose an actor above to see one alone.",
            ),
        ),
        row(11,
            Chart(
                key="readings", title="Hostile and friendly stories on pairs (counted stories a day)", view=EVIDENCE,
                where=(RELATIONS,),
                series=(Series(
                    kind="bar_stacked", along=Days(), metrics=(count("Counted stories", COUNTED),), split=by_reading(),
                ),),
                marks=Marks(
                    view=SHIFTS, time="news.shift.detected_at", label="Shift detected", where=(STANDS,),
                    shows=("news.pair", "news.shift.direction", "news.shift.state"), text="news.pair",
                ),
            ),
            Chart(
                key="volume", title="Stories by language (stories a day)", view=STORIES,
                series=(Series(
                    kind="bar_stacked", along=Days(), metrics=(count("Stories"),),
                    split=Top(field="news.language", label="Language", size=6),
                ),),
            ),
        ),
        row(8, Table(
            key="shift-list", title="What moved: shifts, newest first", view=SHIFTS, where=(STANDS,),
            rows=(
                Top(field="news.shift.id", label="Open on the desk", size=50, by=0),
                Top(field="news.subject", label="Who", size=1),
                Top(field="news.shift.direction", label="Direction", size=1),
                Top(field="news.shift.state", label="State", size=1),
            ),
            metrics=(
                newest("news.shift.detected_at", "Detected"),
                mean("news.shift.before.mean", "Before (−1 to +1)"),
                mean("news.shift.after.mean", "After (−1 to +1)"),
                mean("news.shift.delta", "Change"),
            ),
        )),
        Row(13, (
            (28, Table(
                key="top-stories", title="Top stories: headlines that most publishers carried", view=STORIES,
                rows=(Top(field="news.title.raw", label="Headline", size=30, by=0),),
                metrics=(
                    different("news.publisher_family", "Publishers"), count("Stories"),
                    newest("@timestamp", "Newest"),
                ),
            )),
            (20, Table(
                key="pair-list", title="Pairs in the news", view=EVIDENCE, where=(RELATIONS, COUNTED),
                rows=(Top(field="news.pair", label="Pair", size=30, by=0),),
                metrics=(
                    count("Stories"), different("news.publisher_family", "Publishers"),
                    mean("news.score", "Mean score (−1 to +1)"),
                ),
            )),
        )),
    ),
)  # fmt: skip
