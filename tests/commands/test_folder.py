from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import folder
from riftwatch.errors import StateError, UserError
from riftwatch.settings import Settings


def test_a_folder_is_made_claimed_and_let_go(tmp_path: Path) -> None:
    data = tmp_path / "data" / "live"
    for _ in range(2):
        with folder.claimed(data):
            assert (data / "version").read_text() == f"{folder.FORMAT}\n"


def test_a_second_claim_names_the_first(tmp_path: Path) -> None:
    with folder.claimed(tmp_path), pytest.raises(StateError, match=rf"in use by process {os.getpid()}"):
        folder.claimed(tmp_path).__enter__()


def test_a_claim_waits_for_what_a_killed_holder_left_behind(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "lock").write_text(f"{ended.pid}\n")
    descriptor = os.open(tmp_path / "lock", os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    left = tmp_path / "left"
    leftover = subprocess.Popen(["sh", "-c", f"sleep 0.4; touch '{left}'"], pass_fds=[descriptor])
    os.close(descriptor)
    with folder.claimed(tmp_path):
        assert left.exists()
    leftover.wait()


def test_a_newer_format_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "version").write_text("99\n")
    with pytest.raises(StateError, match=r"newer Riftwatch \(format 99.*update Riftwatch"):
        folder.claimed(tmp_path).__enter__()
    assert (tmp_path / "version").read_text() == "99\n"


@pytest.mark.parametrize("content", [b"", b"one", b"\xff"])
def test_a_version_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "version").write_bytes(content)
    with pytest.raises(StateError, match="version cannot be used"):
        folder.claimed(tmp_path).__enter__()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"no data can be kept in .*choose RIFTWATCH_DATA"):
        folder.claimed(tmp_path / "file" / "data").__enter__()


def test_wiping_empties_only_what_is_ours(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    with folder.claimed(data):
        (data / "kafka").mkdir()
        (data / "store.db").write_text("x")
    with folder.claimed(data, wipe=True):
        assert sorted(path.name for path in data.iterdir()) == ["lock", "version"]

    other = tmp_path / "home"
    other.mkdir()
    (other / "novel.txt").write_text("years of work")
    with pytest.raises(StateError, match="not Riftwatch's"):
        folder.claimed(other, wipe=True).__enter__()
    assert (other / "novel.txt").exists()


def test_a_lost_kafka_is_noticed_and_a_refill_cut_short_begins_anew(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    folder.begin_refill_if_lost(settings)
    assert not folder.refilling(tmp_path)  # a first start: there is no store yet

    (tmp_path / "store.db").write_text("stories")
    folder.begin_refill_if_lost(settings)
    assert folder.refilling(tmp_path)

    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "meta.properties").write_text("half filled")
    folder.begin_refill_if_lost(settings)
    assert not (tmp_path / "kafka").exists()
    assert folder.refilling(tmp_path)

    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "meta.properties").write_text("whole")
    folder.end_refill(tmp_path)
    folder.begin_refill_if_lost(settings)
    assert not folder.refilling(tmp_path)


def test_a_lost_kafka_is_refilled_from_the_store_in_use_wherever_it_lies(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "live", tmp_path / "elsewhere.db"
    settings = Settings(data=data, store=f"sqlite:{elsewhere}")
    data.mkdir()
    (data / "store.db").write_text("left behind by another setting")
    folder.begin_refill_if_lost(settings)
    assert not folder.refilling(data)
    elsewhere.write_text("stories")
    folder.begin_refill_if_lost(settings)
    assert folder.refilling(data)
