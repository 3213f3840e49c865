"""`riftwatch deploy elasticsearch`: what a person sees, and the exit codes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from commands.deploy import command
from riftwatch.errors import ConfigError, Retry


def deploy(*options: str, **environ: str) -> Result:
    return CliRunner().invoke(
        command, ["elasticsearch", *options], env={f"RIFTWATCH_{k.upper()}": v for k, v in environ.items()},
        standalone_mode=False, catch_exceptions=True,
    )  # fmt: skip


def test_one_must_say_whether_to_change_anything() -> None:
    assert "--check or --apply" in str(deploy().exception)


def test_without_an_elasticsearch_in_the_settings_there_is_nothing_to_deploy_to() -> None:
    result = deploy("--check", store="sqlite:x.db")
    assert isinstance(result.exception, ConfigError)
    assert "RIFTWATCH_ELASTICSEARCH" in str(result.exception)


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    result = deploy("--check", elasticsearch="http://anna:secret@127.0.0.1:1")
    assert isinstance(result.exception, Retry)
    sentence = str(result.exception)
    assert sentence.startswith("no Elasticsearch can be used at http://***@127.0.0.1:1: ")
    assert "Connection refused" in sentence


def test_an_unknown_analysis_is_named() -> None:
    result = deploy("--check", elasticsearch="http://127.0.0.1:1", index_analysis="klingon")
    assert 'index_analysis must be languages or plain, not "klingon"' in str(result.exception)


@pytest.mark.elasticsearch
def test_check_and_apply_and_check(elasticsearch_url: str, index_prefix: str) -> None:
    settings = {"elasticsearch": elasticsearch_url, "index_prefix": index_prefix, "index_analysis": "plain"}
    before = deploy("--check", "--json", **settings)
    assert before.return_value == 1
    first = json.loads(before.output.splitlines()[0])
    assert first == {
        "kind": "component template", "name": f"{index_prefix}-ecs", "state": "missing", "detail": "",
    }  # fmt: skip
    applied = deploy("--apply", **settings)
    assert (applied.return_value, applied.output.splitlines()[-1]) == (0, "23 changed")
    after = deploy("--check", **settings)
    assert (after.return_value, after.output) == (0, "everything is as it should be\n")
    assert deploy("--apply", **settings).output == "everything was as it should be\n"
