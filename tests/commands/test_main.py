"""What the program says and returns when something is wrong."""

from __future__ import annotations

import sys

import click
import pytest

from commands import main
from riftwatch.errors import Retry, StateError


@click.command()
def busy() -> None:
    raise Retry("database is locked")


@click.command()
def broken() -> None:
    raise StateError("the store is newer: update Riftwatch")


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("busy", 75, "riftwatch: database is locked; try again in a moment\n"),
        ("broken", 2, "riftwatch: the store is newer: update Riftwatch\n"),
    ],
)
def test_an_error_is_one_sentence_and_a_code(
    name: str, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(main.COMMANDS, name, (__name__, ""))
    monkeypatch.setattr(
        sys.modules[__name__], "command", {"busy": busy, "broken": broken}[name], raising=False
    )
    monkeypatch.setattr(sys, "argv", ["riftwatch", name])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == code
    assert capsys.readouterr().err == said
