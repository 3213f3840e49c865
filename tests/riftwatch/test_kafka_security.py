"""From settings to what clients want; contradictions and bad files are one sentence each."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from riftwatch.errors import ConfigError
from riftwatch.kafka_security import OF_LOGIN, OF_TLS, security, without_security
from riftwatch.settings import Settings, load, shown
from tests.secured import Authority

SECRET = "correct-horse-battery"
PLAIN = Settings(kafka="kafka:9092")
LOGGED_IN = replace(PLAIN, kafka_security="sasl_ssl", kafka_user="anna", kafka_password=SECRET)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def test_nothing_is_asked_for_unless_it_is_set() -> None:
    assert security(Settings()).client_options() == {"security_protocol": "PLAINTEXT"}


@pytest.mark.parametrize(
    ("protocol", "login"),
    [("ssl", False), ("SSL", False), ("sasl_plaintext", True), ("sasl_ssl", True), ("SASL_SSL", True)],
)
def test_options_are_those_of_the_protocol(protocol: str, login: bool) -> None:
    given = replace(LOGGED_IN if login else PLAIN, kafka_security=protocol)
    options = security(given).client_options()
    assert options["security_protocol"] == protocol.upper()
    assert ("ssl_context" in options) is protocol.upper().endswith("SSL")
    names = ("sasl_mechanism", "sasl_plain_username", "sasl_plain_password")
    assert [options.get(name) for name in names] == (
        ["SCRAM-SHA-512", "anna", SECRET] if login else [None] * 3
    )


def test_a_broker_s_name_and_authority_are_always_checked(authority: Authority) -> None:
    own = security(replace(PLAIN, kafka_security="ssl", kafka_ca=str(authority.certificate))).tls
    system = security(replace(PLAIN, kafka_security="ssl")).tls
    for context in (own, system):
        assert context is not None
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert own is not None
    assert len(own.get_ca_certs()) == 1  # with a CA of its own the system's are not trusted


@pytest.mark.parametrize("mechanism", ["PLAIN", "plain", "SCRAM-SHA-256", "scram-sha-512"])
def test_a_mechanism_may_be_chosen(mechanism: str) -> None:
    login = security(replace(LOGGED_IN, kafka_sasl_mechanism=mechanism)).login
    assert login is not None
    assert login.mechanism == mechanism.upper()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kafka_security": "tls"}, 'kafka_security must be plaintext, ssl, sasl_plaintext or sasl_ssl, not "tls"'),
        ({"kafka_sasl_mechanism": "GSSAPI"}, "kafka_sasl_mechanism must be SCRAM-SHA-512, .*PLAIN, not"),
        ({"kafka": ""}, "kafka_security=sasl_ssl is for a cluster: set kafka"),
        ({"kafka_user": ""}, "needs kafka_user too"),
        ({"kafka_password": ""}, "needs kafka_password too"),
        ({"kafka_client_key": "client.key"}, "need each other: set both"),
        ({"kafka_client_certificate": "client.pem"}, "need each other: set both"),
        ({"kafka_ca": "/nowhere/ca.pem"}, r"/nowhere/ca\.pem: kafka_ca cannot be read \(No such file"),
        (
            {"kafka_client_certificate": "/", "kafka_client_key": "/"},
            r"kafka_client_certificate cannot be read \(Is a directory\)",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_or_missing_is_one_sentence(changes: dict[str, str], sentence: str) -> None:
    environ = {f"RIFTWATCH_{name.upper()}": value for name, value in changes.items()}
    given = load({
        "RIFTWATCH_KAFKA": "kafka:9092", "RIFTWATCH_KAFKA_SECURITY": "sasl_ssl", "RIFTWATCH_KAFKA_USER": "anna",
        "RIFTWATCH_KAFKA_PASSWORD": SECRET, **environ,
    })  # fmt: skip
    with pytest.raises(ConfigError, match=sentence) as caught:
        security(given)
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("protocol", ["plaintext", "ssl", "sasl_plaintext"])
def test_a_setting_without_effect_is_refused(protocol: str) -> None:
    """Somebody who sets a password believes that it is asked for."""
    idle = (*(() if protocol == "ssl" else OF_TLS), *(() if protocol.startswith("sasl") else OF_LOGIN))
    for name in idle:
        given = replace(load({f"RIFTWATCH_{name.upper()}": "x"}), kafka="kafka:9092", kafka_security=protocol)
        with pytest.raises(
            ConfigError, match=f"{name} is set, but kafka_security={protocol} does not use it"
        ):
            security(given)


def test_a_file_without_a_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(ConfigError, match=r"ca\.pem: kafka_ca holds no certificate"):
        security(replace(PLAIN, kafka_security="ssl", kafka_ca=str(tmp_path / "ca.pem")))


def test_a_certificate_of_our_own_needs_its_own_open_key(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue("desk")
    _, other = authority.issue("other")
    locked = tmp_path / "locked.key"
    lock = ("openssl", "pkey", "-in", key, "-out", locked, "-aes256", "-passout", "pass:anything")
    subprocess.run(lock, check=True, capture_output=True)
    given = replace(PLAIN, kafka_security="ssl", kafka_client_certificate=str(certificate))
    assert security(replace(given, kafka_client_key=str(key))).tls is not None
    for bad, sentence in (
        (other, "do not belong together"), (locked, "locked with a passphrase"), (certificate, "cannot be read as PEM"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=sentence):
            security(replace(given, kafka_client_key=str(bad)))


def test_the_password_is_never_shown() -> None:
    assert shown(LOGGED_IN)["kafka_password"] == "***"
    assert SECRET not in "".join(shown(LOGGED_IN).values())
    assert SECRET not in repr(security(LOGGED_IN))


def test_the_embedded_broker_is_reached_without() -> None:
    assert without_security(LOGGED_IN) == PLAIN
    assert security(without_security(replace(LOGGED_IN, kafka=""))).protocol == "PLAINTEXT"
