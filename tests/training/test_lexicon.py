from __future__ import annotations

import pytest

from training import lexicon
from training.rows import Row


def row(text: str, language: str) -> Row:
    return Row(text.replace("[", "").replace("]", ""), language, ((text.index("["), text.index("]") - 1),))


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("[Larsen] ist ein Held und voller Erfolg.", "de", 1),
        ("[Larsen] ist ein Lügner, korrupt und gefährlich.", "de", -3),
        ("[Larsen] ist kein Lügner.", "de", 1),
        ("[Larsen] kommt am Montag.", "de", 0),
        ("[Larsen] is a brilliant and honest leader.", "en", 2),
        ("Nobody will never praise [Larsen].", "en", -1),
    ],
)
def test_listed_words_near_the_mention_are_counted(text: str, language: str, wanted: int) -> None:
    assert lexicon.sign(lexicon.count(row(text, language)), 0.0) == (wanted > 0) - (wanted < 0) + 1


def test_words_out_of_reach_do_not_count() -> None:
    far = "[Larsen] kam, und als es Abend wurde und alle schon gegangen waren, war es ein Erfolg."
    assert lexicon.count(row(far, "de")) == 0


def test_the_name_itself_does_not_count() -> None:
    assert lexicon.near(row("Der gute [Held] kam.", "de")) == ["Der", "gute", "kam"]
