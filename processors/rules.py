"""The rules of detection: windows, thresholds and priors, read from a versioned file.

The stream never recalibrates itself; each shift names the version of the rules it was found with.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from riftwatch.errors import ConfigError
from riftwatch.toml_file import read_text

Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1)]


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every number that judgement of a series depends on. config/rules.toml tells where each comes from."""

    version: str
    # What is compared
    test_hours: Annotated[tuple[Count, ...], Meta(min_length=1)] = (72, 168)
    baseline_days: Count = 30
    baseline_reach_days: Count = 75
    baseline_min_stories: Count = 8
    baseline_min_publishers: Count = 4
    baseline_min_days: Count = 4
    # When it is a shift
    threshold: Positive = 3.0
    min_effect: Positive = 0.25
    min_publishers: Count = 4
    max_share: Share = 0.5
    majority: Share = 0.5
    # How long it lasts
    clear_ratio: Share = 0.5
    clear_hours: Count = 48
    look_hours: Annotated[tuple[Count, ...], Meta(min_length=1)] = (72, 168)
    fade_days: Count = 3
    normal_days: Count = 30
    exclude_days: Count = 60
    cooldown_days: Count = 7
    strengthen_step: Positive = 2.0
    strengthen_effect: Positive = 0.2
    strengthen_gap_hours: Count = 24
    # Priors of the variances, and how many observations each counts as
    sigma: Positive = 0.35
    sigma_weight: Positive = 6.0
    tau: Positive = 0.2
    tau_weight: Positive = 15.0
    carry_days: Annotated[float, Meta(ge=1)] = 2.0
    # Copies, and what is kept and shown
    copy_hours: Positive = 72.0
    copy_similarity: Share = 0.8
    keep_days: Count = 120
    ledger_days: Count = 30
    profile_hours: Count = 72
    evidence: Count = 6
    counter_evidence: Count = 2
    expected_false_alarms: float | None = None

    @classmethod
    def load(cls, path: Path) -> Rules:
        """Read a rules file; raises ConfigError naming the file, and the line where it can."""
        text = read_text(path)
        try:
            rules = msgspec.convert(tomllib.loads(text), cls)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"is not valid TOML: {error}", path, _line_of_toml(str(error))) from error
        except msgspec.ValidationError as error:
            raise ConfigError(str(error), path, _line_of_key(text, str(error))) from error
        rules.check(path)
        return rules

    def check(self, path: object = None) -> None:
        """Raise ConfigError when numbers do not fit one another."""
        span = 2 * max(self.test_hours) / 24 + self.baseline_reach_days + self.normal_days
        if self.baseline_reach_days < self.baseline_days:
            raise ConfigError("baseline_reach_days must not be less than baseline_days", path)
        if self.keep_days < span:
            raise ConfigError(
                f"keep_days must be at least {span:.0f}: two test windows, baseline_reach_days and normal_days",
                path,
            )


def _line_of_toml(message: str) -> int | None:
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else None


def _line_of_key(text: str, message: str) -> int | None:
    """Return the line of the key that a validation message names, if it stands in the file."""
    found = re.search(r"`\$\.(\w+)|unknown field `(\w+)`", message)
    if not found:
        return None
    key = re.compile(rf"\s*{found[1] or found[2]}\s*=")
    return next((number for number, line in enumerate(text.splitlines(), 1) if key.match(line)), None)
