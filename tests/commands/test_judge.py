from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.judge import answer_line, command
from processors.judge import Judge
from riftwatch.errors import ConfigError

LINE = {
    "id": "a",
    "text": "Musk sues OpenAI.",
    "language": "en",
    "targets": [{"start": 0, "end": 4}, {"start": 10, "end": 16}],
}


def test_a_line_is_answered_with_labels_scores_and_probabilities(judge: Judge) -> None:
    answer = answer_line(judge, json.dumps(LINE | {"extra": 1}).encode())
    assert answer["id"] == "a"
    assert len(answer["tones"]) == 2
    first, second = answer["relations"]
    assert (first["from"], first["to"], first["label"]) == (0, 1, "hostile")
    assert (second["from"], second["to"]) == (1, 0)
    assert set(first["probabilities"]) == {"hostile", "neutral", "friendly"}
    assert set(answer["tones"][0]["probabilities"]) == {"negative", "neutral", "positive"}
    assert sum(first["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_no_targets_no_language(judge: Judge) -> None:
    assert answer_line(judge, b'{"id": 7, "text": "", "targets": []}') == {
        "id": 7,
        "tones": [],
        "relations": [],
    }


@pytest.mark.parametrize(
    ("line", "identity", "reason"),
    [
        (b"nonsense", None, "malformed"),
        (b'"text"', None, "Expected `object`"),
        (b'{"id": 3}', 3, "missing required field"),
        (b'{"id": 3, "text": "x", "targets": [{"start": 0, "end": 5}]}', 3, "not inside the text"),
        (b'{"id": 3, "text": "x", "targets": [{"start": "0", "end": 1}]}', 3, "Expected `int`"),
        (b'{"id": 3, "text": "\xff", "targets": []}', None, "utf-8"),
    ],
)
def test_a_bad_line_is_named_and_explained(judge: Judge, line: bytes, identity: object, reason: str) -> None:
    answer = answer_line(judge, line)
    assert set(answer) == {"id", "error"}
    assert answer["id"] == identity
    assert reason in answer["error"]


def test_too_many_targets(judge: Judge) -> None:
    line = json.dumps({"id": 1, "text": "xx", "targets": [{"start": 0, "end": 1}] * 501}).encode()
    assert "at most 500" in answer_line(judge, line)["error"]


def test_lines_keep_their_order_and_a_bad_one_gives_exit_code_1(tmp_path: Path) -> None:
    lines = [json.dumps(LINE), "{", "", json.dumps(LINE | {"id": "b"})]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    result = CliRunner().invoke(command, [str(tmp_path / "in.jsonl")])
    assert result.exit_code == 1
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["a", None, "b"]


@pytest.mark.parametrize("name", ["accurate", "fast"])
def test_either_model_answers_and_exits_with_0(name: str) -> None:
    result = CliRunner().invoke(command, ["--model", name], input=json.dumps(LINE))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["relations"][0]["label"] == "hostile"


def test_the_setting_names_the_model_and_a_missing_one_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RIFTWATCH_MODEL", "tiny")
    result = CliRunner().invoke(command, input=json.dumps(LINE))
    assert isinstance(result.exception, ConfigError)
    assert 'no model "tiny"; shipped: accurate, fast' in str(result.exception)
