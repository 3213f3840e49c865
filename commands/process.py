"""`riftwatch process`: the Faust worker."""

from __future__ import annotations

import click

from riftwatch import log, settings


@click.command("process")
def command() -> None:
    """Find actors, read tones and relations, and watch for shifts (the Faust worker).

    Start as many as there is work: they share the partitions.

    Example: RIFTWATCH_KAFKA=localhost:9092 riftwatch process
    """
    from processors.app import run
    from processors.kept_state import check_state
    from riftwatch.kafka import bootstrap

    config = settings.load()
    log.configure(config, "process")
    check_state(config)
    run(config, bootstrap(config))
