"""A broker that will not have us says why at once; one that does so later is waited for."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest
from kafka.admin import NewTopic, ScramMechanism, UserScramCredentialUpsertion
from kafka.errors import KafkaConnectionError, KafkaTimeoutError, SaslAuthenticationFailedError
from kafka.net.selector import NetworkSelector

from commands.ports import LOOPBACK, free_port
from riftwatch import kafka as clients
from riftwatch.errors import AccessError
from riftwatch.kafka_refusals import Refused, TlsTransport, refusal
from riftwatch.settings import Settings
from tests.secured import PASSWORD, USER, Authority, SecuredBroker

SOON_MS = 1500
LIMIT_S = 60.0  # seconds on a busy machine; a second or two usually


def handshake(reason: str) -> KafkaConnectionError:
    return KafkaConnectionError(f"Handshake failed: [SSL: {reason} (_ssl.c:1006)")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SaslAuthenticationFailedError("invalid credentials"), "does not accept our login: see kafka_user"),
        (
            handshake("CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired"),
            r"not trusted \(certificate has expired\): set kafka_ca",
        ),
        (
            handshake("CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, not valid for 'a'."),
            r"another name \(Hostname mismatch, not valid for 'a'\)",
        ),
        (handshake("WRONG_VERSION_NUMBER] wrong version number"), "does not speak TLS on this port"),
        (Refused("hangs up"), "^hangs up$"),
        (KafkaConnectionError("111 ECONNREFUSED"), "^$"),
        (None, "^$"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_from_a_lost_connection(error: Exception | None, sentence: str) -> None:
    assert re.search(sentence, refusal(error)), refusal(error)


def test_a_port_that_says_nothing_is_not_waited_for_without_end() -> None:
    """The library's handshake has no limit: a broker that vanished in the middle of one was waited for for ever."""
    with socket.create_server(("127.0.0.1", 0)) as silent, closing(NetworkSelector()) as net:
        sock = socket.create_connection(silent.getsockname())
        sock.setblocking(False)
        transport = TlsTransport(net, sock, host="127.0.0.1", ssl_context=ssl.create_default_context())
        transport.limit_s = 0.1
        with pytest.raises(KafkaTimeoutError):
            net.run(transport.handshake)
        assert transport.host_port() == "none"  # its socket is closed


def certified(broker: SecuredBroker) -> Settings:
    """What opens the port that wants a certificate of ours."""
    return Settings(
        kafka=broker.at("SSL"), kafka_security="ssl", kafka_ca=str(broker.authority.certificate),
        kafka_client_certificate=str(broker.client_certificate), kafka_client_key=str(broker.client_key),
    )  # fmt: skip


@pytest.mark.kafka
@pytest.mark.parametrize("mechanism", ["", "PLAIN"])
def test_a_login_opens_the_door(secured: SecuredBroker, mechanism: str) -> None:
    settings = secured.settings(mechanism)
    with closing(clients.admin(settings)) as admin:
        assert admin.describe_cluster()["brokers"]
    assert clients.group_members(settings, "nobody") == 0


@pytest.mark.kafka
def test_a_certificate_of_our_own_opens_the_door(secured: SecuredBroker) -> None:
    with closing(clients.admin(certified(secured))) as admin:
        assert admin.describe_cluster()["brokers"]


def refused(broker: SecuredBroker) -> list[tuple[str, Settings]]:
    """What a broker says to each of them."""
    good, stranger = broker.settings(), Authority(broker.data, "stranger")
    ours = certified(broker)
    nameless = replace(ours, kafka_client_certificate="", kafka_client_key="")
    key = stranger.certificate.with_suffix(".key")
    strange = replace(ours, kafka_client_certificate=str(stranger.certificate), kafka_client_key=str(key))
    return [
        ("does not accept our login", replace(good, kafka_password="battery")),
        ("does not accept our login", replace(good, kafka_user="nobody")),
        ("does not accept our login", replace(good, kafka_password="battery", kafka_sasl_mechanism="PLAIN")),
        ("does not know this way to log in", replace(good, kafka_sasl_mechanism="SCRAM-SHA-256")),
        (r"not trusted \(unable to get local issuer certificate\): set kafka_ca", replace(good, kafka_ca="")),
        ("not trusted", replace(good, kafka_ca=str(stranger.certificate))),
        ("for another name", replace(good, kafka=good.kafka.replace("127.0.0.1", "localhost"))),
        ("does not accept our certificate", nameless),
        ("does not accept our certificate", strange),
        (
            "takes no login on this port",
            replace(ours, kafka_security="sasl_ssl", kafka_user=USER, kafka_password="x"),
        ),
    ]


