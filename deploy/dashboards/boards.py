"""All dashboards, in the order in which their links stand."""

from __future__ import annotations

from deploy.dashboards.actor import ACTOR
from deploy.dashboards.coverage import COVERAGE_BOARD
from deploy.dashboards.newsroom import NEWSROOM
from deploy.dashboards.operations import OPERATIONS
from deploy.dashboards.relationship import RELATIONSHIP

DASHBOARDS = (NEWSROOM, RELATIONSHIP, ACTOR, COVERAGE_BOARD, OPERATIONS)
