"""`riftwatch deploy elasticsearch`: what a person sees, and the exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from commands.deploy import command
from commands.filling import fill
from riftwatch.errors import ConfigError, Retry
from riftwatch.settings import Settings
from stores.elastic import ElasticStore
from stores.elastic_client import connect
from tests.stores.full_records import FULL


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


def test_a_store_that_is_named_goes_before_elasticsearch_as_for_the_roles() -> None:
    result = deploy("--check", store="http://127.0.0.1:1", elasticsearch="http://127.0.0.1:2")
    assert "at http://127.0.0.1:1: " in str(result.exception)
    moving = deploy("--check", store="sqlite:x.db", elasticsearch="http://127.0.0.1:1")
    assert "at http://127.0.0.1:1: " in str(moving.exception)


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


def test_a_prefix_cannot_be_filled_from_itself_nor_without_apply() -> None:
    assert "goes with --apply" in str(deploy("--check", "--fill-from", "old").exception)
    settings = Settings(index_prefix="same")
    with pytest.raises(ConfigError, match="same is the prefix in use"):
        list(fill(settings, "http://127.0.0.1:1", "same"))


@pytest.mark.elasticsearch
def test_new_indices_are_filled_from_the_old_ones(elasticsearch_url: str, index_prefix: str) -> None:
    """What is under way in the new indices already stays when it is newer."""
    settings = {"elasticsearch": elasticsearch_url, "index_analysis": "plain"}
    old, new = f"{index_prefix}a", f"{index_prefix}b"
    deploy("--apply", index_prefix=old, **settings)
    with store_of(elasticsearch_url, old) as store:
        store.put(FULL)
    deploy("--apply", index_prefix=new, **settings)
    newer = replace(FULL[0], revision=7)
    with store_of(elasticsearch_url, new) as store:
        store.put([newer])
    for _ in range(2):
        filled = deploy("--apply", "--fill-from", old, index_prefix=new, **settings)
        assert (filled.exception, filled.return_value) == (None, 0)
        assert filled.output.splitlines()[1:3] == [
            "stories                1 copied",
            "evidence               2 copied",
        ]
    with store_of(elasticsearch_url, new) as store:
        for kind in {type(record) for record in FULL}:
            expected = [record for record in (newer, *FULL[1:]) if type(record) is kind]
            assert list(store.everything(kind)) == expected


@contextmanager
def store_of(url: str, prefix: str) -> Iterator[ElasticStore]:
    client = connect(Settings(), url)
    client.indices.refresh(index=f"{prefix}-*")
    with closing(ElasticStore(client, prefix, refresh="true")) as store:
        yield store
