"""`riftwatch feeds` against a local server and a real catalogue file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands.feeds import command
from ingest.feeds import load
from riftwatch.errors import UserError
from riftwatch.publishers import Publishers
from riftwatch.records import FeedState
from stores.sqlite import SqliteStore
from tests.ingest.samples import NOW
from tests.ingest.servers import FeedServer, rss

PAGE = b"""<html><head><title>News</title>
<link rel="alternate" type="application/rss+xml" title="All" href="/all"/>
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed"/>{}</head></html>"""
ONE = "<opml version='2.0'><body><outline feedId='old' text='Old' xmlUrl='https://old.example/rss' x='kept'/></body></opml>"


class Desk:
    """A configuration folder, a server, and the command line."""

    def __init__(self, folder: Path, server: FeedServer) -> None:
        self.folder, self.server = folder, server
        self.opml = folder / "feeds.opml"
        self.opml.write_text(ONE, encoding="utf-8")
        (folder / "publishers.toml").write_text(
            '[[family]]\nid = "fam"\ntitle = "Family"\nnames = ["Outlet"]\n', encoding="utf-8"
        )

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.port}{path}"

    def run(self, *words: str) -> Result:
        environ = {
            "RIFTWATCH_CONFIG_DIR": str(self.folder), "RIFTWATCH_DATA": str(self.folder / "data"),
            "RIFTWATCH_POLL_ALLOW_PRIVATE": f"127.0.0.1:{self.server.port}", "RIFTWATCH_POLL_HOST_GAP_S": "0",
        }  # fmt: skip
        return CliRunner().invoke(command, list(words), env=environ, standalone_mode=False)

    def ids(self) -> list[str]:
        return [feed.feed_id for feed in load(self.opml, Publishers(()))]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with FeedServer().running() as server:
        server.documents = {
            "/all": rss("One", "Two"),
            "/page": PAGE.replace(b"{}", b""),
            "/two": PAGE.replace(b"{}", b"<link rel='alternate' type='application/atom+xml' href='/more'/>"),
            "/login": b"<html><head><title>Log in</title></head></html>",
        }
        yield Desk(tmp_path, server)


def test_a_feed_is_added_by_its_address_with_what_it_says_of_itself(desk: Desk) -> None:
    result = desk.run("add", desk.url("/all"), "--id", "new", "--publisher", "Outlet", "--country", "gb")
    assert result.return_value == 0, result
    feed = load(desk.opml, Publishers(()))[1]
    assert (feed.feed_id, feed.title, feed.publisher, feed.country) == ("new", "News", "fam", "GB")
    assert feed.last_verified != "never"
    assert "x='kept'" in desk.opml.read_text(encoding="utf-8").replace('"', "'")


def test_a_feed_is_found_through_the_page_that_announces_it(desk: Desk) -> None:
    assert desk.run("add", desk.url("/page")).return_value == 0
    assert load(desk.opml, Publishers(()))[1].url == desk.url("/all")


def test_several_announced_feeds_are_listed_and_none_is_added(desk: Desk) -> None:
    result = desk.run("add", desk.url("/two"))
    assert result.return_value == 1
    assert desk.url("/more") in result.output
    assert desk.ids() == ["old"]


@pytest.mark.parametrize("path", ["/login", "/nothing"])
def test_what_gives_no_feed_is_one_sentence(desk: Desk, path: str) -> None:
    result = desk.run("add", desk.url(path))
    assert isinstance(result.exception, UserError)
    assert "gives no feed" in str(result.exception)
    assert desk.ids() == ["old"]


def test_a_known_feed_is_not_added_twice(desk: Desk) -> None:
    desk.run("add", desk.url("/all"))
    assert "known" in desk.run("add", desk.url("/all")).output
    assert len(desk.ids()) == 2


def test_check_tells_each_in_a_line_and_fails_if_one_does(desk: Desk) -> None:
    good = desk.run("check", desk.url("/all"))
    assert good.return_value == 0
    assert good.output.startswith("ok ")
    assert "2 entries" in good.output
    bad = desk.run("check", desk.url("/all"), desk.url("/nothing"), "--json")
    assert bad.return_value == 1
    outcomes = {json.loads(line)["outcome"] for line in bad.output.splitlines()}
    assert outcomes == {"ok", "not_found"}


def test_check_notes_the_day_on_which_feeds_read_well(desk: Desk) -> None:
    desk.opml.write_text(ONE.replace("https://old.example/rss", desk.url("/all")), encoding="utf-8")
    assert desk.run("check", "old", "--write").return_value == 0
    assert load(desk.opml, Publishers(()))[0].last_verified != "never"


def test_an_unknown_id_is_told(desk: Desk) -> None:
    assert "riftwatch feeds list" in str(desk.run("check", "nope").exception)


def test_list_shows_health_and_only_problems_when_asked(desk: Desk) -> None:
    desk.opml.write_text(
        ONE.replace("</body>", "<outline feedId='new' xmlUrl='https://new.example/rss'/></body>"),
        encoding="utf-8",
    )
    assert "never polled" in desk.run("list").output
    store = SqliteStore(desk.folder / "data" / "store.db", readonly=False)
    gone = FeedState(
        feed_id="old",
        url="https://old.example/rss",
        health="gone",
        detail="it is gone",
        failures=2.0,
        polled_at=NOW,
    )
    store.put([gone])
    store.close()
    shown = desk.run("list", "--problems").output
    assert "gone" in shown
    assert "it is gone" in shown
    assert "new.example" not in shown
    lines = desk.run("list", "--json").stdout.splitlines()
    assert {json.loads(line)["feed_id"]: json.loads(line)["health"] for line in lines} == {
        "old": "gone",
        "new": None,
    }


def test_export_and_import_keep_everything(desk: Desk) -> None:
    copy = desk.folder / "copy.opml"
    desk.run("export", str(copy))
    assert desk.run("export").stdout_bytes == copy.read_bytes()
    assert "known" in desk.run("import", str(copy)).output
    copy.write_text(ONE.replace("old", "other"), encoding="utf-8")
    assert "added   other" in desk.run("import", str(copy)).output
    assert desk.ids() == ["old", "other"]


def test_a_broken_import_changes_nothing_and_names_the_line(desk: Desk) -> None:
    broken = desk.folder / "broken.opml"
    broken.write_text("<opml>\n<body>", encoding="utf-8")
    assert "broken.opml:2" in str(desk.run("import", str(broken)).exception)
    assert desk.ids() == ["old"]
