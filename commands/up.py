"""`riftwatch up`: everything in one go, embedded, until Ctrl-C."""

from __future__ import annotations

import signal
import threading

import click

from riftwatch import settings


@click.command("up")
def command() -> None:
    """Run the broker and every role on this machine until Ctrl-C.

    Data stay in the folder that RIFTWATCH_DATA names (data/live); the same command goes on where it was.

    Example: RIFTWATCH_MAIL_TO=desk@example.org riftwatch up
    """
    from commands.supervisor import Supervisor

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        signal.signal(number, signal.default_int_handler)
    try:
        with Supervisor(settings.load(), echo=True) as installation:
            try:
                installation.run(threading.Event())
            finally:
                for number in numbers:  # stopping takes some seconds and needs no encouragement
                    signal.signal(number, signal.SIG_IGN)
    except KeyboardInterrupt:
        return
