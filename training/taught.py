"""A teacher's answers joined to the rows they are about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from training import rows
from training.rows import Row, Shares

Mention = tuple[str, tuple[int, int]]  # text, span


def taught(data: Sequence[Row], path: Path) -> list[Row]:
    """Return the rows with the teacher's tones, and the sentences whose pairs only the teacher knows.

    What it says of an English sentence of MAD-TSC holds for the German one, too.
    """
    tones, pairs = read(path)
    across = rows.translations(data)
    own = [tones.get(_mention(r)) for r in data]
    told = [own[n] or (own[across[n]] if n in across else None) for n in range(len(data))]
    with_tones = [replace(r, taught=t) if r.tone >= 0 and t else r for r, t in zip(data, told, strict=True)]
    return with_tones + list(_paired(data, across, pairs))


def read(path: Path) -> tuple[dict[Mention, Shares], dict[tuple[Mention, Mention], Shares]]:
    """Return the tone of each mention and the relation of each ordered pair of mentions."""
    tones, pairs = dict[Mention, Shares](), dict[tuple[Mention, Mention], Shares]()
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        at: list[Mention] = [(line["text"], (start, end)) for start, end in line["spans"]]
        if not line["relations"]:
            tones |= zip(at, map(_shares, line["tones"]), strict=True)
        for i, j, *said in line["relations"]:
            pairs[at[i], at[j]] = _shares(said)
    return tones, pairs


def _paired(
    data: Sequence[Row], across: Mapping[int, int], pairs: Mapping[tuple[Mention, Mention], Shares]
) -> Iterator[Row]:
    """Yield the sentences with several mentions and their taught pairs, English ones and their translations."""
    twin = {_mention(r): _mention(data[across[n]]) for n, r in enumerate(data) if n in across}
    known = pairs | {(twin[a], twin[b]): p for (a, b), p in pairs.items() if a in twin and b in twin}
    for row in rows.together([r for r in data if r.tone >= 0]):
        asked = rows.asked(row)
        found = {
            (i, j): known.get(((row.text, row.spans[i]), (row.text, row.spans[j])))
            for i, j in asked.relations
        }
        complete = {pair: said for pair, said in found.items() if said}
        if len(complete) == len(found):
            yield replace(asked, pairs_taught=complete)


def _mention(row: Row) -> Mention:
    return row.text, row.spans[0]


def _shares(said: Sequence[float]) -> Shares:
    bad, plain, good = said
    return bad, plain, good
