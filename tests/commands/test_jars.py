from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path

import pytest

from commands import jars
from riftwatch.errors import UserError

CONTENT = {"org.a:one:1.0": b"first", "org.b:two:2.0": b"second"}
PINNED = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}


class Repository:
    """Stands in for a Maven repository: serves CONTENT and counts what it is asked for."""

    def __init__(self, content: dict[str, bytes]) -> None:
        self.content = content
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, coordinate: str, staging: Path) -> Path:
        with self._lock:
            self.asked.append(coordinate)
        if coordinate not in self.content:
            raise ConnectionError("no route to the repository")
        path = staging / f"{hash(coordinate)}.jar"
        path.write_bytes(self.content[coordinate])
        return path


def test_the_lock_names_every_jar_once_with_a_sha256_and_no_address() -> None:
    pinned = jars.locked()
    assert len(pinned) == 46
    assert f"org.apache.kafka:kafka_2.13:{jars.VERSION}" in pinned
    assert f"org.apache.kafka:kafka-clients:{jars.VERSION}" in pinned
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in pinned.values())
    assert "://" not in jars.LOCK.read_text(encoding="utf-8")


def test_jars_are_fetched_once_and_in_class_path_order(tmp_path: Path) -> None:
    repository = Repository(CONTENT)
    paths = jars.ensure(tmp_path / "jars", PINNED, repository)
    assert [path.read_bytes() for path in paths] == [b"first", b"second"]
    assert jars.ensure(tmp_path / "jars", PINNED, repository) == paths
    assert sorted(repository.asked) == sorted(CONTENT)


def test_a_damaged_jar_is_fetched_again(tmp_path: Path) -> None:
    repository = Repository(CONTENT)
    paths = jars.ensure(tmp_path, PINNED, repository)
    paths[0].write_bytes(b"bit rot")
    assert not jars.ready(tmp_path, PINNED)
    assert jars.ensure(tmp_path, PINNED, repository)[0].read_bytes() == b"first"
    assert repository.asked.count("org.a:one:1.0") == 2


def test_a_jar_that_is_not_the_reviewed_one_is_never_used(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"org\.b:two:2\.0 is not the one that was reviewed.*not used"):
        jars.ensure(tmp_path, PINNED, Repository(CONTENT | {"org.b:two:2.0": b"evil"}))
    assert not (tmp_path / jars.file_name("org.b:two:2.0")).exists()


def test_a_repository_out_of_reach_is_one_sentence_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot be fetched.*no route.*RIFTWATCH_KAFKA=host:port") as caught:
        jars.ensure(tmp_path, PINNED, Repository({}))
    assert "\n" not in str(caught.value)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("fetch-")]


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be kept in"):
        jars.ensure(tmp_path / "file" / "jars", PINNED, Repository(CONTENT))
    with pytest.raises(UserError, match="cannot be kept in"), jars.exclusive(tmp_path / "file" / "jars"):
        pass


def test_the_cache_lies_where_the_desktop_wants_it(tmp_path: Path) -> None:
    assert jars.cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "riftwatch" / "kafka-4.3.1"
    assert jars.cache_folder({}) == Path.home() / ".cache" / "riftwatch" / "kafka-4.3.1"
