"""The templates of deploy/elasticsearch, under the prefix in use: what every index must look like. Pure.

components/*.json ─┐
indices/*.json ────┴─▶ templates(prefix) ─▶ the engine, which makes each index after its template
                   └─▶ composed(family) ─▶ what that index will map: for checks, dashboards and tests
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from riftwatch.errors import ConfigError
from riftwatch.settings import ROOT

HOME = ROOT / "deploy" / "elasticsearch"
OWN = "riftwatch"  # the prefix that the files are written with
TEXT, PLAIN_TEXT = "text", "text-plain"

Body: TypeAlias = dict[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Templates:
    """Everything that is deployed, by the name it bears in the engine."""

    components: Mapping[str, Body]
    indices: Mapping[str, Body]


def templates(prefix: str = OWN, *, plain_text: bool = False, home: Path = HOME) -> Templates:
    """Return all templates under a prefix; `plain_text` for an engine that has no analysis of languages.

    Raises ConfigError for a file that cannot be read.
    """
    components = _read(home / "components")
    plain = components.pop(PLAIN_TEXT)
    if plain_text:
        components[TEXT] = plain
    return Templates(
        {f"{prefix}-{name}": body for name, body in components.items()},
        {f"{prefix}-{name}": _under(prefix, body) for name, body in _read(home / "indices").items()},
    )


def composed(family: str, *, plain_text: bool = False) -> Body:
    """Return the mapping of a family ("stories", "dead-letters", …) as the engine composes it."""
    return compose(templates(plain_text=plain_text), f"{OWN}-{family}")


def compose(known: Templates, name: str) -> Body:
    """Return the mapping that an index template and its components make together."""
    index, result = known.indices[name], Body()
    for part in (*(known.components[part] for part in index["composed_of"]), index):
        _merge(result, part["template"].get("mappings", {}))
    return result


def leaves(mapping: Body, path: str = "") -> dict[str, str]:
    """Return every field of a mapping with its type: "news.title" -> "text", "news.title.raw" -> "keyword"."""
    found = {path: str(mapping["type"])} if "type" in mapping else {}
    for inner in ("properties", "fields"):
        for name, field in mapping.get(inner, {}).items():
            found |= leaves(field, f"{path}.{name}".lstrip("."))
    return found


def _merge(into: Body, other: Body) -> None:
    for name, value in other.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = json.loads(json.dumps(value))


def _read(folder: Path) -> dict[str, Body]:
    try:
        return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the templates cannot be read ({error}): install Riftwatch again", folder
        ) from error


def _under(prefix: str, body: Body) -> Body:
    """Return an index template with its names under another prefix."""
    aliases = {_name(prefix, alias): value for alias, value in body["template"].get("aliases", {}).items()}
    return body | {
        "index_patterns": [_name(prefix, pattern) for pattern in body["index_patterns"]],
        "composed_of": [_name(prefix, part) for part in body["composed_of"]],
        "template": body["template"] | ({"aliases": aliases} if aliases else {}),
    }


def _name(prefix: str, name: str) -> str:
    return prefix + name.removeprefix(OWN)
