from __future__ import annotations

from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.canonical import canonical, is_section

TABLE = Path(__file__).parent.parent / "urls.tsv"
ROWS = [
    tuple(line.split("\t"))
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=8).map("x".__add__)
VALUES = st.text(max_size=8).map(lambda text: quote(text, safe=""))
PARAMETERS = st.dictionaries(NAMES, VALUES, max_size=4)
TRACKING = st.sampled_from(
    ["utm_source", "fbclid", "at_medium", "PHPSESSID", "wt_mc", "ns_x", "mtm_c", "smid"]
)


def address(parameters: list[tuple[str, str]]) -> str:
    return "https://example.com/a?" + "&".join(f"{name}={value}" for name, value in parameters)


@pytest.mark.parametrize(("relation", "one", "other"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_the_golden_table(relation: str, one: str, other: str) -> None:
    first = canonical(one)
    assert first is not None
    match relation:
        case "merge":
            assert first == canonical(other)
        case "apart":
            assert first != canonical(other)
        case "keep":
            assert first == other
        case "article" | "section":
            assert is_section(first) == (relation == "section")


@pytest.mark.parametrize(
    "text",
    ["", "   ", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://example.com/a", "mailto:a@b",
     "http://", "https://:80/", "http://[::1", "http://example.com:99999/", "//example.com/a", "/a/b", "http://" + "a" * 5000],
)  # fmt: skip
def test_what_is_no_web_address_has_no_canonical_form(text: str) -> None:
    assert canonical(text) is None


def test_ref_goes_only_where_it_names_the_feeds_own_host() -> None:
    link = "https://example.com/a?ref=feeds.example.com"
    assert canonical(link, "feeds.example.com") == "https://example.com/a"
    assert canonical(link, "other.org") == "https://example.com/a?ref=feeds.example.com"


@given(st.text())
def test_it_never_raises(text: str) -> None:
    canonical(text)
    canonical("https://" + text)
    canonical("https://example.com/" + text)


@given(st.text())
def test_it_is_idempotent(text: str) -> None:
    once = canonical("https://example.com/" + text)
    assert once is not None
    assert canonical(once) == once


@given(PARAMETERS, st.randoms())
def test_the_order_of_parameters_is_irrelevant(parameters: dict[str, str], chance: Random) -> None:
    pairs = list(parameters.items())
    shuffled = list(pairs)
    chance.shuffle(shuffled)
    assert canonical(address(pairs)) == canonical(address(shuffled))


@given(PARAMETERS, TRACKING, VALUES)
def test_tracking_parameters_are_irrelevant(parameters: dict[str, str], name: str, value: str) -> None:
    pairs = list(parameters.items())
    assert canonical(address([*pairs, (name, value)])) == canonical(address(pairs))


@given(NAMES, st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_two_values_of_an_unknown_parameter_stay_apart(name: str, one: str, other: str) -> None:
    first, second = quote(one, safe=""), quote(other, safe="")
    assert (canonical(address([(name, first)])) == canonical(address([(name, second)]))) == (one == other)
