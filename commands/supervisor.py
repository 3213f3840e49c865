"""Keeps a whole installation running: the broker, its topics, then every role as a child process.

    claim the folder ─▶ broker ─▶ topics ─▶ refill if lost ─▶ roles ─▶ turn, turn, turn … ─▶ stop

What dies is started again with back-off. When the supervisor itself dies, even by SIGKILL, its guard ends
the children. `up` and `demo` use it.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

from commands import folder, topics
from commands.broker import Broker
from commands.children import Children
from commands.engine import engine
from commands.job import Job, Process
from commands.journal import Journal
from commands.ports import free_port, is_free
from commands.roles import Role, all_roles
from riftwatch.clock import monotonic
from riftwatch.errors import UserError
from riftwatch.kafka_security import security
from riftwatch.settings import PREFIX, Settings, to_environ, without_password

TURN_S = 0.1
STOP_S = 6.0  # for the roles; with the broker's 3 s a clean stop stays within ten seconds
ROLES_FILE = "roles.json"
LOG = "log"
CANNOT_RUN = 2  # the exit code of a role that has told in one sentence why a person is needed


class Supervisor:
    """Runs an installation over the data folder of its settings, inside a `with` block.

    `settings` is what the children get; entering starts everything and returns once the roles are started.
    Raises UserError when something is wrong that no restart can mend.
    """

    def __init__(
        self, settings: Settings, roles: Sequence[Role] | None = None, *, environ: Mapping[str, str] | None = None,
        echo: bool = False, wipe: bool = False,
    ) -> None:  # fmt: skip
        self.settings = replace(settings, data=settings.data.absolute())
        self.jobs: dict[str, Job] = {}
        self._roles = all_roles() if roles is None else list(roles)
        self._environ = dict(environ or {})
        self._echo = echo
        self._wipe = wipe
        self._broker: Broker | None = None
        self._stack = ExitStack()
        self._readers: dict[str, threading.Thread] = {}
        self._announced = False

    def __enter__(self) -> Self:
        """Start everything; what was started is stopped again when the start fails."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self.stop()

    @property
    def desk_url(self) -> str:
        """Where this machine's browser finds the desk."""
        host = self.settings.desk_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.settings.desk_port}/"

    def run(self, until: threading.Event) -> None:
        """Keep everything running until the event is set; raises UserError as `turn` does."""
        while not until.wait(TURN_S):
            self.turn()

    def turn(self) -> None:
        """Take one look at every child and start again what died and is due; call it several times a second.

        Raises UserError when a role says, within a minute of its first start, that it cannot run.
        """
        now = monotonic()
        for job in list(self.jobs.values()):
            if ended := job.reap(now):
                self._mourn(job, ended, now)
            elif job.due(now):
                self._start_job(job)
        self._announce()

    def stop(self) -> None:
        """Stop every child within ten seconds and let go of the folder; again does nothing."""
        self._stack.close()

    def _start(self) -> None:
        security(self.settings)  # what contradicts itself is told before anything runs
        data = self.settings.data
        lock = self._stack.enter_context(folder.claimed(data, wipe=self._wipe))
        self._journal = Journal(data / LOG, echo=self._echo)
        self._stack.callback(self._journal.close)
        self._settle_ports()
        self._children = Children(held=[lock])
        self._stack.callback(self._children.close)
        if not self.settings.kafka:
            self._start_broker()
        topics.apply(self.settings)
        self._refill()
        self._stack.callback(self._stop_roles)
        for role in self._roles:
            self.jobs[role.name] = Job(role.name, partial(self._launch, role))
            self._start_job(self.jobs[role.name])

    def _settle_ports(self) -> None:
        """Choose the desk's port if it is left open, and make links in mails lead there."""
        if not any(role.name == "desk" for role in self._roles):
            return
        port = self.settings.desk_port or free_port()
        if not is_free(port, self.settings.desk_host):
            raise UserError(
                f"port {port} on {self.settings.desk_host} is taken: stop what listens there, or set "
                "RIFTWATCH_DESK_PORT to another one (0 takes any)."
            )
        self.settings = replace(self.settings, desk_port=port)
        if not self.settings.desk_url:
            self.settings = replace(self.settings, desk_url=self.desk_url.rstrip("/"))

    def _start_broker(self) -> None:
        folder.begin_refill_if_lost(self.settings)
        broker = Broker(self.settings.data, self._children, engine(self._journal.say))
        self._broker = broker
        self._stack.callback(broker.stop)
        job = Job("broker", broker.launch)
        job.start(monotonic())
        broker.wait()
        self.jobs["broker"] = job
        self.settings = replace(self.settings, kafka=broker.address)
        self._journal.say(f"Kafka answers at {broker.address}")

    def _refill(self) -> None:
        """Bring back from the store what Kafka's lost folder held, what its damaged state lacks, or what is half there."""
        from commands.rebuild import rebuild
        from processors.kept_state import damaged_state, look_at_state
        from riftwatch.rebuilt import last_rebuild

        gone = folder.refilling(self.settings.data)
        damaged = damaged_state(look_at_state(self.settings))
        last = last_rebuild(self.settings)
        half = last is not None and last.finished_at is None
        if not (gone or damaged or half):
            return
        missing = f"state is missing from {' and '.join(damaged)}" if damaged else "a rebuild was cut short"
        what = "Kafka's data are gone" if gone else missing
        self._journal.say(f"{what}: refilling from {without_password(self.settings.store_url)}")
        counts = rebuild(self.settings, self.settings.store_url)
        if gone:
            folder.end_refill(self.settings.data)
        self._journal.say(f"refilled {sum(count or 0 for count in counts.values())} records")

    def _launch(self, role: Role) -> Process:
        environ = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        job = self.jobs[role.name]
        job.metrics_port = free_port()  # anew at each start: the last one may have been taken meanwhile
        settings = replace(self.settings, metrics_port=job.metrics_port)
        environ |= to_environ(settings) | {"PYTHONUNBUFFERED": "1"} | self._environ
        child = self._children.start(role.argv, env=environ, output=subprocess.PIPE)
        assert child.stdout
        self._readers[role.name] = self._journal.follow(role.name, child.stdout)
        return child

    def _start_job(self, job: Job) -> None:
        try:
            job.start(monotonic())
        except (UserError, OSError) as error:
            self._journal.say(f"{job.name} could not be started: {error}")
        self._write_roles()

    def _mourn(self, job: Job, ended: Process, now: float) -> None:
        """Note a death and clear up after it; a role that cannot run at all ends the installation."""
        self._children.ended(ended)
        if reader := self._readers.get(job.name):
            reader.join(timeout=1.0)  # its last words
        if ended.returncode == CANNOT_RUN and job.never_ran(now):
            raise UserError(f"{job.name}: {self._journal.last(job.name).removeprefix('riftwatch: ')}")
        code = ended.returncode
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        if job.name == "broker" and self._broker and code > 0:
            how += f": {self._broker.failure()}"
        self._journal.say(f"{job.name} ended ({how}); starting it again in {job.again - now:.1f} s")
        self._write_roles()

    def _announce(self) -> None:
        """Tell once where the desk is, when it listens."""
        if self._announced or "desk" not in self.jobs:
            return
        with contextlib.suppress(OSError):
            socket.create_connection((self.settings.desk_host, self.settings.desk_port), timeout=0.2).close()
            self._announced = True
            self._journal.say(f"the desk is at {self.desk_url} (log: {self.settings.data / LOG})")

    def _write_roles(self) -> None:
        """Tell other programs which processes run and where their metrics are."""
        known = {
            job.name: {"pid": job.pid, "metrics_port": job.metrics_port, "starts": job.starts}
            for job in self.jobs.values()
        }
        with contextlib.suppress(OSError):  # a full disk must not stop the supervisor
            fresh = self.settings.data / (ROLES_FILE + ".new")
            fresh.write_text(json.dumps(known, indent=1), encoding="utf-8")
            fresh.replace(self.settings.data / ROLES_FILE)

    def _stop_roles(self) -> None:
        roles = [job for name, job in self.jobs.items() if name != "broker"]
        running = {job.process.pid: job.name for job in roles if job.process}
        self._journal.say("stopping")
        for pid in self._children.stop([job.process for job in roles if job.process], STOP_S):
            self._journal.say(f"{running[pid]} did not stop within {STOP_S:.0f} s and was killed")
        for reader in self._readers.values():
            reader.join(timeout=0.5)
        with contextlib.suppress(OSError):
            (self.settings.data / ROLES_FILE).unlink()
