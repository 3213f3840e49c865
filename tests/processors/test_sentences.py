"""Sentences keep their place and their words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from processors.sentences import MAX_SENTENCE_CHARS, sentences


def test_the_title_is_a_sentence_and_the_first_of_the_body_is_the_lead() -> None:
    found = sentences(
        {"title": "Streit. Und dann?", "summary": "Erstens. Zweitens.", "content": "Drittens."}, "de"
    )
    assert [(s.field, s.text, s.lead) for s in found] == [
        ("title", "Streit. Und dann?", False),
        ("summary", "Erstens.", True),
        ("summary", "Zweitens.", False),
        ("content", "Drittens.", False),
    ]


def test_without_title_or_summary_the_content_leads() -> None:
    found = sentences({"content": "Musk ging. Trump blieb."}, "de")
    assert [s.lead for s in found] == [True, False]


def test_abbreviations_do_not_end_sentences() -> None:
    german = sentences({"summary": "Dr. Weidel traf am 3. Juni z. B. Musk. Er schwieg."}, "de")
    english = sentences({"summary": "Mr. Musk left the U.S. Senate. He was silent."}, "en")
    assert [len(german), len(english)] == [2, 2]


def test_tickers_are_cut_at_their_marks() -> None:
    found = sentences({"title": "Ticker", "content": "Trump lobt Musk +++ OpenAI klagt +++ Ende"}, "de")
    assert [s.text for s in found[1:]] == ["Trump lobt Musk", "OpenAI klagt", "Ende"]


def test_what_never_ends_is_cut_at_a_space() -> None:
    found = sentences({"content": "wort " * 1_000 + "a" * 3_000}, "de")
    assert all(len(s.text) <= MAX_SENTENCE_CHARS for s in found)


@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(["de", "en", "und", "xx"]))
def test_offsets_give_back_the_words(title: str, body: str, language: str) -> None:
    texts = {"title": title, "summary": "", "content": body}
    last = ("", 0)
    for sentence in sentences(texts, language):  # type: ignore[arg-type]
        assert texts[sentence.field][sentence.start : sentence.end] == sentence.text != ""
        if sentence.field == last[0]:
            assert sentence.start >= last[1]
        last = (sentence.field, sentence.end)
