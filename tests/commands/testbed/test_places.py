from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path

import pytest

from commands.ports import free_port, is_free
from commands.testbed import jvm
from commands.testbed.places import account, closed_to_others, default_folder, give, own
from commands.testbed.ports import kept_ports
from riftwatch.errors import UserError


def test_a_folder_is_made_so_that_others_can_enter_it(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        made = own(tmp_path / "bed")
    finally:
        os.umask(before)
    assert made.stat().st_mode & 0o777 == 0o755


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir(mode=0o700)
    assert own(tmp_path / "private").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_a_link_or_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(UserError, match="belongs to somebody else: choose another with --folder"):
        own(tmp_path / "link")
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="the testbed cannot be kept in"):
        own(tmp_path / "file" / "bed")


def test_a_closed_folder_on_the_way_is_named(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "open" / "file"
    inner.parent.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    assert closed_to_others(inner) in {tmp_path / "closed", *(tmp_path / "closed").parents}  # pytest's may be
    assert closed_to_others(Path("/usr/bin")) is None


def test_only_root_needs_another_account(tmp_path: Path) -> None:
    assert account() == ("nobody" if os.geteuid() == 0 else None)
    (tmp_path / "inside").write_text("")
    give(tmp_path, None)
    assert (tmp_path / "inside").stat().st_uid == os.geteuid()
    give(tmp_path, account())
    assert ((tmp_path / "inside").stat().st_uid == os.geteuid()) is (account() is None)


def test_a_link_is_given_away_and_not_what_it_leads_to(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    give(tmp_path, pwd.getpwuid(os.geteuid()).pw_name)
    assert link.is_symlink()


def test_the_default_folder_is_each_accounts_own() -> None:
    assert str(os.geteuid()) in default_folder().name


def test_ports_are_kept_even_when_taken_and_chosen_anew_only_once(tmp_path: Path) -> None:
    wanted = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", wanted))
        taken.listen()
        first = kept_ports(tmp_path / "a" / "ports", (wanted, free_port()))
        assert first[0] != wanted
        assert is_free(first[0])
    assert kept_ports(tmp_path / "a" / "ports", (wanted, wanted)) == first
    (tmp_path / "a" / "ports").write_text("nonsense")
    assert kept_ports(tmp_path / "a" / "ports", (wanted, first[1])) == (wanted, first[1])


def test_the_jvm_is_copied_only_where_its_own_place_is_closed(tmp_path: Path) -> None:
    found = jvm.reachable_home(tmp_path)
    copied = closed_to_others(jvm.home() / "bin") is not None
    assert found == (tmp_path / "jvm" if copied else jvm.home())
    assert (found / "bin" / "java").exists()
