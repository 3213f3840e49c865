from __future__ import annotations

import random

from processors.contributions import Contribution
from processors.copies import Copies
from processors.signature import signature
from tests.processors.readings import row

WORDS = [f"word{number}" for number in range(400)]


def text(seed: int, changed: int = 0) -> str:
    rng = random.Random(seed)
    words = [rng.choice(WORDS) for _ in range(200)]
    for index in range(changed):
        words[index] = f"other{index}"
    return signature(title="", summary="", content=" ".join(words))


def tied(rows: list[Contribution]) -> dict[str, str]:
    copies = Copies(72, 0.8)
    copies.sweep(sorted(rows, key=lambda one: (one.at, one.story_id)))
    return copies.original_of


def test_a_copy_is_tied_to_the_earliest_original() -> None:
    rows = [row("a", 0, signature=text(1)), row("b", 5, signature=text(1)), row("c", 9, signature=text(1, 3))]
    assert tied(rows) == {"b": "a", "c": "a"}


def test_other_texts_and_empty_signatures_are_no_copies() -> None:
    rows = [row("a", 0, signature=text(1)), row("b", 1, signature=text(2)), row("c", 2), row("d", 3)]
    assert tied(rows) == {}


def test_after_72_hours_it_is_told_anew_and_has_copies_of_its_own() -> None:
    rows = [
        row(name, hours, signature=text(1)) for name, hours in (("a", 0), ("b", 72), ("c", 73), ("d", 80))
    ]
    assert tied(rows) == {"b": "a", "d": "c"}


def test_what_says_nothing_is_neither_original_nor_copy() -> None:
    rows = [
        row("a", 0, signature=text(1), withdrawn=True),
        row("b", 1, signature=text(1), label="unknown"),
        row("c", 2, signature=text(1)),
        row("d", 3, signature=text(1)),
    ]
    assert tied(rows) == {"d": "c"}


def test_a_sweep_taken_back_and_carried_on_equals_one_in_one_go() -> None:
    rng = random.Random(5)
    rows = [
        row(f"s{n:03}", rng.uniform(0, 400), signature=text(rng.randrange(8), rng.randrange(3)))
        for n in range(120)
    ]
    rows.sort(key=lambda one: (one.at, one.story_id))
    copies = Copies(72, 0.8)
    copies.sweep(rows)
    for first in (100, 37, 0, 119, 60):
        copies.rewind(rows[first].at)
        copies.sweep(rows[first:])
        assert copies.original_of == tied(rows)


def test_what_is_dropped_is_forgotten() -> None:
    rows = [row(name, hours, signature=text(1)) for name, hours in (("a", 0), ("b", 1), ("c", 50))]
    copies = Copies(72, 0.8)
    copies.sweep(rows)
    copies.drop(rows[2].at)
    assert copies.original_of == {"c": "a"}
    copies.sweep([row("d", 60, signature=text(1))])
    assert "d" not in copies.original_of


def test_a_flood_of_one_wire_text_is_compared_with_its_original_only() -> None:
    rows = [row(f"s{n:04}", n / 100, signature=text(1)) for n in range(2_000)]
    assert set(tied(rows).values()) == {"s0000"}


def test_signatures_that_cannot_be_read_are_no_copies() -> None:
    assert tied([row("a", 0, signature="l:" + "A" * 172), row("b", 1, signature="l:" + "A" * 172)]) == {}
