"""Markup to plain text: tags go, entities are decoded, text is NFC without control characters.

Everything a feed says is hostile until it has been through here; nothing after this room sees markup.
"""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

MAX_ENTRIES = 300  # of one document; the longest real feeds hold about 200
MAX_TITLE_CHARS = 300
MAX_SUMMARY_CHARS = 4_000
MAX_CONTENT_CHARS = 50_000
MAX_ID_CHARS = 2_000
MAX_NAME_CHARS = 100
MAX_RAW_CHARS = 400_000  # of one field before stripping; a live ticker of a whole day is about 200,000
_SILENT = frozenset(
    {"script", "style", "template", "noscript", "iframe", "object", "svg", "head", "textarea"}
)
_BLOCKS = frozenset(
    {"p", "br", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
     "section", "article", "figure", "figcaption", "hr", "pre", "dt", "dd", "title"}
)  # fmt: skip
# Control characters, lone surrogates, the byte order mark, and marks that turn the reading direction.
_DROP = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_MARKUP = re.compile(r"<[a-zA-Z/!?]|&[#\w]")


class _Text(HTMLParser):
    """Collects the text outside of scripts and styles, with a line break at each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Break the line at a block; go silent in a script."""
        if tag in _SILENT and not self._silent:
            self._silent = tag
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Break the line after a block; a silent element ends with its own tag."""
        if tag == self._silent:
            self._silent = ""
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep text that a reader would see."""
        if not self._silent:
            self.pieces.append(data)


def text_of(raw: str, limit: int) -> str:
    """Return what a reader would see of `raw`, one line a block, at most `limit` characters."""
    raw = raw[:MAX_RAW_CHARS]
    if _MARKUP.search(raw):
        raw = _stripped(raw)
    return cut(_lines(raw), limit)


def line_of(raw: str, limit: int) -> str:
    """Return what a reader would see of `raw`, on one line."""
    return cut(" ".join(text_of(raw, limit * 4).split()), limit)


def cut(text: str, limit: int) -> str:
    """Return the text shortened to `limit` characters, at a word where one is near, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ", limit - 40)
    return (head[:space] if space > 0 else head).rstrip() + "…"


def _stripped(raw: str) -> str:
    parser = _Text()
    parser.feed(raw)
    parser.close()
    return "".join(parser.pieces)


def _lines(text: str) -> str:
    plain = _DROP.sub("", unicodedata.normalize("NFC", text.replace("\r", "\n").replace("\x85", "\n")))
    lines = (" ".join(line.split()) for line in re.split(r"[\n\u2028\u2029]", plain))
    return "\n".join(line for line in lines if line)


def web_address(link: str) -> str:
    """Return an http(s) address as it is, anything else (javascript:, data:, a bare path) as empty."""
    link = line_of(link, MAX_ID_CHARS)
    return link if re.match(r"https?://", link, re.IGNORECASE) else ""
