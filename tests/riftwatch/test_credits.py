"""Golden texts of agency credits: each agency found where newsrooms print it, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riftwatch.credits import Credits
from riftwatch.publishers import Publishers
from riftwatch.settings import ROOT


@pytest.fixture(scope="module")
def shipped() -> Publishers:
    return Publishers.load(ROOT / "config" / "publishers.toml")


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("WASHINGTON (AP) — The president said on Tuesday", "ap"),
        ("WASHINGTON, Jan 23 (Reuters) - Musk said", "reuters"),
        ("PARIS (AFP) - A court", "afp"),
        ("Berlin (dpa/lno) - Die Regierung", "dpa"),
        ("Berlin (dpa-AFX) - Die Börse", "dpa"),
        ("Wien (APA/dpa) – Der Kanzler", "apa"),
        ("Bonn (KNA) Der Bischof\nsagte es. (KNA)", "kna"),
        ("Frankfurt a.M. (epd). Die Kirche", "epd"),
        ("München (SID) - Der Verein", "sid"),
        ("Bern (sda) - Der Bundesrat", "keystone-sda"),
        ("Das sagte er am Mittwoch. (dpa)", "dpa"),
        ("Das sagte er am Mittwoch (dpa/AFP).", "dpa"),
        ("Das sagte er am Mittwoch. [Reuters]", "reuters"),
        ("Erste Zeile (dpa).\nMehr zum Thema", "dpa"),
        ("dpa/AFP", "dpa"),
        ("Er ging. Mit Material von dpa", "dpa"),
        ("Er ging. Mit Material von dpa und AFP", "dpa"),
        ("Er ging. Mit Agenturmaterial von AFP, dpa.", "afp"),
        ("Er ging.\nQuelle: dpa", "dpa"),
        ("He left.\nSource: Reuters", "reuters"),
        ("© 2025 AFP", "afp"),
        ("© dpa-infocom, dpa:250123-930-352871/1", "dpa"),
        ("Er ging. (Keystone-SDA)", "keystone-sda"),
    ],
)
def test_a_credit_is_found(shipped: Publishers, text: str, wire: str) -> None:
    assert shipped.wire(text) == wire


@pytest.mark.parametrize(
    ("categories", "wire"),
    [
        (("Politik", "dpa"), "dpa"), (("AFP",), "afp"), (("Reuters",), "reuters"), (("SID", "Fussball"), "sid"), (("KNA",), "kna"),
        (("APA",), "apa"), (("Keystone-SDA",), "keystone-sda"), (("AP",), "ap"), (("epd",), "epd"),
        (("Bloomberg",), None), (("dpa-Chef",), None), (("Reuters-Umfrage",), None), ((), None),
    ],
)  # fmt: skip
def test_an_agency_is_known_by_the_category_that_newsrooms_file_it_under(
    shipped: Publishers, categories: tuple[str, ...], wire: str | None
) -> None:
    assert shipped.wire("Words without a credit.", (), categories) == wire


@pytest.mark.parametrize(
    ("authors", "wire"),
    [
        (("dpa",), "dpa"),
        (("dpa/AFP",), "dpa"),
        (("Jane Doe, Associated Press",), "ap"),
        (("By The Associated Press",), "ap"),
        (("Jane Doe (dpa)",), "dpa"),
        (("Reuters Staff",), "reuters"),
        (("Jo Field", "AFP"), "afp"),
        (("Jo Field und dpa",), "dpa"),
        (("AP Møller",), None),
        (("Jane Reuters",), None),
        (("Sid Vicious",), None),
    ],
)
def test_a_by_line_credits_exactly_what_it_names(
    shipped: Publishers, authors: tuple[str, ...], wire: str | None
) -> None:
    assert shipped.wire("A text.", authors) == wire


@pytest.mark.parametrize(
    "text",
    [
        "AP Møller - Maersk shares fell.",
        "A deal with AP Møller was signed (AP Møller declined to comment).",
        "Die Agentur Associated Press (AP) meldete es zuerst.",
        "Musk tells Reuters he left - source",
        "Das teilte Reuters mit (Reuters berichtet seit 1851).",
        "Reuters: merger talks",
        "Der dpa-Chefredakteur sprach mit Reuters und der AFP.",
        "The apa tribe (apa) lives there.",
        "Er fuhr mit dem Kaptn.",
        "(AP Photo/Jane Doe)",
        "",
    ],
)
def test_running_prose_credits_nobody(shipped: Publishers, text: str) -> None:
    assert shipped.wire(text) is None


def test_without_agencies_there_are_no_credits() -> None:
    assert Credits({}).find("(dpa)", ("dpa",)) is None


@given(st.text(max_size=200), st.lists(st.text(max_size=30), max_size=3))
def test_no_text_makes_it_raise(text: str, authors: list[str]) -> None:
    Credits({"dpa": ["dpa"]}).find(text, authors)


def test_a_long_text_is_read_in_linear_time(shipped: Publishers) -> None:
    text = "(dpa, " * 8000 + "x"
    assert shipped.wire(text) is None
