"""A real Kafka that wants TLS and a login, as a newsroom's cluster does, and the authority that certifies it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.broker import Broker
from commands.children import Children, Starter
from commands.jvm import Engine
from commands.ports import LOOPBACK, free_port
from riftwatch.settings import Settings
from tests.given import missing

USER, PASSWORD = "newsroom", "correct-horse-battery"
MODULES = "org.apache.kafka.common.security"
SERVER, TRUSTED = "server.pem", "ca.pem"


class Authority:
    """A certificate authority in a folder, made with openssl; takes 0.1 s a certificate."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        if not shutil.which("openssl"):
            missing("openssl", "it makes the certificates")
        self.folder = folder
        self.certificate, self._key = folder / f"{name}.pem", folder / f"{name}.key"
        self._openssl("req", "-x509", *self._fresh(self._key, name), "-out", self.certificate)

    def issue(self, name: str, extension: str = "") -> tuple[Path, Path]:
        """Return files with a certificate of that name and its key."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        more = ("-addext", extension) if extension else ()
        self._openssl(
            "req", "-x509", "-CA", self.certificate, "-CAkey", self._key, *self._fresh(key, name),
            "-addext", "basicConstraints=critical,CA:FALSE", *more, "-out", certificate,
        )  # fmt: skip
        return certificate, key

    @staticmethod
    def _fresh(key: Path, name: str) -> tuple[str | Path, ...]:
        return "-newkey", "rsa:2048", "-noenc", "-keyout", key, "-subj", f"/CN={name}", "-days", "2"

    @staticmethod
    def _openssl(*words: str | Path) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True)


class SecuredBroker(Broker):
    """An embedded broker with three more listeners: login over TLS, login in the clear, certificates only."""

    def __init__(self, data: Path, children: Starter, engine: Engine) -> None:
        super().__init__(data, children, engine)
        self._more = {name: free_port() for name in ("SASL_SSL", "SASL_PLAINTEXT", "SSL")}
        data.mkdir(parents=True, exist_ok=True)
        self.authority = Authority(data)
        # An address and no name: "localhost" is then another one.
        certificate, key = self.authority.issue("broker", f"subjectAltName=IP:{LOOPBACK}")
        (data / SERVER).write_text(key.read_text() + certificate.read_text())
        self.client_certificate, self.client_key = self.authority.issue("client")

    def at(self, listener: str) -> str:
        """Where one of its listeners is: host:port."""
        return f"{LOOPBACK}:{self._more[listener]}"

    def settings(self, mechanism: str = "") -> Settings:
        """Return what a newsroom would set: SASL_SSL, its CA, name and password."""
        return Settings(
            kafka=self.at("SASL_SSL"), kafka_security="sasl_ssl", kafka_ca=str(self.authority.certificate),
            kafka_sasl_mechanism=mechanism, kafka_user=USER, kafka_password=PASSWORD, session_timeout_s=6,
        )  # fmt: skip

    def properties(self) -> list[str]:
        """Return the lines of the configuration."""
        listeners = f"PLAINTEXT://{self.address},CONTROLLER://{LOOPBACK}:{self.controller}," + ",".join(
            f"{name}://{self.at(name)}" for name in self._more
        )
        same = ",".join(f"{name}:{name}" for name in ("PLAINTEXT", *self._more))
        scram = f"{MODULES}.scram.ScramLoginModule required;"
        plain = f'{MODULES}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
        logins = [
            f"listener.name.{listener}.{line}"
            for listener in ("sasl_ssl", "sasl_plaintext")
            for line in (
                "sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN",
                f"scram-sha-512.sasl.jaas.config={scram}",
                f"plain.sasl.jaas.config={plain}",
            )
        ]
        return [
            *super().properties(), *logins, f"listeners={listeners}", f"advertised.listeners={listeners}",
            f"listener.security.protocol.map=CONTROLLER:PLAINTEXT,{same}", "listener.name.ssl.ssl.client.auth=required",
            "ssl.keystore.type=PEM", f"ssl.keystore.location={SERVER}", "ssl.truststore.type=PEM",
            f"ssl.truststore.location={TRUSTED}",
        ]  # fmt: skip

    def identity(self) -> list[str]:
        """Return the options with which the folder is formatted: one user is there from the start."""
        return [*super().identity(), "--add-scram", f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"]


@pytest.fixture(scope="session")
def secured(engines_folder: Path, engine_children: Children, kafka_engine: Engine) -> Iterator[SecuredBroker]:
    """A Kafka that wants TLS and a login; always our own."""
    broker = SecuredBroker(engines_folder / "secured", engine_children, kafka_engine)
    broker.start()
    yield broker
    broker.stop()
