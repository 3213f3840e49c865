"""The Faust app: two agents over the two pure chains, and nothing else.

    riftwatch.items ─▶ analyse_items ─▶ riftwatch.stories, riftwatch.readings
    riftwatch.readings ─▶ watch_readings ─▶ riftwatch.evidence, riftwatch.series, riftwatch.shifts

Batches come by `noack_take`, bodies never raise, and offsets are acknowledged only when everything a batch led to
is in Kafka. Concurrency stays 1: more would commit over records in flight. More workers share the partitions.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import faust

from processors.acking import acknowledge, use_careful_consumer
from processors.analyse import Analyser, StoryMemory
from processors.analysis_agent import AnalysisShell
from processors.credentials import credentials
from processors.judge import Judge
from processors.packing import CODEC, pack_quickly
from processors.pulse import Pulse
from processors.rules import Rules
from processors.sending import Sender
from processors.table import RowTable
from processors.watch import Contribution
from processors.watch_agent import WatchShell
from riftwatch import log, metrics
from riftwatch.errors import UserError
from riftwatch.kafka_security import security
from riftwatch.records import Shift
from riftwatch.settings import Settings
from riftwatch.topics import (
    CONTRIBUTIONS,
    FAUST_APP,
    ITEMS,
    LEDGER,
    MAX_LETTER_BYTES,
    READINGS,
    STORY_MEMORY,
)
from riftwatch.watchlist import Watchlist

# A batch is a compromise: larger ones save thread hops and sends, smaller ones publish sooner (field figures:
# 32 within 50 ms costs 65 ms at the median).
BATCH = 32
WITHIN_S = 0.05

logger = log.get(__name__)


def create_app(settings: Settings, kafka: str) -> faust.App:
    """Return the app, its agents and tables declared; `kafka` is the broker's host:port."""
    app = faust.App(**_faust_settings(settings, kafka))
    use_careful_consumer(app)
    pack_quickly()
    pulse = Pulse(settings.session_timeout_s, _end)
    app.task(pulse.run)
    sender = Sender(app, pulse.beat)
    memory = RowTable(app, STORY_MEMORY, StoryMemory, settings.partitions)
    contributions = RowTable(app, CONTRIBUTIONS, Contribution, settings.partitions)
    ledger = RowTable(app, LEDGER, Shift, settings.partitions)
    # One thread for the model, so that the event loop keeps its heartbeats; one for the watchers.
    analysis = AnalysisShell(
        _analyser(settings), memory, sender, ThreadPoolExecutor(1, "analyse"), settings.partitions
    )
    watch = WatchShell(
        Rules.load(settings.config_dir / "rules.toml"),
        contributions,
        ledger,
        sender,
        ThreadPoolExecutor(1, "watch"),
        settings.partitions,
        lambda: {tp.partition for tp in app.consumer.assignment() if tp.topic == READINGS.name},
    )
    ledger.faust_table.on_recover(watch.forget)
    _agent(app, ITEMS.name, "analyse_items", analysis.handle)
    _agent(app, READINGS.name, "watch_readings", watch.handle)
    return app


def run(settings: Settings, kafka: str) -> None:
    """Run the worker until it is told to stop; blocks."""
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # a dead broker logs thousands of lines a minute
    app = create_app(settings, kafka)
    metrics.serve(settings.metrics_host, settings.metrics_port)
    # Our own log handlers stay: Faust's would let a dead broker write hundreds of lines.
    worker = faust.Worker(
        app,
        loglevel="WARNING",
        quiet=True,
        redirect_stdouts=False,
        override_logging=False,
        workdir=Path.cwd(),
    )
    worker.execute_from_commandline()


def _analyser(settings: Settings) -> Analyser:
    watchlist = Watchlist.load(settings.config_dir / "watchlist.toml")
    judge = Judge.load(settings.models, settings.model)
    metrics.MODEL_INFO.labels(judge.version).set(1)
    logger.info("model loaded", model=judge.version, watchlist=watchlist.version)
    return Analyser(watchlist, judge)


def _agent(
    app: faust.App, topic: str, name: str, handle: Callable[[Sequence[faust.Event]], Awaitable[None]]
) -> None:
    source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    async def agent(stream: Any) -> None:  # Any: Faust's streams carry no types
        async for batch in stream.noack_take(BATCH, within=WITHIN_S):
            try:
                await handle(batch)
            except Exception as error:
                _stop(error)
            for event in batch:
                await acknowledge(app, stream, event)

    app.agent(source, name=name, concurrency=1)(agent)


def _stop(error: Exception) -> NoReturn:
    """End the process: an exception that leaves an agent's body would be acknowledged and its records lost."""
    if isinstance(error, UserError):
        logger.error(str(error), status="crash")
    else:
        logger.error("the worker stops: its batch will be delivered again", status="crash", exc_info=error)
    os._exit(1)


def _end(why: str) -> NoReturn:
    """End the process without sending anything more."""
    logger.error("the worker stops: %s", why, status="crash")
    os._exit(1)


def _faust_settings(settings: Settings, kafka: str) -> dict[str, Any]:
    session = settings.session_timeout_s
    return {
        "id": FAUST_APP,
        "broker": f"kafka://{kafka}",
        "broker_credentials": credentials(security(settings)),
        "store": "memory://",
        "datadir": settings.data / "faust",
        "processing_guarantee": "at_least_once",
        "key_serializer": "raw",
        "value_serializer": "raw",
        "topic_partitions": settings.partitions,
        "topic_replication_factor": settings.replication,
        "topic_allow_declare": False,  # `riftwatch topics apply` makes them
        "topic_disable_leader": True,
        "table_standby_replicas": 0,  # the standby seek crashed one of five two-worker recoveries
        "consumer_auto_offset_reset": "earliest",
        "broker_max_poll_records": 200,
        "stream_buffer_maxsize": 512,
        "broker_commit_interval": 1.0,
        "broker_commit_every": 500,
        "broker_session_timeout": session,
        "broker_heartbeat_interval": max(session / 6, 1.0),
        "broker_request_timeout": max(90.0, session * 2),
        "stream_processing_timeout": 120,
        "broker_commit_livelock_soft_timeout": 120,
        "producer_acks": -1,
        "producer_linger": 0.005,
        "producer_max_batch_size": 262_144,
        "producer_max_request_size": MAX_LETTER_BYTES,
        "producer_compression_type": CODEC,
        "stream_wait_empty": True,
        "web_enabled": False,
    }
