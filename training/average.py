"""The mean of checkpoints of one training line: better on every set together than any of them.

python -m training.average RUNS/joint RUNS/mean RUNS/turns --out RUNS/final [--shares 1 1 1]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch


def mean(
    parts: Sequence[Any], shares: Sequence[float]
) -> Any:  # Any: a checkpoint is a tree of dicts and tensors
    """Return the weighted mean of checkpoints; what is not a weight is taken from the last."""
    last = parts[-1]
    if isinstance(last, dict):
        return {key: mean([p[key] for p in parts], shares) for key in last}
    if torch.is_tensor(last) and last.is_floating_point():
        return sum(p * (s / sum(shares)) for p, s in zip(parts, shares, strict=True))
    return last


def main() -> None:
    """Write OUT/net.pt."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("runs", type=Path, nargs="+", help="folders with net.pt")
    ap.add_argument("--shares", type=float, nargs="*", help="a weight each; default: equal")
    ap.add_argument("--out", type=Path, required=True)
    a = ap.parse_args()
    parts = [torch.load(f / "net.pt", map_location="cpu", weights_only=False) for f in a.runs]
    a.out.mkdir(parents=True, exist_ok=True)
    torch.save(mean(parts, a.shares or [1.0] * len(parts)), a.out / "net.pt")


if __name__ == "__main__":
    main()
