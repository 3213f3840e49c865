"""Brings templates, mappings and indices of an Elasticsearch to what deploy/elasticsearch says, or tells the difference.

    templates(prefix) ─▶ differences(client) ─▶ apply(client): components, index templates, existing indices

Idempotent. Never changes a field that exists: that takes a new index_prefix and `--fill-from` the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import islice

from elasticsearch import BadRequestError, Elasticsearch

from riftwatch.errors import StateError
from stores.elastic_client import answering
from stores.elastic_templates import Body, Templates, compose, leaves

COMPONENT, TEMPLATE, INDEX, ALIAS = "component template", "index template", "index", "alias of"
MISSING, OLDER, NEWER, DIFFERS, CONFLICT = "missing", "older", "newer", "differs", "conflicts"
STAMPS = ("_date", "_date_millis")  # when the engine made and changed a template
SHOWN = 4
REBUILD = (
    "a field that exists cannot change; set another index_prefix, restart the sinks with it and fill it with "
    "`riftwatch deploy elasticsearch --apply --fill-from` the one you have"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in the engine that is not as it should be."""

    kind: str
    name: str
    state: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.state}{f' ({self.detail})' if self.detail else ''}"


def differences(client: Elasticsearch, wanted: Templates, now: datetime) -> list[Difference]:
    """Return what `apply` would change, in its order; raises Retry and AccessError."""
    with answering("read templates and mappings"):
        return [
            *_compared(COMPONENT, wanted.components, _components(client)),
            *_compared(TEMPLATE, wanted.indices, _templates(client)),
            *_of_indices(client, wanted, now),
        ]


def apply(client: Elasticsearch, wanted: Templates, now: datetime) -> list[Difference]:
    """Make the engine as it should be and return what was changed; raises Retry, AccessError and StateError.

    What a newer Riftwatch has left, or what only a rebuild can change, is refused before anything is written.
    """
    found = differences(client, wanted, now)
    for one in found:
        if one.state == NEWER:
            raise StateError(f"{one}: a newer Riftwatch has deployed here; update this one")
        if one.state == CONFLICT:
            raise StateError(f"{one}: {REBUILD}")
    with answering("write templates and mappings"), _refusals():
        for one in found:
            _mend(client, wanted, one)
    return found


def _components(client: Elasticsearch) -> dict[str, Body]:
    answer = client.options(ignore_status=404).cluster.get_component_template()
    return {one["name"]: one["component_template"] for one in answer.get("component_templates", ())}


def _templates(client: Elasticsearch) -> dict[str, Body]:
    answer = client.options(ignore_status=404).indices.get_index_template()
    return {one["name"]: one["index_template"] for one in answer.get("index_templates", ())}


def _compared(kind: str, wanted: Mapping[str, Body], found: Mapping[str, Body]) -> Iterator[Difference]:
    for name, body in wanted.items():
        there = {key: value for key, value in found.get(name, {}).items() if not key.endswith(STAMPS)}
        if not there:
            yield Difference(kind, name, MISSING)
        elif there != body:
            yield Difference(kind, name, _age(body, there), _first(_paths(body, there)))


def _age(wanted: Body, found: Body) -> str:
    ours, theirs = wanted["version"], found.get("version", 0)
    if ours == theirs:
        return DIFFERS
    return OLDER if theirs < ours else NEWER


def _paths(one: object, other: object, path: str = "") -> Iterator[str]:
    """Yield where two bodies differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _paths(one.get(key), other.get(key), f"{path}.{key}".lstrip("."))
    elif one != other:
        yield path


def _of_indices(client: Elasticsearch, wanted: Templates, now: datetime) -> Iterator[Difference]:
    found = client.indices.get(
        index=[pattern for body in wanted.indices.values() for pattern in body["index_patterns"]],
        ignore_unavailable=True, allow_no_indices=True,
    )  # fmt: skip
    for name, body in wanted.indices.items():
        [pattern] = body["index_patterns"]
        own = {index: there for index, there in found.items() if fnmatchcase(index, pattern)}
        if not own:
            yield Difference(INDEX, pattern.replace("*", f"{now:%Y.%m}"), MISSING)
        for index, there in own.items():
            yield from _of_index(index, there, compose(wanted, name), body["template"].get("aliases", {}))


def _of_index(index: str, there: Body, mapping: Body, aliases: Body) -> Iterator[Difference]:
    ours, theirs = leaves(mapping), leaves(there["mappings"])
    wrong = [
        f"{field} is {theirs[field]}, not {kind}"
        for field, kind in ours.items()
        if theirs.get(field, kind) != kind
    ]
    if wrong or there["mappings"].get("dynamic") != mapping["dynamic"]:
        yield Difference(INDEX, index, CONFLICT, _first(wrong) or "it was not made after its template")
    elif absent := ours.keys() - theirs.keys():
        yield Difference(INDEX, index, OLDER, _first(f"without {field}" for field in sorted(absent)))
    if absent := aliases.keys() - there["aliases"].keys():
        yield Difference(ALIAS, index, MISSING, ", ".join(absent))


def _mend(client: Elasticsearch, wanted: Templates, one: Difference) -> None:
    if one.kind == COMPONENT:
        client.cluster.put_component_template(name=one.name, **wanted.components[one.name])
    elif one.kind == TEMPLATE:
        client.indices.put_index_template(name=one.name, **wanted.indices[one.name])
    elif one.kind == ALIAS:
        client.indices.put_alias(index=one.name, name=one.detail)
    elif one.state == MISSING:
        _create(client, one.name)
    else:
        client.indices.put_mapping(
            index=one.name, properties=compose(wanted, _home(one.name, wanted))["properties"]
        )


def _create(client: Elasticsearch, index: str) -> None:
    try:
        client.indices.create(index=index)
    except BadRequestError as error:  # a sink may have been quicker
        if error.error != "resource_already_exists_exception":
            raise


def _home(index: str, wanted: Templates) -> str:
    """Return the index template that an index was made after."""
    return next(
        name for name, body in wanted.indices.items() if fnmatchcase(index, body["index_patterns"][0])
    )


@contextmanager
def _refusals() -> Iterator[None]:
    """Name what the engine lacks or what stands in the way."""
    try:
        yield
    except BadRequestError as error:
        if "analyzer [" in str(error):
            raise StateError(
                "this engine has no German and English analysers: use a complete Elasticsearch, "
                "or say --plain-text (searches then know no inflections)"
            ) from error
        raise StateError(f"Elasticsearch refuses our templates ({error.message}): {error.info}") from error


def _first(words: Iterable[str]) -> str:
    """Return the first few of a list, and how many more there are."""
    (*shown,) = islice(words, SHOWN + 1)
    return ", ".join(shown[:SHOWN]) + (", …" if len(shown) > SHOWN else "")
