"""Distil a shipped model into fewer layers: the student copies its states, its answers and, where known, the labels.

Run: python -m training.distil --base BASE --data DATA --init RUN/net.pt --layers 0,2,5,9 --out RUNS/fast

The teacher is the int8 model as shipped, read one sentence at a time; its states are kept in memory. It is asked
for the tone of every span and the relation of every pair, so sentences without labels teach, too.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from processors import model
from training import network, rows, steps, train
from training.network import Batch, Example, Network
from training.rows import UNKNOWN, Row

ROOT = Path(__file__).resolve().parent.parent
TEMPERATURE = 2.0
# What the student is blamed for: other states, other answers, wrong labels.
WEIGHTS = {"states": 1.0, "answers": 1.0, "labels": 0.3}


def corpus(data: Path, hand_copies: int) -> list[Row]:
    """Return all sentences to learn from, asked for all their pairs; GerNTSA without its labels."""
    tone = rows.tone_train(data) + [replace(r, tone=UNKNOWN) for r in rows.tone_set(data, "gerntsa-train")]
    tone += rows.own_tones("train", "told")
    relation = rows.relation_set("train") + rows.relation_set("train", "hand", "told") * hand_copies
    return [rows.asked(r) for r in [*tone, *rows.together(tone), *relation]]


class Teacher:
    """A shipped model that remembers its states."""

    def __init__(self, models: Path, name: str, base: Path) -> None:
        self._model = model.load(models, name)
        self.heads = Network(network.load_encoder(base, [])).eval()
        own = {k: torch.from_numpy(v.copy()) for k, v in self._model.heads.items()}
        self.heads.load_state_dict(own, strict=False)
        self._states: dict[tuple[int, int], Tensor] = {}

    def states(self, examples: Sequence[Example], like: Tensor) -> Tensor:
        """Return the states of a batch, zero where it is padded."""
        out = torch.zeros_like(like)
        for n, x in enumerate(examples):
            if x.key not in self._states:
                self._states[x.key] = torch.from_numpy(self._model.states(x.marked.ids)).half()
            out[n, : len(x.marked.ids)] = self._states[x.key].float()
        return out


def loss_of(net: Network, teacher: Teacher, examples: Sequence[Example], b: Batch) -> Tensor:
    """Return what the student is blamed for."""
    states = net.run(net.embed(b.ids), b.mask, slice(None))
    wanted = teacher.states(examples, states)
    span, whole = network.pooled(b, states)
    tone, relation = net.tone(span, whole), network.related(net, b, span, whole) if b.pairs else None
    with torch.no_grad():
        span, whole = network.pooled(b, wanted)
        tone_wanted = teacher.heads.tone(span, whole)
        relation_wanted = network.related(teacher.heads, b, span, whole) if b.pairs else None
    there = b.mask[..., None]
    off = ((states - wanted) * there).square().sum() / (wanted * there).square().sum()
    total = WEIGHTS["states"] * off + WEIGHTS["answers"] * unlike(tone, tone_wanted)
    if b.tone_at:
        total = total + WEIGHTS["labels"] * F.cross_entropy(tone[b.tone_at], b.tone)
    if relation is not None and relation_wanted is not None:
        total = total + WEIGHTS["answers"] * unlike(relation, relation_wanted)
        if (b.relation != UNKNOWN).any():
            total = total + WEIGHTS["labels"] * F.cross_entropy(relation, b.relation, ignore_index=UNKNOWN)
    return total


def unlike(said: Tensor, wanted: Tensor) -> Tensor:
    """Return the divergence of softened answers."""
    p = F.log_softmax(said / TEMPERATURE, -1)
    return F.kl_div(p, F.softmax(wanted / TEMPERATURE, -1), reduction="batchmean") * TEMPERATURE**2


def student(path: Path, base: Path, layers: Sequence[int]) -> Network:
    """Return a network with some of a trained one's layers, and its heads."""
    net = steps.load(path, base)
    if layers:
        net.encoder.encoder.layer = nn.ModuleList([net.encoder.encoder.layer[i] for i in layers])
        net.encoder.config.num_hidden_layers = len(layers)
    steps.freeze(net, 0)
    return net


def learn(net: Network, teacher: Teacher, data: train.Rows, a: argparse.Namespace) -> None:
    """Run all steps, from the last checkpoint if there is one."""

    def batches(rng: random.Random) -> Iterator[list[Example]]:
        return network.batches(data.epoch(rng), a.batch, rng)

    def loss(examples: list[Example]) -> Tensor:
        return loss_of(net, teacher, examples, network.batch(examples))

    total = int(len(data.epoch(random.Random(a.seed))) / a.batch * a.epochs)
    steps.learn(net, steps.Plan(a.out, total, a.seed, a.lr, a.lr), batches, loss)


def main() -> None:
    """Read the options and distil."""
    ap = train.shared_options(__doc__)
    ap.add_argument("--models", type=Path, default=ROOT / "models", help="folder of the teacher")
    ap.add_argument("--teacher", default="accurate")
    ap.add_argument("--layers", default="", help="which of the layers of --init, with commas; empty: all")
    ap.set_defaults(epochs=3, lr=3e-4, variants=1, swap_share=0.5, frame_share=0.7, hand_copies=1)
    a = ap.parse_args()
    if not a.init:
        ap.error("--init is what the student begins with")
    a.twins = 0.0
    train.prepare(a)
    data = train.Rows(corpus(a.data, a.hand_copies), a)
    net = student(a.init, a.base, [int(n) for n in a.layers.split(",") if n])
    learn(net, Teacher(a.models, a.teacher, a.base), data, a)


if __name__ == "__main__":
    main()
