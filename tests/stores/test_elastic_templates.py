"""The templates of deploy/elasticsearch: what an index looks like, and that every field of a document is declared."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from deploy.tables import fields_page
from riftwatch.errors import ConfigError
from stores.elastic_documents import document_of
from stores.elastic_families import FAMILIES
from stores.elastic_queries import BEGINNING_FIELDS, WORD_FIELDS
from stores.elastic_templates import composed, leaves, templates
from tests.stores.full_records import FULL
from tests.stores.samples import T0

GOLDEN = Path(__file__).parents[1] / "golden" / "mappings.json"
NAMES = [family.name for family in FAMILIES.values()]
BUILT_IN_PRIORITY = 100  # of Elasticsearch's own templates such as logs-*-*


def test_the_mapping_of_each_family_is_the_golden_one() -> None:
    """After a wanted change: raise the version of what changed, and write the new file from `composed`."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert {name: composed(name) for name in NAMES} == golden


def test_every_field_is_documented() -> None:
    """`python -m deploy.tables` writes the page."""
    assert (Path(__file__).parents[2] / "docs" / "fields.md").read_text(encoding="utf-8") == fields_page()


def test_there_is_a_template_for_each_family_and_no_other() -> None:
    assert sorted(templates().indices) == sorted(f"riftwatch-{name}" for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_field_is_defined_twice(name: str) -> None:
    """What an index template says of a field replaces what its component says: an analyser would be gone."""
    known = templates()
    index = known.indices[f"riftwatch-{name}"]
    parts = [*(known.components[part] for part in index["composed_of"]), index]
    defined = Counter(field for part in parts for field in leaves(part["template"].get("mappings", {})))
    assert [field for field, times in defined.items() if times > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_templates_are_strict_versioned_and_win_over_the_built_in_ones(name: str) -> None:
    index = templates().indices[f"riftwatch-{name}"]
    assert composed(name)["dynamic"] == "strict"
    assert index["priority"] > BUILT_IN_PRIORITY
    for body in (index, *templates().components.values()):
        assert body["version"] >= 1
        assert body["_meta"]["managed_by"] == "riftwatch"


def test_every_pattern_stands_for_one_family_alone() -> None:
    patterns = [pattern for body in templates().indices.values() for pattern in body["index_patterns"]]
    assert sorted(patterns) == sorted(family.pattern("riftwatch") for family in FAMILIES.values())


@pytest.mark.parametrize("record", FULL, ids=lambda record: type(record).__name__)
def test_every_field_of_a_document_is_declared_with_a_type(record: object) -> None:
    document = document_of(record, "riftwatch", T0)  # type: ignore[arg-type]
    name = FAMILIES[type(record)].name  # type: ignore[index]
    declared = leaves(composed(name))
    sent = _paths({key: value for key, value in json.loads(document.source).items() if key != "record"})
    assert sorted(sent - declared.keys()) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_declared_field_is_sent(name: str) -> None:
    """A field that nothing fills would mislead whoever draws a dashboard."""
    records = [record for record in FULL if FAMILIES[type(record)].name == name]
    sent = {"tags", "record", *SHARED}  # tags: what is cut bears one
    for record in records:
        sent |= _paths(json.loads(document_of(record, "riftwatch", T0).source))
    declared = {field for field, kind in leaves(composed(name)).items() if kind != "nested"}
    assert sorted(field for field in declared - sent if field.rpartition(".")[0] not in sent) == []


SHARED = (  # of components that several families share, and not every one of them fills
    "news.subject", "news.subject_kind", "news.pair", "news.entity_ids", "news.language", "news.publisher_family",
    "news.model", "news.backfill", "news.title", "news.body", "news.sentence", "message",
)  # fmt: skip


def _paths(value: object, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {found for key, inner in value.items() for found in _paths(inner, f"{path}.{key}".lstrip("."))}
    if isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        return {found for inner in value for found in _paths(inner, path)}
    return set() if value is None else {path}


@pytest.mark.parametrize("field", [*(field.partition("^")[0] for field in WORD_FIELDS), *BEGINNING_FIELDS])
def test_every_field_that_is_searched_for_words_is_text(field: str) -> None:
    assert leaves(composed("stories"))[field] == "text"


def test_german_and_english_are_analysed_as_such_and_left_out_on_a_plain_engine() -> None:
    title = composed("stories")["properties"]["news"]["properties"]["title"]["fields"]
    assert (title["de"]["analyzer"], title["en"]["analyzer"]) == ("german", "english")
    plain = leaves(composed("stories", plain_text=True))
    assert [field for field in plain if field.endswith((".de", ".en"))] == []
    assert plain.keys() == {
        field for field in leaves(composed("stories")) if not field.endswith((".de", ".en"))
    }


def test_another_prefix_changes_every_name() -> None:
    mine = json.dumps([list(part) for part in _names("newsroom")])
    assert "riftwatch" not in mine
    assert _names("newsroom") == _names("riftwatch", "newsroom")


def _names(prefix: str, shown_as: str = "") -> list[list[str]]:
    known = templates(prefix)
    names = [list(known.components), list(known.indices)]
    for body in known.indices.values():
        names += [body["index_patterns"], body["composed_of"], list(body["template"].get("aliases", {}))]
    return [[name.replace(prefix, shown_as or prefix, 1) for name in part] for part in names]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "components").mkdir()
    (tmp_path / "components" / "text.json").write_text("{")
    with pytest.raises(ConfigError, match="components: the templates cannot be read"):
        templates(home=tmp_path)
