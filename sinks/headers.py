"""Texts from the world, made fit for a mail: a header value stays one header, a body stays plain text.

An encoded word (`=?utf-8?q?…?=`) in a headline is decoded again by the mail library, and a line break inside
becomes a header of its own (CVE-2024-6923). So encoded words are undone and broken before a value is set.
"""

from __future__ import annotations

import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header

MAX_HEADER_CHARS = 200
NESTING = 3  # encoded words inside encoded words; deeper ones are only broken
# Controls, separators, marks that turn the reading direction, surrogates.
_UNFIT = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
)
_UNFIT_IN_BODY = re.compile(f"[{_UNFIT}]")
_UNFIT_IN_HEADER = re.compile(f"[\t\n{_UNFIT}]")


def one_line(text: str, limit: int = MAX_HEADER_CHARS) -> str:
    """Return a header value that is one line and cannot start another header."""
    for _ in range(NESTING):
        if "=?" not in text:
            break
        text = _decoded(text)
    text = _UNFIT_IN_HEADER.sub(" ", unicodedata.normalize("NFC", text))
    text = " ".join(text.replace("=?", "= ?").split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def plain(text: str, limit: int | None = None) -> str:
    """Return a text for a body: one paragraph, no control characters, cut at `limit` with an ellipsis."""
    text = " ".join(_UNFIT_IN_BODY.sub(" ", unicodedata.normalize("NFC", text)).split())
    return text if limit is None or len(text) <= limit else text[: limit - 1].rstrip() + "…"


def web_link(url: str) -> str:
    """Return the address if it is a plain http(s) link, otherwise nothing."""
    return url if re.fullmatch(r"https?://[^\s\"'<>\\^`{|}\x00-\x20\x7f-\x9f\ud800-\udfff]+", url) else ""


def token(text: str) -> str:
    """Return an id fit for a Message-ID and for a file name."""
    return re.sub(r"[^A-Za-z0-9-]", "_", text)[:MAX_HEADER_CHARS]


def _decoded(text: str) -> str:
    try:
        parts = decode_header(text)
        return "".join(
            part if isinstance(part, str) else part.decode(charset or "ascii", "replace")
            for part, charset in parts
        )
    except (HeaderParseError, LookupError, ValueError):
        return text
