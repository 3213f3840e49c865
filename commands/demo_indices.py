"""The indices of a replay on Elasticsearch: emptied at its start, under a prefix of their own."""

from __future__ import annotations

from riftwatch.clock import WallClock
from riftwatch.errors import Retry, UserError
from riftwatch.settings import Settings
from stores.elastic_client import answering, connect
from stores.elastic_deploy import apply
from stores.elastic_templates import templates


def wipe_indices(settings: Settings) -> None:
    """Delete what the last replay left behind and deploy the templates anew; raises UserError."""
    try:
        with connect(settings) as client, answering("empty the demo's indices"):
            if left := list(client.indices.get_alias(index=f"{settings.index_prefix}-*")):
                client.indices.delete(index=left)
            wanted = templates(settings.index_prefix, plain_text=settings.index_analysis == "plain")
            apply(client, wanted, WallClock().now())
    except Retry as error:
        raise UserError(str(error)) from error


def refresh_indices(settings: Settings) -> None:
    """Make everything that was written visible to searches."""
    with connect(settings) as client, answering("refresh the demo's indices"):
        client.indices.refresh(index=f"{settings.index_prefix}-*")
