from __future__ import annotations

import re
from pathlib import Path

import pytest

from processors.judge import Judge, Probabilities, RelationProbabilities, SentenceReading

MARK = re.compile(r"(\[[^\]]+\])")


def read(judge: Judge, marked: str, language: str) -> SentenceReading:
    """Read a sentence whose spans stand in brackets."""
    text, spans = "", []
    for part in MARK.split(marked):
        plain = part.strip("[]") if part.startswith("[") else part
        if part.startswith("["):
            spans.append((len(text), len(text) + len(plain)))
        text += plain
    return judge.read(text, spans, language)


def sides(judge: Judge, marked: str, language: str) -> tuple[str, str]:
    """Return the labels of the first two spans toward each other."""
    found = read(judge, marked, language).relations
    return found[0, 1].label(), found[1, 0].label()


@pytest.mark.parametrize(
    ("marked", "language", "wanted"),
    [
        ("[Musk] sues [OpenAI] over its plans.", "en", ("hostile", "neutral")),
        ("[OpenAI] was sued by [Musk].", "en", ("neutral", "hostile")),
        ("[Larsen] verklagt [Nordwerk].", "de", ("hostile", "neutral")),
        ("[Nordwerk] wurde von [Larsen] verklagt.", "de", ("neutral", "hostile")),
        ("[Larsen] lobt den Minister [Keller].", "de", ("friendly", "neutral")),
        ("[Larsen] praises [Keller].", "en", ("friendly", "neutral")),
        ("Zoff zwischen [Larsen] und [Keller] eskaliert", "de", ("hostile", "hostile")),
        ("[Larsen]-[Keller] feud deepens", "en", ("hostile", "hostile")),
        ("[Larsen] und [Keller] stehen auf der Gästeliste.", "de", ("neutral", "neutral")),
        ("[Larsen] and [Keller] will attend the meeting.", "en", ("neutral", "neutral")),
    ],
)
def test_who_stands_how_to_whom(judge: Judge, marked: str, language: str, wanted: tuple[str, str]) -> None:
    assert sides(judge, marked, language) == wanted


def test_tone_is_of_the_mention_and_not_of_the_sentence(judge: Judge) -> None:
    bad = read(judge, "Critics called [Larsen] a corrupt and incompetent liar.", "en").tones[0]
    good = read(judge, "[Larsen] is a brilliant and much admired leader.", "en").tones[0]
    assert (bad.label(), good.label()) == ("negative", "positive")
    assert bad.score < 0 < good.score


def test_a_reading_depends_on_nothing_but_its_sentence(judge: Judge) -> None:
    first = read(judge, "[Larsen] verklagt [Nordwerk].", "de")
    read(judge, "Something else about [Keller] and [Brandt], much longer than the other sentence was.", "en")
    assert read(judge, "[Larsen] verklagt [Nordwerk].", "de") == first


def test_asked_pairs_only(judge: Judge) -> None:
    spans = [(0, 1), (2, 3), (4, 5)]
    assert judge.read("A B C", spans, "en", pairs=()).relations == {}
    assert set(judge.read("A B C", spans, "en", pairs=[(2, 0)]).relations) == {(2, 0)}
    assert len(judge.read("A B C", spans, "en").relations) == 6


def test_no_spans(judge: Judge) -> None:
    assert judge.read("", (), "en") == SentenceReading((), {})


@pytest.mark.parametrize("span", [(0, 9), (-1, 2), (2, 2), (3, 1)])
def test_a_span_outside_the_text_is_refused(judge: Judge, span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not inside the text"):
        judge.read("A B C", [span], "en")


def test_a_mention_of_blanks_is_unknown(judge: Judge) -> None:
    (tone,) = judge.read("A      B", [(2, 4)], "en").tones
    assert tone.label(0.4) == "unknown"


def test_a_long_sentence_is_read_around_its_mentions(judge: Judge) -> None:
    padding = "und so weiter und so fort, wie es eben manchmal ist, " * 40
    marked = f"{padding} [Larsen] verklagt [Nordwerk] {padding}"
    assert sides(judge, marked, "de")[0] == "hostile"


def test_labels_and_thresholds() -> None:
    tone = Probabilities(0.5, 0.3, 0.2)
    assert (tone.label(), tone.label(0.5), tone.label(0.51)) == ("negative", "negative", "unknown")
    assert tone.score == pytest.approx(-0.3)
    relation = RelationProbabilities(0.1, 0.2, 0.7)
    assert (relation.label(), relation.label(0.8), relation.confidence) == ("friendly", "unknown", 0.7)
    assert relation.score == pytest.approx(0.6)


def test_the_version_names_model_and_weights(judge: Judge) -> None:
    assert re.fullmatch(r"accurate-[0-9a-f]{12}", judge.version)
    assert 1 / 3 < judge.tone_threshold < 1
    assert 1 / 3 < judge.relation_threshold < 1


def test_the_interface_loads_by_name() -> None:
    models = Path(__file__).parents[2] / "models"
    assert Judge.load(models, "accurate").version.startswith("accurate-")
