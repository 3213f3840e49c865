"""What only the SQLite store promises: its file, its writer and its readers."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from riftwatch.errors import ConfigError, Retry, StateError
from riftwatch.records import Story
from stores.base import Outcome, StoryQuery
from stores.opening import open_store
from stores.sqlite import SqliteStore
from tests.stores.samples import at, story


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_what_was_written_is_there_after_a_restart(path: Path) -> None:
    store = SqliteStore(path)
    store.put([story("s1", "musk")])
    store.close()
    again = SqliteStore(path)
    assert again.search(StoryQuery(text="musk")).total == 1
    again.close()


def test_a_reader_sees_each_batch_at_once_and_from_any_thread(path: Path) -> None:
    writer, reader = SqliteStore(path), SqliteStore(path, readonly=True)
    seen: list[int] = []
    for number in range(3):
        writer.put([story(f"s{number}")])
        thread = threading.Thread(target=lambda: seen.append(reader.counts()["story"]))
        thread.start()
        thread.join()
    assert seen == [1, 2, 3]
    reader.close()
    writer.close()


def test_a_store_that_nobody_has_written_yet_reads_as_empty_and_then_fills(path: Path) -> None:
    reader = open_store(f"sqlite:{path}", readonly=True)
    assert reader.search(StoryQuery()).total == 0
    assert reader.latest_time() is None
    assert not path.exists()
    writer = SqliteStore(path)
    assert reader.counts()["story"] == 0
    writer.put([story()])
    assert reader.counts()["story"] == 1
    reader.close()
    writer.close()


def test_a_reader_cannot_write(path: Path) -> None:
    reader = SqliteStore(path, readonly=True)
    with pytest.raises(TypeError):
        reader.put([story()])
    reader.close()


def test_a_reader_in_the_midst_of_a_list_does_not_hold_the_writer_up(path: Path) -> None:
    writer, reader = SqliteStore(path), SqliteStore(path, readonly=True)
    writer.put([story(f"s{number:04}") for number in range(1200)])
    listing = reader.everything(Story)
    next(listing)
    assert writer.put([story("later")])[0].outcome is Outcome.WRITTEN
    assert sum(1 for _ in listing) == 1199  # the list is of one moment
    reader.close()
    writer.close()


def test_a_busy_file_is_a_retry_and_nothing_is_half_written(path: Path) -> None:
    store = SqliteStore(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store._writer.execute("PRAGMA busy_timeout = 20")  # type: ignore[union-attr]
    with pytest.raises(Retry, match="locked"):
        store.put([story("s1"), story("s2")])
    other.execute("ROLLBACK")
    assert store.counts()["story"] == 0
    assert store.put([story("s1")])[0].outcome is Outcome.WRITTEN
    other.close()
    store.close()


def test_a_locked_file_is_a_retry_for_readers_too(path: Path) -> None:
    SqliteStore(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")  # in WAL mode nobody holds a reader up
    reader = SqliteStore(path, readonly=True)
    reader._rows.connection().execute("PRAGMA busy_timeout = 20")
    other.execute("BEGIN EXCLUSIVE")
    for read in (
        lambda: reader.search(StoryQuery()),
        reader.latest_time,
        lambda: list(reader.everything(Story)),
    ):
        with pytest.raises(Retry, match="locked"):
            read()
    other.execute("ROLLBACK")
    other.close()
    assert reader.latest_time() is None
    reader.close()


def test_a_full_disk_is_a_retry_and_the_next_write_succeeds(path: Path) -> None:
    store = SqliteStore(path)
    store.put([story("s0")])
    assert store._writer is not None
    store._writer.execute("PRAGMA max_page_count = 1")
    with pytest.raises(Retry, match="full"):
        store.put([story(f"s{number}", content="x" * 5000) for number in range(1, 50)])
    assert store.counts()["story"] == 1
    store._writer.execute("PRAGMA max_page_count = 1000000")
    assert store.put([story("s1")])[0].outcome is Outcome.WRITTEN
    store.close()


def test_a_newer_file_is_refused_and_left_alone(path: Path) -> None:
    SqliteStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    for readonly in (True, False):
        with pytest.raises(StateError, match="newer Riftwatch"):
            SqliteStore(path, readonly=readonly)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("shopping list\n" * 100)
    for readonly in (True, False):
        with pytest.raises(StateError, match="not a SQLite database"):
            SqliteStore(path, readonly=readonly)


def test_a_folder_that_is_missing_or_closed_gives_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        open_store(f"sqlite:{tmp_path}/none/store.db", readonly=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be opened"):
        open_store(f"sqlite:{tmp_path}/file/store.db", readonly=False)


@pytest.mark.parametrize("url", ["", "sqlite:", "mysql:x", "ftp://anna:secret@host:9200"])
def test_another_address_gives_one_sentence_without_secrets(url: str) -> None:
    with pytest.raises(ConfigError, match="sqlite:PATH") as caught:
        open_store(url, readonly=True)
    assert "secret" not in str(caught.value)
    assert "anna" not in str(caught.value)


def test_the_text_index_stays_whole_through_revisions_deletions_and_retention(path: Path) -> None:
    store = SqliteStore(path)
    for revision in range(1, 6):
        status = "deleted" if revision == 3 else "present"
        store.put(
            [
                story(f"s{n}", "musk", revision=revision, title=f"word{revision}", status=status)
                for n in range(20)
            ]
        )
    assert store._writer is not None
    store._writer.execute("INSERT INTO story_words (story_words, rank) VALUES ('integrity-check', 1)")
    assert [store.search(StoryQuery(text=f"word{n}")).total for n in range(1, 6)] == [0, 0, 0, 0, 20]
    store.close()


def test_retention_goes_to_the_day(path: Path) -> None:
    store = SqliteStore(path)
    store.put([story("s1"), story("s2", day=1)])
    assert [store.retain(at(days)) for days in (731, 731.1, 732.1)] == [0, 1, 1]
    store.close()
