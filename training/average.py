"""The mean of two checkpoints of one training line: better on every set together than either of them.

python -m training.average --first RUNS/final --second RUNS/reports --share 0.6 --out RUNS/mean
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch


def mean(first: Any, second: Any, share: float) -> Any:  # Any: a checkpoint is a tree of dicts and tensors
    """Return the weighted mean of two checkpoints; what is not a weight is taken from the second."""
    if isinstance(first, dict):
        return {key: mean(first[key], second[key], share) for key in first}
    if torch.is_tensor(first) and first.is_floating_point():
        return first * (1 - share) + second * share
    return second


def main() -> None:
    """Write OUT/net.pt."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--first", type=Path, required=True, help="folder with net.pt")
    ap.add_argument("--second", type=Path, required=True, help="folder with net.pt")
    ap.add_argument("--share", type=float, default=0.6, help="weight of the second")
    ap.add_argument("--out", type=Path, required=True)
    a = ap.parse_args()
    first, second = (
        torch.load(f / "net.pt", map_location="cpu", weights_only=False) for f in (a.first, a.second)
    )
    a.out.mkdir(parents=True, exist_ok=True)
    torch.save(mean(first, second, a.share), a.out / "net.pt")


if __name__ == "__main__":
    main()
