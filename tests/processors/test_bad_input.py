"""What nobody should send to a judge: answered by every shipped model, with bounded work."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from processors import model
from processors.judge import Judge
from processors.tokens import MAX_WINDOWS, WHOLE_CHARS, WINDOW_TOKENS
from riftwatch.settings import Settings

MODELS = Settings().models
WIDTH = 384
SENTENCE = "Musk attacks Trump, and Trump hits back at Musk with words nobody will print. "


@dataclass
class CountedSession:
    """Passes everything on to a real session and notes how much it was asked."""

    real: Any  # onnxruntime has no types
    lengths: list[int] = field(default_factory=list)

    def run(self, wanted: None, feed: dict[str, Any]) -> Any:
        self.lengths.append(feed["ids"].shape[1])
        return self.real.run(wanted, feed)


@dataclass
class BlankSession(CountedSession):
    """Answers at once, for what would take a real one seconds."""

    real: None = None

    def run(self, wanted: None, feed: dict[str, Any]) -> list[npt.NDArray[np.float32]]:
        self.lengths.append(feed["ids"].shape[1])
        return [np.zeros((1, self.lengths[-1], WIDTH), np.float32)]


@dataclass
class CountedTokenizer:
    """Passes everything on to a real tokenizer and notes how much it was asked."""

    real: Any  # tokenizers has no types
    chars: list[int] = field(default_factory=list)

    def encode(self, text: str) -> Any:
        self.chars.append(len(text))
        return self.real.encode(text)


@dataclass(frozen=True)
class Counted:
    """A judge, and what it cost."""

    judge: Judge
    session: CountedSession
    tokenizer: CountedTokenizer

    def bounded(self) -> bool:
        """Say whether no more was read than the limits allow."""
        return (
            len(self.session.lengths) <= MAX_WINDOWS
            and all(n <= WINDOW_TOKENS for n in self.session.lengths)
            and all(n <= 2 * WHOLE_CHARS for n in self.tokenizer.chars)
            and len(self.tokenizer.chars) <= MAX_WINDOWS
        )


def judge_of(loaded: model.Model, session: CountedSession, tokenizer: CountedTokenizer) -> Judge:
    """Return a judge over counted parts: the tokenizer has the one method that is used."""
    return Judge(replace(loaded, session=session, tokenizer=tokenizer))  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=sorted(model.catalogue(MODELS)))
def loaded(request: pytest.FixtureRequest) -> model.Model:
    return model.load(MODELS, request.param)


@pytest.fixture
def counted(loaded: model.Model) -> Counted:
    session, tokenizer = CountedSession(loaded.session), CountedTokenizer(loaded.tokenizer)
    return Counted(judge_of(loaded, session, tokenizer), session, tokenizer)


def spread(text: str, count: int) -> list[tuple[int, int]]:
    """Return mentions at equal distances, the last at the very end."""
    step = (len(text) - 4) // max(1, count - 1)
    return [(n * step, n * step + 4) for n in range(count - 1)] + [(len(text) - 4, len(text))]


TEXTS = {
    "one letter": ("M", [(0, 1)]),
    "five megabytes, mentions far apart": (SENTENCE * 65_000, spread(SENTENCE * 65_000, 3)),
    "a sentence of 100,000 characters": ("and so on and on " * 5_880 + "Musk", spread("x" * 99_964, 2)),
    "no spaces": ("x" * 100_000 + "Musk", [(100_000, 100_004)]),
    "no spaces, short": ("MuskTrumpMuskTrump" * 20, [(0, 4), (4, 9)]),
    "mixed scripts": ("Илон Маск 马斯克 إيلون Musk", [(20, 24)]),
    "nul": ("\0" * 50 + "Musk\0", [(50, 54)]),
    "only nul": ("\0" * 50, [(0, 4)]),
    "emoji": ("🤦🏽‍♀️🚀" * 40 + "Musk", [(240, 244)]),
    "a lone surrogate": ("\ud800 Musk", [(2, 6)]),
    "signs that join": ("M\u0301" * 3_000 + "Musk", [(6_000, 6_004)]),
    "right to left": ("\u202eksuM\u202c Musk", [(7, 11)]),
    "blanks": (" " * 5_000 + "Musk", [(5_000, 5_004)]),
    "a mention as long as the text": ("Musk " * 4_000, [(0, 20_000)]),
}


@pytest.mark.parametrize("case", TEXTS)
def test_any_text_in_an_unknown_language_is_answered_with_bounded_work(counted: Counted, case: str) -> None:
    text, spans = TEXTS[case]
    found = counted.judge.read(text, spans, "xx")
    assert len(found.tones) == len(spans)
    for tone in found.tones:
        assert tone.negative + tone.neutral + tone.positive == pytest.approx(1)
    for relation in found.relations.values():
        assert relation.hostile + relation.neutral + relation.friendly == pytest.approx(1)
    assert counted.bounded()


def test_nothing_is_answered_with_nothing(counted: Counted) -> None:
    assert counted.judge.read("", (), "en").tones == ()
    assert counted.session.lengths == []


@pytest.mark.parametrize(
    "text", ["Musk " * 500, SENTENCE * 65_000], ids=["side by side", "in five megabytes"]
)
def test_500_mentions_are_read_in_bounded_work_and_the_rest_is_unknown(
    loaded: model.Model, text: str
) -> None:
    session, tokenizer = BlankSession(), CountedTokenizer(loaded.tokenizer)
    judge = judge_of(loaded, session, tokenizer)
    found = judge.read(text, spread(text, 500), "en", pairs=[(0, 1), (0, 499)])
    assert len(found.tones) == 500
    assert Counted(judge, session, tokenizer).bounded()
    unread = sum(tone.confidence == pytest.approx(1 / 3) for tone in found.tones)
    assert 0 < unread <= 500 - MAX_WINDOWS
    assert found.relations[0, 499].label() == "neutral"


def test_two_far_apart_in_one_giant_sentence_have_nothing_said_between_them(counted: Counted) -> None:
    text = "Musk " + "and so on and on " * 5_880 + "Trump"
    spans = [(0, 4), (len(text) - 5, len(text))]
    assert counted.judge.read(text, spans, "en").relations[0, 1].label() == "neutral"
    assert len(counted.session.lengths) == 2


def test_reading_is_the_same_after_anything_else(counted: Counted) -> None:
    first = counted.judge.read(SENTENCE, [(0, 4), (13, 18)], "en")
    counted.judge.read(*TEXTS["mixed scripts"], "xx")
    assert counted.judge.read(SENTENCE, [(0, 4), (13, 18)], "en") == first
