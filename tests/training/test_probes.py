from __future__ import annotations

from training import probes
from training.rows import relation_set


def test_a_line_says_tones_and_relations() -> None:
    given = probes.probe("en opposite tones: She trusts [A] but not [B]. | 0 +, 1 -, 0>1 h")
    assert given.kind == "opposite tones"
    assert given.row.language == "en"
    assert given.row.text == "She trusts A but not B."
    assert given.tones == (2, 0)
    assert given.row.relations == {(0, 1): 0, (1, 0): 1}


def test_the_tone_is_asked_only_where_it_is_the_point() -> None:
    assert probes.probe("en negation: [A] will not sue [B]. |").tones == ()
    assert probes.probe("en bad news: [A] lost her home. |").tones == (1,)


def test_no_probe_was_ever_trained_on() -> None:
    seen = {row.text for split in ("train", "dev", "test") for row in relation_set(split)}
    found = probes.load()
    assert len(found) >= 40
    assert seen.isdisjoint(p.row.text for p in found)
    names = {p.row.mention(i) for p in found for i in range(len(p.row.spans))}
    assert not any(name in text for name in names for text in seen)
