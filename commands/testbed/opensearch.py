"""OpenSearch 2.19 from Maven Central: a full engine, for the languages and aggregations the other one lacks.

Runs inside a small program of ours, compiled here because the JVM from PyPI has no compiler; as any account.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from commands import jars
from commands.jars import Product
from commands.testbed.jvm import JVM, home
from commands.testbed.places import DEPLOYED
from commands.testbed.server import Kind, Launch, Say
from riftwatch.errors import UserError

VERSION = "2.19.1"
PRODUCT = Product("OpenSearch", "set RIFTWATCH_OPENSEARCH=http://host:port to use another OpenSearch")
LOCK = DEPLOYED / "opensearch.lock.toml"
SOURCES = (DEPLOYED / "Engine.java", DEPLOYED / "ThaiWords.java")
PROVIDER = Path("META-INF") / "services" / "java.text.spi.BreakIteratorProvider"
COMPILE_S = 120.0  # 2 s usually
OPTIONS = (
    "-Djava.locale.providers=SPI,CLDR", "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)  # fmt: skip


def prepare(folder: Path, ports: tuple[int, int], say: Say) -> Launch:
    """Fetch and compile what is missing and write the settings; 10 s the first time. Raises UserError."""
    cache = jars.cache_folder(name=f"opensearch-{VERSION}")
    pinned = jars.locked(LOCK)
    with jars.exclusive(cache, PRODUCT):
        if not jars.ready(cache / "jars", pinned):
            say(f"fetching OpenSearch {VERSION} (58 MB, once)")
        paths = jars.ensure(cache / "jars", pinned, product=PRODUCT)
        classes = _compiled(cache, paths)
    settings = folder / "opensearch.properties"
    _configure(settings, ports)
    path = os.pathsep.join(map(str, [classes, *paths]))
    argv = [_java(), *JVM, *OPTIONS, "-cp", path, "Engine", str(folder / "node"), str(settings)]
    return Launch(argv, {})


def _java() -> str:
    return str(home() / "bin" / "java")


def _configure(settings: Path, ports: tuple[int, int]) -> None:
    template = (DEPLOYED / "opensearch.properties").read_text(encoding="utf-8")
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(f"{template}http.port={ports[0]}\ntransport.port={ports[1]}\n", encoding="utf-8")


def _compiled(cache: Path, paths: Sequence[Path]) -> Path:
    """Return the folder with our classes, compiled once for each state of their sources."""
    told = b"".join(source.read_bytes() for source in SOURCES)
    classes = cache / f"classes-{hashlib.sha256(told).hexdigest()[:16]}"
    if not classes.exists():
        with tempfile.TemporaryDirectory(dir=cache, prefix="compile-") as name:
            fresh = Path(name) / "classes"
            _compile(fresh, paths)
            (fresh / PROVIDER).parent.mkdir(parents=True)
            (fresh / PROVIDER).write_text("ThaiWords\n", encoding="ascii")
            shutil.move(fresh, classes)
    return classes


def _compile(into: Path, paths: Sequence[Path]) -> None:
    compiler = next(path for path in paths if "_ecj_" in path.name)
    argv = [
        _java(), "-jar", str(compiler), "-source", "21", "-target", "21", "-nowarn",
        "-cp", os.pathsep.join(map(str, paths)), "-d", str(into), *map(str, SOURCES),
    ]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, timeout=COMPILE_S, check=False)
    if done.returncode:
        raise UserError(
            f"OpenSearch's starter cannot be compiled: {(done.stderr or done.stdout).strip()[:300]}"
        )


OPENSEARCH = Kind("opensearch", "OpenSearch", 29_201, prepare)
