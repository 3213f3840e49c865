"""Sentence and character spans -> windows of token ids with token spans.

Used by the judge and by training, so that a model sees at run time what it saw in training.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tokenizers import Tokenizer

# The longest training sentences; attention grows with the square, so this bounds time and memory, too.
WINDOW_TOKENS = 96
# A text of up to this length is tokenised whole; a longer one only around its spans.
WHOLE_CHARS = 1600
MARGIN_CHARS = 500
# 64 windows of 96 tokens take about a second; a sentence that needs more is no sentence.
MAX_WINDOWS = 64

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids with their special ends, and the token range of each span that lies in it."""

    ids: list[int]
    spans: Mapping[int, Span]


def windows(tokenizer: Tokenizer, text: str, spans: Sequence[Span]) -> list[Window]:
    """Cut the text into windows so that any two spans less than a window apart share one.

    A short sentence is one window. After MAX_WINDOWS the rest is left unread.
    """
    found = list[Window]()
    for start, end, members in _regions(text, spans):
        encoded = tokenizer.encode(text[start:end])
        ranges = {
            i: _token_range(encoded.offsets, (spans[i][0] - start, spans[i][1] - start)) for i in members
        }
        found += _windows(encoded.ids, {i: r for i, r in ranges.items() if r})
        if len(found) >= MAX_WINDOWS:
            break
    return found[:MAX_WINDOWS]


def _regions(text: str, spans: Sequence[Span]) -> Iterator[tuple[int, int, list[int]]]:
    """Yield the parts of the text worth tokenising, with the spans in each."""
    order = sorted(range(len(spans)), key=lambda i: spans[i])
    if len(text) <= WHOLE_CHARS:
        yield 0, len(text), order
        return
    group = list[int]()
    for i in order:
        if group and spans[i][1] - spans[group[0]][0] > WHOLE_CHARS - 2 * MARGIN_CHARS:
            yield _region(text, spans, group)
            group = []
        group.append(i)
    if group:
        yield _region(text, spans, group)


def _region(text: str, spans: Sequence[Span], group: list[int]) -> tuple[int, int, list[int]]:
    first, last = spans[group[0]][0], spans[group[-1]][1]
    # A mention itself longer than a region is read from its beginning.
    last = min(last, first + WHOLE_CHARS)
    return max(0, first - MARGIN_CHARS), min(len(text), last + MARGIN_CHARS), group


def _token_range(offsets: Sequence[Span], span: Span) -> Span | None:
    touched = [i for i, (s, e) in enumerate(offsets) if e > s and s < span[1] and e > span[0]]
    return (touched[0], min(touched[-1] + 1, touched[0] + WINDOW_TOKENS - 2)) if touched else None


def _windows(ids: list[int], ranges: Mapping[int, Span]) -> Iterator[Window]:
    body = WINDOW_TOKENS - 2
    if len(ids) <= WINDOW_TOKENS:
        yield Window(ids, ranges)
        return
    for members in _neighbours(ranges, body):
        middle = (min(ranges[i][0] for i in members) + max(ranges[i][1] for i in members)) // 2
        start = max(1, min(middle - body // 2, len(ids) - 1 - body))
        kept = [ids[0], *ids[start : start + body], ids[-1]]
        yield Window(kept, {i: (ranges[i][0] - start + 1, ranges[i][1] - start + 1) for i in members})


def _neighbours(ranges: Mapping[int, Span], body: int) -> Iterator[list[int]]:
    """Yield the largest sets of spans that fit into one window together."""
    order = sorted(ranges, key=lambda i: ranges[i])
    sets = [[j for j in order[n:] if ranges[j][1] - ranges[i][0] <= body] for n, i in enumerate(order)]
    if sets:
        yield sets[0]
    yield from (now for before, now in pairwise(sets) if not set(now) <= set(before))
