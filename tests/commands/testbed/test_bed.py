from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.testbed import bed
from commands.testbed.command import command
from commands.testbed.running import Running, recall, remember
from riftwatch.errors import UserError


def _gone(name: str) -> Running:
    return Running(name, 2**22 + 1, "1", "127.0.0.1:1", f"/x/{name}.log")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "bed"
    yield place
    bed.down(place, wipe=False)


def test_nothing_runs_where_nothing_was_started(folder: Path) -> None:
    assert bed.status(folder) == []
    assert bed.down(folder, wipe=True) == ([], [])
    assert not folder.exists()
    shown = CliRunner().invoke(command, ["status", "--folder", str(folder)], standalone_mode=False)
    assert (shown.return_value, shown.output) == (0, "nothing was started; `riftwatch testbed up` does\n")


def test_what_has_ended_is_shown_with_its_log_and_exit_code_1(folder: Path) -> None:
    folder.mkdir()
    remember(folder, _gone("elasticsearch"))
    shown = CliRunner().invoke(command, ["status", "--json", "--folder", str(folder)], standalone_mode=False)
    assert shown.return_value == 1
    assert json.loads(shown.output) == {
        "name": "elasticsearch", "state": "ended", "address": "127.0.0.1:1", "pid": 2**22 + 1,
        "log": "/x/elasticsearch.log",
    }  # fmt: skip


def test_wiping_takes_only_what_is_the_testbeds(folder: Path) -> None:
    folder.mkdir()
    remember(folder, _gone("kafka-2"))
    (folder / "kafka-2").mkdir()
    (folder / "letters").write_text("mine")
    known, killed = bed.down(folder, wipe=True)
    assert [one.name for one in known] == ["kafka-2"]
    assert killed == []
    assert [path.name for path in folder.iterdir()] == ["letters"]


@pytest.mark.parametrize(
    ("known", "wanted", "size"),
    [([], None, 1), ([], 3, 3), (["kafka"], None, 1), (["kafka-1", "kafka-3"], None, 3), (["kafka"], 3, 3)],
)
def test_there_are_as_many_brokers_as_asked_for_or_as_there_were(
    known: list[str], wanted: int | None, size: int
) -> None:
    assert bed._size([_gone(name) for name in known], wanted) == size


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.usefixtures("kafka")  # fetches the jars, or skips
def test_up_twice_starts_one_and_down_ends_it_for_good(folder: Path) -> None:
    first = CliRunner().invoke(command, ["up", "--only", "kafka", "--folder", str(folder)])
    assert first.exit_code == 0, first.output
    [running] = recall(folder)
    assert f"export RIFTWATCH_KAFKA={running.address}\n" in first.output
    assert "starting Kafka; its log: " in first.output
    assert bed.up(folder, ["kafka"], None, print) == {"RIFTWATCH_KAFKA": running.address}
    assert recall(folder) == [running]
    assert [state.word for state in bed.status(folder)] == ["running"]
    with pytest.raises(UserError, match="Kafka runs with 1 broker: `riftwatch testbed down` first"):
        bed.up(folder, ["kafka"], 3, print)
    ended = CliRunner().invoke(command, ["down", "--folder", str(folder)])
    assert ended.output == f"kafka ended; its log: {folder / 'kafka' / 'broker.log'}\n"
    assert not running.alive
    assert Path(running.log).exists()
    assert recall(folder) == []
