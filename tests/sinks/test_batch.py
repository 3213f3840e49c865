from __future__ import annotations

import pytest

from riftwatch import topics
from riftwatch.errors import ConfigError
from riftwatch.records import encode
from riftwatch.settings import Settings
from sinks.batch import Limits, gather, limits_of, sort
from sinks.consuming import Stop
from stores.base import Outcome, Written
from tests.sinks.fakes import FakeConsumer
from tests.stores.samples import story

DONE = Written(Outcome.WRITTEN)


@pytest.fixture
def trickle() -> FakeConsumer:
    """A topic that gets a record of 100 bytes just before each poll."""
    consumer = FakeConsumer()

    def arrive() -> None:
        consumer.add(topics.STORIES.name, b"x" * 100)

    consumer.on_poll = arrive
    return consumer


@pytest.mark.parametrize(
    ("limits", "size"),
    [
        (Limits(records=4, age_s=60), 4),
        (Limits(size=250, age_s=60), 3),
        (Limits(age_s=0), 1),
    ],
)
def test_a_batch_grows_until_it_is_full_or_old_enough(
    trickle: FakeConsumer, limits: Limits, size: int
) -> None:
    batch = gather(trickle, limits, Stop())
    assert [message.offset for message in batch[next(iter(batch))]] == list(range(size))


def test_age_counts_from_the_first_record(trickle: FakeConsumer) -> None:
    assert gather(FakeConsumer(), Limits(age_s=60), Stop()) == {}
    assert sum(map(len, gather(trickle, Limits(records=10**9, size=10**9, age_s=0.02), Stop()).values())) > 1


def test_a_stop_ends_the_growing(trickle: FakeConsumer) -> None:
    stop = Stop()
    stop.wanted = True
    assert sum(map(len, gather(trickle, Limits(age_s=60), stop).values())) == 1


def test_what_is_settled_is_not_waited_for_again_and_the_dead_keep_their_order() -> None:
    consumer = FakeConsumer()
    batch = sort(
        [consumer.add(topics.STORIES.name, encode(story(f"s{number}"))) for number in range(4)]
        + [consumer.add(topics.STORIES.name, b"garbage"), consumer.add(topics.STORIES.name, None)]
    )
    batch.settle([0, 1, 2, 3], [None, Written(Outcome.REJECTED, "later"), DONE, None])
    assert batch.waiting == [0, 3]
    batch.settle([0, 3], [Written(Outcome.REJECTED, "first"), DONE])
    assert batch.waiting == []
    assert [(message.offset, str(error).partition(":")[0]) for message, error in batch.dead()] == [
        (4, "undecodable"), (0, "not_storable"), (1, "not_storable"),
    ]  # fmt: skip
    assert batch.empty == 1


@pytest.mark.parametrize("wrong", [{"sink_batch": 0}, {"sink_batch_bytes": 0}, {"sink_batch_age_s": -1.0}])
def test_impossible_limits_are_refused_with_one_sentence(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="sink_batch"):
        limits_of(Settings(**wrong))  # type: ignore[arg-type]
    assert limits_of(Settings()) == Limits()
