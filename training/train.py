"""Fine-tune the upper layers and both heads on tone and relation rows together; resumes where it was stopped.

Run: python -m training.train --base BASE --data DATA --out RUN [--init RUN] [--epochs 2.5]

The lower layers stay frozen and their states are kept in memory, so an epoch costs half. Each time a row is
seen its names may be those of another variant: swapping is the cheapest cure for judging by the name. With
--twins W a row comes with a twin (other names, or its translation), and W weighs how far the two answers may differ.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from training import network, rows
from training.network import Batch, Example, Network, Unit

CHECKPOINT_EVERY = 150
WARM_SHARE = 0.06
TRANSLATED = 0.6  # how often the twin of a row is its translation, where there is one


class Rows:
    """Training rows with name variants, tokenised and with frozen states on demand."""

    def __init__(self, data: list[rows.Row], a: argparse.Namespace) -> None:
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
            return (self._example(n, variant),)
        if n in self._translation and rng.random() < TRANSLATED:
            return self._example(n, variant), self._example(self._translation[n], self._variant(rng))
        other = rng.choice([v for v in range(self._variants + 1) if v != variant])
        return self._example(n, variant), self._example(n, other)

    def _variant(self, rng: random.Random) -> int:
        return rng.randint(1, self._variants) if rng.random() < self._share else 0

    def _example(self, n: int, variant: int) -> Example:
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
    """Return the cross-entropy of whatever is labelled in the batch, lightly smoothed, and what the twins differ by."""
    tone, relation = network.heads(net, b, states)
    total = torch.zeros(())
    if tone is not None:
        total = total + F.cross_entropy(tone, b.tone, label_smoothing=0.05)
        if a.twins:
            total = total + a.twins * apart(tone[0::2], tone[1::2])
    if relation is not None:
        loss = F.cross_entropy(relation, b.relation, label_smoothing=0.05)
        if a.twins:
            first, second = network.twin_pairs(b)
            loss = loss + a.twins * apart(relation[first], relation[second])
        total = total + a.relation_weight * loss
    return total


def apart(first: Tensor, second: Tensor) -> Tensor:
    """Return the mean divergence of two sets of answers, both ways."""
    p, q = F.log_softmax(first, -1), F.log_softmax(second, -1)
    return ((p.exp() - q.exp()) * (p - q)).sum(-1).mean() / 2


def optimizer(net: Network, lr: float, head_lr: float) -> torch.optim.Optimizer:
    """Return AdamW: heads learn faster, no decay on biases and norms."""
    groups = []
    for name, p in net.named_parameters():
        if p.requires_grad:
            decay = 0.0 if "bias" in name or "LayerNorm" in name else 0.01
            peak = lr if name.startswith("encoder.") else head_lr
            groups.append({"params": [p], "lr": 0.0, "peak": peak, "weight_decay": decay})
    return torch.optim.AdamW(groups)


def set_rate(opt: torch.optim.Optimizer, step: int, total: int) -> None:
    """Warm up, then fall linearly."""
    warm = max(1, int(WARM_SHARE * total))
    share = step / warm if step < warm else max(0.02, (total - step) / (total - warm))
    for group in opt.param_groups:
        group["lr"] = group["peak"] * share


def freeze(net: Network, frozen: int) -> None:
    """Freeze the embeddings and the lowest layers."""
    for part in (net.encoder.embeddings, *net.encoder.encoder.layer[:frozen]):
        part.requires_grad_(False)


def save(path: Path, net: Network, opt: torch.optim.Optimizer | None, step: int, layers: list[int]) -> None:
    """Write a checkpoint, atomically."""
    state = {
        "net": net.state_dict(),
        "step": step,
        "layers": layers,
        "opt": opt.state_dict() if opt else None,
    }
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def load(path: Path, base: Path) -> Network:
    """Return the network of a checkpoint."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    net = Network(network.load_encoder(base, saved["layers"]))
    net.load_state_dict(saved["net"])
    return net


def resume(path: Path, net: Network, opt: torch.optim.Optimizer) -> int:
    """Take up a checkpoint; return its step."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    net.load_state_dict(saved["net"])
    opt.load_state_dict(saved["opt"])
    step: int = saved["step"]
    return step


def train(net: Network, data: Rows, a: argparse.Namespace, layers: list[int]) -> None:
    """Run all steps, from the last checkpoint if there is one."""
    freeze(net, a.frozen)
    opt, rng = optimizer(net, a.lr, a.head_lr), random.Random(a.seed)
    size = a.batch // 2 if a.twins else a.batch
    per_epoch = len(list(network.batches(data.epoch(random.Random(0)), size, random.Random(0))))
    total, step = int(per_epoch * a.epochs), 0
    path = a.out / "checkpoint.pt"
    if path.exists():
        step = resume(path, net, opt)
        rng = random.Random(f"{a.seed}/{step}")
    net.train()
    started, first = time.monotonic(), step
    while step < total:
        for examples in network.batches(data.epoch(rng), size, rng):
            set_rate(opt, step, total)
            b = network.batch(examples)
            states = net.run(lower_states(net, data, examples, b, a.frozen), b.mask, slice(a.frozen, None))
            loss = loss_of(net, b, states, a)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            opt.zero_grad(set_to_none=True)
            step += 1
            if step % 50 == 0:
                pace = (time.monotonic() - started) / (step - first)
                print(
                    f"{step}/{total} loss {loss.item():.3f}, {pace * (total - step) / 60:.1f} min left",
                    flush=True,
                )
            if step % CHECKPOINT_EVERY == 0:
                save(path, net, opt, step, layers)
            if step >= total:
                break
    save(a.out / "net.pt", net, None, step, layers)


def main() -> None:
    """Read the options and train."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--base", type=Path, required=True, help="folder written by training.base")
    ap.add_argument("--data", type=Path, required=True, help="folder with newsmtsc, mad_tsc, gerntsa")
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--init", type=Path, help="start from this net.pt instead of the base")
    ap.add_argument("--frozen", type=int, default=6, help="lowest layers that stay as they are")
    ap.add_argument("--epochs", type=float, default=2.5)
    ap.add_argument("--lr", type=float, default=1e-4)
    ap.add_argument("--head-lr", type=float, default=5e-4)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--variants", type=int, default=2, help="name variants of each row")
    ap.add_argument("--swap-share", type=float, default=0.4, help="how often a row shows a name variant")
    ap.add_argument("--relation-weight", type=float, default=1.0)
    ap.add_argument("--tone-share", type=float, default=1.0, help="share of the tone rows shown in an epoch")
    ap.add_argument(
        "--frame-share", type=float, default=1.0, help="share of the made sentences shown in an epoch"
    )
    ap.add_argument(
        "--hand-copies", type=int, default=2, help="extra times a hand-written row is shown an epoch"
    )
    ap.add_argument(
        "--twins", type=float, default=0.0, help="weight of the difference between a row and its twin"
    )
    ap.add_argument("--no-relations", action="store_true")
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(a.seed)
    a.out.mkdir(parents=True, exist_ok=True)
    relation = (
        []
        if a.no_relations
        else rows.relation_set("train") + rows.relation_set("train", "hand") * a.hand_copies
    )
    data = Rows(rows.tone_train(a.data) + relation, a)
    net = load(a.init, a.base) if a.init else Network(network.load_encoder(a.base))
    train(net, data, a, list(range(len(net.encoder.encoder.layer))))


if __name__ == "__main__":
    main()
