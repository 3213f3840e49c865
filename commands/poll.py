"""`riftwatch poll`: the poller."""

from __future__ import annotations

import click


@click.command("poll")
def command() -> None:
    """Poll the feeds of config/feeds.opml until stopped, and send what is new to Kafka.

    Start as many as there is work: they share the feeds, and one takes over from another that dies.

    Example: RIFTWATCH_KAFKA=localhost:9092 riftwatch poll
    """
    from ingest.app import run
    from riftwatch import log, metrics, settings
    from riftwatch.rebuilt import finished_rebuild

    config = settings.load()
    log.configure(config, "poll")
    finished_rebuild(config)
    metrics.serve(config.metrics_host, config.metrics_port)
    run(config)
