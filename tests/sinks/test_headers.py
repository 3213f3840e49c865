from __future__ import annotations

from email import message_from_bytes, policy

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.headers import MAX_HEADER_CHARS, one_line, plain, web_link
from sinks.message import HEADERS, compose
from tests.stores.samples import mail

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
ENCODED_WORD = (
    "=?utf-8?q?a=0ABcc:_x@y.example?="  # becomes a real Bcc on CPython before its fix (CVE-2024-6923)
)


def names_of(subject: str, shift_id: str = "abc") -> list[str]:
    message = compose(msgspec.structs.replace(mail(), subject_line=subject, shift_id=shift_id), "a@b.example")
    read = message_from_bytes(message.as_bytes(), policy=policy.default)
    return [name for name in read if name != "Content-Transfer-Encoding"]


@settings(deadline=None)
@given(ANY_TEXT, ANY_TEXT)
def test_no_text_changes_the_headers(subject: str, shift_id: str) -> None:
    assert sorted(names_of(subject, shift_id)) == sorted(HEADERS)


@pytest.mark.parametrize(
    "text",
    [
        "a\r\nBcc: x@y.example",
        "a\nBcc: x@y.example\n\nbody",
        ENCODED_WORD,
        f"{ENCODED_WORD} {ENCODED_WORD}",
        "=?utf-8?b?YQpCY2M6IHhAeS5leGFtcGxl?=",
        "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3D0ABcc=3A_x=40y=3F=3D?=",
        "=?nonsense?q?a=0A?=",
        "=?utf-8?b?####?=",
        "a\u2028Bcc: x",
        "a\x0bBcc: x\x0cTo: y\x85Cc: z",
        "x" * 5000,
        "ü" * 998,
    ],
)
def test_known_attacks_stay_one_header(text: str) -> None:
    assert sorted(names_of(text)) == sorted(HEADERS)
    line = one_line(text)
    assert "\n" not in line
    assert "=?" not in line
    assert len(line) <= MAX_HEADER_CHARS


def test_an_encoded_word_is_shown_as_what_it_says() -> None:
    assert one_line("=?utf-8?q?Z=C3=B6lle?= heute") == "Zölle heute"


@settings(deadline=None)
@given(ANY_TEXT)
def test_a_body_text_is_one_paragraph_that_can_be_written(text: str) -> None:
    plain(text).encode()
    assert "\n" not in plain(text)
    assert len(plain(text, 20)) <= 20


def test_marks_that_turn_the_reading_direction_go() -> None:
    assert one_line("abc\u202egnp.exe") == "abc gnp.exe"
    assert plain("a\u2066b") == "a b"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/a?b=c#d", True),
        ("http://example.org/ä", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://example.org/\nx", False),
        ('https://example.org/"onclick="x', False),
        ("//example.org", False),
        ("", False),
    ],
)
def test_only_plain_web_links_stay(url: str, kept: bool) -> None:
    assert web_link(url) == (url if kept else "")
