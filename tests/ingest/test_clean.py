from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import cut, line_of, text_of, web_address


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain", "plain"),
        ("a < b and c > d", "a < b and c > d"),
        ("AT&amp;T &lt;b&gt;", "AT&T <b>"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<script>alert(1)</script>Seen<style>p{}</style>", "Seen"),
        ("<script>never closed", ""),
        ("<svg><script>x</script></svg>Seen", "Seen"),
        ("<a href='javascript:x'>Link</a>", "Link"),
        ("&nbsp;wide&nbsp;&nbsp;space&shy;", "wide space\u00ad"),
        ("Cafe\u0301", "Café"),
        ("a\x00b\x07c\ud800d", "abcd"),
        ("\u202eright to left\u202c", "right to left"),
        ("one\r\ntwo\n\n\nthree", "one\ntwo\nthree"),
        ("<!-- comment -->Seen<![CDATA[x]]>", "Seen"),
        ("", ""),
    ],
)
def test_what_a_reader_sees_stays(raw: str, text: str) -> None:
    assert text_of(raw, 1000) == text


def test_a_title_is_one_line() -> None:
    assert line_of("<b>One</b>\n <p>Two</p>", 100) == "One Two"


@pytest.mark.parametrize(
    ("text", "limit", "result"),
    [
        ("short", 10, "short"),
        ("a word too many", 10, "a word…"),
        ("abcdefghijkl", 5, "abcd…"),
        ("exact", 5, "exact"),
    ],
)
def test_a_cut_is_made_at_a_word_where_one_is_near(text: str, limit: int, result: str) -> None:
    assert cut(text, limit) == result


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_any_text_becomes_clean_text_within_the_limit(raw: str, limit: int) -> None:
    text = text_of(raw, limit)
    assert len(text) <= limit
    assert unicodedata.is_normalized("NFC", text)
    text.encode("utf-8")
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in text.replace("\n", ""))


@pytest.mark.parametrize(
    ("link", "kept"),
    [("https://a.example/x", True), ("HTTP://a.example", True), ("javascript:alert(1)", False), ("data:text/html,x", False), ("/a", False), ("", False)],
)  # fmt: skip
def test_only_web_addresses_are_kept(link: str, kept: bool) -> None:
    assert web_address(link) == (link if kept else "")
