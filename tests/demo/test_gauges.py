from __future__ import annotations

from commands.ports import free_port
from demo import gauges
from riftwatch import metrics

PAGE = """# HELP riftwatch_heartbeat_seen_timestamp_seconds x
# TYPE riftwatch_heartbeat_seen_timestamp_seconds gauge
riftwatch_heartbeat_seen_timestamp_seconds{stage="analyse"} 1.737585e+09
riftwatch_heartbeat_seen_timestamp_seconds{stage="watch"} 1.73758506e+09
riftwatch_mail_outbox_depth 0.0
riftwatch_mail_outbox_depth_created 7
"""


def test_a_gauge_is_found_by_name_and_labels() -> None:
    assert gauges.find(PAGE, "riftwatch_heartbeat_seen_timestamp_seconds", 'stage="watch"') == 1737585060
    assert gauges.find(PAGE, "riftwatch_mail_outbox_depth") == 0
    assert gauges.find(PAGE, "riftwatch_heartbeat_seen_timestamp_seconds") is None
    assert gauges.find(PAGE, "riftwatch_mail") is None


def test_a_real_page_is_read() -> None:
    port = free_port()
    metrics.serve("127.0.0.1", port)
    metrics.OUTBOX_DEPTH.set(3)  # all tests of the process share the gauge
    assert gauges.read(port, "riftwatch_mail_outbox_depth") == 3


def test_a_process_that_is_away_has_no_number() -> None:
    assert gauges.read(free_port(), "riftwatch_mail_outbox_depth") is None
    assert gauges.read(0, "riftwatch_mail_outbox_depth") is None
