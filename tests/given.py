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


def missing(what: str, why: object) -> NoReturn:
    """Skip the test with the reason, or fail it where everything is required (RIFTWATCH_REQUIRE_ALL=1)."""
    reason = f"no {what} to test with: {why}"
    if os.environ.get("RIFTWATCH_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
