from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.backtest import command
from commands.history import BadLine, ReadingLine, StoryLine, item_of, lines, reading_of
from riftwatch.publishers import Family, Publishers, Wire
from tests.processors.readings import START, break_on, history

KEYS = [
    "shift_id", "subject", "direction", "state", "onset", "detected_at", "before", "after", "publishers",
    "statistic", "threshold", "evidence",
]  # fmt: skip
PUBLISHERS = Publishers(
    [Family(id="bbc", title="BBC", names=("BBC News",), domains=("bbc.co.uk",))],
    [Wire(id="dpa", title="dpa", credits=("dpa",))],
)


def readings_file() -> list[dict[str, Any]]:
    return [
        {
            "subject": one.subject,
            "story_id": one.story_id,
            "score": one.score,
            "published": one.published.isoformat(),
            "publisher": one.publisher,
            "language": one.language,
        }
        for one in [*history(60), *break_on(60, days=8)]
    ]


def run(stdin: str, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), input=stdin, catch_exceptions=False)


def jsonl(found: Iterable[Any]) -> str:
    return "\n".join(json.dumps(one) for one in found) + "\n"


def test_readings_in_shift_states_out() -> None:
    result = run(jsonl(readings_file()), "--readings")
    assert result.exit_code == 0
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(line) for line in told] == [KEYS] * len(told)
    assert [line["state"] for line in told] == ["opened", "strengthened", "settled"]
    opened = told[0]
    assert (opened["subject"], opened["direction"]) == ("relation:musk|trump", "down")
    assert opened["before"]["low"] < opened["before"]["mean"] < opened["before"]["high"]
    assert opened["after"]["mean"] < -0.3
    assert opened["after"]["n"] >= 4
    assert opened["statistic"] <= -opened["threshold"]
    assert opened["onset"] <= opened["detected_at"]
    assert opened["detected_at"].endswith(":00:00Z")
    first = opened["evidence"][0]
    assert list(first) == ["story_id", "sentence", "score", "published", "publisher", "language"]
    assert {found["language"] for found in opened["evidence"]} == {"de", "en"}


def test_the_order_of_the_lines_does_not_matter(tmp_path: Path) -> None:
    found = readings_file()
    in_order = run(jsonl(found), "--readings").stdout
    random.Random(1).shuffle(found)
    file = tmp_path / "readings.jsonl"
    file.write_text(jsonl([*found, *found[:50]]))
    assert run("", "--readings", str(file)).stdout == in_order


def test_other_rules_find_other_things(tmp_path: Path) -> None:
    (tmp_path / "deaf.toml").write_text('version = "deaf"\nthreshold = 50.0')
    result = run(jsonl(readings_file()), "--readings", "--rules", str(tmp_path / "deaf.toml"))
    assert (result.exit_code, result.stdout) == (0, "")


def test_bad_lines_are_told_and_stop_nothing() -> None:
    bad = [
        '{"story_id": "a", "subject": "tone:musk", "score": 3, "published": "2025-01-01", "publisher": "x"}',
        '{"story_id": "b", "subject": "musk", "score": 0.3, "published": "2025-01-01", "publisher": "x"}',
        '{"story_id": "c", "subject": "tone:musk", "score": 0.3, "published": "soon", "publisher": "x"}',
        '{"story_id": 7, "subject": "tone:musk", "score": NaN, "published": "2025-01-01", "publisher": "x"}',
        '{"story_id": "d"}',
        "no json",
        "",
        "[1]",
    ]
    result = run(jsonl(readings_file()) + "\n".join(bad), "--readings")
    assert result.exit_code == 1
    told = [json.loads(line) for line in result.stdout.splitlines()]
    count = len(readings_file())
    assert [line.get("id") for line in told[:7]] == ["a", "b", "c", 7, "d", None, None]
    assert all(line["error"] for line in told[:7])
    assert told[5]["error"].startswith(f"line {count + 6}: ")
    assert [line["state"] for line in told[7:]] == ["opened", "strengthened", "settled"]


