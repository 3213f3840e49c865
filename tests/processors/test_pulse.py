from __future__ import annotations

from typing import NoReturn

import pytest

from processors.pulse import Pulse


class Dead(Exception):
    """What a worker says when it ends itself."""


def die(why: str) -> NoReturn:
    raise Dead(why)


def test_who_stood_still_for_longer_than_its_session_ends_before_it_sends() -> None:
    times = iter([100.0, 101.0, 120.9, 141.0])
    pulse = Pulse(20.0, die, lambda: next(times))
    for _ in range(3):
        pulse.beat()
    with pytest.raises(Dead, match="stood still for 20 s, and others have its partitions"):
        pulse.beat()
