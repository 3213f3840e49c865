"""One place where a wording of the watchlist stands: its word, its form, and what speaks against it there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from processors.given_names import another_bearer
from processors.inflection import tail_kind
from processors.patterns import Pattern
from riftwatch.records import Mention

Field: TypeAlias = Literal["title", "summary", "content"]

# Characters that look alike and must match alike, one for one so that offsets stay.
_ALIKE = str.maketrans({**dict.fromkeys("\u00a0\u202f\n\r\t", " "), **dict.fromkeys("‐‑", "-"), "’": "'"})
MISSPELT = "must be written"
NAME_FOLLOWS = "another name follows"
_SPACE = re.compile(r"\s")
_HYPHENS = ("-", "‐", "‑")
# What before a description makes it mean another, or nobody in particular.
_OTHER = re.compile(
    r"(?:(?:^|\W)(?:former|ex|then|vice|deputy|late|früher\w*|ehemalig\w*|einstig\w*|damalig\w*|designiert\w*|"
    r"an?|any|every|no|as|first|sitting|next|eine?[mnrs]?|kein\w*|jede[mnrs]?|als|erste[nr]?|nächste[nr]?)\s|-)$",
    re.IGNORECASE,
)
_AS = re.compile(r"\b(?:as|als)\s$", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:the|der|die|das) ")
# "Parteitag der Republikaner": a noun before makes it a genitive plural.
_NOUN_BEFORE = re.compile(r"(?:[A-ZÄÖÜ]\w+|\b(?:und|oder)) $")
_ADDRESS = re.compile(r"://|www\.|@\w|\w\.(?:com|org|net|de|io|co)(?!\w)")
# How far a word or an address is followed: further, and a text without spaces would cost its square.
MAX_WORD_CHARS = 40
_WORD, _WORD_BACK = re.compile(r"\w*"), re.compile(r"\w+$")
_NAME_FOLLOWS = re.compile(r" [A-ZÄÖÜ][\w'.-]+ [A-ZÄÖÜ][\w'-]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a wording of the watchlist stands; it counts unless a reason speaks against it."""

    field: Field
    start: int
    end: int
    text: str
    pattern: Pattern
    via: str
    refused: str = ""
    namesake: str = ""  # another bearer of the name who is named here in full

    @property
    def mention(self) -> Mention:
        """The hit as it goes into the story."""
        return Mention(
            entity=self.pattern.entity,
            field=self.field,
            start=self.start,
            end=self.end,
            text=self.text,
            via=self.via,
        )


def comparable(text: str) -> str:
    """Return the text in small letters, character for character ("İ" would become two)."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    return lowered.translate(_ALIKE)


def hit_at(pattern: Pattern, field: Field, text: str, start: int, end: int, language: str) -> Hit | None:
    """Return what a wording found at a place amounts to, or None if it is not worth a word."""
    word_end = _word_end(text, end)
    kind = tail_kind(text[end:word_end], language)
    if kind is None or (start and _in_word(text[start - 1])):
        return _inside_a_word(pattern, field, text, start, word_end)
    end = word_end
    # The 's of a genitive stays outside, the 'sche of an adjective belongs to the word.
    if text[end : end + 5].lower() in {"'sche", "’sche"}:
        kind, end = "compound", _word_end(text, end + 1)
    if kind == "name" and _hyphenated(text, start, end):
        kind = "compound"
    hit = Hit(field, start, end, text[start:end], pattern, pattern.via_of(kind))
    if pattern.via == "namesake":
        return replace(hit, namesake=hit.text)
    refused = _wrong_form(pattern, text, start, end) or _family(pattern, text, start, end)
    other = "" if refused else another_bearer(pattern.given, text, start, end)
    return replace(hit, refused=refused or (f'"{other}" is somebody else' if other else ""), namesake=other)


def _wrong_form(pattern: Pattern, text: str, start: int, end: int) -> str:
    spelled = text[start : start + len(pattern.text)].translate(_ALIKE)
    if not pattern.fits_case(spelled):
        return f'{MISSPELT} "{pattern.text}"'
    if _in_address(text, start, end):
        return "part of a web address"
    if text[max(0, start - 1) : start] == "$":
        return "a share or a coin"
    if pattern.kind == "description":
        before = text[max(0, start - 16) : start]
        # "as the president left" is about the president, "as US president" about whoever held the office.
        if _OTHER.search(before) and not (_AS.search(before) and _ARTICLE.match(text, start)):
            return "another holder, or no one in particular"
        if text[start:end].startswith("der ") and text[:end].endswith("er") and _NOUN_BEFORE.search(before):
            return "may be a genitive plural"
        if text[end : end + 1] in _HYPHENS:
            return "part of another word"
        if _NAME_FOLLOWS.match(text, end) and not _title_case(text):
            return NAME_FOLLOWS
    return ""


def _family(pattern: Pattern, text: str, start: int, end: int) -> str:
    """Refuse "Die Trumps feiern"; in "die Trumps Zölle" and at "Die Trumps Kurs" a noun follows a genitive."""
    plural = pattern.kind == "name" and end - start > len(pattern.text)
    family = plural and text[max(0, start - 4) : start] == "Die " and text[end + 1 : end + 2].islower()
    return "the family, not the person" if family else ""


def _in_address(text: str, start: int, end: int) -> bool:
    before = _SPACE.split(text[max(0, start - MAX_WORD_CHARS) : start])[-1]
    after = _SPACE.split(text[end : end + MAX_WORD_CHARS], maxsplit=1)[0]
    return len(before) + len(after) > 2 and bool(_ADDRESS.search(before + text[start:end] + after))


def _inside_a_word(pattern: Pattern, field: Field, text: str, start: int, end: int) -> Hit | None:
    """Return a refusal worth telling: of a name within a longer word, not of every "son" in "person"."""
    if pattern.kind != "name" or len(pattern.text) < 4 or not pattern.sure:
        return None
    before = _WORD_BACK.search(text[max(0, start - MAX_WORD_CHARS) : start])
    start -= len(before[0]) if before else 0
    word = text[start:end]
    return Hit(field, start, end, word, pattern, "name", f'"{word}" is another word')


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _word_end(text: str, at: int) -> int:
    match = _WORD.match(text, at, at + MAX_WORD_CHARS)
    return match.end() if match else at


def _hyphenated(text: str, start: int, end: int) -> bool:
    before = start > 1 and text[start - 1] in _HYPHENS and _in_word(text[start - 2])
    return before or text[end : end + 1] in _HYPHENS


def _title_case(text: str) -> bool:
    words = [word for word in text[:300].split() if word[0].isalpha()]
    return sum(word[0].isupper() for word in words) > 0.6 * len(words)
