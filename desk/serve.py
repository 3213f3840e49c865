"""The shell: opens what the settings name and serves it until the process is told to stop."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from aiohttp import web

from desk.app import Desk, make_app
from desk.names import Names
from desk.source import Letterbox, Source
from desk.wording import Wording
from riftwatch import log
from riftwatch.clock import clock_from
from riftwatch.errors import ConfigError, Retry, StateError
from riftwatch.publishers import Publishers
from riftwatch.settings import Settings
from riftwatch.watchlist import Watchlist
from stores.opening import open_store
from stores.outbox import FILE, OutboxReader

STOP_S = 3.0  # a page takes well under a second; a browser's idle connection must not hold the stop up


def run(settings: Settings) -> None:
    """Serve the desk until SIGINT or SIGTERM; raises ConfigError, also when the port is taken."""
    logger = log.get(__name__)
    desk = make_desk(settings)
    listening = listen(settings.desk_host, settings.desk_port)
    try:
        port = listening.getsockname()[1]
        logger.info("desk", status="listening", url=f"http://{settings.desk_host}:{port}/")
        web.run_app(make_app(desk), sock=listening, print=None, access_log=None, shutdown_timeout=STOP_S)
    finally:
        listening.close()


def make_desk(settings: Settings) -> Desk:
    """Return the desk that the settings describe; raises ConfigError."""
    check_store(settings)
    return Desk(
        source=Source(lambda: open_store(settings.store_url, readonly=True, settings=settings)),
        mails=Letterbox(OutboxReader(settings.data / FILE)),
        names=read_names(settings.config_dir),
        wording=Wording.load(),
        clock=clock_from(settings.clock),
        host=settings.desk_host,
        url=settings.desk_url,
    )


def check_store(settings: Settings) -> None:
    """Raise ConfigError when the store's setting is wrong; a store that is not there yet is waited for."""
    try:
        open_store(settings.store_url, readonly=True, settings=settings).close()
    except (StateError, Retry):
        return  # the pages say what is the matter until it is mended
    except ConfigError:
        if settings.store or settings.data.is_dir():
            raise


def read_names(folder: Path) -> Names:
    """Return the names from the watchlist and the publishers; a file that is not there is done without."""
    watchlist, publishers = folder / "watchlist.toml", folder / "publishers.toml"
    actors = Watchlist.load(watchlist).actors if watchlist.exists() else {}
    return Names(
        actors={entity: actor.title for entity, actor in actors.items()},
        outlets=Publishers.load(publishers) if publishers.exists() else None,
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on host:port; raises ConfigError that says who may be in the way."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise ConfigError(
            f"the desk cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}); "
            "set RIFTWATCH_DESK_PORT to another port, or to 0 for any free one"
        ) from error
