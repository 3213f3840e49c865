from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from commands.letterbox import harmless, letterbox, lines, shown, summary, tally, whole
from tests.commands.letters import buried, letter


def test_newest_first_whatever_the_order_of_reading() -> None:
    messages = buried(letter(1), letter(2, stage="search"), letter(3))
    box = letterbox(reversed(messages))
    assert [one.letter.offset for one in box.letters] == [3, 2, 1]
    assert [one.letter.offset for one in box.chosen(stage="analyse")] == [3, 1]
    assert box.chosen(reason="not_storable") == []


def test_a_redelivered_record_is_one_letter_and_counted() -> None:
    box = letterbox(buried(letter(1), letter(2), letter(1)))
    assert [(one.letter.offset, one.times) for one in box.letters] == [(1, 2), (2, 1)]


def test_two_stages_at_the_same_record_are_two_letters() -> None:
    box = letterbox(buried(letter(1, stage="search"), letter(1, stage="mail")))
    assert {one.letter.stage for one in box.named("riftwatch.items-0-1")} == {"search", "mail"}


def test_what_is_no_letter_is_named_and_stops_nothing() -> None:
    box = letterbox(buried(b"\xff", letter(1)))
    assert box.unreadable == ("riftwatch.dead-letters-0-0",)
    assert len(box.letters) == 1


def test_counts_by_stage_and_reason() -> None:
    box = letterbox(buried(letter(1), letter(2), letter(3, stage="search", reason="not_storable")))
    assert tally(box.letters) == [("analyse", "undecodable", 2), ("search", "not_storable", 1)]


def test_bytes_are_text_or_hex_and_nothing_commands_the_terminal() -> None:
    assert shown("Grüße".encode()) == ("Grüße", "text")
    assert shown(b"\xff\x00") == ("ff00", "hex")
    assert shown(None) == ("", "none")
    assert harmless("a\x1b[2J\u202eb\n") == "a\\u001b[2J\\u202eb\n"
    line = next(iter(lines(letterbox(buried(letter(error="\x1b[31mred\n2030 forged"))).letters)))
    assert "\x1b" not in line
    assert line.endswith("\\u001b[31mred\\n2030 forged")


@given(st.binary(max_size=50))
def test_no_byte_is_lost_by_showing(value: bytes) -> None:
    text, how = shown(value)
    assert (text.encode() if how == "text" else bytes.fromhex(text)) == value


def test_json_of_a_letter() -> None:
    one = letterbox(buried(letter(value=b"\xff", headers=(("a", b"b"),)))).letters[0]
    listed, shown_whole = json.loads(json.dumps(summary(one))), json.loads(json.dumps(whole(one)))
    assert (listed["letter_id"], listed["size"], listed["failed_at"]) == (
        "riftwatch.items-0-7", 1, "2025-01-22T09:00:00Z",
    )  # fmt: skip
    assert "value" not in listed
    assert (shown_whole["value"], shown_whole["value_as"], shown_whole["key"]) == ("ff", "hex", "s1")
    assert shown_whole["headers"] == [{"name": "a", "value": "b"}]
