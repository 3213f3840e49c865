"""Reading the watchlist: what it holds, and the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from riftwatch.errors import ConfigError
from riftwatch.watchlist import Watchlist

SHIPPED = Path(__file__).parents[2] / "config" / "watchlist.toml"
MINIMAL = """[actor.merz]
title = "Friedrich Merz"
kind = "person"
names = ["Friedrich Merz"]
"""


def load(folder: Path, text: str) -> Watchlist:
    path = folder / "watchlist.toml"
    path.write_text(text, encoding="utf-8")
    return Watchlist.load(path)


def test_the_shipped_watchlist_is_in_order() -> None:
    watchlist = Watchlist.load(SHIPPED)
    assert watchlist.entities == ("musk", "openai", "softbank", "trump", "xai")
    assert len(watchlist.pairs) == 10
    assert ("musk", "trump") in watchlist.pairs
    assert watchlist.title("xai") == "xAI"
    assert watchlist.title("gone") == "gone"
    assert watchlist.spokespeople["altman"].speaks_for == "openai"


def test_a_few_lines_make_an_actor(tmp_path: Path) -> None:
    assert load(tmp_path, MINIMAL).title("merz") == "Friedrich Merz"


def test_the_version_follows_the_meaning_not_the_comments(tmp_path: Path) -> None:
    plain = load(tmp_path, MINIMAL).version
    assert load(tmp_path, "# a remark\n" + MINIMAL).version == plain
    assert load(tmp_path, MINIMAL.replace("Friedrich Merz", "F. Merz")).version != plain


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (MINIMAL.replace('"person"', '"company"'), 3, "actor.merz.kind"),
        (MINIMAL + 'nick = "x"\n', 5, "nick"),
        (MINIMAL.replace('names = ["Friedrich Merz"]', "names = []"), 4, "no names"),
        (MINIMAL.replace('["Friedrich Merz"]', '["M"]'), 4, "too short"),
        (MINIMAL.replace("actor.merz", 'actor."Merz|CDU"'), 1, "cannot be an id"),
        (MINIMAL + "\n[spokesperson.x]\ntitle='X'\nspeaks_for = 'nobody'\nnames=['Xaver X']\n", 8, "no actor"),
        (MINIMAL + "\n[actor.two]\ntitle='Z'\nkind='person'\nnames=['friedrich merz']\n", 9, "names both"),
        (MINIMAL + "[[actor.merz.descriptions]]\ntexts=['der Kanzler']\nfrom=2025-05-06\nuntil=2025-05-01\n", 8, "until"),
        (MINIMAL + "[[actor.merz.descriptions]]\ntexts=['']\n", 1, "empty wording"),
        (MINIMAL + MINIMAL.replace("merz", "two").replace("Friedrich Merz", "Zwei").replace("person", "x"), 7, "actor.two.kind"),
        (MINIMAL + "[actors.x]\n", 5, "unknown table"),
        ("actor = 3\n", 1, "must be tables"),
        ("[actor]\n", None, "no actor"),
    ],
)  # fmt: skip
def test_errors_name_the_file_and_the_line(tmp_path: Path, text: str, line: int | None, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert words in message
    assert message.startswith(f"{tmp_path / 'watchlist.toml'}:" + (f"{line}: " if line else " "))


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Watchlist.load(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        Watchlist.load(tmp_path / "bytes.toml")
    (tmp_path / "broken.toml").write_text("[actor.\n")
    with pytest.raises(ConfigError, match="not valid TOML"):
        Watchlist.load(tmp_path / "broken.toml")
