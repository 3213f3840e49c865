"""Score the shipped models on the development sets and the held-out part of the own corpus; write docs/accuracy.md.

Run: python -m training.evaluate --data DATA

Runs the product's own judge on the product's own files. Nothing here was used for training, calibration or choice.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from processors import model
from processors.judge import Judge, Probabilities, RelationProbabilities, SentenceReading
from training import calibrate, measures
from training.measures import Score, majority, score
from training.names import is_name
from training.rows import Row, put, relation_set, tone_set, tone_train

ROOT = Path(__file__).resolve().parent.parent
SWAPS = {"en": ("Miller", "Johnson"), "de": ("Müller", "Schneider")}
TITLES = {
    "newsmtsc-rw": "NewsMTSC rw (en)", "newsmtsc-mt": "NewsMTSC mt (en)", "mad-en": "MAD-TSC (en)",
    "mad-de": "MAD-TSC (de)", "gerntsa": "GerNTSA (de), never trained on",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """Gold labels and probabilities, with the sentence of each."""

    gold: list[int]
    shares: list[tuple[float, float, float]]
    sentence: list[str]

    @property
    def said(self) -> list[int]:
        """Return the likeliest class of each."""
        return [int(np.argmax(s)) for s in self.shares]

    def score(self) -> Score:
        """Return F1 with its interval."""
        return score(self.gold, self.said, self.sentence)


class Reader:
    """A judge that reads each sentence once: the same sets serve several tables."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self._seen = dict[object, SentenceReading]()

    def read(self, row: Row, pairs: Sequence[tuple[int, int]]) -> SentenceReading:
        """Read a row's spans."""
        key = (row.text, row.spans, row.language, tuple(pairs))
        if key not in self._seen:
            self._seen[key] = self.judge.read(row.text, row.spans, row.language, pairs)
        return self._seen[key]


def tones(judge: Reader, data: Sequence[Row]) -> Answers:
    """Ask for the tone of every row."""
    found = [judge.read(r, ()).tones[0] for r in data]
    return Answers([r.tone for r in data], [shares(p) for p in found], [r.text for r in data])


def relations(judge: Reader, data: Sequence[Row]) -> Answers:
    """Ask for every ordered pair of every row."""
    out = Answers([], [], [])
    for r in data:
        read = judge.read(r, list(r.relations)).relations
        for pair, label in r.relations.items():
            out.gold.append(label)
            out.shares.append(shares(read[pair]))
            out.sentence.append(r.text)
    return out


def shares(p: Probabilities | RelationProbabilities) -> tuple[float, float, float]:
    """Return the three probabilities, worst first."""
    if isinstance(p, Probabilities):
        return p.negative, p.neutral, p.positive
    return p.hostile, p.neutral, p.friendly


def swapped(data: Sequence[Row], which: int) -> list[Row]:
    """Return the rows with plain surnames for names."""
    return [put(r, names_for(r, which)) for r in data]


def names_for(row: Row, which: int) -> list[str]:
    """Return one surname a span; the first span gets the `which`-th."""
    pool = [*SWAPS[row.language], "Walker" if row.language == "en" else "Krüger", "Kent", "Lund"]
    return [pool[(which + i) % 2] if i < 2 else pool[i % len(pool)] for i in range(len(row.spans))]


def flips(before: Answers, after: Sequence[Answers]) -> float:
    """Return the share of answers that change when names do, in per cent."""
    return float(100 * np.mean([np.array(before.said) != np.array(a.said) for a in after]))


