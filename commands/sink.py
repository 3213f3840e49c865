"""`riftwatch sink search|mail`: the roles that write."""

from __future__ import annotations

from contextlib import ExitStack, closing

import click

CLOSE_S = 2.0  # dead letters are acknowledged before we go on: a producer has nothing left to send


@click.group("sink")
def command() -> None:
    """Run a role that writes: search into the store, mail to people."""


@command.command("search")
def search() -> None:
    """Write stories, evidence, series and shifts into the store until stopped.

    Example: RIFTWATCH_KAFKA=localhost:9092 riftwatch sink search
    """
    from riftwatch import kafka, log, metrics, settings
    from riftwatch.clock import clock_from
    from riftwatch.topics import GROUP_SEARCH
    from sinks.batch import TOPICS, limits_of
    from sinks.consuming import Letters, Stop
    from sinks.search import STAGE, SearchSink
    from stores.opening import open_store

    chosen = settings.load()
    limits = limits_of(chosen)
    log.configure(chosen, STAGE)
    stop = Stop()
    stop.on_signals()
    with ExitStack() as opened:
        store = opened.enter_context(closing(open_store(chosen.store_url, readonly=False, settings=chosen)))
        producer = kafka.producer(chosen)
        opened.callback(producer.close, CLOSE_S)
        consumer = opened.enter_context(
            closing(kafka.consumer(chosen, GROUP_SEARCH, [topic.name for topic in TOPICS]))
        )
        metrics.serve(chosen.metrics_host, chosen.metrics_port)
        SearchSink(consumer, store, Letters(producer, STAGE), clock_from(chosen.clock), stop, limits).run()


@command.command("mail")
def mail() -> None:
    """Mail shifts to the recipients until stopped: always as files, over SMTP when it is set.

    Example: RIFTWATCH_MAIL_TO=desk@example.org riftwatch sink mail
    """
    from riftwatch import kafka, log, metrics, settings
    from riftwatch.clock import clock_from
    from riftwatch.rebuilt import finished_rebuild
    from riftwatch.topics import GROUP_MAIL, SHIFTS
    from sinks.consuming import Letters, Stop
    from sinks.courier import Courier
    from sinks.mail import FOLDER, STAGE, MailSink, desk_of
    from sinks.names import names_of
    from sinks.smtp import sender_of
    from stores.outbox import FILE, Outbox

    chosen = settings.load()
    desk, send, clock = desk_of(chosen, names_of(chosen)), sender_of(chosen), clock_from(chosen.clock)
    log.configure(chosen, STAGE)
    rebuilt = finished_rebuild(chosen)
    stop = Stop()
    stop.on_signals()
    with ExitStack() as opened:
        outbox = opened.enter_context(closing(Outbox(chosen.data / FILE)))
        producer = kafka.producer(chosen)
        opened.callback(producer.close, CLOSE_S)
        consumer = opened.enter_context(closing(kafka.consumer(chosen, GROUP_MAIL, [SHIFTS.name])))
        metrics.serve(chosen.metrics_host, chosen.metrics_port)
        courier = Courier(outbox, clock, chosen.data / FOLDER, desk.sender, send)
        heard_before = rebuilt.told if rebuilt else {}
        MailSink(
            consumer, outbox, Letters(producer, STAGE), courier, clock, desk, chosen.data, stop, heard_before
        ).run()  # fmt: skip
