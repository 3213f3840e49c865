"""The page of a pair: how two actors stand to each other."""

from __future__ import annotations

import msgspec

from desk.look import Look
from desk.query import Asked, MovedTo, NotFound
from desk.subject import SubjectView, subject_view
from riftwatch.records import pair_key, relation_subject


class PairPage(msgspec.Struct, frozen=True, kw_only=True):
    """All of a pair's page."""

    a: str
    b: str
    name: str
    view: SubjectView


def pair(look: Look, asked: Asked) -> PairPage:
    """Return the page of a pair; raises NotFound, or MovedTo when the ids are not in alphabetical order."""
    a, b = asked.path["a"], asked.path["b"]
    subject = relation_subject(a, b)
    if a == b or not _known(subject, look, (a, b)):
        raise NotFound("missing.pair")
    if pair_key(a, b) != f"{a}|{b}":
        raise MovedTo(f"/pair/{b}/{a}")
    return PairPage(a=a, b=b, name=look.names.subject(subject), view=subject_view(subject, look, asked))


def _known(subject: str, look: Look, entities: tuple[str, str]) -> bool:
    followed = look.names.actors
    return all(entity in followed for entity in entities) or bool(look.store.series(subject))
