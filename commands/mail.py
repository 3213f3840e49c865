"""`riftwatch mail preview|test|pause|resume`: what a person does about mails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from riftwatch import settings
from riftwatch.errors import ConfigError, StateError
from riftwatch.settings import Settings, without_password

if TYPE_CHECKING:
    from riftwatch.records import Mail


@click.group("mail")
def command() -> None:
    """Look at alert mails, try the SMTP server, stop and resume all mail."""


@command.command("preview")
@click.argument("shift_id", required=False)
@click.option(
    "--kind",
    type=click.Choice(["alert", "update", "correction", "settled"]),
    default="alert",
    show_default=True,
)
@click.option("--html", "as_html", is_flag=True, help="The HTML part.")
@click.option("--eml", "as_eml", is_flag=True, help="The whole message as it would be sent.")
def preview(shift_id: str | None, kind: str, *, as_html: bool, as_eml: bool) -> None:
    """Print the mail about a shift (the newest if none is named) without sending it.

    Example: riftwatch mail preview --html > mail.html
    """
    from sinks.message import compose

    chosen = settings.load()
    found = _written(chosen, shift_id, kind)
    if as_eml:
        click.get_binary_stream("stdout").write(compose(found, chosen.mail_from).as_bytes())
    else:
        click.echo(found.html if as_html else found.text)


def _written(chosen: Settings, shift_id: str | None, kind: str) -> Mail:
    import msgspec

    from sinks.facts import MailKind
    from sinks.mail import desk_of
    from sinks.message import write
    from sinks.names import names_of
    from stores.opening import open_store

    store = open_store(chosen.store_url, readonly=True, settings=chosen)
    try:
        shift = store.shift(shift_id) if shift_id else next(iter(store.shifts(limit=1)), None)
    finally:
        store.close()
    if shift is None:
        which = f"no shift {shift_id}" if shift_id else "no shift yet"
        raise StateError(
            f"there is {which} in {without_password(chosen.store_url)}: see the desk for what has been found"
        )
    desk = desk_of(chosen, names_of(chosen))
    if not desk.recipients:
        raise ConfigError("mail_to names nobody: set RIFTWATCH_MAIL_TO")
    to = desk.addressed(desk.recipients[0])
    first = None
    if kind != "alert":
        first = write(shift, "alert", desk.names, to, shift.detected_at)
    return write(shift, msgspec.convert(kind, MailKind), desk.names, to, shift.reported_at, first)


@command.command("test")
@click.option("--to", "recipient", help="One address instead of all of mail_to.")
def test(recipient: str | None) -> int:
    """Send a test mail to every recipient, or write it as a file when no SMTP server is set.

    Exit code 1 if a server did not take one.

    Example: riftwatch mail test --to me@example.org
    """
    from dataclasses import replace

    from riftwatch.clock import clock_from
    from sinks.courier import write_file
    from sinks.mail import FOLDER, desk_of
    from sinks.message import compose, trial_mail
    from sinks.names import names_of
    from sinks.smtp import Ending, sender_of

    chosen = settings.load()
    if recipient is not None:
        chosen = replace(chosen, mail_to=recipient)
    desk, send = desk_of(chosen, names_of(chosen)), sender_of(chosen)
    now = clock_from(chosen.clock).now()
    code = 0
    for one in desk.recipients:
        message = compose(trial_mail(one, now), desk.sender)
        if send is None:
            path = write_file(chosen.data / FOLDER, f"test-{one}", message.as_bytes())
            click.echo(f"{one}: written to {path}; set RIFTWATCH_SMTP=host:port to send it")
            continue
        delivery = send(message, one)
        taken = delivery.ending is Ending.SENT
        click.echo(f"{one}: {'the server took it' if taken else f'not taken: {delivery.detail}'}")
        code = code if taken else 1
    return code


@command.command("pause")
def pause() -> None:
    """Stop all mail of this installation until `riftwatch mail resume`.

    Shifts that are found meanwhile are not mailed later either; corrections wait and go out on resuming.

    Example: riftwatch mail pause
    """
    file = _pause_file()
    try:
        file.touch()
    except OSError as error:
        raise ConfigError(f"cannot be written ({error.strerror})", file) from error
    click.echo("Mail is paused: nothing is sent until `riftwatch mail resume`.")


@command.command("resume")
def resume() -> None:
    """Let mail go out again.

    Example: riftwatch mail resume
    """
    file = _pause_file()
    try:
        file.unlink()
    except FileNotFoundError:
        click.echo("Mail was not paused.")
        return
    except OSError as error:
        raise ConfigError(f"cannot be removed ({error.strerror})", file) from error
    click.echo("Mail goes out again.")


def _pause_file() -> Path:
    from sinks.mail import PAUSE_FILE

    data = settings.load().data
    if not data.is_dir():
        raise StateError(
            f"there is no installation in {data}: set RIFTWATCH_DATA, or start `riftwatch up` first"
        )
    return data / PAUSE_FILE
