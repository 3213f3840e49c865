"""Fixtures for replays: nervous rules, and one undisturbed run that the others are compared with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from commands.engine import Engine
from demo.stage import Stage
from riftwatch.settings import PREFIX, Settings
from tests.demo.runs import NERVOUS, PARTITIONS, Run, run


@pytest.fixture(scope="session")
def nervous(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demo's configuration with rules that see a shift in anything."""
    folder = tmp_path_factory.mktemp("nervous")
    (folder / "rules.toml").write_text(NERVOUS)
    (folder / "watchlist.toml").write_bytes((Settings().config_dir / "watchlist.toml").read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"{PREFIX}CONFIG_DIR", str(folder))
        patch.setenv(f"{PREFIX}DESK_PORT", "0")
        yield


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory, nervous: None, kafka_engine: Engine) -> Run:
    """A replay on the embedded broker and SQLite, one process of each kind, that nobody disturbs."""
    return run(tmp_path_factory.mktemp("alone"), Stage(partitions=PARTITIONS))
