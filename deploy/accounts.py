"""`python -m deploy.accounts`: the roles and users of a secured Elasticsearch, made or corrected; again does nothing new.

Who runs it is the administrator in RIFTWATCH_ELASTICSEARCH (http://elastic:PASSWORD@host:9200). On Kubernetes the same
roles come from kubernetes/elasticsearch-roles.yml. Users and their passwords:

    SINK_PASSWORD    riftwatch_sink     the search sink, `rebuild`
    READER_PASSWORD  riftwatch_reader   the desk, `verify`, `trace`
    KIBANA_PASSWORD  kibana_system      Kibana's own account

The trial's one-machine set-up uses it; where API keys are the custom, make them from the same roles.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from elasticsearch import ApiError, Elasticsearch, TransportError

from riftwatch import settings
from riftwatch.errors import ConfigError, UserError
from stores.elastic_client import connect

# What each role may do with our indices; nothing else in the cluster is theirs, templates included.
ROLES = {
    "riftwatch_sink": [
        "create_index", "index", "delete", "delete_index", "read", "view_index_metadata", "maintenance",
    ],
    "riftwatch_reader": ["read", "view_index_metadata"],
}  # fmt: skip
OURS = ["riftwatch-*"]
CLUSTER = ["monitor"]  # to tell a red cluster and a missing template from a fault of our own
USERS = {"SINK_PASSWORD": "riftwatch_sink", "READER_PASSWORD": "riftwatch_reader"}
KIBANA = "KIBANA_PASSWORD"
SHORTEST = 12  # characters; Elasticsearch itself would take 6


def passwords(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the passwords from the environment; raises ConfigError that names one that is missing or short."""
    for name in (*USERS, KIBANA):
        if len(environ.get(name, "")) < SHORTEST:
            raise ConfigError(f"{name} is missing or shorter than {SHORTEST} characters: set it in .env")
    return {name: environ[name] for name in (*USERS, KIBANA)}


def apply(client: Elasticsearch, secret: Mapping[str, str]) -> None:
    """Make roles and users what this module says."""
    for name, privileges in ROLES.items():
        client.security.put_role(
            name=name, cluster=CLUSTER, indices=[{"names": OURS, "privileges": privileges}]
        )
    for variable, name in USERS.items():
        client.security.put_user(
            username=name, password=secret[variable], roles=[name], full_name="Riftwatch"
        )
    client.security.change_password(username="kibana_system", password=secret[KIBANA])


def main() -> None:
    """Apply and say so; one sentence and exit code 2 when it cannot be done."""
    try:
        secret = passwords(os.environ)
        with connect(settings.load(), who="riftwatch-accounts") as client:
            apply(client, secret)
    except UserError as error:
        sys.exit(_failed(str(error)))
    except ApiError as error:
        sys.exit(_failed(f"accounts were not made: Elasticsearch answers {error.status_code} {error.error}"))
    except (TransportError, ValueError) as error:
        sys.exit(_failed(f"accounts were not made: {error}"))
    print("roles and users are as they should be")


def _failed(sentence: str) -> int:
    print(f"riftwatch: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
