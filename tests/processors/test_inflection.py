"""German forms of descriptions, and what may follow a name."""

from __future__ import annotations

import pytest

from processors.inflection import forms, tail_kind


@pytest.mark.parametrize(
    ("description", "inflected"),
    [
        ("der Tesla-Chef", {"dem Tesla-Chef", "des Tesla-Chefs", "vom Tesla-Chef", "den Tesla-Chef"}),
        ("der designierte Präsident", {"dem designierten Präsidenten", "des designierten Präsidenten"}),
        ("die ChatGPT-Firma", {"der ChatGPT-Firma", "zur ChatGPT-Firma"}),
        ("das Unternehmen hinter Grok", {"des Unternehmens hinter Grok", "beim Unternehmen hinter Grok"}),
        ("der reichste Mann der Welt", {"dem reichsten Mann der Welt"}),
        ("Tech-Milliardär", {"Tech-Milliardärs"}),
        ("US-Präsident", {"US-Präsidenten"}),
    ],
)
def test_descriptions_are_declined(description: str, inflected: set[str]) -> None:
    assert inflected <= set(forms(description))
    assert forms(description)[0] == description


def test_english_descriptions_stay_as_they_are() -> None:
    assert forms("the ChatGPT maker") == ["the ChatGPT maker"]


@pytest.mark.parametrize(
    ("tail", "language", "kind"),
    [
        ("", "en", "name"), ("s", "de", "name"), ("s", "en", None), ("S", "de", "name"), ("f", "de", None),
        ("sche", "de", "compound"), ("schen", "de", "compound"), ("t", "de", None), ("ismus", "de", None),
    ],
)  # fmt: skip
def test_tails(tail: str, language: str, kind: str | None) -> None:
    assert tail_kind(tail, language) == kind
