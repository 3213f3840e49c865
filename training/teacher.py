"""A large English teacher: MPNet (Apache-2.0), tuned on the English half of the data; what it says teaches both halves.

python -m training.teacher --base MPNET --data DATA --out RUNS/teacher [--epochs 2]

Writes OUT/answers.jsonl: its softened answers to the English training sentences, on the mentions that are labelled
and on names and pairs of names that nobody labelled. The German twins of MAD-TSC get the answer to their translation.
It is three times too large to ship and speaks no German; it only teaches (docs/decisions/019).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor
from transformers import MPNetModel

from training import mentions, network, rows, train
from training.network import Example, Network
from training.rows import Row

SOFTENED = 1.5  # temperature of what is written down
BATCH = 32


class Teacher(Network):
    """The same heads on another encoder, whose layers share a bias by distance."""

    def shared(self) -> list[torch.nn.Module]:
        """Return what all layers share."""
        return [self.encoder.encoder.relative_attention_bias]

    def run(self, states: Tensor, mask: Tensor, layers: slice) -> Tensor:
        """Run some of the encoder's layers."""
        bias = ((1 - mask) * -1e4)[:, None, None, :]
        place = self.encoder.encoder.compute_position_bias(states)
        for layer in self.encoder.encoder.layer[layers]:
            states = layer(states, bias, position_bias=place)[0]
        return states


def load(base: Path, saved: Path | None = None) -> Teacher:
    """Return the teacher as published, or as trained."""
    net = Teacher(MPNetModel.from_pretrained(base, add_pooling_layer=False))
    if saved:
        net.load_state_dict(torch.load(saved, map_location="cpu", weights_only=True)["net"])
    return net


def lessons(data: Path) -> list[Row]:
    """Return the English training rows it is asked about: labelled tones, then all names and pairs of a sentence."""
    tone = [r for r in rows.tone_train(data) if r.language == "en"]
    return tone + [rows.asked(r) for r in mentions.named(tone)]


def answered(net: Network, data: train.Rows, lesson: Sequence[Row], frozen: int) -> Iterator[str]:
    """Yield a line of answers for every row."""
    net.eval()
    examples = sorted((data.example(n, 0) for n in range(len(lesson))), key=lambda x: len(x.marked.ids))
    with torch.inference_mode():
        for at in range(0, len(examples), BATCH):
            yield from _answers(net, data, examples[at : at + BATCH], frozen)


def _answers(net: Network, data: train.Rows, examples: list[Example], frozen: int) -> Iterator[str]:
    b = network.batch(examples)
    states = net.run(train.lower_states(net, data, examples, b, frozen), b.mask, slice(frozen, None))
    span, whole = network.pooled(b, states)
    tones = soft(net.tone(span, whole))
    pairs = iter(soft(network.related(net, b, span, whole)) if b.pairs else [])
    spans = iter(tones)
    for x in examples:
        own = [next(spans) for _ in x.row.spans]
        relations = [[i, j, *next(pairs)] for i, j in x.row.relations]
        line = {"text": x.row.text, "language": x.row.language, "spans": x.row.spans}
        yield json.dumps(line | {"tones": own, "relations": relations}, ensure_ascii=False)


def soft(logits: Tensor) -> list[list[float]]:
    """Return softened probabilities."""
    found: list[list[float]] = (logits / SOFTENED).softmax(-1).tolist()
    return [[round(p, 4) for p in row] for row in found]


def main() -> None:
    """Train if it is not trained; write its answers."""
    ap = train.options(__doc__)
    a = ap.parse_args()
    train.prepare(a)
    english = [r for r in train.corpus(a) if r.language == "en"]
    path = a.out / "net.pt"
    net = load(a.base, path if path.exists() else None)
    if not path.exists():
        train.train(net, train.Rows(english, a), a)
    lesson = lessons(a.data)
    with (a.out / "answers.jsonl").open("w", encoding="utf-8") as out:
        for line in answered(net, train.Rows(lesson, a), lesson, a.frozen):
            out.write(line + "\n")


if __name__ == "__main__":
    main()
