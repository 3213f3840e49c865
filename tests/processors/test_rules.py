from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from processors.rules import Rules
from riftwatch.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "config" / "rules.toml"


def refused(tmp_path: Path, text: str) -> str:
    file = tmp_path / "rules.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Rules.load(file)
    assert "rules.toml" in str(caught.value)
    return str(caught.value)


def test_the_shipped_rules_are_whole_and_versioned() -> None:
    rules = Rules.load(SHIPPED)
    assert rules.version
    assert rules.expected_false_alarms is not None
    named = {line.split("=")[0].strip() for line in SHIPPED.read_text().splitlines() if "=" in line}
    assert {field.name for field in msgspec.structs.fields(Rules)} <= named


def test_the_shipped_file_says_what_a_file_without_numbers_means() -> None:
    shipped = Rules.load(SHIPPED)
    assert shipped == Rules(version=shipped.version, expected_false_alarms=shipped.expected_false_alarms)


def test_a_minimal_file_takes_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text('version = "mine"\nthreshold = 4')
    assert Rules.load(tmp_path / "rules.toml") == Rules(version="mine", threshold=4.0)


def test_bad_files_are_refused_with_their_line(tmp_path: Path) -> None:
    assert "rules.toml:2: " in refused(tmp_path, 'version = "a"\nthreshold = "high"')
    assert "rules.toml:3: " in refused(tmp_path, 'version = "a"\n\ntreshold = 3.0')
    assert "rules.toml:2: " in refused(tmp_path, 'version = "a"\nthreshold = -1.0')
    assert "rules.toml:2: " in refused(tmp_path, 'version = "a"\ntest_hours = []')
    assert "rules.toml:2: " in refused(tmp_path, 'version = "a"\nthreshold = = 1')
    assert "version" in refused(tmp_path, "threshold = 3.0")
    assert "baseline_days" in refused(tmp_path, 'version = "a"\nbaseline_days = 90')
    assert "keep_days must be at least" in refused(tmp_path, 'version = "a"\nkeep_days = 60')


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Rules.load(tmp_path / "none.toml")
    (tmp_path / "rules.toml").write_bytes(b"version = '\xff'")
    with pytest.raises(ConfigError, match="UTF-8"):
        Rules.load(tmp_path / "rules.toml")
