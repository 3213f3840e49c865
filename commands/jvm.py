"""The virtual machine that runs Kafka's classes: how it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Serial collector and C1 only: 2 s to the first answer instead of 5-6, and 200 MB instead of 400.
JVM = (
    "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError",
    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Engine:
    """What it takes to run a class of Kafka's: the JVM, the class path and the AOT cache."""

    java: str
    class_path: str
    aot: Path | None

    def command(self, main: str, *args: str, options: Sequence[str] = ()) -> list[str]:
        """Return the command line that runs a class."""
        cache = [f"-XX:AOTCache={self.aot}", "-Xlog:disable", "-Xlog:all=error:stderr"] if self.aot else []
        return [self.java, *JVM, *cache, *options, "-cp", self.class_path, main, *args]
