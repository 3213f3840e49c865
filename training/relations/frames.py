"""Verb frames: the verbs of one language with their forms, and the slots that a template fills."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LABEL = {"h": "hostile", "n": "neutral", "f": "friendly"}
# Whole families of meaning are kept for testing in both languages; chosen before anything was trained.
TEST_FAMILIES = frozenset({"mock", "boycott", "complain", "court", "congratulate", "negotiate"})
DEV_FAMILIES = frozenset({"expose", "appoint", "follow"})


@dataclass(frozen=True, slots=True)
class Frame:
    """One verb. `middle` holds the slot of the other actor: {B} (German accusative) or {D} (dative)."""

    family: str
    polarity: str  # h, n or f
    mutual: bool  # both sides stand like that
    base: str
    present: str
    past: str
    participle: str
    particle: str  # German separable prefix, English gerund
    middle: str
    nominal: str
    flags: str

    @property
    def split(self) -> str:
        """Return the split of the family."""
        if self.family in TEST_FAMILIES:
            return "test"
        return "dev" if self.family in DEV_FAMILIES else "train"

    @property
    def verb(self) -> str:
        """Return the last word of the infinitive: the part that conjugates."""
        return self.base.split()[-1]

    @property
    def passive(self) -> bool:
        """Say whether a passive is good style."""
        return "P" in self.flags

    @property
    def rest(self) -> str:
        """Return what stands behind the slot in the middle."""
        return self.middle.split("}", 1)[1].strip()

    def relation(self, a: int = 0, b: int = 1) -> list[tuple[int, int, str]]:
        """Return what a sentence of this verb says when actor `a` acts on actor `b`."""
        if self.polarity == "n":
            return []
        sides = [(a, b), (b, a)] if self.mutual else [(a, b)]
        return [(i, j, self.polarity) for i, j in sides]


def load(language: str) -> list[Frame]:
    """Read frames.<language>.txt."""
    lines = (HERE / f"frames.{language}.txt").read_text(encoding="utf-8").splitlines()
    return [_frame(line) for line in lines if line.strip() and not line.startswith("#")]


def _frame(line: str) -> Frame:
    family, polarity, *forms = (part.strip() for part in line.split(";"))
    if len(forms) != 8:
        raise ValueError(f"expected ten fields: {line}")
    return Frame(family, polarity[-1], polarity.startswith("="), *forms)
