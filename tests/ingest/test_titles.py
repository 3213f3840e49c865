"""Affixes of titles: learnt where they name the outlet, and never a real last word."""

from __future__ import annotations

import pytest

from ingest.titles import learnt, names_outlet, stripped

HEADLINES = [
    "Musk sues OpenAI",
    "Trump signs order - and waits",
    "Markets fall",
    "Storm hits coast",
    "Deal is off",
]
SPIEGEL = ("DER SPIEGEL: Politik", "spiegel", "SPIEGEL-Gruppe", "www.spiegel.de")


@pytest.mark.parametrize(
    ("form", "outlet", "affix"),
    [
        ("{} - Reuters", ("Reuters: World", "reuters", "www.reuters.com"), " - Reuters"),
        ("{} | DER SPIEGEL", SPIEGEL, " | DER SPIEGEL"),
        ("{} – DER SPIEGEL", SPIEGEL, " – DER SPIEGEL"),
        ("NYT: {}", ("nyt", "rss.nytimes.com"), "NYT: "),
        ("{} - BBC News", ("bbc", "feeds.bbc.co.uk"), " - BBC News"),
        ("{} | F.A.Z.", ("faz", "www.faz.net"), " | F.A.Z."),
        ("{} - The New York Times", ("The New York Times", "rss.nytimes.com"), " - The New York Times"),
    ],
)
def test_what_names_the_outlet_is_learnt_and_taken_off(
    form: str, outlet: tuple[str, ...], affix: str
) -> None:
    titles = [form.format(title) for title in HEADLINES]
    assert learnt(titles, outlet) == (affix,)
    assert [stripped(title, (affix,)) for title in titles] == HEADLINES


@pytest.mark.parametrize("form", ["{} - Trump", "Trump: {}", "{} | Live", "Ukraine: {}", "{}"])
def test_a_topic_in_every_title_stays(form: str) -> None:
    assert learnt([form.format(title) for title in HEADLINES], SPIEGEL) == ()


def test_a_real_last_word_is_not_eaten() -> None:
    titles = ["Musk gegen alle - Spiegel der Macht", *HEADLINES]
    assert learnt(titles, SPIEGEL) == ()
    assert stripped("Reuters", (" - Reuters",)) == "Reuters"
    assert stripped("Exklusiv - Reuters", (" - Reuters",)) == "Exklusiv - Reuters"
    assert stripped("A word about Reuters", (" - Reuters",)) == "A word about Reuters"


def test_few_titles_teach_nothing_and_what_was_learnt_is_kept() -> None:
    few = [f"{title} - Reuters" for title in HEADLINES[:4]]
    outlet = ("reuters", "www.reuters.com")
    assert learnt(few, outlet) == ()
    assert learnt(few, outlet, (" - Reuters",)) == (" - Reuters",)
    assert learnt([few[0]] * 20, outlet) == ()


def test_the_same_title_of_two_feeds_is_equal_once_both_are_stripped() -> None:
    one, other = stripped("Deal is off - Reuters", (" - Reuters",)), stripped("NYT: Deal is off", ("NYT: ",))
    assert one == other == "Deal is off"


def test_a_name_is_known_by_its_letters_or_by_a_word_in_the_host() -> None:
    assert names_outlet(" - AP News", ("apnews.com",))
    assert names_outlet(" | WELT", ("www.welt.de",))
    assert not names_outlet(" | Die", ("www.die-stimme.de",))
    assert not names_outlet(" - EU", ("www.eu-news.eu",))
