"""Made-up and well-known actors with the forms that German grammar asks of them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from training import names

MASCULINE = (
    "Minister",
    "Trainer",
    "Senator",
    "Kanzler",
    "Regisseur",
    "Bürgermeister",
    "Sprecher",
    "Unternehmer",
)
FEMININE = (
    "Ministerin",
    "Trainerin",
    "Senatorin",
    "Regisseurin",
    "Bürgermeisterin",
    "Sprecherin",
    "Richterin",
)
ENGLISH = ("Minister", "coach", "Senator", "director", "Mayor", "chairman", "billionaire", "actor")
PARTIES = ("SPD", "CDU", "FDP", "AfD", "Gewerkschaft", "Bahn", "Bundesbank", "EU-Kommission", "Volkspartei")


@dataclass(frozen=True, slots=True)
class Actor:
    """A name, and what stands before it in each case."""

    name: str
    before: tuple[str, str, str] = ("", "", "")  # nominative, accusative, dative
    pronoun: tuple[str, str, str] = ("er", "ihn", "ihm")

    def article(self) -> bool:
        """Say whether the accusative can be told from the nominative."""
        return self.before[0] != self.before[1]


def german(rng: random.Random) -> Actor:
    """Return an actor for a German sentence."""
    dice = rng.random()
    if dice < 0.35:
        return Actor(names.person(rng, full=rng.random() < 0.4))
    if dice < 0.5:
        title = rng.choice(MASCULINE)
        return Actor(names.person(rng, full=False), (f"der {title} ", f"den {title} ", f"dem {title} "))
    if dice < 0.58:
        title = rng.choice(FEMININE)
        return Actor(
            names.person(rng, full=False),
            (f"die {title} ", f"die {title} ", f"der {title} "),
            ("sie", "sie", "ihr"),
        )
    if dice < 0.66:
        return Actor(rng.choice(PARTIES), ("die ", "die ", "der "), ("sie", "sie", "ihr"))
    if dice < 0.78:
        return Actor(rng.choice(names.ACTORS))
    return Actor(names.organisation(rng, "de"), pronoun=("es", "es", "ihm"))


def english(rng: random.Random) -> Actor:
    """Return an actor for an English sentence."""
    dice = rng.random()
    if dice < 0.45:
        return Actor(names.person(rng, full=rng.random() < 0.4), pronoun=("he", "him", "him"))
    if dice < 0.6:
        title = f"{rng.choice(ENGLISH)} "
        return Actor(names.person(rng, full=False), (title, title, title), ("he", "him", "him"))
    if dice < 0.75:
        return Actor(rng.choice(names.ACTORS), pronoun=("he", "him", "him"))
    return Actor(names.organisation(rng, "en"), pronoun=("it", "it", "it"))
