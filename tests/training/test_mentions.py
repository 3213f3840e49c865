from __future__ import annotations

from training.mentions import MOST, named, names
from training.rows import Row


def found(text: str) -> list[str]:
    return [text[a:b] for a, b in names(text)]


def test_capitalised_words_are_names_but_not_the_first_word_alone() -> None:
    assert found("Angela Merkel met Smith of Ohio.") == ["Angela Merkel", "Smith of Ohio"]
    assert found("Critics met Larsen on Monday.") == ["Larsen"]


def test_an_article_and_a_day_are_no_part_of_a_name() -> None:
    assert found("When The Guardian asked, Thursday was past.") == ["Guardian"]


def test_labelled_mentions_come_first_and_names_beside_them() -> None:
    text = "On Monday Vilnek thanked Ostrander."
    [row] = named([Row(text, "en", ((25, 34),), 2), Row("Nobody came.", "en", ((0, 6),), 1)])
    assert [row.mention(i) for i in range(len(row.spans))] == ["Ostrander", "Vilnek"]


def test_a_crowd_is_cut() -> None:
    text = "it was " + ", ".join(f"Name{chr(97 + n)}" for n in range(9))
    [row] = named([Row(text, "en", ((7, 12),), 1)])
    assert len(row.spans) == MOST


def test_german_capitals_say_nothing() -> None:
    assert named([Row("Gestern lobte der Minister Haus und Hof.", "de", ((27, 31),), 1)]) == []
