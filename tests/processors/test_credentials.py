"""What Faust hands to each of its Kafka clients is what every other client gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import faust
import pytest
from faust.transport.drivers.aiokafka import Producer, Transport, credentials_to_aiokafka_auth

from processors.app import _faust_settings
from riftwatch.kafka_security import security
from riftwatch.settings import Settings

SSL = Settings(kafka="kafka:9093", kafka_security="ssl")
LOGIN = Settings(
    kafka="kafka:9093", kafka_security="sasl_ssl", kafka_user="anna", kafka_password="correct-horse"
)
CLEAR = Settings(kafka="kafka:9092", kafka_security="sasl_plaintext", kafka_user="anna", kafka_password="x",
                 kafka_sasl_mechanism="PLAIN")  # fmt: skip


def given_to_aiokafka(settings: Settings) -> Mapping[str, object]:
    return credentials_to_aiokafka_auth(_faust_settings(settings, settings.kafka)["broker_credentials"])


@pytest.mark.parametrize("settings", [Settings(kafka="kafka:9092"), SSL, LOGIN, CLEAR])
def test_aiokafka_is_told_what_kafka_python_is_told(settings: Settings) -> None:
    told = {name: value for name, value in given_to_aiokafka(settings).items() if value is not None}
    wanted = security(settings).client_options()
    assert ("ssl_context" in told) is ("ssl_context" in wanted)
    for one in (told, wanted):
        one.pop("ssl_context", None)
    assert told == wanted


def test_the_password_is_not_in_what_faust_prints() -> None:
    assert "correct-horse" not in repr(_faust_settings(LOGIN, LOGIN.kafka))


async def test_producer_and_consumer_of_an_app_have_the_login() -> None:
    app = faust.App(**_faust_settings(LOGIN, LOGIN.kafka))
    producer = cast("Producer", Transport(app.conf.broker, app).create_producer())._settings_auth()
    assert producer["sasl_plain_username"] == "anna"
    assert producer["security_protocol"] == "SASL_SSL"
    assert app.conf.broker_credentials is not None
    assert credentials_to_aiokafka_auth(app.conf.broker_credentials) == producer
