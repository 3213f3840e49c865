"""What is looked at before a store on Elasticsearch is opened: each thing that is wrong is one sentence with a next step.

does it answer? ─▶ is it our major version? ─▶ may we? ─▶ are our indices well? ─▶ are the templates there?
"""

from __future__ import annotations

from typing import Any

import elasticsearch
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from riftwatch.errors import AccessError, Retry, StateError
from stores.elastic_client import answering
from stores.elastic_templates import templates

MAJOR = elasticsearch.__version__[0]
READING = ("read", "view_index_metadata")
WRITING = (*READING, "create_index", "index", "delete", "delete_index")
DEPLOY = "run `riftwatch deploy elasticsearch --apply`"


def check(client: Elasticsearch, prefix: str, where: str, *, writing: bool) -> None:
    """Return if the store can be used; raises Retry for what may pass, StateError or AccessError for a person."""
    status = health(client, prefix, where)
    _check_rights(client, prefix, where, WRITING if writing else READING)
    if status == "red":
        raise Retry(
            f"a part of the indices {prefix}-* of Elasticsearch at {where} is missing (status red): if it does not come "
            "back by itself, ask GET _cluster/allocation/explain and bring back the node or the snapshot"
        )
    if writing:
        _check_templates(client, prefix, where)


def health(client: Elasticsearch, prefix: str, where: str) -> str:
    """Return the status of our indices on a server of our version; raises Retry and AccessError."""
    try:
        with answering("ask how it is"):
            status = str(client.cluster.health(index=f"{prefix}-*", filter_path="status")["status"])
        _check_version(client, where)
    except Retry as error:
        raise Retry(f"no Elasticsearch can be used at {where}: {error}", error.reason) from error
    return status


def _check_version(client: Elasticsearch, where: str) -> None:
    """Refuse another major version; a server that does not tell us is taken at its word."""
    with answering("ask for its version"):
        nodes: dict[str, Any] = client.nodes.info(filter_path="nodes.*.version").body.get("nodes", {})
    strange = sorted(
        {node["version"] for node in nodes.values() if int(node["version"].split(".")[0]) != MAJOR}
    )
    if strange:
        raise AccessError(
            f"Elasticsearch at {where} is version {', '.join(strange)}, and this Riftwatch speaks to {MAJOR}.x: "
            f"use a server of major version {MAJOR}"
        )


def _check_rights(client: Elasticsearch, prefix: str, where: str, wanted: tuple[str, ...]) -> None:
    """Name the rights that our key lacks; without security there is nothing to lack."""
    try:
        answer = client.security.has_privileges(
            index=[{"names": [f"{prefix}-*"], "privileges": list(wanted)}]
        ).body
    except (ApiError, TransportError):  # no security on this server, or none that can be asked
        return
    rights = answer.get("index", {}).get(f"{prefix}-*", {})
    lacking = [right for right in wanted if not rights.get(right)]
    if lacking:
        raise AccessError(
            f"our key lacks {', '.join(lacking)} on {prefix}-* of Elasticsearch at {where}: give it the rights that "
            "docs/search.md lists"
        )


def _check_templates(client: Elasticsearch, prefix: str, where: str) -> None:
    """Refuse to write where an index would come into being without its mapping, or with an old one."""
    wanted = templates(prefix).indices
    with answering("read the templates"):
        answer = client.options(ignore_status=404).indices.get_index_template(name=f"{prefix}-*")
    found = {
        one["name"]: one["index_template"].get("version", 0) for one in answer.get("index_templates", ())
    }
    for name, body in wanted.items():
        if name not in found:
            raise StateError(f"Elasticsearch at {where} has no index template {name}: {DEPLOY}")
        if found[name] < body["version"]:
            raise StateError(
                f"the index template {name} of Elasticsearch at {where} is older than this Riftwatch: {DEPLOY}"
            )
