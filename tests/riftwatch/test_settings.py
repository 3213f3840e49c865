"""Settings: one table, every name documented, every mistake named."""

from __future__ import annotations

from pathlib import Path

import pytest

from riftwatch import settings
from riftwatch.errors import ConfigError

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "riftwatch.toml"
    file.write_text('kafka = "file:1"\npartitions = 12\n')
    loaded = settings.load({"RIFTWATCH_CONFIG": str(file), "RIFTWATCH_KAFKA": "env:2"})
    assert (loaded.kafka, loaded.partitions) == ("env:2", 12)


def test_an_unknown_name_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError, match="unknown setting poll_mins_s; did you mean poll_min_s"):
        settings.load({"RIFTWATCH_POLL_MINS_S": "3"})


@pytest.mark.parametrize(("name", "value"), [("PARTITIONS", "four"), ("POLL_MIN_S", "soon")])
def test_a_wrong_type_names_setting_and_source(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"RIFTWATCH_{name}.*must be a .*number"):
        settings.load({f"RIFTWATCH_{name}": value})


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "riftwatch.toml"
    file.write_text('kafka = "a:1"\nkafka = "b:1"\npartitions = = 1\n')
    with pytest.raises(ConfigError, match=r"riftwatch\.toml: is not valid TOML.*line 2"):
        settings.load({"RIFTWATCH_CONFIG": str(file)})


def test_secrets_are_never_shown() -> None:
    given = settings.load({"RIFTWATCH_SMTP_PASSWORD": "hunter2"})
    shown = settings.shown(given)
    assert shown["smtp_password"] == "***"
    assert "hunter2" not in "".join(shown.values())
    assert "hunter2" not in repr(given)


def test_every_setting_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    missing = [
        name for name, _, about in settings.about() if f"| `{name}` |" not in text or about not in text
    ]
    assert missing == []


@pytest.mark.parametrize("text", ["", "host", "host:", ":1", "host:99999", "host:x"])
def test_a_bad_address_names_its_setting(text: str) -> None:
    with pytest.raises(ConfigError, match="smtp must be host:port"):
        settings.address(text, "smtp")
