"""Score the shipped models on the development sets and the held-out part of the own corpus; write docs/accuracy.md.

Run: python -m training.evaluate --data DATA

Runs the product's own judge on the product's own files. Nothing here was used for training or calibration; what was
chosen with it in view is said in the decisions.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from processors import model
from processors.judge import Judge
from training import curves, probes, tables
from training.answers import Reader

ROOT = Path(__file__).resolve().parent.parent

INTRO = """\
# Accuracy

Written by `python -m training.evaluate`; do not edit. Figures are of the shipped files, read one sentence at a
time by the product's own judge. Macro-F1 in per cent with a 95 % bootstrap interval over sentences. *Name only* is a
classifier that sees the name and not the sentence: what a model gains above it, it gains by reading. *Word list* is
VADER near the mention in English and a short list of our own in German, where no free one exists. Flips: how many
answers change when the names are replaced by Miller, Johnson, Müller, Schneider.

The relation sentences are our own (training/relations/GUIDELINE.md): held-out verb families and hand-written blocks,
one annotator. They measure the reading of plain sentences, not of a newsroom's whole day.
"""


def chapter(models: Path, name: str, data: Path, images: Path) -> list[str]:
    """Return the chapter of one model, and draw its curves."""
    reader = Reader(Judge.load(models, name))
    sets = tables.pools(reader, data)
    images.mkdir(parents=True, exist_ok=True)
    drawing = images / f"calibration-{name}.svg"
    apart = {name: found for name, found in sets.items() if not name.endswith("both")}
    drawing.write_text(curves.svg(apart), encoding="utf-8")
    card = model.catalogue(models)[name]
    return [
        f"## {name} (`{reader.judge.version}`)", "", f"{card.about}.", "",
        "### Tone toward a mention", "", *tables.tone(reader, data), "",
        "### Relation of an ordered pair", "", *tables.relation(reader), "",
        "### Calibration", "", *tables.calibration(reader.judge, sets), "",
        f"![Reliability, and risk against coverage]({drawing.parent.name}/{drawing.name})", "",
        tables.parallel(reader, data), "",
        "### What it gets wrong", "", *probes.report(reader), "",
    ]  # fmt: skip


def main() -> None:
    """Print and write the report."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--data", type=Path, required=True, help="folder with newsmtsc, mad_tsc, gerntsa")
    ap.add_argument("--models", type=Path, default=ROOT / "models")
    ap.add_argument("--out", type=Path, default=ROOT / "docs" / "accuracy.md")
    a = ap.parse_args()
    lines = [INTRO]
    for name in sorted(model.catalogue(a.models)):
        lines += chapter(a.models, name, a.data, a.out.parent / "images")
    text = "\n".join(lines)
    print(text)
    a.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
