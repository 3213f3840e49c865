"""The table of texts: every key that pages use is there, every key that is there is used."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import desk
from desk.wording import Wording

HOME = Path(desk.__file__).parent
KEY = re.compile(r"""(?:\bt|\bhtml|\bplain|\bsay)\(\s*f?"([a-z_0-9.]+)(\{|" ~|")""")
RAISED = re.compile(r"""(?:BadQuery|NotFound)\("([a-z_0-9.]+)"|message\(request, \d+, "([a-z_0-9.]+)\"""")
UNDER = re.compile(r"""\bunder\("([a-z_0-9.]+)(\" ~|")""")


def sources() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in [*HOME.glob("*.py"), *HOME.glob("templates/*.html")]
    )


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording.load()


def test_every_key_used_exists(wording: Wording) -> None:
    text = sources()
    whole = [key for key, end in KEY.findall(text) if end == '"'] + [a or b for a, b in RAISED.findall(text)]
    missing = [key for key in whole if key not in wording and f"{key}.other" not in wording]
    assert missing == []
    started = [key for key, end in [*KEY.findall(text), *UNDER.findall(text)] if end != '"']
    assert [start for start in started if not any(key.startswith(start) for key in wording.keys)] == []


def test_every_key_is_used(wording: Wording) -> None:
    text = sources()
    whole = {key for key, end in KEY.findall(text) if end == '"'} | {a or b for a, b in RAISED.findall(text)}
    starts = tuple(
        key for key, end in [*KEY.findall(text), *UNDER.findall(text)] if end != '"' or "chart." in key
    )
    unused = [
        key for key in wording.keys
        if key not in whole and key.rpartition(".")[0] not in whole and not key.startswith(starts)
    ]  # fmt: skip
    assert sorted(unused) == []


def test_forms_of_a_counted_text_come_in_pairs(wording: Wording) -> None:
    ones = {key.removesuffix(".one") for key in wording.keys if key.endswith(".one")}
    others = {key.removesuffix(".other") for key in wording.keys if key.endswith(".other")}
    assert ones == others


def test_braces_are_well_formed(wording: Wording) -> None:
    for key in wording.keys:
        text = wording._texts[key]
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(text)), (
            key
        )


def test_counting_and_escaping(wording: Wording) -> None:
    assert wording.plain("count.publishers", n=1) == "1 publisher"
    assert wording.plain("count.publishers", n=4) == "4 publishers"
    assert str(wording.html("actor.lead", name="<b>")).startswith("The tone of the press toward &lt;b&gt;")
    with pytest.raises(KeyError):
        wording.plain("no.such.key")