@pytest.mark.kafka
def test_every_refusal_is_one_sentence_and_nothing_else(
    secured: SecuredBroker, caplog: pytest.LogCaptureFixture
) -> None:
    for sentence, settings in refused(secured):
        with pytest.raises(AccessError, match=f"^Kafka at {settings.kafka} .*{sentence}") as caught:
            clients.admin(settings)
        assert "\n" not in str(caught.value)
        assert PASSWORD not in str(caught.value)
    assert caplog.messages == []


@pytest.mark.kafka
def test_one_broker_that_refuses_leaves_the_others_to_ask(secured: SecuredBroker) -> None:
    good = secured.settings()
    other_name = good.kafka.replace(LOOPBACK, "localhost")
    with closing(clients.admin(replace(good, kafka=f"{other_name},{good.kafka}"))) as admin:
        assert admin.describe_cluster()["brokers"]
    began = time.monotonic()
    with pytest.raises(AccessError, match=r"localhost.* shows a certificate for another name"):
        clients.admin(replace(good, kafka=f"{other_name},{LOOPBACK}:{free_port()}"), answer_ms=SOON_MS)
    assert time.monotonic() - began > SOON_MS / 1000 / 2  # the one that is away may come back


@pytest.mark.kafka
def test_the_wrong_port_is_guessed_when_it_hangs_up(secured: SecuredBroker) -> None:
    """It may be one that just starts, so it is asked until the time is over."""
    good = secured.settings()
    tls = Settings(kafka=good.kafka, kafka_security="ssl", kafka_ca=good.kafka_ca)
    for settings in (Settings(kafka=good.kafka), tls, replace(tls, kafka=secured.address)):
        wrong = f"kafka_security={settings.kafka_security} is not what this port wants"
        with pytest.raises(AccessError, match=f"^Kafka at {settings.kafka} hangs up .*{wrong}"):
            clients.admin(settings, answer_ms=SOON_MS)


def set_password(broker: SecuredBroker, password: str) -> None:
    change = UserScramCredentialUpsertion(USER, ScramMechanism.SCRAM_SHA_512, password)
    with closing(clients.admin(Settings(kafka=broker.address))) as admin:
        admin.alter_user_scram_credentials([change])


@pytest.mark.kafka
@pytest.mark.timeout(300)
def test_a_login_that_is_refused_while_running_is_waited_for(
    secured: SecuredBroker, caplog: pytest.LogCaptureFixture
) -> None:
    settings = secured.settings()
    with closing(clients.admin(settings)) as admin:
        admin.create_topics([NewTopic("test.locked", 1, 1)], wait_for_metadata=True)
    consumer = clients.consumer(settings, "test-locked", ["test.locked"])
    producer = clients.producer(settings)
    got: list[bytes] = []

    def read_until(true: Callable[[], bool]) -> None:
        until = time.monotonic() + LIMIT_S
        while not true() and time.monotonic() < until:
            got.extend(record.value for part in consumer.poll(timeout_ms=200).values() for record in part)

    try:
        producer.send("test.locked", b"before").get(LIMIT_S)
        read_until(lambda: len(got) == 1)
        consumer.commit()  # on a busy machine its session ends meanwhile
        set_password(secured, "changed-meanwhile")
        secured.kill()
        secured.start()
        waiting = producer.send("test.locked", b"while locked out")
        told = f"Kafka at {settings.kafka} does not accept our login"
        read_until(lambda: told in caplog.text)
        assert told in caplog.text
        assert got == [b"before"]
        set_password(secured, PASSWORD)
        waiting.get(LIMIT_S)
        read_until(lambda: len(got) == 2)
        assert got == [b"before", b"while locked out"]
    finally:
        set_password(secured, PASSWORD)
        consumer.close()
        producer.close()
