from __future__ import annotations

import pytest

from commands.replay import HEADER, headers, once, refusal
from riftwatch.records import DeadLetter
from riftwatch.topics import ALL, CONTRIBUTIONS, DEAD_LETTERS, FEEDS
from tests.commands.letters import letter

PARTITIONS = {topic.name: 4 for topic in ALL}


def test_a_letter_of_a_topic_goes_back() -> None:
    assert refusal(letter(), PARTITIONS, {}) == ""


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (letter(topic=CONTRIBUTIONS.name), "rebuild"),
        (letter(topic="other-app-table-changelog"), "rebuild"),
        (letter(topic=DEAD_LETTERS.name), "no topic that records are sent to"),
        (letter(topic="elsewhere"), "no topic that records are sent to"),
        (letter(value=None), "holds no bytes"),
        (letter(partition=4), "no partition 4"),
    ],
)
def test_what_must_not_be_sent_is_refused_with_the_reason(refused: DeadLetter, why: str) -> None:
    assert why in refusal(refused, PARTITIONS, {})


def test_nothing_newer_is_replaced_in_a_compacted_topic() -> None:
    old = letter(5, topic=FEEDS.name)
    assert refusal(old, PARTITIONS, {(FEEDS.name, 0, b"s1"): 5}) == ""
    assert "newer record" in refusal(old, PARTITIONS, {(FEEDS.name, 0, b"s1"): 6})
    assert refusal(old, PARTITIONS, {(FEEDS.name, 1, b"s1"): 6}) == ""


def test_each_record_once_in_its_own_order() -> None:
    first, second, again = letter(1, b"a"), letter(2, b"b"), letter(9, b"a", headers=((HEADER, b"1"),))
    assert [one.value for one in once([again, second, first])] == [b"a", b"b"]
    assert once([first, again])[0].offset == 9


def test_the_header_names_the_newest_letter_and_keeps_the_others() -> None:
    given = letter(3, headers=(("trace", b"x"), (HEADER, b"older")))
    assert headers(given) == [("trace", b"x"), (HEADER, b"riftwatch.items-0-3")]