def test_nothing_in_nothing_out() -> None:
    assert run("", "--readings").stdout == ""


def story(**fields: Any) -> StoryLine:
    return StoryLine(**({"id": "1", "published": "2025-01-22", "title": "Musk attacks OpenAI"} | fields))


def test_a_story_becomes_the_item_a_feed_would_have_brought() -> None:
    item = item_of(
        story(publisher="BBC News", summary="(dpa) - He did.", url="https://x.example/1"), PUBLISHERS
    )
    assert not isinstance(item, BadLine)
    assert (item.publisher, item.wire, item.published_confidence) == ("bbc", "dpa", "day")
    assert item.published == item.fetched_at == datetime.fromisoformat("2025-01-22T12:00:00Z")
    timed = item_of(story(published="2025-01-22T08:00:00+02:00", url="https://news.bbc.co.uk/1"), PUBLISHERS)
    assert not isinstance(timed, BadLine)
    assert (timed.publisher, timed.published.hour, timed.published_confidence) == ("bbc", 6, "claimed")
    unnamed = item_of(story(), PUBLISHERS)
    assert not isinstance(unnamed, BadLine)
    assert unnamed.publisher == "unknown"


@pytest.mark.parametrize("fields", [{"title": " "}, {"published": "yesterday"}, {"published": "2025-13-01"}])
def test_a_story_without_text_or_time_is_a_bad_line(fields: dict[str, str]) -> None:
    assert isinstance(item_of(story(**fields), PUBLISHERS), BadLine)


def test_a_reading_that_comes_again_is_a_revision() -> None:
    line = ReadingLine("tone:musk", "s", 0.5, "2025-01-01", "Some Paper")
    first = reading_of(line, PUBLISHERS, None)
    assert not isinstance(first, BadLine)
    again = reading_of(line, PUBLISHERS, first)
    assert not isinstance(again, BadLine)
    assert (first.revision, again.revision, again.first_published) == (1, 2, START.replace(hour=12))
    assert first.publisher == "some-paper"


def test_unknown_keys_and_broken_bytes() -> None:
    raw = [b'{"id": "a", "published": "2025-01-01", "mood": 3}', b'{"id": "b", "title": "\xff"}', b"\xfe"]
    good, undecodable, garbage = lines(raw, StoryLine)
    assert isinstance(good, StoryLine)
    assert isinstance(undecodable, BadLine)
    assert undecodable.id == "b"
    assert isinstance(garbage, BadLine)
    assert garbage.id is None
    assert garbage.error.startswith("line 3: ")


@pytest.mark.slow
def test_stories_go_through_the_shipped_judge() -> None:
    places = ["Austin", "Berlin", "Palm Beach", "London", "Tokyo", "Paris", "Boston", "Rome", "Madrid"]
    calm = [
        {
            "id": f"c{day}-{n}", "published": f"2025-01-{day:02}", "publisher": f"paper{(day + n) % 9}",
            "title": f"Trump praises Musk as a great friend at dinner {day} in {places[(day + n) % 9]}",
        }
        for day in range(1, 29) for n in range(2)
    ]  # fmt: skip
    texts = [
        "In {} Musk attacks Trump and calls him a liar, day {}",
        "Musk greift Trump in {} scharf an, Tag {}",
    ]
    hostile = [
        {
            "id": f"h{day}-{n}", "published": f"2025-02-{day:02}", "publisher": f"paper{n}",
            "title": texts[n % 2].format(places[n], day),
        }
        for day in range(10, 14) for n in range(9)
    ]  # fmt: skip
    result = run(jsonl([*calm, *hostile]))
    assert result.exit_code == 0
    told = [json.loads(line) for line in result.stdout.splitlines()]
    pair = [line for line in told if line["subject"] == "relation:musk|trump"]
    assert [(line["direction"], line["state"]) for line in pair][:1] == [("down", "opened")]
    assert "2025-02-10" <= pair[0]["detected_at"] < "2025-02-12"
    assert {"de", "en"} == {found["language"] for found in pair[-1]["evidence"]}
