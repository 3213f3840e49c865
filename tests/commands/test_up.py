from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands import broker, supervisor
from commands.ports import free_port
from commands.roles import Role, all_roles
from commands.supervisor import Supervisor
from riftwatch.errors import StateError, UserError
from riftwatch.kafka import bootstrap, extents, producer
from riftwatch.records import FeedState
from riftwatch.settings import ROOT, Settings, load, to_environ
from stores.opening import open_store
from tests.commands.test_children import eventually, gone


def python(name: str, source: str) -> Role:
    """A role that runs a few lines of Python."""
    return Role(name, (sys.executable, "-c", source))


SLEEPER = python("sleeper", "import time; print('ready', flush=True); time.sleep(600)")
STUBBORN = python(
    "stubborn",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)",
)
SHOWS_SETTINGS = python(
    "shows",
    "import time; from riftwatch.settings import load; s = load();"
    "print(s.kafka, s.data, s.metrics_port > 0, s.mail_to, flush=True); time.sleep(600)",
)


def turned(installation: Supervisor, true: Callable[[], bool], limit_s: float = 15.0) -> bool:
    """Keep the installation turning until something is true."""

    def look() -> bool:
        installation.turn()
        return true()

    return eventually(look, limit_s)


@pytest.fixture
def settings(kafka: str, tmp_path: Path) -> Settings:
    """An installation on the broker of the test run, so that only the roles have to be started."""
    return Settings(kafka=kafka, data=tmp_path / "live", desk_port=0)


def log_of(installation: Supervisor) -> str:
    return (installation.settings.data / "log").read_text(encoding="utf-8")


def turn_until(installation: Supervisor, text: str) -> None:
    """Keep the installation turning until its log holds the text."""
    assert turned(installation, lambda: text in log_of(installation)), log_of(installation)


def test_a_child_gets_exactly_the_settings_of_its_parent(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, poll_min_s=0.5, smtp_password="secret", partitions=6)
    assert load(to_environ(settings)) == settings


def test_every_role_is_a_command_of_this_program() -> None:
    for role in all_roles():
        assert role.argv[:3] == (sys.executable, "-m", "commands.main")
        assert role.name == role.argv[-1]


@pytest.mark.kafka
def test_children_run_with_the_parent_s_settings_and_are_listed(settings: Settings) -> None:
    with Supervisor(replace(settings, mail_to="a@example.org"), [SHOWS_SETTINGS]) as installation:
        turn_until(installation, "shows    | ")
        assert f"shows    | {settings.kafka} {settings.data} True a@example.org" in log_of(installation)
        known = json.loads((settings.data / "roles.json").read_text())
        assert known["shows"]["pid"] == installation.jobs["shows"].pid
        assert known["shows"]["metrics_port"] > 0
    assert not (settings.data / "roles.json").exists()


@pytest.mark.kafka
def test_what_is_killed_is_started_again(settings: Settings) -> None:
    with Supervisor(settings, [SLEEPER]) as installation:
        turn_until(installation, "ready")
        first = installation.jobs["sleeper"].pid
        assert first
        os.kill(first, signal.SIGKILL)
        turn_until(installation, "sleeper ended (killed by signal 9); starting it again in 0.5 s")
        assert turned(installation, lambda: installation.jobs["sleeper"].starts == 2)
        assert installation.jobs["sleeper"].pid not in {None, first}


@pytest.mark.kafka
def test_a_metrics_port_that_was_taken_meanwhile_is_not_used_again(settings: Settings) -> None:
    with Supervisor(settings, [SLEEPER]) as installation, socket.socket() as other:
        job = installation.jobs["sleeper"]
        turn_until(installation, "ready")
        assert job.pid
        os.kill(job.pid, signal.SIGKILL)
        other.bind(("127.0.0.1", job.metrics_port))
        other.listen()
        assert turned(installation, lambda: job.starts == 2)
        assert job.metrics_port != other.getsockname()[1]
        known = json.loads((settings.data / "roles.json").read_text())
        assert known["sleeper"]["metrics_port"] == job.metrics_port


@pytest.mark.kafka
def test_a_role_that_cannot_run_ends_the_start_with_its_own_sentence(settings: Settings) -> None:
    broken = python(
        "poll", "import sys; print('riftwatch: feeds.opml:3: not XML', file=sys.stderr); sys.exit(2)"
    )
    with Supervisor(settings, [SLEEPER, broken]) as installation:
        pid = installation.jobs["sleeper"].pid
        assert pid
        with pytest.raises(UserError, match=r"^poll: feeds\.opml:3: not XML$"):
            turn_until(installation, "never said")
    assert gone(pid)


@pytest.mark.kafka
def test_a_role_that_ran_for_days_and_then_cannot_go_on_takes_nobody_along(settings: Settings) -> None:
    expired = python("mail", "import sys, time; time.sleep(1); print('riftwatch: no such user'); sys.exit(2)")
    with Supervisor(settings, [SLEEPER, expired]) as installation:
        installation.jobs["mail"].started -= 3 * 24 * 3600
        turn_until(installation, "mail ended (exit code 2); starting it again")
        assert installation.jobs["sleeper"].process


@pytest.mark.slow
@pytest.mark.kafka
def test_a_stop_waits_no_longer_than_its_limits_for_a_role_that_does_not_listen(settings: Settings) -> None:
    assert supervisor.STOP_S + broker.STOP_S < 10  # what a person waits for at most
    with Supervisor(settings, [SLEEPER, STUBBORN]) as installation:
        turn_until(installation, "stubborn | ready")
        pids = [job.pid for job in installation.jobs.values() if job.pid]
        started = time.monotonic()
    assert time.monotonic() - started < 30  # 6 s; the role itself would stay for ten minutes
    assert all(map(gone, pids))
    assert "stubborn did not stop within 6 s and was killed" in (settings.data / "log").read_text()


