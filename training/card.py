"""Write a model's files and its entry in models/MODELS.toml."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

FILES = ("encoder.onnx", "heads.npz", "tokenizer.json")


def write_heads(path: Path, heads: Mapping[str, npt.NDArray[np.float32]]) -> None:
    """Store the heads as half floats: half the size, no measurable loss."""
    with path.open("wb") as out:
        np.savez(out, **{k: v.astype(np.float16) for k, v in heads.items()})  # type: ignore[arg-type]


def write_card(
    models: Path,
    name: str,
    about: str,
    temperature: Mapping[str, Mapping[str, float]],
    threshold: Mapping[str, float],
) -> None:
    """Replace one model's entry in MODELS.toml; the others stay."""
    path = models / "MODELS.toml"
    entries = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    sums = {f: hashlib.sha256((models / name / f).read_bytes()).hexdigest() for f in FILES}
    entries[name] = {"about": about, "files": sums, "temperature": temperature, "threshold": threshold}
    lines = ["# Written by training.publish. sha256 sums are checked when a model is loaded."]
    for key in sorted(entries):
        lines += ["", *_entry(key, entries[key])]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _entry(name: str, entry: Mapping[str, object]) -> list[str]:
    lines = [f"[{name}]", f'about = "{entry["about"]}"']
    for part in ("files", "threshold", "temperature"):
        lines += ["", *_table(f"{name}.{part}", entry[part])]
    return lines


def _table(head: str, values: object) -> list[str]:
    assert isinstance(values, Mapping)
    if all(isinstance(v, Mapping) for v in values.values()):
        return [line for k, v in values.items() for line in (*_table(f"{head}.{k}", v), "")][:-1]
    return [
        f"[{head}]",
        *(f'"{k}" = "{v}"' if isinstance(v, str) else f"{k} = {v}" for k, v in values.items()),
    ]
