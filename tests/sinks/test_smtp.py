"""Sending against a real SMTP server (aiosmtpd) that misbehaves as told."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from riftwatch.errors import ConfigError
from riftwatch.settings import Address, Settings
from sinks import smtp
from sinks.message import compose
from sinks.smtp import Delivery, Ending, Server, deliver, server_of
from tests.stores.samples import mail

MESSAGE = compose(mail(html="<p>ü</p>", text="ü"), "riftwatch@example.org")


class Postmaster:
    """Handles one server's sessions: `says` answers a command, by its name."""

    def __init__(self) -> None:
        self.says: dict[str, str] = {}
        self.taken: list[Envelope] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "rcpt" in self.says:
            return self.says["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        return self.says.get("data", "250 OK")

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self.says.get("quit", "221 Bye")


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=data.password == b"right", handled=False)


@pytest.fixture
def postmaster() -> Iterator[tuple[Postmaster, Server]]:
    handler = Postmaster()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    running = Controller(
        handler,
        hostname="127.0.0.1",
        port=port,
        authenticator=authenticate,
        auth_require_tls=False,
        auth_required=False,
    )
    running.start()
    yield handler, Server(Address("127.0.0.1", port), "none", "", "")
    running.stop()


def send(server: Server) -> Delivery:
    return deliver(server, MESSAGE, "riftwatch@example.org", "desk@example.org")


def test_a_message_arrives_as_it_was_composed(postmaster: tuple[Postmaster, Server]) -> None:
    handler, server = postmaster
    assert send(server) == Delivery(Ending.SENT)
    (envelope,) = handler.taken
    assert envelope.rcpt_tos == ["desk@example.org"]
    assert envelope.mail_from == "riftwatch@example.org"
    assert isinstance(envelope.content, bytes)
    assert envelope.content.strip() == MESSAGE.as_bytes().strip()


@pytest.mark.parametrize(
    ("command", "said", "ending"),
    [
        ("rcpt", "450 busy", Ending.LATER),
        ("rcpt", "550 no such user", Ending.REFUSED),
        ("data", "451 greylisted", Ending.LATER),
        ("data", "554 spam", Ending.REFUSED),
        ("quit", "421 going down", Ending.SENT),
    ],
)
def test_what_the_server_says_decides(
    postmaster: tuple[Postmaster, Server], command: str, said: str, ending: Ending
) -> None:
    handler, server = postmaster
    handler.says[command] = said
    delivery = send(server)
    assert delivery.ending is ending
    assert ending is Ending.SENT or said in delivery.detail


def test_no_server_and_silence_mean_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        assert send(Server(Address("127.0.0.1", port), "none", "", "")).ending is Ending.LATER
        silent.listen()
        assert send(Server(Address("127.0.0.1", port), "none", "", "")).ending is Ending.LATER


def test_a_greeting_that_says_no_is_not_about_this_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            connection, _ = listening.accept()
            connection.sendall(b"554 not now\r\n")
            connection.close()

        thread = threading.Thread(target=refuse)
        thread.start()
        port = listening.getsockname()[1]
        assert send(Server(Address("127.0.0.1", port), "none", "", "")).ending is Ending.LATER
        thread.join()


def test_wrong_credentials_are_one_sentence_without_the_password(
    postmaster: tuple[Postmaster, Server],
) -> None:
    handler, server = postmaster
    with pytest.raises(ConfigError, match="does not accept the user name or password") as caught:
        send(Server(server.at, "none", "anna", "wrong-secret"))
    assert "wrong-secret" not in str(caught.value)
    assert handler.taken == []
    assert send(Server(server.at, "none", "anna", "right")).ending is Ending.SENT


def test_a_server_without_starttls_is_not_used_in_the_clear(postmaster: tuple[Postmaster, Server]) -> None:
    handler, server = postmaster
    with pytest.raises(ConfigError, match="STARTTLS"):
        send(Server(server.at, "starttls", "", ""))
    assert handler.taken == []


def test_a_server_that_speaks_no_tls_is_tried_again_later(
    postmaster: tuple[Postmaster, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.5)
    assert send(Server(postmaster[1].at, "tls", "", "")).ending is Ending.LATER


def test_the_settings_name_the_server() -> None:
    assert server_of(Settings()) is None
    found = server_of(Settings(smtp="mail.example.org:587", smtp_user="anna", smtp_password="secret"))
    assert found == Server(Address("mail.example.org", 587), "starttls", "anna", "secret")
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(smtp="mail.example.org"),
        Settings(smtp="mail.example.org:587", smtp_tls="ssl"),
        Settings(smtp="mail.example.org:25", smtp_tls="none", smtp_user="anna"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="smtp"):
        server_of(settings)
