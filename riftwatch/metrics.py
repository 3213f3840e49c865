"""Every metric once: name, type, labels, meaning, and what to do when it is high.

Rules, dashboards and docs may use no other name; a test holds that. Processes expose them at /metrics on
loopback when `metrics_port` is set.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from riftwatch.errors import Retry

REGISTRY = CollectorRegistry()

POLLS = Counter(
    "riftwatch_feed_polls", "Polls by outcome. Many errors: see `riftwatch feeds list`.", ["outcome"],
    registry=REGISTRY,
)  # fmt: skip
POLL_SECONDS = Histogram("riftwatch_feed_poll_duration_seconds", "Duration of a poll.", registry=REGISTRY)
ENTRIES = Counter(
    "riftwatch_feed_entries", "Feed entries by result: new, revised, dup, rejected.", ["result"],
    registry=REGISTRY,
)  # fmt: skip
FALSE_304 = Counter(
    "riftwatch_feed_false_not_modified",
    "Answers that said not modified although the document had changed, by host. Its 304s are ignored for a week.",
    ["host"],
    registry=REGISTRY,
)
WEBSUB = Counter(
    "riftwatch_websub_messages",
    "Messages of hubs: pushed, verified, denied, unsigned, unknown, full. Unsigned or unknown: somebody knocks who is no hub of ours.",
    ["kind"],
    registry=REGISTRY,
)
RECORDS = Counter(
    "riftwatch_stage_records", "Records by stage and outcome: in, out, drop, dead.", ["stage", "outcome"],
    registry=REGISTRY,
)  # fmt: skip
STAGE_SECONDS = Histogram(
    "riftwatch_stage_duration_seconds", "Time a stage works on one record.", ["stage"], registry=REGISTRY
)
DEAD_LETTERS = Counter(
    "riftwatch_dead_letter_messages", "Dead letters. Any: see the operations page of the desk.", ["stage", "reason"],
    registry=REGISTRY,
)  # fmt: skip
RETRIES = Counter(
    "riftwatch_retries",
    "Retries: unwell, busy, blocked. Rising: the other side is unwell; blocked: its disk is full or an index is locked.",
    ["stage", "reason"],
    registry=REGISTRY,
)
HEARTBEAT = Gauge(
    "riftwatch_heartbeat_seen_timestamp_seconds",
    "Time that the canary carried when it last passed this stage. Old: the stage or one before it stands.",
    ["stage"],
    registry=REGISTRY,
)
MENTIONS = Counter("riftwatch_mentions", "Mentions found, by tracked actor.", ["entity"], registry=REGISTRY)
MODEL_INFO = Gauge("riftwatch_model_info", "1 for the loaded model.", ["hash"], registry=REGISTRY)
SUBJECTS_TESTED = Counter(
    "riftwatch_subjects_tested", "Evaluations of a subject's series.", registry=REGISTRY
)
SUBJECTS_SET_ASIDE = Counter(
    "riftwatch_subjects_set_aside",
    "Times a subject failed and was set aside: nothing is told of it until its next story or a restart. "
    "Any: report the error in the log line `subject set aside`, then restart `riftwatch process` with a version that mends it.",
    ["subject"],
    registry=REGISTRY,
)
SHIFTS = Counter("riftwatch_shifts", "Shift revisions by state.", ["state"], registry=REGISTRY)
STORED = Counter(
    "riftwatch_stored_records", "Store writes by outcome: written, stale, rejected.", ["outcome"],
    registry=REGISTRY,
)  # fmt: skip
STORE_SPLITS = Counter(
    "riftwatch_store_splits",
    "What was too large for Elasticsearch: requests halved, documents cut. Rising: raise the limit of the proxy before it.",
    ["kind"],
    registry=REGISTRY,
)
MAILS = Counter("riftwatch_mails", "Mails by state: queued, sent, failed.", ["state"], registry=REGISTRY)
OUTBOX_DEPTH = Gauge(
    "riftwatch_mail_outbox_depth",
    "Mails waiting to be sent. Rising: see the SMTP settings.",
    registry=REGISTRY,
)
OUTBOX_AGE = Gauge(
    "riftwatch_mail_outbox_oldest_age_seconds", "Age of the oldest mail waiting.", registry=REGISTRY
)


def serve(host: str, port: int) -> None:
    """Expose /metrics on host:port in a thread of its own; port 0 exposes nothing.

    Raises Retry when the port is taken: `up` then starts the role again with another one.
    """
    if not port:
        return
    try:
        start_http_server(port, addr=host, registry=REGISTRY)
    except OSError as error:
        raise Retry(
            f"metrics cannot be served on {host}:{port} ({error.strerror}): set metrics_port"
        ) from error
