"""The loop of all training: steps with a rising and falling rate, checkpoints, and taking up where it stopped."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from training import network
from training.network import Example, Network

CHECKPOINT_EVERY = 150
REPORT_EVERY = 50
WARM_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to learn, and where to keep it."""

    out: Path
    total: int  # steps
    seed: int
    lr: float
    head_lr: float


def learn(
    net: Network,
    plan: Plan,
    batches: Callable[[random.Random], Iterator[list[Example]]],
    loss_of: Callable[[list[Example]], Tensor],
) -> None:
    """Run the steps that are left after the last checkpoint; write OUT/net.pt. `batches` gives one epoch."""
    opt, rng, path = (
        optimizer(net, plan.lr, plan.head_lr),
        random.Random(plan.seed),
        plan.out / "checkpoint.pt",
    )
    first = step = resume(path, net, opt) if path.exists() else 0
    if step:
        rng = random.Random(f"{plan.seed}/{step}")
    net.train()
    started = time.monotonic()
    while step < plan.total:
        for examples in batches(rng):
            set_rate(opt, step, plan.total)
            loss = loss_of(examples)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            opt.zero_grad(set_to_none=True)
            step += 1
            if step % REPORT_EVERY == 0:
                left = (time.monotonic() - started) / (step - first) * (plan.total - step) / 60
                print(f"{step}/{plan.total} loss {loss.item():.3f}, {left:.1f} min left", flush=True)
            if step % CHECKPOINT_EVERY == 0:
                save(path, net, opt, step)
            if step >= plan.total:
                break
    save(plan.out / "net.pt", net, None, step)


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
    """Freeze the embeddings, what all layers share, and the lowest layers."""
    for part in (net.encoder.embeddings, *net.shared(), *net.encoder.encoder.layer[:frozen]):
        part.requires_grad_(False)


def save(path: Path, net: Network, opt: torch.optim.Optimizer | None, step: int) -> None:
    """Write a checkpoint, atomically."""
    layers = list(range(len(net.encoder.encoder.layer)))
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
