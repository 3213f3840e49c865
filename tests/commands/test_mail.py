from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands.mail import command
from riftwatch.clock import step_clock
from riftwatch.errors import ConfigError, StateError
from stores.sqlite import SqliteStore
from tests.stores.samples import T0, shift


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RIFTWATCH_DATA", str(tmp_path))
    monkeypatch.setenv("RIFTWATCH_MAIL_TO", "desk@example.org")
    monkeypatch.setenv("RIFTWATCH_DESK_URL", "http://desk.example")
    step_clock(tmp_path / "clock", T0)
    monkeypatch.setenv("RIFTWATCH_CLOCK", f"file:{tmp_path / 'clock'}")
    return tmp_path


@pytest.fixture
def stored(data: Path) -> Path:
    store = SqliteStore(data / "store.db")
    store.put([shift("old", direction="up", day=-9), shift("new"), shift("older", day=-20)])
    store.close()
    return data


def run(*words: str) -> Result:
    return CliRunner().invoke(command, words, catch_exceptions=False, standalone_mode=False)


def test_the_newest_shift_is_previewed(stored: Path) -> None:
    said = run("preview").output
    assert "Elon Musk and Donald Trump: relations have cooled since 22 January 2025" in said
    assert "http://desk.example/shift/new" in said


def test_a_named_shift_is_previewed_as_html_or_whole(stored: Path) -> None:
    assert "relations have warmed" in run("preview", "old", "--html").output
    message = message_from_bytes(
        run("preview", "old", "--kind", "correction", "--eml").stdout_bytes, policy=policy.default
    )
    assert message["Subject"].startswith("Correction: Elon Musk")
    assert message["To"] == "desk@example.org"


def test_a_preview_without_a_shift_says_so(stored: Path) -> None:
    with pytest.raises(StateError, match="no shift none"):
        run("preview", "none")


def test_a_preview_of_an_empty_store_says_so(data: Path) -> None:
    with pytest.raises(StateError, match="no shift yet"):
        run("preview")


def test_a_test_mail_without_a_server_is_a_file(data: Path) -> None:
    result = run("test", "--to", "anna@example.org")
    assert result.return_value == 0
    assert "set RIFTWATCH_SMTP" in result.output
    (path,) = (data / "mails").glob("*.eml")
    assert b"by hand with `riftwatch mail test`" in path.read_bytes()


def test_a_test_mail_that_no_server_takes_is_exit_code_1(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIFTWATCH_SMTP", "127.0.0.1:1")
    result = run("test")
    assert result.return_value == 1
    assert "desk@example.org: not taken: ConnectionRefusedError" in result.output


def test_pause_and_resume_leave_a_mark_that_the_sink_sees(data: Path) -> None:
    from sinks.mail import PAUSE_FILE

    run("pause")
    assert (data / PAUSE_FILE).exists()
    assert "goes out again" in run("resume").output
    assert not (data / PAUSE_FILE).exists()
    assert "was not paused" in run("resume").output


def test_pausing_nothing_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RIFTWATCH_DATA", str(tmp_path / "none"))
    with pytest.raises(StateError, match="no installation"):
        run("pause")


def test_a_wrong_address_is_one_sentence(stored: Path) -> None:
    with pytest.raises(ConfigError, match="mail address"):
        run("test", "--to", "anna")
