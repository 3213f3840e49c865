"""The language of a story: text first, the feed's hint where the text says little."""

from __future__ import annotations

import pytest

from processors.language import LanguageDetector

DETECTOR = LanguageDetector(("Elon Musk", "Donald Trump", "OpenAI", "Sam Altman", "SoftBank"))


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        ("de", "Musk lobt Trump", ""),
        ("de", "Altman kontert Musk", ""),
        ("en", "Musk sues OpenAI", ""),
        ("en", "Altman hits back at Musk", ""),
        ("de", "The Art of the Deal", "Der Präsident hat am Montag mit Musk über die Zölle gesprochen."),
        ("en", "Zeitgeist", "The president spoke with Musk about the tariffs on Monday, officials said."),
        (
            "fr",
            "Musk et Trump",
            "Le milliardaire américain a de nouveau critiqué la loi budgétaire du président.",
        ),
        ("zh", "马斯克批评特朗普的税收法案", ""),
        ("nl", "OpenAI trekt zich terug", "Het bedrijf van Altman zegt dat de plannen van tafel zijn."),
    ],
)
def test_text_without_hint(language: str, title: str, body: str) -> None:
    assert DETECTOR.detect(title, body) == language


def test_a_hint_decides_what_the_text_leaves_open() -> None:
    assert DETECTOR.detect("Trump, Musk, Altman", "", "de-DE") == "de"
    assert DETECTOR.detect("Trump, Musk, Altman", "", "en_US") == "en"


def test_a_wrong_hint_does_not_outvote_a_sentence() -> None:
    assert DETECTOR.detect("Musk greift Trump wegen des Steuergesetzes an", "", "en") == "de"
    assert DETECTOR.detect("Musk attacks Trump over the tax bill in the Senate", "", "de") == "en"


@pytest.mark.parametrize("text", ["", " \n", "123 – 456", "Musk", "\x00"])
def test_nothing_to_go_by_is_unknown(text: str) -> None:
    assert DETECTOR.detect(text, "") == "und"


def test_a_title_without_end_is_sampled() -> None:
    assert DETECTOR.detect("Musk lobt Trump " * 300_000, "") == "de"


def test_an_unknown_hint_is_no_hint() -> None:
    assert DETECTOR.detect("Musk", "", "klingon") == "und"
