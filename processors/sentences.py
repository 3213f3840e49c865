"""Cuts a story into sentences that keep their place; the title is a sentence of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sentencex

from processors.hits import Field

# German sentences in news reach 600 characters. What is longer is a list or a table without full stops; the
# model reads 96 tokens around a name anyway.
MAX_SENTENCE_CHARS = 1_000
_TICKER = re.compile(r"\s*\+\+\+\s*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands in its field."""

    field: Field
    start: int
    end: int
    text: str
    lead: bool  # the first sentence of the story's body


def sentences(texts: Mapping[Field, str], language: str) -> list[Sentence]:
    """Return the sentences of title, summary and content; text[start:end] of the field is each one's text."""
    found: list[Sentence] = []
    title = _trimmed(texts.get("title", ""), 0, len(texts.get("title", "")))
    if title:
        found.append(Sentence("title", *title, texts["title"][slice(*title)], lead=False))
    body: tuple[Field, ...] = ("summary", "content")
    for field in body:
        text = texts.get(field, "")
        for start, end in _bounds(text, language):
            lead = not any(sentence.field != "title" for sentence in found[:2])
            found.append(Sentence(field, start, end, text[start:end], lead))
    return found


def _bounds(text: str, language: str) -> Iterator[tuple[int, int]]:
    at = 0
    for whole in sentencex.segment(language, text):
        end = at + len(whole)
        for piece in _pieces(text, at, end):
            trimmed = _trimmed(text, *piece)
            if trimmed:
                yield trimmed
        at = end


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut at the marks of live tickers, and what is far too long at spaces."""
    for mark in _TICKER.finditer(text, start, end):
        yield from _short(text, start, mark.start())
        start = mark.end()
    yield from _short(text, start, end)


def _short(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_SENTENCE_CHARS:
        space = text.rfind(" ", start + MAX_SENTENCE_CHARS // 2, start + MAX_SENTENCE_CHARS)
        cut = space + 1 if space > 0 else start + MAX_SENTENCE_CHARS
        yield start, cut
        start = cut
    yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    return (start, end) if start < end else None
