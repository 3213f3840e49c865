"""The ports of an engine: the same in every run of a folder, so that addresses once exported stay right."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from commands.ports import free_port, is_free

Ports = TypeVar("Ports", bound=tuple[int, ...])


def kept_ports(file: Path, wanted: Ports) -> Ports:
    """Return the ports the file holds, or else the wanted ones, free ones in place of those taken; kept then."""
    try:
        kept = tuple(int(word) for word in file.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        kept = ()
    if len(kept) != len(wanted):
        kept = tuple(port if is_free(port) else free_port() for port in wanted)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(" ".join(map(str, kept)) + "\n", encoding="ascii")
    return kept  # type: ignore[return-value]  # as long as what was wanted
