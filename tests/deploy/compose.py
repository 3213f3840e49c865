"""docker-compose.yml as Docker Compose reads it: anchors resolved, variables filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from riftwatch.settings import ROOT

FILE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / ".env.example"
ROLES = ("poll", "process", "search", "mail", "desk")
JOBS = ("accounts", "setup", "dashboards")
_VARIABLE = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")

Service = dict[str, Any]  # Any: YAML


def variables() -> dict[str, str]:
    """Return what .env.example offers, secrets still empty."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def services(env: Mapping[str, str]) -> dict[str, Service]:
    """Return the services with variables filled in; raises KeyError for one that .env.example does not offer."""
    loaded: dict[str, Service] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    return {name: _filled(service, env) for name, service in loaded.items()}


def _filled(value: Any, env: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: env[found[1]], value)
    if isinstance(value, dict):
        return {key: _filled(one, env) for key, one in value.items()}
    return [_filled(one, env) for one in value] if isinstance(value, list) else value
