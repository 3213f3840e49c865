"""Finds copies: a text that was told before is tied to the earliest original and counts nothing.

A pure function of the set of contributions: a sweep in order of (time, story_id), in which a story is a copy
of the earliest original at most `hours` older whose signature is similar enough. The sweep can be taken back
to a time and carried on, so that a new story costs only what follows it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from processors.contributions import Contribution
from processors.signature import jaccard

HOUR_S = 3600
# Four base64 characters are three bytes of a sketch. Two texts of similarity 0.8 have none of the 43 groups
# in common once in 10^13 times: only stories that share a group are compared in full.
GROUP = 4


class Copies:
    """Which stories of one subject are copies, and of which original."""

    def __init__(self, hours: float, similarity: float) -> None:
        self.original_of: dict[str, str] = {}  # copy -> original
        self._window_s = int(hours * HOUR_S)
        self._similarity = similarity
        self._swept: list[tuple[int, str]] = []  # originals, in order
        self._groups: dict[str, list[Contribution]] = {}  # group of a signature -> originals, in order
        self._rows: dict[str, Contribution] = {}  # the originals
        self._copies: list[tuple[int, str]] = []

    def rewind(self, at: int) -> None:
        """Forget the sweep from time `at` on."""
        while self._swept and self._swept[-1][0] >= at:
            _, story_id = self._swept.pop()
            for group in _groups(self._rows.pop(story_id).signature):
                members = self._groups[group]
                members.pop()
                if not members:
                    del self._groups[group]
        while self._copies and self._copies[-1][0] >= at:
            self.original_of.pop(self._copies.pop()[1], None)

    def drop(self, before: int) -> None:
        """Forget originals and copies older than `before`."""
        old = bisect_left(self._swept, (before, ""))
        for _, story_id in self._swept[:old]:
            for group in _groups(self._rows.pop(story_id).signature):
                del self._groups[group][0]
                if not self._groups[group]:
                    del self._groups[group]
        gone = bisect_left(self._copies, (before, ""))
        for _, story_id in self._copies[:gone]:
            self.original_of.pop(story_id, None)
        del self._swept[:old], self._copies[:gone]

    def sweep(self, rows: Iterable[Contribution]) -> None:
        """Carry on with rows that follow those swept, in order of (time, story_id)."""
        for row in rows:
            if not row.speaks:
                continue
            original = self._earliest(row)
            if original is None:
                self._keep(row)
            else:
                self.original_of[row.story_id] = original
                self._copies.append((row.at, row.story_id))

    def _earliest(self, row: Contribution) -> str | None:
        since, seen = row.at - self._window_s, dict[str, Contribution]()
        for group in _groups(row.signature):
            for original in reversed(self._groups.get(group, ())):
                if original.at < since:
                    break
                seen[original.story_id] = original
        for original in sorted(seen.values(), key=lambda found: (found.at, found.story_id)):
            if _similarity(original.signature, row.signature) >= self._similarity:
                return original.story_id
        return None

    def _keep(self, row: Contribution) -> None:
        if not row.signature:
            return
        self._swept.append((row.at, row.story_id))
        self._rows[row.story_id] = row
        for group in _groups(row.signature):
            self._groups.setdefault(group, []).append(row)


def _similarity(a: str, b: str) -> float:
    try:
        return jaccard(a, b)
    except ValueError:  # signed by another version: told apart, as long as such texts are around
        return 0.0


def _groups(signature: str) -> list[str]:
    groups = []
    for part in signature.split():
        kind, _, sketch = part.rpartition(":")
        groups += [f"{kind}{i}:{sketch[i : i + GROUP]}" for i in range(0, len(sketch), GROUP)]
    return groups
