from __future__ import annotations

from datetime import UTC, datetime

from riftwatch.errors import Reject
from riftwatch.letters import MAX_ERROR_CHARS, MAX_VALUE_BYTES, letter_of
from riftwatch.records import DeadLetter, decode, encode
from riftwatch.topics import MAX_LETTER_BYTES
from tests.sinks.fakes import FakeMessage

MOMENT = datetime(2025, 1, 22, 9, 0, tzinfo=UTC)


def message(value: bytes | None = b"\xff\x00", **fields: object) -> FakeMessage:
    stamp = int(MOMENT.timestamp() * 1000)
    return FakeMessage("riftwatch.items", 7, value, timestamp=stamp, **fields)  # type: ignore[arg-type]


def failure() -> Exception:
    try:
        raise Reject("undecodable", "x" * 1000)
    except Reject as error:
        return error


def test_a_letter_keeps_bytes_place_time_and_reason() -> None:
    letter = letter_of(message(headers=(("a", b"\x80"),)), "search", failure())
    assert (letter.letter_id, letter.value, letter.key) == ("riftwatch.items-0-7", b"\xff\x00", b"key")
    assert (letter.reason, letter.stage, letter.failed_at) == ("undecodable", "search", MOMENT)
    assert letter.headers == (("a", b"\x80"),)
    assert letter.where.startswith("test_letters.py:")
    assert len(letter.error) == MAX_ERROR_CHARS
    assert decode(encode(letter), DeadLetter) == letter


def test_an_unexpected_error_has_a_reason_too() -> None:
    assert letter_of(message(), "search", KeyError("x")).reason == "step_failed"


def test_a_letter_always_fits_into_a_message() -> None:
    fits = letter_of(message(b"\xff" * MAX_VALUE_BYTES), "search", failure())
    assert fits.value is not None
    assert len(encode(fits)) < MAX_LETTER_BYTES
    too_large = letter_of(message(b"\xff" * (MAX_VALUE_BYTES + 1)), "search", failure())
    assert too_large.value is None
    assert f"{MAX_VALUE_BYTES + 1} bytes left at their place" in too_large.error


def test_a_record_without_a_time_stamp_has_one_all_the_same() -> None:
    odd = message()
    odd.timestamp = -1
    assert letter_of(odd, "search", failure()).failed_at == datetime(1970, 1, 1, tzinfo=UTC)
