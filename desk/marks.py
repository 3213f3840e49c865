"""Which parts of a text to mark: mentions of actors, and the words of a search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

SNIPPET_CHARS = 240
_MIN_STEM = 4  # a shorter word is matched whole, a longer one with any ending


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of text; `mark` says what it is, "" for plain text."""

    text: str
    mark: str = ""


Span = tuple[int, int, str]  # start, end, mark


def pieces(text: str, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """Cut a text at spans. Spans outside the text are cut off; of overlapping ones the first stands."""
    found: list[Piece] = []
    at = 0
    for first, last, mark in sorted(spans):
        start, end = max(first, at), min(last, len(text))
        if start >= end:
            continue
        if start > at:
            found.append(Piece(text=text[at:start]))
        found.append(Piece(text=text[start:end], mark=mark))
        at = end
    if at < len(text):
        found.append(Piece(text=text[at:]))
    return tuple(found)


def hits(text: str, query: str) -> list[Span]:
    """Return where the words of a query stand in a text, their inflections included."""
    words = re.findall(r"\w+", query)
    if not words:
        return []
    stems = (re.escape(word) + (r"\w*" if len(word) >= _MIN_STEM else r"\b") for word in words)
    pattern = re.compile(rf"\b(?:{'|'.join(stems)})", re.IGNORECASE)
    return [(match.start(), match.end(), "hit") for match in pattern.finditer(text)]


def snippet(text: str, query: str) -> tuple[Piece, ...]:
    """Return the part of a text around the first hit, with all its hits marked."""
    found = hits(text, query)
    start = max(0, found[0][0] - SNIPPET_CHARS // 3) if found else 0
    start = _word_start(text, start)
    end = min(len(text), start + SNIPPET_CHARS)
    end = len(text) if end == len(text) else max(text.rfind(" ", start, end), start + 1)
    cut = pieces(text[start:end], [(a - start, b - start, mark) for a, b, mark in found if a < end])
    return (*_dots(start > 0), *cut, *_dots(end < len(text)))


def _word_start(text: str, at: int) -> int:
    return 0 if at == 0 else text.find(" ", at) + 1


def _dots(cut: bool) -> Sequence[Piece]:
    return (Piece(text=" … "),) if cut else ()
