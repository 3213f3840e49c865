"""Reading what a desk edits: a file that cannot be read is named, with what to do."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from riftwatch.errors import ConfigError


def read_text(path: Path) -> str:
    """Return the text of a file; raises ConfigError when it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", path) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text: save it as UTF-8", path) from error


def parse(text: str, path: Path) -> dict[str, Any]:  # Any: what TOML holds; each reader checks its own
    """Return the tables of a TOML text; raises ConfigError naming `path`, the line stands in the message."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {error}", path) from error
