from __future__ import annotations

from pathlib import Path

import pytest

from demo import configuration, corpus
from ingest import feeds
from riftwatch import settings
from riftwatch.errors import ConfigError
from riftwatch.publishers import Publishers


def test_the_system_reads_what_is_written(tmp_path: Path) -> None:
    recorded = corpus.load()
    source = tmp_path / "source"
    source.mkdir()
    for name in configuration.COPIED:
        (source / name).write_text(f"# {name}\n")
    outlets = list(recorded.outlets.values())
    configuration.write_config(
        tmp_path / "config",
        source,
        outlets,
        recorded.agencies,
        lambda outlet: f"http://127.0.0.1:9/{outlet}.xml",
    )
    publishers = Publishers.load(tmp_path / "config" / "publishers.toml")
    catalogue = feeds.load(tmp_path / "config" / "feeds.opml", publishers)
    assert [feed.feed_id for feed in catalogue] == [outlet.id for outlet in outlets]
    assert [feed.publisher for feed in catalogue] == [outlet.family for outlet in outlets]
    assert all(feed.priority for feed in catalogue)
    assert all(publishers.family(outlet.site) == outlet.family for outlet in outlets)
    for article in recorded.articles:
        for _, summary in {article.words(change) for change in article.changes()}:
            assert publishers.wire(summary, [article.author]) == article.wire, article.id


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"watchlist\.toml: cannot be copied"):
        configuration.write_config(tmp_path / "config", tmp_path, [], [], str)


def test_every_setting_is_one_the_system_knows(tmp_path: Path) -> None:
    given = configuration.settings(tmp_path, tmp_path / "config", "127.0.0.1:9")
    loaded = settings.load(given)
    assert loaded.data == tmp_path
    assert loaded.clock == f"file:{tmp_path / 'clock'}"
    assert loaded.poll_min_s == loaded.poll_max_s == configuration.POLL_S
