"""One table of settings: name, default, type, help.

A setting comes from the environment (`RIFTWATCH_` and the name in capitals) or from a TOML file named by
`RIFTWATCH_CONFIG`; the environment wins. An unknown name stops the start with the nearest known one.
`riftwatch config show` prints the effective values with secrets hidden; docs/settings.md lists them all.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as _field
from pathlib import Path
from typing import Any

from riftwatch.errors import ConfigError
from riftwatch.toml_file import parse, read_text

PREFIX = "RIFTWATCH_"
# The file with settings; what only the tests read.
NOT_SETTINGS = ("CONFIG", "REQUIRE_ALL", "OPENSEARCH")
ROOT = Path(__file__).resolve().parent.parent


# Any: dataclass fields declare their own types; the loader checks each value against its default's type.
def _setting(default: Any, about: str, *, secret: bool = False) -> Any:
    return _field(default=default, repr=not secret, metadata={"about": about, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The effective settings of one process."""

    kafka: str = _setting("", "host:port of the Kafka cluster; empty: the embedded broker of `up`")
    kafka_security: str = _setting(
        "plaintext", "how the cluster is reached: plaintext, ssl, sasl_plaintext or sasl_ssl"
    )
    kafka_ca: str = _setting("", "file of the CA that signed the brokers' certificates; empty: the system's")
    kafka_client_certificate: str = _setting(
        "", "file of our own certificate for Kafka (PEM); empty: none is shown"
    )
    kafka_client_key: str = _setting("", "file of that certificate's key (PEM, without a passphrase)")
    kafka_sasl_mechanism: str = _setting(
        "", "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; empty: SCRAM-SHA-512 where there is a login"
    )
    kafka_user: str = _setting("", "user name for Kafka")
    kafka_password: str = _setting("", "password for Kafka", secret=True)
    partitions: int = _setting(4, "partitions of items, readings and state: 4 embedded, 12 in production")
    replication: int = _setting(1, "replicas of each topic: 1 on a single broker, 3 in production")
    store: str = _setting(
        "", "sqlite:PATH or http(s)://host:9200; empty: `elasticsearch`, or store.db in the data folder"
    )
    elasticsearch: str = _setting(
        "", "http(s)://host:9200 of Elasticsearch 9; the store, unless `store` names one"
    )
    elasticsearch_api_key: str = _setting("", "API key of this process for Elasticsearch", secret=True)
    elasticsearch_ca: str = _setting(
        "", "file of the CA that signed Elasticsearch's certificate; empty: the system's"
    )
    kibana: str = _setting("", "http(s)://host:5601 of Kibana, for `riftwatch deploy kibana`")
    kibana_api_key: str = _setting("", "API key for Kibana", secret=True)
    kibana_ca: str = _setting("", "file with the CA of Kibana's certificate; empty: those of the system")
    kibana_space: str = _setting("", "space of Kibana the dashboards go to; empty: the default one")
    index_prefix: str = _setting("riftwatch", "first part of the names of indices, aliases and templates")
    index_analysis: str = _setting(
        "languages", "languages (German and English), or plain for an engine without their analysers"
    )
    data: Path = _setting(Path("data/live"), "folder of the embedded installation")
    config_dir: Path = _setting(ROOT / "config", "folder with feeds.opml, watchlist, publishers, rules")
    models: Path = _setting(ROOT / "models", "folder with the shipped models")
    model: str = _setting("accurate", "accurate or fast")
    clock: str = _setting("wall", "wall, or file:PATH for a stepped clock (poller and mail sink only)")
    log_format: str = _setting("text", "text or json")
    log_level: str = _setting("info", "debug, info, warning or error")
    # Polling. 30 s for the whole response stops a server that sends one byte a second.
    contact_url: str = _setting(
        "https://example.org/riftwatch", "page that tells a feed's owner who polls; goes into the user agent"
    )
    poll_min_s: float = _setting(300.0, "shortest interval between two polls of a feed, in seconds")
    poll_priority_min_s: float = _setting(
        120.0,
        "shortest interval of a priority feed whose server says how long its answers are fresh, in seconds",
    )
    poll_max_s: float = _setting(3600.0, "longest interval between two polls of a healthy feed, in seconds")
    poll_host_gap_s: float = _setting(5.0, "seconds between two requests to one registrable domain")
    poll_parallel: int = _setting(16, "requests under way at once")
    poll_turn_s: float = _setting(1.0, "seconds between two looks at what is due")
    poll_timeout_s: float = _setting(30.0, "seconds a whole response may take")
    poll_max_wire_bytes: int = _setting(5_000_000, "bytes of a response on the wire")
    poll_max_body_bytes: int = _setting(20_000_000, "bytes of a response once decoded")
    poll_allow_private: str = _setting(
        "", "comma-separated host:port that may be polled although private (a newsroom's own feeds)"
    )
    websub_callback: str = _setting(
        "",
        "public address under which hubs reach this poller, such as https://news.example/hooks; empty: no WebSub",
    )
    websub_host: str = _setting("127.0.0.1", "address that hubs' messages are listened for on")
    websub_port: int = _setting(8421, "port that hubs' messages are listened for on")
    websub_secret: str = _setting(
        "", "at least 16 characters from which the secrets of subscriptions derive", secret=True
    )
    canary_s: float = _setting(60.0, "seconds between two canaries, on the poller's clock")
    # The search sink. 500 documents of a few kB are a bulk that Elasticsearch answers within a second.
    sink_batch: int = _setting(500, "records the search sink writes in one go")
    sink_batch_bytes: int = _setting(8 << 20, "bytes of records after which a batch is full")
    sink_batch_age_s: float = _setting(
        0.0, "seconds the search sink lets a batch grow; 0 writes at once what a poll brings"
    )
    # Mail
    mail_to: str = _setting("desk@localhost", "comma-separated recipients of alerts")
    mail_from: str = _setting("riftwatch@localhost", "sender of alerts")
    smtp: str = _setting("", "host:port of the SMTP server; empty: mails stay in the outbox as .eml files")
    smtp_user: str = _setting("", "user name for SMTP")
    smtp_password: str = _setting("", "password for SMTP", secret=True)
    smtp_tls: str = _setting("starttls", "starttls, tls or none")
    # Pages. Anything that listens stays on loopback unless told otherwise.
    desk_host: str = _setting("127.0.0.1", "address the desk listens on")
    desk_port: int = _setting(8420, "port of the desk; 0: any free one")
    desk_url: str = _setting("", "address of the desk as readers see it, for links in mails")
    metrics_host: str = _setting("127.0.0.1", "address /metrics listens on")
    metrics_port: int = _setting(0, "port of /metrics of this process; 0: none")
    # Faust. Tests use 6/2 so that a killed worker's partitions move within seconds.
    session_timeout_s: float = _setting(20.0, "seconds until a silent consumer loses its partitions")

    @property
    def store_url(self) -> str:
        """The store in use: the setting, else Elasticsearch if it is set, else store.db in the data folder."""
        return self.store or self.elasticsearch or f"sqlite:{self.data / 'store.db'}"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from the environment and the file it names; raises ConfigError."""
    environ = os.environ if environ is None else environ
    given: dict[str, tuple[object, str]] = {}
    file = environ.get(PREFIX + "CONFIG")
    if file:
        given |= {name: (value, file) for name, value in parse(read_text(Path(file)), Path(file)).items()}
    for key, value in environ.items():
        if key.startswith(PREFIX) and key.removeprefix(PREFIX) not in NOT_SETTINGS:
            given[key.removeprefix(PREFIX).lower()] = (value, f"environment {key}")
    return _build(given)


def to_environ(settings: Settings) -> dict[str, str]:
    """Return the environment from which a child process loads the same settings, wherever it runs."""
    environ = {}
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if isinstance(value, Path):
            environ[PREFIX + field.name.upper()] = str(value.absolute())
        elif value != field.default:
            environ[PREFIX + field.name.upper()] = str(value)
    return environ


def _build(given: Mapping[str, tuple[object, str]]) -> Settings:
    known = {field.name: field for field in fields(Settings)}
    values: dict[str, Any] = {}  # Any: as above
    for name, (value, source) in given.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"unknown setting {name}{hint}", source)
        values[name] = _convert(name, value, type(known[name].default), source)
    return Settings(**values)


def _convert(name: str, value: object, kind: type[Any], source: str) -> object:
    try:
        if issubclass(kind, Path):
            return Path(str(value))
        if kind is str and not isinstance(value, str):
            raise ValueError
        converted: object = kind(value)
    except (TypeError, ValueError) as error:
        word = {int: "a whole number", float: "a number", str: "a text"}.get(kind, kind.__name__)
        raise ConfigError(f"{name} must be {word}, not {value!r}", source) from error
    return converted


def shown(settings: Settings) -> dict[str, str]:
    """Return every setting as text, secrets hidden."""
    result = {}
    for field in fields(Settings):
        value = without_password(str(getattr(settings, field.name)))
        result[field.name] = "***" if field.metadata["secret"] and value else value
    return result


def without_password(address: str) -> str:
    """Return an address with user and password hidden, for people and logs; other texts stay as they are."""
    head, slashes, rest = address.partition("://")
    _, at, host = rest.rpartition("@")
    return f"{head}://***@{host}" if slashes and at else address


def about() -> list[tuple[str, str, str]]:
    """Return (name, default, help) of every setting, for docs and tests."""
    return [(f.name, str(f.default), str(f.metadata["about"])) for f in fields(Settings)]


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port."""

    host: str
    port: int


def address(text: str, setting: str) -> Address:
    """Read "host:port"; raises ConfigError naming the setting."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f'{setting} must be host:port, not "{text}"')
    return Address(host.strip("[]"), int(port))
