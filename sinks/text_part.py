"""The text part of a mail: complete, and readable in any mail program. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from sinks import texts
from sinks.facts import Facts, Quote, Row

WIDTH = 72


def text_part(found: Facts, heading: str) -> str:
    """Return the whole mail as text."""
    blocks = [
        f"{texts.NAME} · {found.label}",
        _wrapped(found.headline),
        _wrapped(found.lead),
        "\n".join(
            f"{one.name + ':':<8} {one.mean}   {one.interval}, {one.publishers}" for one in found.levels
        ),
        _wrapped(texts.SCALE[found.subject_kind]),
        "\n".join(f"{name}: {when}" for name, when in found.times),
        _title(heading),
        *map(_quote, found.quotes),
        *([] if found.quotes else [texts.NO_EVIDENCE]),
        _title(texts.COUNTER),
        _quote(found.counter) if found.counter else texts.NO_COUNTER,
        *_who(found),
        _title(texts.SURE),
        *map(_wrapped, found.sure),
        *([f"{texts.OPEN_DESK}:\n{found.link}"] if found.link else []),
        "-- \n" + _wrapped(found.why),
    ]
    return "\n\n".join(blocks) + "\n"


def _who(found: Facts) -> Iterator[str]:
    if not (found.languages or found.publishers):
        return
    yield _title(texts.WHO)
    if found.languages:
        yield "\n".join(map(_row, found.languages))
    if found.publishers:
        more = [texts.AND_MORE.format(n=found.more_publishers)] if found.more_publishers else []
        yield "\n".join([*map(_row, found.publishers), *more])


def _row(row: Row) -> str:
    return f"{row.name}: {row.mean} ({row.weight})"


def _quote(quote: Quote) -> str:
    lines = [_wrapped(quote.sentence, "    "), f"{quote.outlet}, {quote.time} ({quote.language_name})"]
    return "\n".join([*lines, *([quote.link] if quote.link else [])])


def _title(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
