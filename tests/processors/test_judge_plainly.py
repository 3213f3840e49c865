"""A judge asked by the dozen answers what plain arithmetic answers, one question after the other, to the last bit."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from processors import model
from processors.asked import Asked, readable
from processors.judge import (
    APART,
    ASKED_AT_ONCE,
    UNREAD,
    WINDOWS_AT_ONCE,
    Judge,
    Probabilities,
    RelationProbabilities,
    SentenceReading,
)
from processors.model import Floats, Model
from processors.tokens import WHOLE_CHARS, windows
from riftwatch.settings import Settings

MODELS = Settings().models
PADDING = "und so weiter und so fort, wie es eben manchmal ist, "
NAMES = [f"Name{chr(65 + n)}" for n in range(10)]


def asked(text: str, *names: str, language: str = "en") -> Asked:
    """Ask for the first place of each name."""
    spans = [(text.index(name), text.index(name) + len(name)) for name in names]
    return Asked(text, spans, language)


def sentences() -> list[Asked]:
    """Return sentences of every length with one to three names, and odd ones."""
    verbs = {"en": ("sues", "praises", "met", "will not attack"), "de": ("verklagt", "lobt", "traf", "rügt")}
    some = []
    for language, said in verbs.items():
        for n, verb in enumerate(said):
            some += [
                asked(f"Larsen {verb} Keller.", "Larsen", "Keller", language=language),
                asked(f"{PADDING * n}Larsen {verb} Nordwerk, Keller", "Nordwerk", language=language),
                asked(f"Ann, Bob {verb} {PADDING * n}Cy", "Ann", "Bob", "Cy", language=language),
            ]
    everybody = asked(" and ".join(NAMES), *NAMES, language="xx")
    return [
        *some,
        everybody,
        Asked("", (), "en"),
        Asked("A      B", [(2, 4)], "en"),
        Asked("Musk", [(0, 1), (0, 4), (3, 4)], "de"),
        Asked("\ud800 Musk \0 M\u0301 \u202eksuM\u202c 🤦🏽‍♀️ 马斯克", [(2, 6), (21, 26)], "und"),
        Asked("A B C", [(0, 1), (2, 3), (4, 5)], "en", pairs=[(2, 0), (1, 1)]),
        Asked("A B C", [(0, 1), (2, 3), (4, 5)], "en", pairs=()),
        asked(f"Ann {PADDING * 12} Bob {PADDING * 12} Cy", "Ann", "Bob", "Cy", language="de"),
        asked(f"Ann {PADDING * (WHOLE_CHARS // 20)} Bob sues Cy", "Ann", "Bob", "Cy"),
    ]


def plainly(loaded: Model, one: Asked) -> SentenceReading:
    """Answer question by question, each in its first window."""
    tones = [UNREAD] * len(one.spans)
    relations = dict.fromkeys(one.wanted, APART)
    found = windows(loaded.tokenizer, readable(one.text), one.spans) if one.spans else []
    for window in reversed(found):
        states = loaded.states(window.ids)
        at = {i: states[a:b].mean(0) for i, (a, b) in window.spans.items()}
        whole = states.mean(0)
        for i in window.spans:
            tones[i] = Probabilities(*answer(loaded, "tone", [at[i], whole], one.language))
        for i, j in permutations(window.spans, 2):
            if (i, j) in relations:
                parts = [at[i], at[j], at[i] * at[j], whole]
                relations[i, j] = RelationProbabilities(*answer(loaded, "relation", parts, one.language))
    return SentenceReading(tuple(tones), relations)


def answer(loaded: Model, head: str, parts: list[Floats], language: str) -> list[float]:
    """Return the three probabilities one head gives for one question."""
    w = loaded.heads
    hidden = gelu(np.vecdot(w[f"{head}1.weight"], np.concatenate(parts)) + w[f"{head}1.bias"])
    divisors = loaded.card.temperature[head]
    logits = np.vecdot(w[f"{head}2.weight"], hidden) + w[f"{head}2.bias"]
    scaled = logits.astype(np.float64) / divisors.get(language, divisors["other"])
    shares = np.exp(scaled - scaled.max())
    return [float(share) for share in shares / shares.sum()]


def gelu(x: Floats) -> Floats:
    """Return the formula as it is printed."""
    z = np.abs(x) / np.float32(np.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = ((((1.061405429 * t - 1.453152027) * t) + 1.421413741) * t - 0.284496736) * t + 0.254829592
    erf = np.sign(x) * (1 - series * t * np.exp(-z * z))
    return (x * 0.5 * (1 + erf)).astype(np.float32)


@pytest.mark.parametrize("name", sorted(model.catalogue(MODELS)))
def test_together_alone_and_plainly_the_same_bits(name: str) -> None:
    loaded, some = model.load(MODELS, name), sentences()
    judge = Judge(loaded)
    assert len(some) > WINDOWS_AT_ONCE
    assert sum(len(one.wanted) for one in some) > 2 * ASKED_AT_ONCE
    together = judge.read_all(some)
    assert together == [plainly(loaded, one) for one in some]
    assert together[::3] == [judge.read(one.text, one.spans, one.language, one.pairs) for one in some[::3]]


def test_company_changes_nothing() -> None:
    judge, some = Judge.load(MODELS, "fast"), sentences()
    assert judge.read_all(some[::-1]) == judge.read_all(some)[::-1]


def test_a_span_outside_its_text_is_refused_in_company_too() -> None:
    judge, good = Judge.load(MODELS, "fast"), Asked("Musk", [(0, 4)], "en")
    with pytest.raises(ValueError, match="not inside the text"):
        judge.read_all([good, Asked("Musk", [(0, 5)], "en")])


def test_nothing_asked_nothing_answered() -> None:
    assert Judge.load(MODELS, "fast").read_all([]) == []
