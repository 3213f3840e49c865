"""The house: floors hold, the command table is honest, nothing waits behind a name."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from commands.main import COMMANDS, cli
from riftwatch.errors import RiftwatchError

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists_and_has_an_example(name: str) -> None:
    command = import_module(COMMANDS[name][0]).command
    leaves = command.commands.values() if isinstance(command, click.Group) else [command]
    for leaf in leaves:
        assert "Example" in (leaf.help or ""), f"{name} {leaf.name} --help shows no example"


def test_help_lists_every_command_and_imports_none() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    assert all(name in result.output for name in COMMANDS)


def test_help_needs_no_heavy_import() -> None:
    code = "import sys; import commands.main; print([m for m in ('faust', 'numpy', 'aiohttp') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert shown.stdout.strip() == "[]"


def test_an_error_for_people_is_one_sentence_and_exit_code_2() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "commands.main", "config", "show"],
        capture_output=True, text=True, check=False, cwd=ROOT, env={"RIFTWATCH_NONSENSE": "1", "PATH": ""},
    )  # fmt: skip
    assert shown.returncode == 2
    assert shown.stderr.startswith("riftwatch: environment RIFTWATCH_NONSENSE: unknown setting")
    assert "Traceback" not in shown.stderr


def test_the_error_tree_is_drawn_in_full() -> None:
    drawn = import_module("riftwatch.errors").__doc__ or ""

    def leaves(kind: type[BaseException]) -> list[type[BaseException]]:
        return [kind, *(leaf for sub in kind.__subclasses__() for leaf in leaves(sub))]

    ours = [kind for kind in leaves(RiftwatchError) if kind.__module__ == "riftwatch.errors"]
    assert [kind.__name__ for kind in ours if kind.__name__ not in drawn] == []


def test_nothing_committed_names_a_package_host() -> None:
    files = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    hosts = [
        b"pypi" + b".org",
        b"pythonhosted" + b".org",
        b"repo1.maven" + b".org",
        b"registry.npmjs" + b".org",
    ]
    naming = [f for f in files if any(host in (ROOT / f).read_bytes() for host in hosts)]
    assert naming == []
