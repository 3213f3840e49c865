"""deploy/prometheus and deploy/alertmanager: checked by their own tools, and against what we export."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml

from ingest.outcome import SUCCESSES
from riftwatch import metrics
from riftwatch.settings import ROOT
from tests.deploy.compose import services, variables

PROMETHEUS, ALERTMANAGER = ROOT / "deploy/prometheus", ROOT / "deploy/alertmanager"
RULES = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"][0]["rules"]
NAMES = {
    family.name + ("_total" if family.type == "counter" else "") for family in metrics.REGISTRY.collect()
}


@pytest.mark.parametrize(
    "command",
    [
        ("promtool", "check", "config", "prometheus.yml"),
        ("promtool", "test", "rules", "rules.test.yml"),
        ("amtool", "check-config", "../alertmanager/alertmanager.yml"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_their_own_tools_are_content(command) -> None:
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, check=False, cwd=PROMETHEUS, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_use_metrics_there_are() -> None:
    used = {name for rule in RULES for name in re.findall(r"riftwatch_\w+", rule["expr"])}
    assert used
    assert used <= NAMES


def test_every_rule_is_tested_and_has_a_page_that_exists() -> None:
    tested = (PROMETHEUS / "rules.test.yml").read_text()
    for rule in RULES:
        assert tested.count(f"alertname: {rule['alert']}") >= 2, "one quiet moment, one that rings"
        page, _, place = rule["annotations"]["runbook_url"].partition("#")
        headings = {_anchor(line) for line in (ROOT / page).read_text().splitlines() if line.startswith("#")}
        assert not place or place in headings, place


def test_no_success_counts_as_a_failing_feed() -> None:
    rule = next(rule for rule in RULES if rule["alert"] == "RiftwatchFeedsFailing")
    (named,) = re.findall(r'outcome!~"([^"]+)"', rule["expr"])
    assert set(named.split("|")) == {str(outcome) for outcome in SUCCESSES}


def test_every_role_is_scraped_where_it_speaks() -> None:
    scrape = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"][0][
        "dns_sd_configs"
    ][0]
    composed = services(dict.fromkeys(variables(), "x"))
    for name in scrape["names"]:
        assert composed[name]["environment"]["RIFTWATCH_METRICS_PORT"] == str(scrape["port"])
        assert composed[name]["healthcheck"]["test"][-1] == f"http://127.0.0.1:{scrape['port']}/metrics"
    speaking = {n for n, s in composed.items() if "RIFTWATCH_METRICS_PORT" in (s.get("environment") or {})}
    assert set(scrape["names"]) == speaking - {"setup"}


def test_what_it_mutes_exists() -> None:
    inhibits = yaml.safe_load((ALERTMANAGER / "alertmanager.yml").read_text())["inhibit_rules"]
    named = set(re.findall(r"Riftwatch\w+", str(inhibits)))
    assert named <= {rule["alert"] for rule in RULES}


def _anchor(heading: str) -> str:
    words = heading.lstrip("# ").strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
