from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.inflate import BadEncodingError, Inflater, TooLargeError


def inflate(
    encoding: str, body: bytes, *, size: int = 7, max_wire: int = 10_000, max_body: int = 10_000
) -> bytes:
    inflater = Inflater(encoding, max_wire, max_body)
    for start in range(0, len(body), size):
        inflater.feed(body[start : start + size])
    return inflater.body()


@given(st.binary(max_size=2000), st.integers(min_value=2, max_value=300))
def test_what_was_compressed_comes_back_in_any_chunks(body: bytes, size: int) -> None:
    assert inflate("gzip", gzip.compress(body), size=size) == body
    assert inflate("deflate", zlib.compress(body), size=size) == body
    if not body.startswith(b"\x1f\x8b"):
        assert inflate("", body, size=size) == body


def test_a_gzip_file_of_two_members_comes_back_whole() -> None:
    assert inflate("gzip", gzip.compress(b"one ") + gzip.compress(b"two"), size=1000) == b"one two"


def test_a_gzip_file_without_the_header_that_says_so_is_unpacked() -> None:
    assert inflate("", gzip.compress(b"sitemap")) == b"sitemap"


def test_a_bomb_is_stopped_before_it_is_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    inflater = Inflater("gzip", 1_000_000, 100_000)
    with pytest.raises(TooLargeError, match="once unpacked"):
        inflater.feed(bomb)
    assert len(inflater._body) <= 100_001


def test_too_many_bytes_on_the_wire_are_stopped() -> None:
    with pytest.raises(TooLargeError, match="more than 10 bytes"):
        inflate("", b"x" * 11, max_wire=10)


@pytest.mark.parametrize("body", [gzip.compress(b"x" * 100)[:-9], b"\x1f\x8bnonsense", b"no gzip at all"])
def test_a_damaged_or_short_body_is_named(body: bytes) -> None:
    with pytest.raises(BadEncodingError):
        inflate("gzip", body)


def test_an_encoding_nobody_asked_for_is_refused() -> None:
    with pytest.raises(BadEncodingError, match='"br"'):
        Inflater("br", 1, 1)
