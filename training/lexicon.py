"""A word list as the baseline that anyone would try first: what is said within a few words of the mention.

English: VADER (MIT) where it is installed. German: no free polarity list of news words exists, so a short one
of our own, which makes the German figure a lower bound of what lists can do.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from training.rows import Row

WORD = re.compile(r"\w+")
REACH_WORDS = 8
NOT = {
    "en": frozenset("not no never without nor denies denied deny".split()),
    "de": frozenset("nicht kein keine keinen keiner nie niemals ohne weder".split()),
}
GOOD = {
    "en": (
        "good great best better win won wins winner success successful succeed praise prais hail applaud admire admir "
        "love loved support supported back backed hope hopeful strong brilliant popular honest brave courage hero "
        "excellent impressive respect trust thank proud achieve progress reform welcome help helped peace"
    ),
    "de": (
        "gut gute guter gutes besser best erfolg erfolgreich gewinn gewann sieg siegte lob lobte lobt gelobt würdig "
        "bewunder beliebt mutig stark klug brillant held hoffnung unterstütz vertrauen respekt dank stolz fortschritt "
        "hilfe hilft half frieden beeindruck hervorragend ausgezeichnet begeister freund willkommen gelungen überzeug"
    ),
}
BAD = {
    "en": (
        "bad worse worst fail failed failure lie lied liar corrupt corruption scandal crime criminal attack attacked "
        "accuse accused blame criticize criticise criticism critic condemn slam blast threat threaten fear dangerous "
        "wrong weak racist hate hated abuse fraud guilty charge charged lawsuit sue sued crisis angry anger shame "
        "incompetent reckless mock insult destroy lost loser lose against refuse arrest prison"
    ),
    "de": (
        "schlecht schlimm scheiter versag lüge lügt lügner korrupt skandal verbrech kriminell angriff angegriffen griff "
        "beschuldig vorwurf vorwürfe wirft kritik kritisier verurteil droht drohung gefahr gefährlich falsch schwach "
        "rassist hass betrug schuld anklage klage klagt krise wut wütend schande unfähig spott beleidig zerstör verlor "
        "verlust niederlage gegen verweiger gefängnis festgenommen rücktritt streit umstritten angst"
    ),
}


def lexicon(language: str) -> Callable[[Row], int]:
    """Return a judge of the tone that only counts listed words near the mention."""
    valence = vader() if language == "en" else None
    if valence is None:
        return lambda row: sign(count(row), 0.0)
    score = valence
    return lambda row: sign(score(" ".join(near(row))), 0.2)


def sign(score: float, margin: float) -> int:
    """Return the class of a score."""
    return 2 if score > margin else 0 if score < -margin else 1


def near(row: Row) -> list[str]:
    """Return the words within reach of the first mention, without it."""
    start, end = row.spans[0]
    return WORD.findall(row.text[:start])[-REACH_WORDS:] + WORD.findall(row.text[end:])[:REACH_WORDS]


def count(row: Row) -> float:
    """Return good words less bad words, turned around after a negation."""
    good, bad = GOOD[row.language].split(), BAD[row.language].split()
    total, turned = 0.0, 1
    for word in map(str.lower, near(row)):
        if word in NOT[row.language]:
            turned = -1
        elif value := word.startswith(tuple(good)) - word.startswith(tuple(bad)):
            total, turned = total + turned * value, 1
    return total


def vader() -> Callable[[str], float] | None:
    """Return VADER's compound score, None where it is not installed."""
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        return None
    analyser = SentimentIntensityAnalyzer()
    return lambda text: float(analyser.polarity_scores(text)["compound"])
