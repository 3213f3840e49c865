from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riftwatch.errors import ConfigError
from riftwatch.publishers import Publishers, host_of, registrable_domain, slug
from riftwatch.settings import ROOT


@pytest.fixture(scope="module")
def shipped() -> Publishers:
    return Publishers.load(ROOT / "config" / "publishers.toml")


@pytest.mark.parametrize(
    ("outlet", "family"),
    [
        ("The Guardian", "guardian"),
        ("theguardian.com", "guardian"),
        ("https://www.theguardian.com/world/rss", "guardian"),
        ("THE  GUARDIAN", "guardian"),
        ("feeds.bbci.co.uk", "bbc"),
        ("BBC News", "bbc"),
        ("https://www.bbc.co.uk/news/technology", "bbc"),
        ("Bild", "axel-springer"),
        ("welt.de", "axel-springer"),
        ("POLITICO", "axel-springer"),
        ("Business Insider", "axel-springer"),
        ("manager-magazin.de", "spiegel"),
        ("DER SPIEGEL", "spiegel"),
        ("rnd.de", "madsack"),
        ("Frankfurter Rundschau", "ippen"),
        ("merkur.de", "ippen"),
        ("waz.de", "funke"),
        ("tagesschau.de", "ard"),
        ("WDR", "ard"),
        ("20 Minuten", "tamedia"),
        ("Der Standard", "standard-at"),
        ("WSJ", "dow-jones"),
        ("NJ.com", "advance-local"),
        ("guardian", "guardian"),
    ],
)
def test_outlets_as_feeds_and_archives_name_them(shipped: Publishers, outlet: str, family: str) -> None:
    assert shipped.family(outlet) == family


@pytest.mark.parametrize(
    ("outlet", "family"),
    [
        ("https://news.example.co.uk/a", "example.co.uk"),
        ("example.org", "example.org"),
        ("Hafenkurier Süd", "hafenkurier-süd"),
        ("http://127.0.0.1:8080/rss", "127.0.0.1"),
        ("http://localhost:80/rss", "localhost"),
        ("", "unknown"),
        ("…", "unknown"),
    ],
)
def test_an_unknown_outlet_stands_for_itself(shipped: Publishers, outlet: str, family: str) -> None:
    assert shipped.family(outlet) == family
    assert shipped.title(family) == family


def test_nine_feeds_of_one_broadcaster_are_one_family(shipped: Publishers) -> None:
    urls = [f"https://feeds.bbci.co.uk/news/{name}/rss.xml" for name in "abcdefghi"]
    assert {shipped.family(url) for url in urls} == {"bbc"}


def test_at_least_150_outlets_are_known(shipped: Publishers) -> None:
    assert len(set(shipped._domains)) >= 300
    assert len(set(shipped._names.values())) >= 150


def test_families_and_agencies_have_titles(shipped: Publishers) -> None:
    assert shipped.title("dpa") == "Deutsche Presse-Agentur"
    assert shipped.title("guardian") == "The Guardian"


@given(st.text())
def test_any_text_has_a_family(text: str) -> None:
    assert Publishers(()).family(text)


@pytest.mark.parametrize(
    ("host", "domain"),
    [("a.b.bbc.co.uk", "bbc.co.uk"), ("x.github.io", "x.github.io"), ("localhost", "localhost"), ("1.2.3.4", "1.2.3.4")],
)  # fmt: skip
def test_registrable_domains(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_hosts_and_slugs() -> None:
    assert host_of("https://User@Example.ORG:8080/x") == "example.org"
    assert host_of("Just a Name") == ""
    assert host_of("A.B") == ""
    assert slug("L'Équipe – 24") == "l-équipe-24"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[family]]\nid = 'a'\n", "missing required field `title`"),
        ("[[family]]\nid = 'a'\ntitle = 'A'\nnmes = ['x']\n", "unknown field `nmes`"),
        ("[[family]\n", "not valid TOML"),
        ('[[family]]\nid="a"\ntitle="A"\nnames=["X"]\n[[family]]\nid="b"\ntitle="B"\nnames=["X"]\n', ':8: "x" belongs to a and to b'),
    ],
)  # fmt: skip
def test_a_broken_file_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "publishers.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Publishers.load(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_or_undecodable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Publishers.load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        Publishers.load(tmp_path / "bad.toml")
