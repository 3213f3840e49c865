"""A teacher's answers joined to the rows they are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from training import rows
from training.rows import UNKNOWN, Row, Shares

Mention = tuple[str, tuple[int, int]]  # text, span


def taught(data: Sequence[Row], path: Path) -> list[Row]:
    """Return the rows with the teacher's tones, and the sentences of which only the teacher knows the rest.

    What it says of an English sentence of MAD-TSC holds for the German one, too.
    """
    lines = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    sentences = [_sentence(line) for line in lines if line["relations"]]
    across = rows.translations(data)
    tones = {_mention(r): r.tones_taught[0] for r in map(_sentence, lines) if not r.relations}
    own = [tones.get(_mention(r)) for r in data]
    told = [own[n] or (own[across[n]] if n in across else None) for n in range(len(data))]
    with_tones = [
        replace(r, tones_taught={0: t}) if r.tone >= 0 and t else r for r, t in zip(data, told, strict=True)
    ]
    return with_tones + sentences + list(_translated(data, across, sentences))


# Any: JSON written by training.teacher.
def _sentence(line: Mapping[str, Any]) -> Row:
    """Return a line as a row without labels."""
    pairs = {(i, j): (bad, plain, good) for i, j, bad, plain, good in line["relations"]}
    tones: dict[int, Shares] = {i: tuple(said) for i, said in enumerate(line["tones"])}
    spans = tuple((start, end) for start, end in line["spans"])
    unknown = dict.fromkeys(pairs, UNKNOWN)
    return Row(
        line["text"], "en", spans, relations=unknown, source="named", tones_taught=tones, pairs_taught=pairs
    )


def _translated(data: Sequence[Row], across: Mapping[int, int], sentences: Iterable[Row]) -> Iterator[Row]:
    """Yield the German sentences with several labelled mentions, taught what their translation says of each pair."""
    german = {
        _mention(r): _mention(data[across[n]])
        for n, r in enumerate(data)
        if r.language == "en" and n in across
    }
    known = {
        (german[one], german[other]): said
        for row in sentences
        for (i, j), said in row.pairs_taught.items()
        if (one := (row.text, row.spans[i])) in german and (other := (row.text, row.spans[j])) in german
    }
    for row in rows.together([r for r in data if r.tone >= 0 and r.language == "de"]):
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
