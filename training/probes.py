"""The error analysis: sentences of our own of the kinds that models get wrong, and what a model says of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.answers import Reader, shares
from training.relations.generate import hand_line
from training.rows import Row, relation_row

FILE = Path(__file__).parent / "probes.txt"
TONE = {"-": 0, "+": 2}
TONES = ("negative", "neutral", "positive")
RELATIONS = ("hostile", "neutral", "friendly")


@dataclass(frozen=True, slots=True)
class Probe:
    """A sentence of one kind, with the tone toward each name and the relation of each pair."""

    kind: str
    row: Row
    tones: tuple[int, ...]


def load() -> list[Probe]:
    """Read the file."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [probe(line) for line in lines if line and not line.startswith("#")]


def probe(line: str) -> Probe:
    """Read `en kind: [A] text [B]. | 0 -, 0>1 h`."""
    head, _, rest = line.partition(": ")
    language, _, kind = head.partition(" ")
    body, _, notes = rest.rpartition("|")
    said = [n.strip() for n in notes.split(",") if n.strip()]
    pairs = ", ".join(n for n in said if n[-1] not in TONE)
    row = relation_row(hand_line(f"{body}| {pairs}", language, split="probe", group=kind), "probe")
    tones = {int(n[0]): TONE[n[-1]] for n in said if n[-1] in TONE}
    # The tone of a sentence about a relation is a matter of taste: only what is noted, or what names one.
    asked = bool(tones) or len(row.spans) == 1
    return Probe(kind, row, tuple(tones.get(i, 1) for i in range(len(row.spans))) if asked else ())


def errors(reader: Reader, given: Probe) -> list[str]:
    """Return what the model says otherwise, in words."""
    read = reader.read(given.row, list(given.row.relations))
    names = [given.row.mention(i) for i in range(len(given.row.spans))]
    out = []
    for i, wanted in enumerate(given.tones):
        said = int(np.argmax(shares(read.tones[i])))
        if said != wanted:
            out.append(f"{names[i]} {TONES[said]}, not {TONES[wanted]}")
    for (i, j), wanted in given.row.relations.items():
        said = int(np.argmax(shares(read.relations[i, j])))
        if said != wanted:
            out.append(f"{names[i]} → {names[j]} {RELATIONS[said]}, not {RELATIONS[wanted]}")
    return out


def report(reader: Reader) -> list[str]:
    """Return the table of kinds and the sentences read wrongly."""
    probes = load()
    wrong = {p.row.text: found for p in probes if (found := errors(reader, p))}
    kinds, missed = Counter(p.kind for p in probes), Counter(p.kind for p in probes if p.row.text in wrong)
    summary = ", ".join(f"{kind} {n - missed[kind]}/{n}" for kind, n in kinds.items())
    return [
        f"Read without any error: {len(probes) - len(wrong)} of {len(probes)} sentences ({summary}). Errors:",
        "",
        *(f"- “{text}” {'; '.join(found)}" for text, found in wrong.items()),
    ]
