"""Elasticsearch 9 from Maven Central: the distribution its own tests use, stripped of most modules.

Real mappings, bulk, versions, errors and aggregations; no languages, no painless, no Kibana. Refuses root.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

from commands import jars
from commands.jars import Product
from commands.testbed import jvm
from commands.testbed.places import DEPLOYED, account, closed_to_others, give
from commands.testbed.server import Kind, Launch, Say
from riftwatch.errors import UserError

VERSION = "9.2.0"
PRODUCT = Product(
    "Elasticsearch", "set RIFTWATCH_ELASTICSEARCH=http://host:port to use another Elasticsearch"
)
LOCK = DEPLOYED / "elasticsearch.lock.toml"
NOT_ON_THIS_JVM = ("UseG1GC", "jdk.incubator.vector")  # another collector is chosen; a module it has not got


def prepare(folder: Path, ports: tuple[int, int], say: Say) -> Launch:
    """Fetch, unpack and configure it; 5 s the first time. Raises UserError."""
    user = account()
    if user and (closed := closed_to_others(folder.parent)):
        raise UserError(
            f"Elasticsearch refuses root and runs as {user}, who cannot enter {closed}: choose another --folder."
        )
    home = _unpacked(folder, _archive(say))
    _configure(folder, home, ports)
    java = jvm.reachable_home(folder) if user else jvm.home()
    give(folder, user)
    return Launch([str(home / "bin" / "elasticsearch")], _environ(folder, java), user)


def _archive(say: Say) -> Path:
    folder = jars.cache_folder(name=f"elasticsearch-{VERSION}")
    pinned = jars.locked(LOCK)
    with jars.exclusive(folder, PRODUCT):
        if not jars.ready(folder, pinned):
            say(f"fetching Elasticsearch {VERSION} (99 MB, once)")
        return jars.ensure(folder, pinned, product=PRODUCT)[0]


def _unpacked(folder: Path, archive: Path) -> Path:
    home = folder / f"elasticsearch-{VERSION}"
    if not home.exists():
        fresh = folder / "unpacking"
        shutil.rmtree(fresh, ignore_errors=True)
        with zipfile.ZipFile(archive) as zipped:
            for entry in zipped.infolist():
                path = zipped.extract(entry, fresh)
                if mode := entry.external_attr >> 16 & 0o777:  # zipfile itself forgets what may be run
                    Path(path).chmod(mode)
        (fresh / home.name).rename(home)
        fresh.rmdir()
    return home


def _configure(folder: Path, home: Path, ports: tuple[int, int]) -> None:
    config = folder / "config"
    shutil.copytree(home / "config", config, dirs_exist_ok=True)
    for name in ("data", "logs", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    options = (home / "config" / "jvm.options").read_text(encoding="utf-8").splitlines()
    kept = [line for line in options if not any(word in line for word in NOT_ON_THIS_JVM)]
    (config / "jvm.options").write_text("\n".join([*kept, *jvm.JVM]) + "\n", encoding="utf-8")
    lines = [
        (DEPLOYED / "elasticsearch.yml").read_text(encoding="utf-8"),
        f"http.port: {ports[0]}",
        f"transport.port: {ports[1]}",
        f"path.data: {folder / 'data'}",
        f"path.logs: {folder / 'logs'}",
    ]
    (config / "elasticsearch.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _environ(folder: Path, java: Path) -> dict[str, str]:
    return {
        "ES_JAVA_HOME": str(java),
        "ES_PATH_CONF": str(folder / "config"),
        "ES_TMPDIR": str(folder / "tmp"),
        "HOME": str(folder),
        "PATH": os.environ.get("PATH", os.defpath),
    }


ELASTICSEARCH = Kind("elasticsearch", "Elasticsearch", 29_200, prepare)
