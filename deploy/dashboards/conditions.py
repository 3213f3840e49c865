"""What a panel counts: conditions on fields, as Kibana reads them (KQL) and as the engine does (query DSL)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Dsl: TypeAlias = dict[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Is:
    """The field has this value."""

    field: str
    value: str | bool

    @property
    def kql(self) -> str:
        """The condition in Kibana's language."""
        return f"{self.field}: {_literal(self.value)}"

    @property
    def dsl(self) -> Dsl:
        """The condition as a query."""
        return {"term": {self.field: self.value}}


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of these values."""

    field: str
    values: tuple[str, ...]

    @property
    def kql(self) -> str:
        """The condition in Kibana's language."""
        return f"{self.field}: ({' or '.join(_literal(value) for value in self.values)})"

    @property
    def dsl(self) -> Dsl:
        """The condition as a query."""
        return {"terms": {self.field: list(self.values)}}


@dataclass(frozen=True, slots=True)
class Has:
    """The field has a value."""

    field: str

    @property
    def kql(self) -> str:
        """The condition in Kibana's language."""
        return f"{self.field}: *"

    @property
    def dsl(self) -> Dsl:
        """The condition as a query."""
        return {"exists": {"field": self.field}}


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The field is this number or more."""

    field: str
    number: float

    @property
    def kql(self) -> str:
        """The condition in Kibana's language."""
        return f"{self.field} >= {self.number:g}"

    @property
    def dsl(self) -> Dsl:
        """The condition as a query."""
        return {"range": {self.field: {"gte": self.number}}}


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: Is | OneOf | Has | AtLeast

    @property
    def field(self) -> str:
        """The field it speaks of."""
        return self.condition.field

    @property
    def kql(self) -> str:
        """The condition in Kibana's language."""
        return f"not {self.condition.kql}"

    @property
    def dsl(self) -> Dsl:
        """The condition as a query."""
        return {"bool": {"must_not": [self.condition.dsl]}}


Condition: TypeAlias = Is | OneOf | Has | AtLeast | Not


def kql(conditions: Sequence[Condition]) -> str:
    """Return all conditions together in Kibana's language; empty for none."""
    return " and ".join(condition.kql for condition in conditions)


def _literal(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'
