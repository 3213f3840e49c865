"""`riftwatch feeds moves`: the audit of permanent redirects, and a person's word on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands.feeds import command
from ingest.feeds import load
from riftwatch.errors import UserError
from riftwatch.publishers import Publishers
from riftwatch.records import FeedMove, FeedState
from stores.sqlite import SqliteStore
from tests.ingest.samples import NOW

OPML = """<opml version='2.0'><!-- ours --><body>
<outline feedId='one' text='One' xmlUrl='http://one.example/rss'/>
<outline feedId='two' text='Two' xmlUrl='https://two.example/rss'/>
</body></opml>"""
NEW = "https://one.example/rss"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds.opml").write_text(OPML, encoding="utf-8")
    (tmp_path / "publishers.toml").write_text("", encoding="utf-8")
    return tmp_path


def store(folder: Path, **known: object) -> None:
    opened = SqliteStore(folder / "data" / "store.db", readonly=False)
    opened.put([FeedState(feed_id="one", url="http://one.example/rss", polled_at=NOW, **known)])  # type: ignore[arg-type]
    opened.close()


def run(folder: Path, *words: str) -> Result:
    environ = {"RIFTWATCH_CONFIG_DIR": str(folder), "RIFTWATCH_DATA": str(folder / "data")}
    return CliRunner().invoke(command, ["moves", *words], env=environ, standalone_mode=False)


ROW = FeedMove(at=NOW, old="http://one.example/rss", new=NEW, why="permanent redirect", since=NOW)


def test_every_move_and_what_is_watched_is_shown(folder: Path) -> None:
    store(
        folder,
        moves=(ROW,),
        moved_url=NEW,
        moving_to="https://next.example/",
        moving_since=NOW,
        moving_times=2,
    )
    shown = run(folder).output
    assert f"in use   one                              http://one.example/rss -> {NEW}" in shown
    assert "watched" in shown
    assert "2 polls in a row" in shown
    rows = [json.loads(line) for line in run(folder, "--json").stdout.splitlines()]
    assert [(row["state"], row["new"]) for row in rows] == [
        ("in use", NEW),
        ("watched", "https://next.example/"),
    ]


def test_an_accepted_move_stands_in_the_catalogue(folder: Path) -> None:
    store(folder, moves=(ROW,), moved_url=NEW)
    assert NEW in run(folder, "--accept", "one").output
    one, two = load(folder / "feeds.opml", Publishers(()))
    assert (one.feed_id, one.url, two.url) == ("one", NEW, "https://two.example/rss")
    assert "<!-- ours -->" in (folder / "feeds.opml").read_text(encoding="utf-8")


def test_a_move_taken_back_keeps_the_feed_where_it_is(folder: Path) -> None:
    store(folder, moves=(ROW,), moved_url=NEW)
    assert "stays" in run(folder, "--undo", "one").output
    one = load(folder / "feeds.opml", Publishers(()))[0]
    assert (one.url, one.stays) == ("http://one.example/rss", True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--accept", "two"), "has not moved"),
        (("--accept", "nope"), "no feed has the id nope"),
        (("--undo", "nope"), "no feed has the id nope"),
        (("--accept", "one", "--undo", "one"), "either"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(folder: Path, words: tuple[str, ...], sentence: str) -> None:
    store(folder, moves=(ROW,), moved_url=NEW)
    result = run(folder, *words)
    assert isinstance(result.exception, UserError)
    assert sentence in str(result.exception)


def test_a_move_onto_another_feed_of_the_catalogue_is_refused(folder: Path) -> None:
    store(folder, moves=(ROW,), moved_url="https://two.example/rss")
    assert "is the feed two already" in str(run(folder, "--accept", "one").exception)
    assert (folder / "feeds.opml").read_text(encoding="utf-8") == OPML