def tone_table(judge: Reader, data: Path) -> list[str]:
    """Return the table of the tone sets."""
    guess = measures.name_only(tone_train(data))
    lines = [
        "| set | n | macro-F1 (95 %) | neg / neu / pos | accuracy | name only | majority | flips under name swap |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, title in TITLES.items():
        data_rows = tone_set(data, name)
        found = tones(judge, data_rows)
        named = [r for r in data_rows if is_name(r.mention(0))]
        flipped = flips(tones(judge, named), [tones(judge, swapped(named, k)) for k in (0, 1)])
        by_name = measures.macro_f1(np.array(found.gold), guess(data_rows))
        lines.append(row_of(title, found, f"{by_name:.1f} | {majority(found.gold):.1f} | {flipped:.1f} %"))
    return lines


def row_of(title: str, found: Answers, rest: str) -> str:
    """Return one table row."""
    s = found.score()
    each = " / ".join(f"{f:.0f}" for f in measures.class_f1(np.array(found.gold), np.array(found.said)))
    return f"| {title} | {s.rows} | **{s.f1:.1f}** ({s.low:.1f}–{s.high:.1f}) | {each} | {s.accuracy:.1f} | {rest} |"


def relation_table(judge: Reader) -> list[str]:
    """Return the table of the held-out relation sentences."""
    lines = [
        "| held-out part | ordered pairs | macro-F1 (95 %) | host / neu / frie | accuracy | majority | flips under name swap |",
        "|---|---|---|---|---|---|---|",
    ]
    for source, about in (
        ("frames", "unseen verb families and templates"),
        ("hand", "unseen hand-written blocks"),
    ):
        for language in ("en", "de"):
            data = [r for r in relation_set("test", source) if r.language == language]
            found = relations(judge, data)
            flipped = flips(found, [relations(judge, swapped(data, k)) for k in (0, 1)])
            lines.append(
                row_of(f"{about} ({language})", found, f"{majority(found.gold):.1f} | {flipped:.1f} %")
            )
    return lines


def calibration_lines(judge: Reader, data: Path) -> list[str]:
    """Return calibration error and coverage on the pooled development sets."""
    lines = [
        "| head, language | calibration error | coverage at the threshold | accuracy of accepted answers |",
        "|---|---|---|---|",
    ]
    pooled = {
        ("tone", "en"): [tones(judge, tone_set(data, n)) for n in ("newsmtsc-rw", "newsmtsc-mt", "mad-en")],
        ("tone", "de"): [tones(judge, tone_set(data, "mad-de"))],
        ("relation", "en"): [relations(judge, [r for r in relation_set("test") if r.language == "en"])],
        ("relation", "de"): [relations(judge, [r for r in relation_set("test") if r.language == "de"])],
    }
    for (head, language), parts in pooled.items():
        gold = np.array([g for p in parts for g in p.gold])
        p = np.array([s for part in parts for s in part.shares])
        least = judge.judge.tone_threshold if head == "tone" else judge.judge.relation_threshold
        accepted = p.max(1) >= least
        right = 100 * (p.argmax(1) == gold)[accepted].mean()
        error = calibrate.calibration_error(p, gold.tolist())
        lines.append(
            f"| {head}, {language} | {error:.3f} | {100 * accepted.mean():.0f} % at {least:.2f} | {right:.1f} % |"
        )
    return lines


def parallel_line(judge: Reader, data: Path) -> str:
    """Return how far the two languages' scores lie apart on the same sentences."""
    means = [
        np.mean([s[2] - s[0] for s in tones(judge, tone_set(data, n)).shares]) for n in ("mad-en", "mad-de")
    ]
    return f"Mean tone score on the 300 parallel MAD-TSC sentences: English {means[0]:+.3f}, German {means[1]:+.3f}."


def speed_line(judge: Judge, data: Path) -> str:
    """Return sentences a CPU second on this machine."""
    some = tone_set(data, "mad-de")[:150]
    started = time.process_time()
    for r in some:
        judge.read(r.text, r.spans, r.language, ())
    return f"Speed where this was written: {len(some) / (time.process_time() - started):.0f} sentences a CPU second."


def report(name: str, data: Path) -> list[str]:
    """Return the chapter of one model."""
    loaded = Judge.load(ROOT / "models", name)
    judge = Reader(loaded)
    card = model.catalogue(ROOT / "models")[name]
    return [
        f"## {name} (`{loaded.version}`)", "", f"{card.about}.", "",
        "### Tone toward a mention", "", *tone_table(judge, data), "",
        "### Relation of an ordered pair", "", *relation_table(judge), "",
        "### Calibration", "", *calibration_lines(judge, data), "",
        parallel_line(judge, data), speed_line(loaded, data), "",
    ]  # fmt: skip


INTRO = """\
# Accuracy

Written by `python -m training.evaluate`; do not edit. Figures are of the shipped files, read one sentence at a
time by the product's own judge. Macro-F1 in per cent with a bootstrap interval over sentences. *Name only* is a
classifier that sees the name and not the sentence: what a model gains above it, it gains by reading. Flips: how many
answers change when the names are replaced by Miller, Johnson, Müller, Schneider.

The relation sentences are our own (training/relations/GUIDELINE.md): held-out verb families and hand-written blocks,
one annotator. They measure the reading of plain sentences, not of a newsroom's whole day.
"""


def main() -> None:
    """Print and write the report."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--data", type=Path, required=True, help="folder with newsmtsc, mad_tsc, gerntsa")
    ap.add_argument("--out", type=Path, default=ROOT / "docs" / "accuracy.md")
    a = ap.parse_args()
    lines = [INTRO]
    for name in sorted(model.catalogue(ROOT / "models")):
        lines += report(name, a.data)
    text = "\n".join(lines)
    print(text)
    a.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
