"""Fine-tune the upper layers and both heads on tone and relation rows together; resumes where it was stopped.

Run: python -m training.train --base BASE --data DATA --out RUN [--init RUN] [--epochs 2.5]

The lower layers stay frozen and their states are kept in memory, so an epoch costs half. Each time a row is
seen its names may be those of another variant: swapping is the cheapest cure for judging by the name. With
--twins W a row comes with a twin (other names, or its translation), and W weighs how far the two answers may differ.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from training import network, rows, steps, taught
from training.network import Batch, Example, Network, Unit
from training.rows import Row

TRANSLATED = 0.6  # how often the twin of a row is its translation, where there is one


class Rows:
    """Training rows with name variants, tokenised and with frozen states on demand."""

    def __init__(self, data: list[Row], a: argparse.Namespace) -> None:
        self._tokenizer = network.load_tokenizer(a.base)
        self._rows, self._variants, self._share, self._seed = data, a.variants, a.swap_share, a.seed
        self._tone_share, self._frame_share, self._twins = a.tone_share, a.frame_share, a.twins > 0
        self._translation = rows.translations(data)
        self._seen: dict[tuple[int, int], Example] = {}
        self.states: dict[tuple[int, int], Tensor] = {}

    def epoch(self, rng: random.Random) -> list[Unit]:
        """Return the rows once (of tone rows and frames a share), as written or with other names, maybe with a twin."""
        kept = [n for n, row in enumerate(self._rows) if rng.random() < self._share_of(row)]
        return [self._unit(n, rng) for n in kept]

    def _share_of(self, row: rows.Row) -> float:
        return self._tone_share if row.tone >= 0 else self._frame_share if row.source == "frames" else 1.0

    def _unit(self, n: int, rng: random.Random) -> Unit:
        variant = self._variant(rng)
        if not self._twins:
            return (self.example(n, variant),)
        if n in self._translation and rng.random() < TRANSLATED:
            return self.example(n, variant), self.example(self._translation[n], self._variant(rng))
        other = rng.choice([v for v in range(self._variants + 1) if v != variant])
        return self.example(n, variant), self.example(n, other)

    def _variant(self, rng: random.Random) -> int:
        return rng.randint(1, self._variants) if rng.random() < self._share else 0

    def example(self, n: int, variant: int) -> Example:
        """Return a row, tokenised: as written (0) or with other names."""
        key = (n, variant)
        if key not in self._seen:
            row = self._rows[n]
            swapped = rows.swap(row, random.Random(f"{self._seed}/{key}")) if variant else row
            self._seen[key] = network.example(self._tokenizer, swapped, key)
        return self._seen[key]


def lower_states(net: Network, data: Rows, examples: list[Example], b: Batch, frozen: int) -> Tensor:
    """Return the states after the frozen layers, computed once a row and variant."""
    missing = [n for n, x in enumerate(examples) if x.key not in data.states]
    if missing:
        with torch.no_grad():
            fresh = net.run(net.embed(b.ids[missing]), b.mask[missing], slice(0, frozen))
        for n, states in zip(missing, fresh, strict=True):
            data.states[examples[n].key] = states[: len(examples[n].marked.ids)].half().clone()
    out = torch.zeros(*b.ids.shape, net.encoder.config.hidden_size)
    for n, x in enumerate(examples):
        out[n, : len(x.marked.ids)] = data.states[x.key].float()
    return out


def loss_of(net: Network, b: Batch, states: Tensor, a: argparse.Namespace) -> Tensor:
    """Return the cross-entropy of whatever is asked in the batch, and what the twins differ by."""
    tone, relation = network.heads(net, b, states)
    total = torch.zeros(())
    if tone is not None:
        total = total + F.cross_entropy(tone, b.tone_wanted)
        if a.twins:
            first, second = network.twins(b, b.tone_at)
            total = total + a.twins * apart(tone[first], tone[second])
    if relation is not None:
        loss = F.cross_entropy(relation, b.relation_wanted)
        if a.twins:
            first, second = network.twins(b, [i for i, _ in b.pairs])
            loss = loss + a.twins * apart(relation[first], relation[second])
        total = total + a.relation_weight * loss
    return total


def apart(first: Tensor, second: Tensor) -> Tensor:
    """Return the mean divergence of two sets of answers, both ways."""
    p, q = F.log_softmax(first, -1), F.log_softmax(second, -1)
    return ((p.exp() - q.exp()) * (p - q)).sum(-1).mean() / 2


def train(net: Network, data: Rows, a: argparse.Namespace) -> None:
    """Run all steps, from the last checkpoint if there is one."""
    steps.freeze(net, a.frozen)
    size = a.batch // 2 if a.twins else a.batch

    def batches(rng: random.Random) -> Iterator[list[Example]]:
        return network.batches(data.epoch(rng), size, rng)

    def loss(examples: list[Example]) -> Tensor:
        b = network.batch(examples)
        states = net.run(lower_states(net, data, examples, b, a.frozen), b.mask, slice(a.frozen, None))
        return loss_of(net, b, states, a)

    total = int(len(list(batches(random.Random(0)))) * a.epochs)
    steps.learn(net, steps.Plan(a.out, total, a.seed, a.lr, a.head_lr), batches, loss)


def corpus(a: argparse.Namespace) -> list[Row]:
    """Return what is trained on."""
    tone = rows.tone_train(a.data) + rows.own_tones("train", "told")
    if a.no_relations:
        return tone
    hand = rows.relation_set("train", "hand", "told")
    return tone + rows.relation_set("train") + hand * a.hand_copies


def shared_options(about: str) -> argparse.ArgumentParser:
    """Return the options of training and of distilling."""
    ap = argparse.ArgumentParser(description=about.splitlines()[0])
    ap.add_argument("--base", type=Path, required=True, help="folder written by training.base")
    ap.add_argument("--data", type=Path, required=True, help="folder with newsmtsc, mad_tsc, gerntsa")
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--init", type=Path, help="start from this net.pt instead of the base")
    ap.add_argument("--epochs", type=float, default=2.5)
    ap.add_argument("--lr", type=float, default=1e-4)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--variants", type=int, default=2, help="name variants of each row")
    ap.add_argument("--swap-share", type=float, default=0.4, help="how often a row shows a name variant")
    ap.add_argument("--tone-share", type=float, default=1.0, help="share of the tone rows shown in an epoch")
    ap.add_argument("--frame-share", type=float, default=1.0, help="share of the made sentences in an epoch")
    ap.add_argument(
        "--hand-copies", type=int, default=2, help="extra times a hand-written row is shown an epoch"
    )
    ap.add_argument("--seed", type=int, default=1)
    return ap


def options(about: str) -> argparse.ArgumentParser:
    """Return the options of training."""
    ap = shared_options(about)
    ap.add_argument("--taught", type=Path, help="answers.jsonl of training.teacher")
    ap.add_argument("--frozen", type=int, default=6, help="lowest layers that stay as they are")
    ap.add_argument("--head-lr", type=float, default=5e-4)
    ap.add_argument("--relation-weight", type=float, default=1.0)
    ap.add_argument("--twins", type=float, default=0.0, help="weight of what a row and its twin differ by")
    ap.add_argument("--no-relations", action="store_true")
    return ap


def prepare(a: argparse.Namespace) -> None:
    """One thread, one seed, a folder."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(a.seed)
    a.out.mkdir(parents=True, exist_ok=True)


def main() -> None:
    """Read the options and train."""
    a = options(__doc__).parse_args()
    prepare(a)
    data = corpus(a)
    if a.taught:
        data = taught.taught(data, a.taught)
    net = steps.load(a.init, a.base) if a.init else Network(network.load_encoder(a.base))
    train(net, Rows(data, a), a)


if __name__ == "__main__":
    main()
