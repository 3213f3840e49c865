"""Topics: the table says what Kafka is told."""

from __future__ import annotations

from riftwatch import records, topics


def test_names_are_unique_and_every_record_on_the_wire_has_a_topic() -> None:
    assert len({topic.name for topic in topics.ALL}) == len(topics.ALL)
    carried = {topic.record for topic in topics.ALL}
    stored_only = {records.Mail, records.Tick}  # the outbox's row; and the readings topic's second record
    assert {kind for kind in records.Record.__subclasses__() if kind not in carried} == stored_only


def test_state_and_what_it_is_partitioned_with_share_a_count() -> None:
    together = (topics.ITEMS, topics.READINGS, topics.STORY_MEMORY, topics.CONTRIBUTIONS, topics.LEDGER)
    assert all(topic.partitioned for topic in together)


def test_compacted_topics_are_kept_for_ever_and_deleted_ones_are_not() -> None:
    for topic in topics.ALL:
        config = topics.config_of(topic)
        assert ("retention.ms" in config) == (topic.cleanup != "compact")
