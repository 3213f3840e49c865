from __future__ import annotations

from pathlib import Path

from ingest.catalogue import Catalogue
from riftwatch.publishers import Publishers

ONE = "<opml><body><outline feedId='a' xmlUrl='https://a.example/rss'/></body></opml>"
TWO = ONE.replace("</body>", "<outline feedId='b' xmlUrl='https://b.example/rss'/></body>")


def test_an_edit_is_taken_over_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(ONE, encoding="utf-8")
    catalogue = Catalogue(path, Publishers(()))
    path.write_text(TWO, encoding="utf-8")
    catalogue.refresh(100.0)
    assert set(catalogue.feeds) == {"a", "b"}
    path.write_text(TWO[:-9], encoding="utf-8")
    catalogue.refresh(200.0)
    path.unlink()
    catalogue.refresh(300.0)
    assert set(catalogue.feeds) == {"a", "b"}


def test_the_file_is_not_looked_at_in_every_turn(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(ONE, encoding="utf-8")
    catalogue = Catalogue(path, Publishers(()))
    catalogue.refresh(100.0)
    path.write_text(TWO, encoding="utf-8")
    catalogue.refresh(100.5)
    assert set(catalogue.feeds) == {"a"}
