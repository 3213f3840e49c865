"""How the Faust worker reaches a cluster: the same TLS context and login as every other client."""

from __future__ import annotations

import faust
from faust.types.auth import CredentialsT

from riftwatch.kafka_security import Security


def credentials(security: Security) -> CredentialsT | None:
    """Return Faust's form of it, for its consumer, its producer and the readers of changelogs; None: plain."""
    if security.login is not None:
        return faust.SASLCredentials(
            username=security.login.user,
            password=security.login.password,
            mechanism=security.login.mechanism,
            ssl_context=security.tls,
        )
    return None if security.tls is None else faust.SSLCredentials(security.tls)
