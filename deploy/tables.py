"""Writes docs/settings.md, metrics.md and fields.md from their tables. `python -m deploy.tables` after changing one."""

from __future__ import annotations

from pathlib import Path

from riftwatch import metrics, settings
from stores.elastic_families import FAMILIES
from stores.elastic_templates import composed, leaves

DOCS = Path(__file__).resolve().parent.parent / "docs"


def settings_page() -> str:
    """Return the page of all settings."""
    rows = [f"| `{name}` | `{_shown(default)}` | {about} |" for name, default, about in settings.about()]
    head = (
        "# Settings\n\nEach comes from the environment (`RIFTWATCH_` and the name in capitals) or from the TOML file"
        " that\n`RIFTWATCH_CONFIG` names; the environment wins. `riftwatch config show` prints what is in force.\n\n"
        "| name | default | what it is |\n|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def metrics_page() -> str:
    """Return the page of all metrics."""
    families = sorted(metrics.REGISTRY.collect(), key=lambda family: family.name)
    rows = [f"| `{f.name}` | {f.type} | {f.documentation} |" for f in families]
    head = (
        "# Metrics\n\nEvery process exposes them at `/metrics` on loopback when `metrics_port` is set; counters end"
        " in `_total` there.\n\n| name | type | meaning, and what to do |\n|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def fields_page() -> str:
    """Return the page of all fields in the search engine."""
    homes: dict[tuple[str, str], list[str]] = {}
    for family in FAMILIES.values():
        for field, kind in leaves(composed(family.name)).items():
            homes.setdefault((field, kind), []).append(family.name)
    rows = [
        f"| `{field}` | {kind} | {'all' if len(homes[field, kind]) == len(FAMILIES) else ', '.join(homes[field, kind])} |"
        for field, kind in sorted(homes)
    ]
    head = (
        "# Fields in Elasticsearch\n\nWhat the templates of `deploy/elasticsearch` declare, by family; what the names mean"
        " stands in [search.md](search.md).\n\n| field | type | in |\n|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def _shown(default: str) -> str:
    root = str(settings.ROOT)
    return default.replace(root + "/", "") or " "


if __name__ == "__main__":
    (DOCS / "settings.md").write_text(settings_page(), encoding="utf-8")
    (DOCS / "metrics.md").write_text(metrics_page(), encoding="utf-8")
    (DOCS / "fields.md").write_text(fields_page(), encoding="utf-8")
