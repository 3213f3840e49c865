"""What a test does that cannot run here."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str, why: object) -> NoReturn:
    """Skip the test with the reason, or fail it where everything is required (RIFTWATCH_REQUIRE_ALL=1)."""
    reason = f"no {what} to test with: {why}"
    if os.environ.get("RIFTWATCH_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
