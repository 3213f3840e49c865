"""Where the testbed's files are: what is deployed, and a folder that an unprivileged account can enter.

Elasticsearch refuses to run as root. Started by root it runs as `nobody`, who must be able to enter every
folder above its files: neither root's home nor its caches are such a place.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from riftwatch.errors import UserError
from riftwatch.settings import ROOT

DEPLOYED = ROOT / "deploy" / "testbed"
UNPRIVILEGED = "nobody"


def default_folder() -> Path:
    """Return the folder of this account's testbed: it outlives a restart of the machine."""
    return Path("/var/tmp") / f"riftwatch-testbed-{os.geteuid()}"  # noqa: S108  # checked by `own`


def own(folder: Path) -> Path:
    """Make the folder if need be and return it whole; raises UserError when it is somebody else's."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o755)  # whatever the umask: see above
        found = folder.stat()
    except OSError as error:
        raise UserError(f"the testbed cannot be kept in {folder}: {error.strerror or error}.") from error
    if found.st_uid != os.geteuid() or folder.is_symlink():
        raise UserError(f"{folder} belongs to somebody else: choose another with --folder.")
    return folder.absolute()


def account() -> str | None:
    """Return the account an engine that refuses root has to run as; none when we are not root."""
    return UNPRIVILEGED if os.geteuid() == 0 else None


def closed_to_others(path: Path) -> Path | None:
    """Return the first folder on the way to the path that other accounts cannot enter."""
    for folder in [*reversed(path.absolute().parents), path.absolute()]:
        if folder.is_dir() and not folder.stat().st_mode & 0o001:
            return folder
    return None


def give(folder: Path, user: str | None) -> None:
    """Give the folder and all in it to an account; a link itself, never what it leads to."""
    if user is None:
        return
    owner = pwd.getpwnam(user).pw_uid
    for at, _, files in os.walk(folder):
        for path in [at, *(os.path.join(at, name) for name in files)]:  # noqa: PTH118  # os.walk gives texts
            os.chown(path, owner, -1, follow_symlinks=False)
