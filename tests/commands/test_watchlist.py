"""`riftwatch watchlist` as an editor uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.watchlist import command
from riftwatch.errors import ConfigError

SHIPPED = str(Path(__file__).parents[2] / "config" / "watchlist.toml")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_check_lists_the_actors_and_who_speaks() -> None:
    output = run("check", "--file", SHIPPED)
    assert "Elon Musk (person)" in output
    assert "Sam Altman" in output
    assert "10 pairs" in output
    assert json.loads(run("check", "--json", "--file", SHIPPED))["actors"]["softbank"] == "SoftBank"


def test_check_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text('[actor.x]\ntitle = "X"\nkind = "person"\n')
    with pytest.raises(ConfigError, match=r"w\.toml:1: actor\.x: .*names"):
        CliRunner().invoke(command, ["check", "--file", str(tmp_path / "w.toml")], catch_exceptions=False)


def test_try_explains_what_counts_and_what_does_not() -> None:
    text = "Trumpf trumpft auf: Musks Firma, die Trump-Regierung und Altman"
    output = run("try", text, "--file", SHIPPED, "--date", "2025-06-05")
    assert "language de, published 2025-06-05" in output
    assert "'Trumpf': \"Trumpf\" is another word" in output
    assert "'Musks' is Elon Musk, by another name" in output
    assert "'Trump' is Donald Trump, inside a compound" in output
    assert "'Altman' is OpenAI, for whom Sam Altman speaks" in output


def test_try_gives_json_with_offsets() -> None:
    text = "Der Tech-Milliardär lobt Trump"
    found = json.loads(run("try", text, "--json", "--file", SHIPPED, "--language", "de"))["hits"]
    assert [(hit["entity"], hit["counts"], text[hit["start"] : hit["end"]]) for hit in found] == [
        ("musk", False, "Der Tech-Milliardär"),
        ("trump", True, "Trump"),
    ]
    assert "not named" in found[0]["reason"]


def test_try_says_when_there_is_nothing() -> None:
    assert "nothing of the watchlist" in run("try", "Es regnet in Kiel.", "--file", SHIPPED)
