"""Fill a template's slots with actors and find where the names ended up."""

from __future__ import annotations

import re

from training.relations.actors import Actor

SLOT = re.compile(r"\{([ABCD])([a-z0]*)(!?)\}")
CASES = {"n": 0, "a": 1, "d": 2}
# Without a letter: A and C are subjects, B is an object, and D is B in the dative.
DEFAULT = {"A": 0, "B": 1, "C": 0, "D": 2}
ROLES = "ABC"


def render(template: str, actors: list[Actor], language: str) -> tuple[str, list[tuple[int, int]]] | None:
    """Return the sentence and one span an actor, or None when an actor's form does not fit the slot."""
    out, spans, at = "", dict[int, tuple[int, int]](), 0
    template = tidy(template)
    for slot in SLOT.finditer(template):
        out += template[at : slot.start()]
        at = slot.end()
        index = 1 if slot[1] == "D" else ROLES.index(slot[1])
        if slot[3] and not actors[index].article():
            return None
        word = pronoun(slot[1], slot[2], actors[index], language)
        if word is None:
            out += "" if slot[2] == "0" else actors[index].before[CASES.get(slot[2], DEFAULT[slot[1]])]
            spans[index] = (len(out), len(out) + len(actors[index].name))
            word = actors[index].name
        out += word
    out += template[at:]
    if out[0].islower() and all(start != 0 for start, _ in spans.values()):
        out = out[0].upper() + out[1:]
    return out, [spans[i] for i in sorted(spans)]


def pronoun(role: str, form: str, actor: Actor, language: str) -> str | None:
    """Return the pronoun that a slot asks for, or None for the name itself."""
    subject, accusative, dative = actor.pronoun
    match form:
        case "p":
            return {"A": subject, "B": accusative, "D": dative}[role]
        case "self":
            return {"he": "himself", "it": "itself"}[subject]
        case "r" if language == "de":
            return {"er": "der", "sie": "die", "es": "das"}[subject]
        case "r":
            return "who" if subject == "he" else "which"
        case _:
            return None


def tidy(text: str) -> str:
    """Close the gaps that empty slots leave."""
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r" ([.,;?!])", r"\1", text)