@pytest.mark.kafka
def test_the_desk_s_address_is_told_once_it_listens(settings: Settings) -> None:
    desk = python(
        "desk",
        "import socket, time; from riftwatch.settings import load; s = load();"
        "listening = socket.create_server((s.desk_host, s.desk_port)); print(s.desk_url, flush=True); time.sleep(600)",
    )
    with Supervisor(settings, [desk]) as installation:
        turn_until(installation, f"the desk is at {installation.desk_url}")
        assert installation.desk_url.rstrip("/") in log_of(installation)  # links in mails lead there


@pytest.mark.kafka
def test_a_taken_desk_port_is_one_sentence(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = replace(settings, desk_port=other.getsockname()[1])
        with pytest.raises(UserError, match=r"is taken.*RIFTWATCH_DESK_PORT"):
            Supervisor(taken, [replace(SLEEPER, name="desk")]).__enter__()


@pytest.mark.kafka
def test_two_installations_in_one_folder_are_refused(settings: Settings) -> None:
    with Supervisor(settings, []), pytest.raises(StateError, match="in use by process"):
        Supervisor(settings, []).__enter__()


@pytest.mark.slow
@pytest.mark.kafka
def test_a_dead_broker_comes_back_on_its_port_with_its_data(kafka: str, tmp_path: Path) -> None:
    assert kafka  # fetches the jars, or skips
    with Supervisor(Settings(data=tmp_path), [SLEEPER]) as installation:
        address = installation.settings.kafka
        assert bootstrap(Settings(data=tmp_path)) == address
        sender = producer(installation.settings)
        sender.send("riftwatch.items", value=b"before").get(10)
        broker = installation.jobs["broker"].pid
        assert broker
        os.kill(broker, signal.SIGKILL)
        late = sender.send("riftwatch.items", value=b"while it was down")
        assert turned(installation, lambda: bool(late.is_done), 60)
        assert late.succeeded()
        assert installation.jobs["broker"].starts == 2
        assert installation.jobs["sleeper"].starts == 1
        sender.close()


@pytest.mark.kafka
@pytest.mark.slow
def test_kafka_s_folder_lost_beside_a_store_is_refilled_before_a_role_starts(
    kafka: str, tmp_path: Path
) -> None:
    assert kafka
    store = open_store(f"sqlite:{tmp_path / 'store.db'}", readonly=False)
    store.put(
        [
            FeedState(
                feed_id="bbc", url="https://example.org/feed", polled_at=datetime(2025, 1, 22, tzinfo=UTC)
            )
        ]
    )
    store.close()
    with Supervisor(Settings(data=tmp_path), [SLEEPER]) as installation:
        log = log_of(installation)
        assert "Kafka's data are gone: refilling" in log
        assert "refilled 1 records" in log
        assert extents(installation.settings, ["riftwatch.feeds"])["riftwatch.feeds"].end == 1
    with Supervisor(Settings(data=tmp_path), []) as installation:
        assert log_of(installation).count("refilling") == 1  # once is enough


INSTALLATION = """
import sys, threading
from pathlib import Path
from commands.ports import free_port
from commands.roles import Role
from commands.supervisor import Supervisor
from riftwatch.settings import Settings
role = Role("sleeper", ("sh", "-c", "sleep 600 & sleep 600"))
with Supervisor(Settings(data=Path(sys.argv[1])), [role]) as installation:
    print(installation.jobs["sleeper"].pid, installation.jobs["broker"].pid, flush=True)
    installation.run(threading.Event())
"""


@pytest.mark.slow
@pytest.mark.kafka
def test_a_killed_supervisor_leaves_nothing_behind_and_the_next_one_goes_on(
    kafka: str, tmp_path: Path
) -> None:
    assert kafka
    killed = subprocess.Popen([sys.executable, "-c", INSTALLATION, str(tmp_path)], stdout=subprocess.PIPE)
    assert killed.stdout
    pids = [int(word) for word in killed.stdout.readline().split()]
    killed.kill()
    killed.wait()
    killed.stdout.close()
    with Supervisor(Settings(data=tmp_path), []) as installation:  # waits for the guard to be done
        assert all(map(gone, pids))
        assert installation.jobs["broker"].pid


FEEDS = """<opml version="2.0"><body>
<outline type="rss" feedId="local" text="Local" xmlUrl="http://127.0.0.1:{port}/feed" publisher="bbc" language="en"/>
</body></opml>"""


@pytest.mark.kafka
def test_the_command_stops_cleanly_on_sigterm(kafka: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config" / "feeds.opml").write_text(FEEDS.format(port=free_port()))  # nobody listens there
    environ = os.environ | {
        "RIFTWATCH_CONFIG_DIR": str(tmp_path / "config"),
        "RIFTWATCH_KAFKA": kafka, "RIFTWATCH_DATA": str(tmp_path / "live"), "RIFTWATCH_DESK_PORT": "0",
    }  # fmt: skip
    with (tmp_path / "terminal").open("wb") as terminal:
        up = subprocess.Popen([sys.executable, "-m", "commands.main", "up"], env=environ, stderr=terminal)
    assert eventually((tmp_path / "live" / "roles.json").exists, 60)
    up.terminate()
    assert up.wait(15) == 0
    assert "stopping" in (tmp_path / "terminal").read_text()
    assert "Traceback" not in (tmp_path / "terminal").read_text()
