"""A trained run -> models/<name>: int8 encoder, heads, tokenizer, temperatures, thresholds, checksums.

python -m training.publish --run RUN --base BASE --data DATA --name accurate --about "…"
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from processors.judge import Judge
from training import calibrate, card, export, network, rows, steps
from training.answers import Answers, Reader
from training.rows import Row

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = 128
ONE = {"de": 1.0, "en": 1.0, "other": 1.0}


def fit(answers: dict[str, Answers], wanted: float) -> tuple[dict[str, float], float]:
    """Return a temperature a language and the threshold over both, from answers given at temperature 1."""
    found, shares, gold = dict[str, float](), [], list[int]()
    for language, a in answers.items():
        logits = np.log(np.array(a.shares) + 1e-9)
        found[language] = calibrate.temperature(logits, a.gold)
        shares.append(calibrate.softmax(logits, found[language]))
        gold += a.gold
    least, coverage = calibrate.threshold(np.concatenate(shares), gold, wanted)
    print(f"temperatures {found}, threshold {least}, coverage {coverage:.2f}")
    found["other"] = round(sum(found.values()) / len(found), 3)
    return found, least


def by_language(data: Sequence[Row]) -> dict[str, list[Row]]:
    """Split rows by language."""
    return {language: [r for r in data if r.language == language] for language in ("de", "en")}


def samples(base: Path, data: Path) -> list[list[int]]:
    """Return some tokenised training sentences of every kind."""
    tokenizer = network.load_tokenizer(base)
    some = random.Random(1).sample(rows.tone_train(data) + rows.relation_set("train"), SAMPLES)
    return [network.example(tokenizer, row, (0, 0)).marked.ids for row in some]


def main() -> None:
    """Export, calibrate, write."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--run", type=Path, required=True)
    ap.add_argument("--base", type=Path, required=True)
    ap.add_argument("--data", type=Path, required=True)
    ap.add_argument("--models", type=Path, default=ROOT / "models")
    ap.add_argument("--name", default="accurate")
    ap.add_argument("--about", required=True)
    a = ap.parse_args()
    net = steps.load(a.run / "net.pt", a.base)
    folder = a.models / a.name
    folder.mkdir(parents=True, exist_ok=True)
    export.export(net.encoder, folder / "encoder.onnx", samples(a.base, a.data))
    shutil.copyfile(a.base / "tokenizer.json", folder / "tokenizer.json")
    heads = {k: v.numpy() for k, v in net.state_dict().items() if not k.startswith("encoder.")}
    card.write_heads(folder / "heads.npz", heads)
    card.write_card(a.models, a.name, a.about, {"tone": ONE, "relation": ONE}, {"tone": 0.0, "relation": 0.0})
    judge = Reader(Judge.load(a.models, a.name))
    tone, tone_least = fit(
        {k: judge.tones(v) for k, v in by_language(rows.tone_train(a.data, fold=True)).items()},
        calibrate.WANTED["tone"],
    )
    pair, pair_least = fit(
        {k: judge.relations(v) for k, v in by_language(rows.relation_set("dev")).items()},
        calibrate.WANTED["relation"],
    )
    card.write_card(
        a.models,
        a.name,
        a.about,
        {"tone": tone, "relation": pair},
        {"tone": tone_least, "relation": pair_least},
    )


if __name__ == "__main__":
    main()
