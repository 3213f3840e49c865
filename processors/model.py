"""One shipped model on disk: encoder (ONNX, int8), tokenizer and heads, checked against its sha256 sums.

Runs one sentence at a time on one thread: dynamic int8 takes its scales from the whole batch, so a neighbour
in a batch would change a sentence's score (docs/decisions/010).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from riftwatch.errors import ConfigError

Floats: TypeAlias = npt.NDArray[np.float32]
CATALOGUE = "MODELS.toml"
ROOT_2 = np.sqrt(np.float32(2))
ERF_T = np.float32(0.3275911)
ERF_SERIES = np.array([1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592], np.float32)


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What MODELS.toml says of one model."""

    about: str
    files: dict[str, str]  # name -> sha256
    temperature: dict[str, dict[str, float]]  # head -> language -> divisor of the logits
    threshold: dict[str, float]  # head -> probability below which a product answer is unknown


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded model; `version` names its exact weights."""

    version: str
    card: Card
    tokenizer: Tokenizer
    session: onnxruntime.InferenceSession
    heads: Mapping[str, Floats]

    def states(self, ids: list[int]) -> Floats:
        """Return one state a token."""
        feed = {"ids": np.array([ids], np.int64), "mask": np.ones((1, len(ids)), np.float32)}
        out: Floats = self.session.run(None, feed)[0][0]
        return out

    def head(self, name: str, x: Floats) -> Floats:
        """Return the logits of one head for some vectors, a row each."""
        w = self.heads
        hidden = gelu(rowwise(w[f"{name}1.weight"], x) + w[f"{name}1.bias"])
        out: Floats = rowwise(w[f"{name}2.weight"], hidden) + w[f"{name}2.bias"]
        return out

    def probabilities(
        self, name: str, x: Floats, languages: Sequence[str]
    ) -> list[tuple[float, float, float]]:
        """Return the calibrated probabilities of one head for some vectors, a row and a language each."""
        divisors = self.card.temperature[name]
        divisor = np.array([[divisors.get(language, divisors["other"])] for language in languages])
        logits = self.head(name, x).astype(np.float64) / divisor
        shares = np.exp(logits - logits.max(1, keepdims=True))
        return [(low, middle, high) for low, middle, high in (shares / shares.sum(1, keepdims=True)).tolist()]


def rowwise(matrix: Floats, x: Floats) -> Floats:
    """Return the matrix times each row of x, row by row: BLAS wakes threads for a product, which costs ten times it.

    Contiguous, because BLAS adds up strided rows in another order: so a row's bits do not tell what stood beside it.
    """
    return np.ascontiguousarray(np.vecdot(matrix[:, None, :], x).T)


def gelu(x: Floats) -> Floats:
    """Return the Gaussian error linear unit; erf by Abramowitz and Stegun 7.1.26, error below 2e-7.

    In place where it can be: with a new array for each step it takes up to three times as long.
    """
    z = np.abs(x)
    z /= ROOT_2
    t = 1 / (1 + ERF_T * z)
    series = ERF_SERIES[0] * t
    for coefficient in ERF_SERIES[1:]:
        series += coefficient
        series *= t
    z *= -z
    series *= np.exp(z)
    half: Floats = x * np.float32(0.5)
    half *= 1 + np.copysign(1 - series, x)
    return half


def catalogue(folder: Path) -> dict[str, Card]:
    """Read MODELS.toml; raises ConfigError."""
    path = folder / CATALOGUE
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, Card])
    except OSError as error:
        raise ConfigError(
            f"no models here ({error.strerror}); set RIFTWATCH_MODELS to their folder", path
        ) from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"cannot be read: {error}", path) from error


def load(folder: Path, name: str) -> Model:
    """Load one model by its name in MODELS.toml; raises ConfigError when a file is missing or damaged."""
    cards = catalogue(folder)
    if name not in cards:
        known = ", ".join(sorted(cards)) or "none"
        raise ConfigError(f'there is no model "{name}"; shipped: {known}', folder / CATALOGUE)
    card = cards[name]
    content = {file: checked(folder / name / file, wanted) for file, wanted in card.files.items()}
    digest = hashlib.sha256("".join(card.files.values()).encode()).hexdigest()
    return Model(
        version=f"{name}-{digest[:12]}",
        card=card,
        tokenizer=Tokenizer.from_str(content["tokenizer.json"].decode()),
        session=session(content["encoder.onnx"]),
        heads=read_heads(folder / name / "heads.npz"),
    )


def checked(path: Path, wanted: str) -> bytes:
    """Return the file's bytes; raises ConfigError unless their sha256 is the wanted one."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"model file is missing ({error.strerror}); restore it with git", path) from error
    if hashlib.sha256(content).hexdigest() != wanted:
        raise ConfigError(
            "model file is damaged: its sha256 is not the one in MODELS.toml; restore it with git", path
        )
    return content


def session(encoder: bytes) -> onnxruntime.InferenceSession:
    """Return a session on one thread: workers scale by processes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(encoder, options, providers=["CPUExecutionProvider"])


def read_heads(path: Path) -> dict[str, Floats]:
    """Return the heads' matrices as 32-bit floats."""
    with np.load(path) as stored:
        return {k: stored[k].astype(np.float32) for k in stored.files}
