"""The jars of an engine: fetched once, verified before every use, kept outside the checkout.

A lock file names each with its sha256; nothing that differs is ever run. Kafka's lies beside this module, those
of the testbed's search engines in deploy/testbed. They are fetched through jgo, a Maven resolver in pure
Python, which also honours the mirrors of its own settings file. A coordinate is group:artifact:version, with
:zip behind it for an archive.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from riftwatch.errors import UserError

VERSION = "4.3.1"
LOCK = Path(__file__).with_name("kafka.lock.toml")
FETCH_THREADS = 8  # the jars are small: latency, not bandwidth, is what takes the time

Fetch = Callable[[str, Path], Path]


@dataclass(frozen=True, slots=True)
class Product:
    """Whose jars they are and what else a person can do when they cannot be had, for messages."""

    name: str
    way_out: str


KAFKA = Product("Kafka", "set RIFTWATCH_KAFKA=host:port to use another Kafka")


def cache_folder(environ: Mapping[str, str] = os.environ, name: str = f"kafka-{VERSION}") -> Path:
    """Return the folder for the jars and the AOT cache, as the XDG base directories want it."""
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "riftwatch" / name


def locked(path: Path = LOCK) -> dict[str, str]:
    """Return coordinate -> sha256, in class path order."""
    jars: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["jars"]
    return jars


def file_name(coordinate: str) -> str:
    """Return the name of the jar in the cache; the group keeps equal artifact names apart."""
    group, artifact, version, kind = _parts(coordinate)
    return f"{group}_{artifact}_{version}.{kind}"


def _parts(coordinate: str) -> tuple[str, str, str, str]:
    group, artifact, version, *kind = coordinate.split(":")
    return group, artifact, version, kind[0] if kind else "jar"


def sha256(path: Path) -> str:
    """Return the file's sha256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ready(folder: Path, jars: Mapping[str, str]) -> bool:
    """Tell whether every jar is there and is what the lock says."""
    return not _wrong(folder, jars)


def _wrong(folder: Path, jars: Mapping[str, str]) -> list[str]:
    paths = {coordinate: folder / file_name(coordinate) for coordinate in jars}
    return [c for c, path in paths.items() if not path.is_file() or sha256(path) != jars[c]]


def ensure(
    folder: Path, jars: Mapping[str, str], fetch: Fetch | None = None, product: Product = KAFKA
) -> list[Path]:
    """Fetch what is missing or damaged and return the class path, every jar verified.

    Blocks for 5 to 20 s the first time, 0.1 s afterwards. Raises UserError when a jar cannot be had.
    """
    try:
        if missing := _wrong(folder, jars):
            folder.mkdir(parents=True, exist_ok=True)
            wanted = {coordinate: jars[coordinate] for coordinate in missing}
            _fetch_all(folder, wanted, fetch or _jgo_fetch(), product)
    except OSError as error:
        raise UserError(
            f"{product.name}'s jars cannot be kept in {folder}: {error.strerror or error}."
        ) from error
    return [folder / file_name(coordinate) for coordinate in jars]


def _fetch_all(folder: Path, jars: Mapping[str, str], fetch: Fetch, product: Product) -> None:
    with tempfile.TemporaryDirectory(dir=folder, prefix="fetch-") as name:
        staging = Path(name)
        with ThreadPoolExecutor(FETCH_THREADS) as pool:
            list(pool.map(lambda jar: _fetch_one(folder, staging, jar, jars[jar], fetch, product), jars))


def _fetch_one(
    folder: Path, staging: Path, coordinate: str, expected: str, fetch: Fetch, product: Product
) -> None:
    try:
        path = fetch(coordinate, staging)
    except Exception as error:  # whatever the resolver or the network raises means the same to the person
        raise UserError(
            f"{product.name}'s jar {coordinate} cannot be fetched ({_short(error)}); connect this machine to a "
            f"Maven repository once, or {product.way_out}."
        ) from error
    if (found := sha256(path)) != expected:
        raise UserError(
            f"{product.name}'s jar {coordinate} is not the one that was reviewed (sha256 {found[:12]}…, expected "
            f"{expected[:12]}…): it was not used; check the Maven mirror of this machine."
        )
    shutil.move(path, folder / file_name(coordinate))


def _short(error: Exception) -> str:
    root: BaseException = error
    while root.__cause__ or root.__context__:
        root = root.__cause__ or root.__context__ or root
    text = str(root).split("\n", 1)[0].split("{", 1)[0].strip()
    return f"{type(root).__name__}: {text[:120]}" if text else type(root).__name__


def _jgo_fetch() -> Fetch:
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    repositories = {"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories}

    def fetch(coordinate: str, staging: Path) -> Path:
        context = MavenContext(repo_cache=staging, remote_repos=repositories)
        group, artifact, version, kind = _parts(coordinate)
        path: Path = context.project(group, artifact).at_version(version).artifact(packaging=kind).resolve()
        return path

    return fetch


@contextmanager
def exclusive(folder: Path, product: Product = KAFKA) -> Iterator[None]:
    """Hold the cache for oneself: two first starts must not fetch or train at once. Blocks."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise UserError(f"{product.name}'s jars cannot be kept in {folder}: {error.strerror}.") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def relock(path: Path = LOCK) -> None:
    """Resolve the roots of the lock anew, fetch every jar and write the lock; archives need nothing else."""
    import jgo

    head, _, _ = path.read_text(encoding="utf-8").partition("[jars]")
    roots: list[str] = tomllib.loads(head)["roots"]
    archives = [root for root in roots if _parts(root)[3] != "jar"]
    resolved = (
        jgo.resolve("+".join(root for root in roots if root not in archives)) if roots != archives else []
    )
    found = [*archives, *(f"{a.groupId}:{a.artifactId}:{a.version}" for a in resolved)]
    fetch = _jgo_fetch()
    with tempfile.TemporaryDirectory() as staging:
        lines = [f'"{name}" = "{sha256(fetch(name, Path(staging)))}"' for name in found]
    path.write_text(head + "[jars]\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for lock_file in sys.argv[1:] or [str(LOCK)]:
        relock(Path(lock_file))
