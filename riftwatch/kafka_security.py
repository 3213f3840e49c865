"""How a cluster is reached: TLS, a certificate of our own, a login. From settings to what clients want.

    settings ─▶ security() ─▶ Security ─▶ client_options()             kafka-python
                                     └──▶ processors/credentials.py    Faust

Reads the files that the settings name and asks no broker: what one refuses is told by riftwatch/kafka_refusals.py.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path

from riftwatch.errors import ConfigError
from riftwatch.settings import Settings

PLAINTEXT = "plaintext"
PROTOCOLS = (PLAINTEXT, "ssl", "sasl_plaintext", "sasl_ssl")
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")  # the first is taken when none is named
OF_TLS = ("kafka_ca", "kafka_client_certificate", "kafka_client_key")
OF_LOGIN = ("kafka_sasl_mechanism", "kafka_user", "kafka_password")


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to a cluster."""

    mechanism: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Security:
    """What every connection to a cluster is made with; nothing of both for a plain one."""

    tls: ssl.SSLContext | None = None
    login: Login | None = None

    @property
    def protocol(self) -> str:
        """Its name in Kafka's own words: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
        return ("SASL_" if self.login else "") + ("SSL" if self.tls else "PLAINTEXT")

    def client_options(self) -> dict[str, object]:
        """Return the options of kafka-python's producer, consumer and admin client."""
        options: dict[str, object] = {"security_protocol": self.protocol}
        if self.tls is not None:
            options["ssl_context"] = self.tls
        if self.login is not None:
            options |= {
                "sasl_mechanism": self.login.mechanism,
                "sasl_plain_username": self.login.user,
                "sasl_plain_password": self.login.password,
            }
        return options


def security(settings: Settings) -> Security:
    """Return how Kafka is reached; raises ConfigError when settings contradict each other or a file is bad."""
    protocol = _one_of(settings.kafka_security.lower(), PROTOCOLS, "kafka_security")
    _refuse_contradictions(settings, protocol)
    return Security(
        tls=_tls(settings) if protocol.endswith("ssl") else None,
        login=_login(settings) if protocol.startswith("sasl") else None,
    )


def without_security(settings: Settings) -> Settings:
    """Return the settings for the embedded broker, which is reached on loopback and asks for nothing."""
    return replace(
        settings, kafka_security=PLAINTEXT, kafka_ca="", kafka_client_certificate="", kafka_client_key="",
        kafka_sasl_mechanism="", kafka_user="", kafka_password="",
    )  # fmt: skip


def _one_of(value: str, known: tuple[str, ...], name: str) -> str:
    if value not in known:
        raise ConfigError(f'{name} must be {", ".join(known[:-1])} or {known[-1]}, not "{value}"')
    return value


def _refuse_contradictions(settings: Settings, protocol: str) -> None:
    if protocol != PLAINTEXT and not settings.kafka:
        raise ConfigError(
            f"kafka_security={protocol} is for a cluster: set kafka to its host:port, or leave kafka_security out"
        )
    _refuse_idle(settings, protocol, () if protocol.endswith("ssl") else OF_TLS, "ssl or sasl_ssl")
    _refuse_idle(settings, protocol, () if protocol.startswith("sasl") else OF_LOGIN, "sasl_ssl")


def _refuse_idle(settings: Settings, protocol: str, names: tuple[str, ...], wanted: str) -> None:
    for name in names:  # one without effect is a connection less safe than somebody believes
        if getattr(settings, name):
            raise ConfigError(
                f"{name} is set, but kafka_security={protocol} does not use it: set kafka_security to {wanted},"
                f" or leave {name} out"
            )


def _login(settings: Settings) -> Login:
    for name in ("kafka_user", "kafka_password"):
        if not getattr(settings, name):
            raise ConfigError(f"kafka_security={settings.kafka_security} needs {name} too")
    mechanism = settings.kafka_sasl_mechanism.upper() or MECHANISMS[0]
    return Login(
        _one_of(mechanism, MECHANISMS, "kafka_sasl_mechanism"), settings.kafka_user, settings.kafka_password
    )


def _tls(settings: Settings) -> ssl.SSLContext:
    ca = _readable("kafka_ca", settings.kafka_ca)
    try:
        context = ssl.create_default_context(cafile=ca or None)
    except ssl.SSLError as error:
        raise ConfigError("kafka_ca holds no certificate in PEM form", ca) from error
    _show(context, settings.kafka_client_certificate, settings.kafka_client_key)
    return context


def _show(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Let the context show our certificate to a broker that asks for one."""
    if not certificate and not key:
        return
    if not certificate or not key:
        raise ConfigError("kafka_client_certificate and kafka_client_key need each other: set both")
    try:
        context.load_cert_chain(
            _readable("kafka_client_certificate", certificate),
            _readable("kafka_client_key", key),
            password=_no_passphrase,
        )
    except ssl.SSLError as error:
        why = "do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "cannot be read as PEM"
        raise ConfigError(f"kafka_client_certificate and kafka_client_key {why}", certificate) from error


def _no_passphrase() -> str:
    """OpenSSL would ask for it at the terminal, and a service would wait for ever."""
    raise ConfigError("kafka_client_key is locked with a passphrase: give a key without one")


def _readable(name: str, path: str) -> str:
    """Return the path; raises ConfigError when there is one and its file cannot be read."""
    if path:
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise ConfigError(f"{name} cannot be read ({error.strerror})", path) from error
    return path
