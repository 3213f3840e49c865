from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desk.headline import headline
from desk.names import Names
from desk.wording import Wording
from riftwatch.records import Direction
from tests.desk import newsroom

WHEN = datetime(2025, 1, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "direction", "before", "after", "sentence"),
    [
        ("relation:musk|trump", "down", 0.31, -0.52, "Elon Musk and Donald Trump fell out"),
        ("relation:musk|trump", "down", 0.6, 0.2, "Elon Musk and Donald Trump cooled towards each other"),
        ("relation:musk|trump", "down", -0.2, -0.6, "Elon Musk and Donald Trump turned more hostile"),
        ("relation:musk|trump", "up", -0.4, 0.3, "Elon Musk and Donald Trump made up"),
        ("relation:musk|trump", "up", -0.6, -0.2, "Hostility between Elon Musk and Donald Trump eased"),
        ("relation:musk|trump", "up", 0.2, 0.6, "Elon Musk and Donald Trump drew closer"),
        ("tone:openai", "down", 0.1, -0.4, "The tone toward OpenAI turned negative"),
        ("tone:openai", "up", -0.5, -0.1, "The tone toward OpenAI grew less harsh"),
        ("tone:openai", "up", 0.0, 0.1, "The tone toward OpenAI brightened a little"),
        ("relation:musk|trump", "down", 0.05, -0.3, "Elon Musk and Donald Trump turned hostile"),
        ("relation:gone|musk", "up", 0.0, 0.6, "gone and Elon Musk drew closer"),
    ],
)
def test_headlines(subject: str, direction: Direction, before: float, after: float, sentence: str) -> None:
    shift = newsroom.shift("x", subject, direction, "opened", WHEN, before, after)
    assert headline(shift, Names(newsroom.ACTORS), Wording.load()) == sentence
