"""Writes docs/settings.md and docs/metrics.md from the tables in riftwatch/. Run it after changing one."""

from __future__ import annotations

from pathlib import Path

from riftwatch import metrics, settings

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


def _shown(default: str) -> str:
    root = str(settings.ROOT)
    return default.replace(root + "/", "") or " "


if __name__ == "__main__":
    (DOCS / "settings.md").write_text(settings_page(), encoding="utf-8")
    (DOCS / "metrics.md").write_text(metrics_page(), encoding="utf-8")
