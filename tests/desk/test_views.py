"""Views as plain data: what a page would say, without a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.feeds import feeds
from desk.lines import web_address
from desk.look import Look
from desk.ops import ops
from desk.overview import overview
from desk.query import Asked, link
from desk.shift_page import shift
from desk.story import story
from riftwatch.clock import ManualClock
from tests.desk import newsroom

PLAIN = Asked(path={}, query={})


def test_the_matrix_holds_every_pair_once_in_the_desks_order(look: Look) -> None:
    view = overview(look, PLAIN)
    assert view.columns == ("trump", "musk", "openai", "xai")
    assert [row.entity for row in view.rows] == ["musk", "openai", "xai", "softbank"]
    assert [len(row.cells) for row in view.rows] == [1, 2, 3, 4]
    first = view.rows[0].cells[0]
    assert first is not None
    assert first.subject == "relation:musk|trump"
    assert first.open_shift is not None
    assert first.open_shift.direction == "down"


def test_an_actor_that_the_watchlist_no_longer_holds_keeps_its_place(look: Look) -> None:
    view = overview(replace(look, names=type(look.names)({"trump": "Donald Trump"})), PLAIN)
    assert view.columns == ("trump", "musk", "openai", "softbank")


def test_feeds_with_a_problem_come_first(look: Look) -> None:
    view = feeds(look, PLAIN)
    assert [feed.well for feed in view.feeds] == sorted(feed.well for feed in view.feeds)
    assert (view.total, view.problems) == (10, 4)
    assert len(feeds(look, Asked(path={}, query={"show": "problems"})).feeds) == 4


def test_the_life_of_a_shift_is_told_in_order(look: Look) -> None:
    view = shift(look, Asked(path={"shift_id": "91be77d4"}, query={}))
    assert [step.key for step in view.history] == [
        "onset",
        "detected",
        "mail_alert",
        "settled",
        "mail_settled",
    ]
    assert view.history[2].recipient == "desk@localhost"
    assert view.publishers[0].key == "harbour", "the most hostile first"


def test_a_story_names_the_one_that_counts_for_it(look: Look) -> None:
    view = story(look, Asked(path={"story_id": "story-0009"}, query={}))
    assert [(copy.story_id, copy.original) for copy in view.copies] == [("story-0008", True)]
    original = story(look, Asked(path={"story_id": "story-0008"}, query={}))
    assert [(copy.story_id, copy.original) for copy in original.copies] == [("story-0009", False)]


def test_a_stage_without_a_sign_of_life_is_late(look: Look) -> None:
    late = {sign.stage: sign.late for sign in ops(look, PLAIN).signs}
    assert late == {"poll": False, "analyse": True, "watch": False, "shift": False, "mail": False}
    tomorrow = replace(look, clock=ManualClock(newsroom.NOW + timedelta(days=1)))
    assert [sign.stage for sign in ops(tomorrow, PLAIN).signs if sign.late] == ["poll", "analyse"]


def test_dead_letters_are_shown_without_their_bytes(look: Look) -> None:
    letters = ops(look, PLAIN).letters
    assert [letter.size for letter in letters] == [9, 18, 27]
    assert not hasattr(letters[0], "value")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x", "https://a.example/x"), ("http://a.example", "http://a.example"),
        ("javascript:alert(1)", ""), ("data:text/html,x", ""), ("//a.example", ""), ("https://", ""),
        ("http://[::1", ""), ("", ""), (" javascript:alert(1)", ""),
    ],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str, shown: str) -> None:
    assert web_address(url) == shown


def test_a_link_changes_what_it_must_and_keeps_the_rest() -> None:
    assert (
        link({"range": "1y", "page": "3", "q": "ä&b"}, page="", language="de")
        == "?range=1y&q=%C3%A4%26b&language=de"
    )
