"""Sending one message over SMTP. Every ending is a value, except a login that is refused: that is ConfigError."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from enum import Enum

from riftwatch.errors import ConfigError
from riftwatch.settings import Address, Settings, address

TIMEOUT_S = 30.0
MAX_DETAIL_CHARS = 200
TLS_KINDS = ("starttls", "tls", "none")


class Ending(Enum):
    """How the sending of one message ended."""

    SENT = "sent"
    LATER = "later"  # the server is unwell or asks for patience: 4xx, timeouts, no connection
    REFUSED = "refused"  # the server says no for good: 5xx


@dataclass(frozen=True, slots=True)
class Delivery:
    """How it ended, with one sentence for a person."""

    ending: Ending
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """The SMTP server of the settings."""

    at: Address
    tls: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Server({self.at.host}:{self.at.port}, {self.tls})"  # never the password


def server_of(settings: Settings) -> Server | None:
    """Return the server that is set, or None; raises ConfigError."""
    if settings.smtp_tls not in TLS_KINDS:
        raise ConfigError(f'smtp_tls must be starttls, tls or none, not "{settings.smtp_tls}"')
    if not settings.smtp:
        return None
    if settings.smtp_user and settings.smtp_tls == "none":
        raise ConfigError("smtp_tls is none, so the password would travel in the clear: set starttls or tls")
    return Server(
        address(settings.smtp, "smtp"), settings.smtp_tls, settings.smtp_user, settings.smtp_password
    )


def sender_of(settings: Settings) -> Callable[[EmailMessage, str], Delivery] | None:
    """Return what sends a message to a recipient, or None without a server; raises ConfigError."""
    server = server_of(settings)
    if server is None:
        return None
    return lambda message, recipient: deliver(server, message, settings.mail_from, recipient)


def deliver(server: Server, message: EmailMessage, sender: str, recipient: str) -> Delivery:
    """Send one message to one recipient; blocks for as long as the server takes, raises ConfigError.

    ConfigError means that nothing can be sent until a person changes the settings.
    """
    try:
        smtp = _connected(server)
        try:
            _log_in(server, smtp)
            smtp.send_message(message, sender, [recipient])
        finally:
            _leave(smtp)
    except smtplib.SMTPRecipientsRefused as error:
        return _by_code(*next(iter(error.recipients.values())))
    except (
        smtplib.SMTPConnectError,
        smtplib.SMTPHeloError,
    ) as error:  # not about this mail, whatever the code
        return Delivery(Ending.LATER, _said(error.smtp_code, error.smtp_error))
    except smtplib.SMTPResponseException as error:
        return _by_code(error.smtp_code, error.smtp_error)
    except smtplib.SMTPNotSupportedError as error:
        raise ConfigError(f"the SMTP server {server.at.host} cannot do what is set: {error}") from error
    except (smtplib.SMTPException, OSError) as error:
        return Delivery(Ending.LATER, f"{type(error).__name__}: {error}"[:MAX_DETAIL_CHARS])
    return Delivery(Ending.SENT)


def _connected(server: Server) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    if server.tls == "tls":
        return smtplib.SMTP_SSL(server.at.host, server.at.port, timeout=TIMEOUT_S, context=trusted)
    smtp = smtplib.SMTP(server.at.host, server.at.port, timeout=TIMEOUT_S)
    if server.tls == "starttls":
        try:
            smtp.starttls(context=trusted)
        except BaseException:
            smtp.close()
            raise
    return smtp


def _log_in(server: Server, smtp: smtplib.SMTP) -> None:
    if not server.user:
        return
    try:
        smtp.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as error:
        if 400 <= error.smtp_code < 500:
            raise
        raise ConfigError(
            f"the SMTP server {server.at.host} does not accept the user name or password: check "
            "RIFTWATCH_SMTP_USER and RIFTWATCH_SMTP_PASSWORD; mails wait in the outbox"
        ) from error


def _leave(smtp: smtplib.SMTP) -> None:
    with contextlib.suppress(smtplib.SMTPException, OSError):  # the mail is accepted or not by now
        smtp.quit()
    smtp.close()


def _by_code(code: int, said: bytes | str) -> Delivery:
    return Delivery(Ending.REFUSED if 500 <= code < 600 else Ending.LATER, _said(code, said))


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:MAX_DETAIL_CHARS]
