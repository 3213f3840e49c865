"""Names that nobody labelled: capitalised words in English sentences, for a teacher to say how they are spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from training.rows import Row, apart, mentions

NAME = re.compile(r"[A-Z][\w-]*[a-z][\w-]*(?: (?:[A-Z]\. )?(?:of |de |van |von )?[A-Z][\w-]*[a-z][\w-]*)*")
NO_NAMES = frozenset(
    "The A An And But Or In On At As It He She They We You This That These Those His Her Their Its If When While For "
    "With From After Before Since What Who Why How Where There Here Not No Yes So To Of By Is Are Was Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October "
    "November December".split()
)
MOST = 6  # in one sentence

Span = tuple[int, int]


def named(data: Sequence[Row]) -> list[Row]:
    """Return each English sentence with two names or more once: its labelled mentions and the names beside them."""
    labelled = mentions(row for row in data if row.language == "en")
    every = {text: tuple(_with_names(text, known)) for (text, _), known in labelled.items()}
    return [Row(text, "en", spans, source="named") for text, spans in every.items() if len(spans) > 1]


def _with_names(text: str, known: list[Span]) -> Iterator[Span]:
    kept = list[Span]()
    for span in [*known, *names(text)]:
        if len(kept) < MOST and apart([*kept, span]):
            kept.append(span)
            yield span


def names(text: str) -> Iterator[Span]:
    """Yield what looks like a name; the first word of the text only together with a second one."""
    for found in NAME.finditer(text):
        words = found[0].split()
        start = found.start()
        while words and words[0] in NO_NAMES:
            start += len(words.pop(0)) + 1
        if words and (len(words) > 1 or start > 0):
            yield start, found.end()
