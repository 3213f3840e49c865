"""The shell: what stops it is one sentence, and what is only missing is waited for."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from desk.serve import check_store, listen, make_desk, read_names
from desk.source import Waiting
from riftwatch.errors import ConfigError
from riftwatch.settings import ROOT, Settings


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port} .*in use.*RIFTWATCH_DESK_PORT"):
            listen("127.0.0.1", port)


def test_port_0_is_any_free_one() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert listening.getsockname()[1] > 0


def test_a_wrong_store_stops_the_start(tmp_path: Path) -> None:
    for store in ("nonsense", f"sqlite:{tmp_path}/missing/store.db"):
        with pytest.raises(ConfigError):
            check_store(Settings(store=store))


def test_a_data_folder_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "live")
    check_store(settings)
    desk = make_desk(settings)
    with pytest.raises(Waiting):
        desk.look()
    assert desk.mails.mails().total == 0
    assert desk.mails.mail("x") is None
    assert desk.mails.suppressed() == []
    (tmp_path / "live").mkdir()
    assert desk.look().now().tzinfo is not None
    desk.source.close()


def test_names_come_from_the_files_of_the_desk(tmp_path: Path) -> None:
    names = read_names(ROOT / "config")
    assert names.subject("relation:musk|trump") == "Elon Musk – Donald Trump"
    assert names.actor("nobody") == "nobody"
    assert read_names(tmp_path).publisher("bbc") == "bbc"


def test_a_broken_file_of_names_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "watchlist.toml").write_text("[actor", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"watchlist\.toml"):
        read_names(tmp_path)
