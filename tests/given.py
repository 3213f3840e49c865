"""What a run of the tests is given: engines elsewhere, named in the environment, and whether it may skip."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

# Taken out of the environment: the processes that tests start must not take these for their own settings.
GIVEN = {
    name: os.environ.pop(name, "").rstrip("/")
    for name in ("RIFTWATCH_KAFKA", "RIFTWATCH_ELASTICSEARCH", "RIFTWATCH_OPENSEARCH")
}
# What a test asks for on loopback never goes through a proxy that the machine may have.
for name in ("no_proxy", "NO_PROXY"):
    os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1,localhost"]))


def missing(what: str, why: object) -> NoReturn:
    """Skip the test with the reason, or fail it where everything is required (RIFTWATCH_REQUIRE_ALL=1)."""
    reason = f"no {what} to test with: {why}"
    if os.environ.get("RIFTWATCH_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
