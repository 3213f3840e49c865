"""The error analysis: sentences of our own of the kinds that models get wrong, and what a model says of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.answers import Reader, shares
from training.relations.generate import told_line
from training.rows import TONE_CLASS, Row, relation_row

FILE = Path(__file__).parent / "probes.txt"
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


def probe(noted: str) -> Probe:
    """Read `en kind: [A] text [B]. | 0 -, 0>1 h`."""
    head, _, rest = noted.partition(": ")
    language, _, kind = head.partition(" ")
    line = told_line(rest, language, split="probe", group=kind)
    tones = tuple(TONE_CLASS[t["tone"]] for t in line["targets"])
    # The tone of a sentence about a relation is a matter of taste: only what is noted, or what names one.
    asked = len(tones) == 1 or any(tone != TONE_CLASS["neutral"] for tone in tones)
    return Probe(kind, relation_row(line, "probe"), tones if asked else ())


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
