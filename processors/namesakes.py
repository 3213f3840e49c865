"""What a bare surname means in a story that names another bearer of it: "Judd Trump … Trump potted a red"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from processors.hits import Hit


def without_namesakes(hits: Sequence[Hit]) -> list[Hit]:
    """Refuse a bare surname in a story that names another bearer in full, and the actor never."""
    # A name that never counts is a relative's: her story may still speak of the actor.
    relatives = {(hit.field, hit.end) for hit in hits if hit.pattern.via == "never"}
    bearers = (hit for hit in reversed(hits) if hit.namesake and (hit.field, hit.end) not in relatives)
    others = {hit.pattern.owner: hit for hit in bearers}
    named_in_full = _owners(hit for hit in hits if " " in hit.text and not hit.refused and not hit.namesake)
    return [
        replace(hit, refused=f'could be "{others[hit.pattern.owner].namesake}"')
        if hit.pattern.owner in others.keys() - named_in_full and _bare(hit)
        else hit
        for hit in hits
    ]


def _owners(hits: Iterable[Hit]) -> set[str]:
    return {hit.pattern.owner for hit in hits if hit.pattern.kind == "name"}


def _bare(hit: Hit) -> bool:
    return hit.pattern.kind == "name" and not hit.refused and " " not in hit.text
