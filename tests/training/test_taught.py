from __future__ import annotations

import json
from pathlib import Path

from training.rows import UNKNOWN, Row
from training.taught import taught

ENGLISH, GERMAN = "She backs him.", "Ihn stützt sie."
SHE, HIM = (0, 3), (10, 13)
IHN, SIE = (0, 3), (11, 14)
GOOD, PLAIN = (0.1, 0.2, 0.7), (0.1, 0.8, 0.1)


def line(**more: object) -> str:
    return json.dumps(
        {"text": ENGLISH, "language": "en", "spans": [SHE], "tones": [], "relations": []} | more
    )


def of_mad(language: str, text: str, span: tuple[int, int]) -> Row:
    return Row(text, language, (span,), 1, group="7", source=f"mad-{language}-train")


def answers(folder: Path) -> Path:
    path = folder / "answers.jsonl"
    lines = [
        line(tones=[PLAIN]),
        line(spans=[HIM], tones=[GOOD]),
        line(spans=[SHE, HIM], tones=[PLAIN, GOOD], relations=[[0, 1, *GOOD], [1, 0, *PLAIN]]),
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def mentions() -> list[Row]:
    # The German mentions stand in the order of their English twins, as in the published files.
    english = [of_mad("en", ENGLISH, SHE), of_mad("en", ENGLISH, HIM)]
    return [*english, of_mad("de", GERMAN, SIE), of_mad("de", GERMAN, IHN)]


def test_tones_reach_the_mention_and_its_translation(tmp_path: Path) -> None:
    found = taught(mentions(), answers(tmp_path))
    assert [dict(r.tones_taught) for r in found[:4]] == [{0: PLAIN}, {0: GOOD}, {0: PLAIN}, {0: GOOD}]


def test_pairs_without_a_label_come_as_rows_of_their_own_in_both_languages(tmp_path: Path) -> None:
    english, german = taught(mentions(), answers(tmp_path))[4:]
    assert set(english.relations.values()) == set(german.relations.values()) == {UNKNOWN}
    assert english.tones_taught == {0: PLAIN, 1: GOOD}
    she, him = german.spans.index(SIE), german.spans.index(IHN)
    assert german.pairs_taught == {(she, him): GOOD, (him, she): PLAIN}
    assert english.pairs_taught == {(0, 1): GOOD, (1, 0): PLAIN}


def test_rows_the_teacher_never_saw_are_left_as_they_are(tmp_path: Path) -> None:
    unknown = Row("Unseen.", "en", ((0, 6),), 2, group="8", source="newsmtsc-train")
    labelled = Row(ENGLISH, "en", (SHE, HIM), UNKNOWN, {(0, 1): 2, (1, 0): 1}, "g", "hand")
    assert taught([unknown, labelled], answers(tmp_path))[:2] == [unknown, labelled]
