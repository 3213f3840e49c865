"""kafka-python's connections, mended where a refusal gets lost; used by riftwatch/kafka.py.

The library (3.0.12) asks a broker that refuses us again and again until its time is over, and then says that nobody
answered; once it runs, a refusal ends whoever waits for an answer. Here the first search for a broker ends with the
reason, and later a refusal is what an unreachable broker is: one more sentence, one more try.
"""

from __future__ import annotations

import logging
import re
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any

import kafka.net.manager
from kafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaTimeoutError,
    RequestTimedOutError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
from kafka.net.compat import KafkaNetClient
from kafka.net.connection import KafkaConnection
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector
from kafka.net.transport import KafkaSSLTransport, KafkaTCPTransport

NOT_THE_NAME = ("Hostname mismatch", "IP address mismatch")
NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
NOT_OURS = ("CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_UNKNOWN_CA")
SAID_AGAIN = ("SaslHandshake failed", "socket disconnected")  # the library's next line says it too
REASON = re.compile(r"certificate verify failed: (.*?)\.? ?\(_ssl")

logger = logging.getLogger(__name__)


class Refused(KafkaConnectionError):  # type: ignore[misc]  # kafka-python has no types
    """A broker that answers and will not have us, or whom we must not trust; says what a person can do."""


def refusal(error: BaseException | None) -> str:
    """Return what a refusal means and what to do about it; "" when the error is none."""
    if isinstance(error, Refused):
        return str(error.args[0])
    if isinstance(error, SaslAuthenticationFailedError):
        return "does not accept our login: see kafka_user, kafka_password and kafka_sasl_mechanism"
    if isinstance(error, UnsupportedSaslMechanismError):
        return "does not know this way to log in: set another kafka_sasl_mechanism"
    if isinstance(error, IllegalSaslStateError):
        return "takes no login on this port: set kafka_security to ssl or plaintext, or take its other port"
    return _of_tls(str(error))


def _of_tls(text: str) -> str:
    found = REASON.search(text)
    why = found[1] if found else "verification failed"
    if any(phrase in text for phrase in NOT_THE_NAME):
        return f"shows a certificate for another name ({why}): set kafka to a name that stands in it"
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"shows a certificate that is not trusted ({why}): set kafka_ca to the file of its authority"
    if any(phrase in text for phrase in NO_TLS):
        return "does not speak TLS on this port: set kafka_security to plaintext or sasl_plaintext, or take its other port"
    if any(phrase in text for phrase in NOT_OURS):
        return "does not accept our certificate: see kafka_client_certificate and kafka_client_key"
    return ""


class _Connection(KafkaConnection):  # type: ignore[misc]  # as above
    """A connection whose refusal can be tried again, like any other loss."""

    def connection_lost(self, exc: BaseException | None) -> None:
        """Fail what waits for answers."""
        why = refusal(exc)
        super().connection_lost(Refused(why) if why else exc)


class _Heard:
    """What a broker says right before it hangs up is heard: the library throws it away, and a refusal is just that."""

    def _sock_recv(self) -> tuple[bytes, BaseException | None]:
        data, error = super()._sock_recv()  # type: ignore[misc]  # of the transport it is mixed into
        heard = data and not self._closed  # type: ignore[attr-defined]  # as above
        return data, None if heard else error  # the end is read again by the next call


class _PlainTransport(_Heard, KafkaTCPTransport):  # type: ignore[misc]  # as above
    """A connection without TLS."""


class TlsTransport(_Heard, KafkaSSLTransport):  # type: ignore[misc]  # as above
    """One with TLS, whose handshake ends, and whose socket does not stay open when it fails."""

    limit_s = 10.0  # as the library gives a broker to take the connection; to this it gives for ever

    async def handshake(self) -> None:
        """Agree on keys and look at the certificate; raises KafkaTimeoutError when the other side says nothing."""
        until = time.monotonic() + self.limit_s
        try:
            while (wait := self._step()) is not None:
                await wait(self._sock, until)
        except BaseException:
            self._close()
            raise

    def _step(self) -> Callable[..., Awaitable[None]] | None:
        """Go on with the handshake; return what has to be waited for, None when it is done."""
        try:
            self._sock.do_handshake()
        except ssl.SSLWantReadError:
            return self._net.wait_read  # type: ignore[no-any-return]  # as above
        except ssl.SSLWantWriteError:
            return self._net.wait_write  # type: ignore[no-any-return]  # as above
        return None


class _Manager(KafkaConnectionManager):  # type: ignore[misc]  # as above
    """Ends the first search for a broker when all refuse; later ones go on, and say why they have to."""

    lost: BaseException | None = None  # a refusal, or how one that was there last ended a connection
    _was_in = False

    def __init__(self, net: NetworkSelector, **config: Any) -> None:
        super().__init__(net, **config)
        self._refusals: dict[str, Refused] = {}

    async def _connect(self, node: Any, conn: Any, **more: Any) -> None:  # Any: as above
        conn.close_future.add_errback(lambda error: self._note(conn, error))
        await super()._connect(node, conn, **more)
        self._was_in |= conn.init_future.succeeded()
        error = conn.init_future.exception
        if not isinstance(error, Refused):
            return
        if self._was_in:
            logger.warning("Kafka at %s:%s %s", node.host, node.port, error.args[0])
            return
        self._refusals[node.node_id] = error
        if all(one.node_id in self._refusals for one in self.cluster.bootstrap_brokers()):
            self._auth_failures |= self._refusals  # raised by the next try to reach one of them

    def _note(self, conn: Any, error: BaseException) -> None:
        there = conn.parser is not None or "Handshake failed" in str(error)
        if isinstance(error, Refused):
            self.lost = error
        elif there and not isinstance(error, (KafkaTimeoutError, RequestTimedOutError)):
            self.lost = self.lost if isinstance(self.lost, Refused) else error


class Client(KafkaNetClient):  # type: ignore[misc]  # as above
    """kafka-python's network client with these connections."""

    def __init__(self, **config: Any) -> None:
        net = NetworkSelector(**config)
        super().__init__(net, _Manager(net, **config))

    def refused(self, protocol: str) -> Refused | None:
        """Return why nobody let us in by this kafka_security, as far as one that was there told or hung up."""
        lost: BaseException | None = self._manager.lost
        if lost is None or not lost.args or isinstance(lost, Refused):
            return lost if isinstance(lost, Refused) else None
        return Refused(
            f"hangs up ({lost.args[0]}): perhaps kafka_security={protocol} is not what this port wants"
        )

    def give_up(self) -> None:
        """Close it and end its thread, which the library keeps when no broker answered."""
        self.close()
        self._net.stop()


class _ToldByUs(logging.Filter):
    """Leaves out the library's half a dozen lines about a refusal."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is about something else."""
        told = [record.exc_info[1] if record.exc_info else None, *(record.args or ())]
        refused = any(isinstance(one, BaseException) and refusal(one) for one in told)
        return not (refused or any(words in str(record.msg) for words in SAID_AGAIN))


# It has no setting for these.
kafka.net.manager.KafkaConnection = _Connection
kafka.net.manager.KafkaTCPTransport = _PlainTransport
kafka.net.manager.KafkaSSLTransport = TlsTransport
for module in ("connection", "manager", "transport"):
    logging.getLogger(f"kafka.net.{module}").addFilter(_ToldByUs())
