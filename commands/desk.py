"""`riftwatch desk`: the pages."""

from __future__ import annotations

import click


@click.command("desk")
def command() -> None:
    """Serve the pages on loopback until stopped. They read the store; they may start before it exists.

    Example: RIFTWATCH_DESK_PORT=8420 riftwatch desk
    """
    from desk.serve import run
    from riftwatch import log, metrics, settings

    config = settings.load()
    log.configure(config, "desk")
    metrics.serve(config.metrics_host, config.metrics_port)
    run(config)
