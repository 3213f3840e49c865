from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from processors import model
from riftwatch.errors import ConfigError

ENTRY = """
[accurate]
about = "x"
[accurate.files]
"encoder.onnx" = "00"
[accurate.temperature.tone]
other = 1.0
[accurate.threshold]
tone = 0.5
"""


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"MODELS\.toml: no models here .* RIFTWATCH_MODELS"):
        model.load(tmp_path / "none", "accurate")


@pytest.mark.parametrize("text", ["[accurate", "[accurate]\nabout = 3", "[accurate]\nabout = 'x'"])
def test_a_broken_catalogue(tmp_path: Path, text: str) -> None:
    (tmp_path / "MODELS.toml").write_text(text)
    with pytest.raises(ConfigError, match="cannot be read"):
        model.load(tmp_path, "accurate")


def test_an_unknown_model_names_the_known(tmp_path: Path) -> None:
    (tmp_path / "MODELS.toml").write_text(ENTRY)
    with pytest.raises(ConfigError, match='no model "fast"; shipped: accurate'):
        model.load(tmp_path, "fast")


def test_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "MODELS.toml").write_text(ENTRY)
    with pytest.raises(ConfigError, match=r"encoder\.onnx: model file is missing"):
        model.load(tmp_path, "accurate")


def test_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / "MODELS.toml").write_text(ENTRY)
    (tmp_path / "accurate").mkdir()
    (tmp_path / "accurate" / "encoder.onnx").write_bytes(b"half a download")
    with pytest.raises(ConfigError, match=r"encoder\.onnx: model file is damaged"):
        model.load(tmp_path, "accurate")


def test_gelu_is_the_exact_one() -> None:
    x = np.linspace(-6, 6, 500, dtype=np.float32)
    exact = [v * 0.5 * (1 + math.erf(v / math.sqrt(2))) for v in x.tolist()]
    assert np.abs(model.gelu(x) - exact).max() < 2e-6


def test_shipped_files_are_the_catalogued_ones() -> None:
    models = Path(__file__).parents[2] / "models"
    for name, card in model.catalogue(models).items():
        assert {"encoder.onnx", "heads.npz", "tokenizer.json"} <= set(card.files)
        for file, wanted in card.files.items():
            model.checked(models / name / file, wanted)
