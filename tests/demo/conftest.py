"""Fixtures for replays: nervous rules, and one undisturbed run that the others are compared with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from commands.jvm import Engine
from demo.stage import Stage
from riftwatch.settings import PREFIX, ROOT
from tests.demo.runs import NERVOUS, PARTITIONS, Run, run


@pytest.fixture(scope="session")
def nervous_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk's configuration with rules that see a shift in anything."""
    folder = tmp_path_factory.mktemp("nervous")
    shutil.copytree(ROOT / "config", folder, dirs_exist_ok=True)
    (folder / "rules.toml").write_text(NERVOUS)
    return folder


@pytest.fixture
def nervous(nervous_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this test's processes read the nervous rules."""
    set_nervous(monkeypatch, nervous_folder)


def set_nervous(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setenv(f"{PREFIX}CONFIG_DIR", str(folder))
    patch.setenv(f"{PREFIX}DESK_PORT", "0")


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory, nervous_folder: Path, kafka_engine: Engine) -> Run:
    """A replay on the embedded broker and SQLite, one process of each kind, that nobody disturbs."""
    with pytest.MonkeyPatch.context() as patch:  # for this run alone, whichever test asks first
        set_nervous(patch, nervous_folder)
        for name in ("INDEX_PREFIX", "INDEX_ANALYSIS"):
            patch.delenv(PREFIX + name, raising=False)
        return run(tmp_path_factory.mktemp("alone"), Stage(partitions=PARTITIONS))
