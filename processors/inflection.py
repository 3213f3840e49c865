"""German word forms: the cases of a description, and what may follow a name without becoming another word."""

from __future__ import annotations

import re

# "Trumps" is a genitive in German and a verb or a family in English, where the genitive has its apostrophe.
_GENITIVE = re.compile(r"[sS]")
_ADJECTIVE = re.compile(r"['’]?sche[mnrs]?|['’]?SCHE[MNRS]?")  # die Trump'sche Politik
# Nouns that take -en in every case but the nominative: den Präsidenten, des Demokraten, dem Magnaten.
_WEAK = re.compile(r"(?:ent|ist|ant|at|and|oph|arch|ot)$")

_OBLIQUE = {
    "der": ("dem", "den", "des", "beim", "vom", "zum", "im", "am"),
    "das": ("dem", "des", "beim", "vom", "zum", "im", "am"),
    "die": ("der", "zur"),
}


def tail_kind(tail: str, language: str) -> str | None:
    """Return what the letters after a name make of it: "name", "compound", or None for another word."""
    if not tail or (language != "en" and _GENITIVE.fullmatch(tail)):
        return "name"
    return "compound" if _ADJECTIVE.fullmatch(tail) else None


def forms(description: str) -> list[str]:
    """Return a description in all its cases; an English one comes back alone.

    Only what begins with der, die or das is declined, and compounds without an article ("Tesla-Chef").
    """
    words = description.split()
    if words[0] not in _OBLIQUE:
        return [description, *_without_article(description)]
    noun_at = next((i for i, word in enumerate(words[1:], 1) if not _is_adjective(word)), len(words) - 1)
    adjectives = [word + "n" for word in words[1:noun_at]]
    rest = words[noun_at + 1 :]
    nouns = [words[noun_at]] if words[0] == "die" else [words[noun_at], *_cases(words[noun_at])]
    oblique = [
        " ".join([article, *adjectives, noun, *rest]) for article in _OBLIQUE[words[0]] for noun in nouns
    ]
    return [description, *oblique]


def _is_adjective(word: str) -> bool:
    return word[0].islower() and word.endswith("e")


def _without_article(description: str) -> list[str]:
    single = " " not in description and description[0].isupper() and len(description) > 4
    return _cases(description) if single else []


def _cases(noun: str) -> list[str]:
    if noun.endswith("Mensch"):
        return [noun + "en"]
    if noun.endswith(("Mann", "mann")):
        return [noun + "es", noun + "s"]
    return [noun + "en"] if _WEAK.search(noun) else [noun + "s"]
