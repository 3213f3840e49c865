from __future__ import annotations

from pathlib import Path

import pytest

from ingest.hosts import HostRule, HostRules
from riftwatch.errors import ConfigError
from riftwatch.settings import ROOT


def test_the_nearest_rule_holds() -> None:
    domain = HostRule(host="example.org", gap_s=1.0)
    host = HostRule(host="feeds.example.org", gap_s=2.0)
    port = HostRule(host="feeds.example.org:8080", gap_s=3.0)
    rules = HostRules([domain, host, port])
    assert rules.of("feeds.example.org", 8080) == port
    assert rules.of("Feeds.example.org", 443) == host
    assert rules.of("x.feeds.example.org", 443) == host
    assert rules.of("www.example.org", 443) == domain
    assert rules.of("example.com", 443) == HostRule(host="")
    assert HostRules().of("127.0.0.1", 80) == HostRule(host="")


def test_without_a_file_every_host_is_alike(tmp_path: Path) -> None:
    assert HostRules.load(tmp_path / "hosts.toml").of("a.example", 443) == HostRule(host="")


def test_the_shipped_file_is_read() -> None:
    assert HostRules.load(ROOT / "config" / "hosts.toml").of("x.tumblr.com", 443).retry_scope == "domain"


@pytest.mark.parametrize(
    "text",
    [
        "[[host]\n", "[[host]]\nhost = 'a'\npace = 3", "[[host]]\ngap_s = 1", "[[host]]\nhost = 'a'\ngap_s = -1",
        "[[host]]\nhost = 'https://a/'", "[[host]]\nhost = 'a'\nretry_scope = 'planet'", "[[host]]\nhost = 'a'\nparallel = 0",
    ],
)  # fmt: skip
def test_a_broken_file_is_one_sentence_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hosts.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"hosts\.toml: "):
        HostRules.load(path)
