from __future__ import annotations

from pathlib import Path

import pytest

from demo import configuration, corpus
from ingest import feeds
from riftwatch.errors import ConfigError
from riftwatch.publishers import Publishers
from riftwatch.settings import Settings


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


def test_nothing_leads_out_of_this_machine(tmp_path: Path) -> None:
    given = Settings(
        kafka="kafka.example:9092", store="http://es.example:9200", smtp="mail.example:25", desk_port=8421
    )
    adapted = configuration.adapted(given, tmp_path, tmp_path / "config", "127.0.0.1:9")
    assert (adapted.kafka, adapted.smtp, adapted.store_url) == ("", "", f"sqlite:{tmp_path / 'store.db'}")
    assert adapted.clock == f"file:{tmp_path / 'clock'}"
    assert adapted.poll_allow_private == "127.0.0.1:9"
    assert adapted.desk_port == 8421
