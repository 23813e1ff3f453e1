"""What is suggested for the settings: tables, their sources, and a line for each column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from churn.ingest.suggestion.dating import Dating
from churn.ingest.suggestion.looks import Look
from churn.ingest.suggestion.profiles import Profile
from churn.language import Text
from churn.tables import Table


@dataclass(frozen=True)
class Line:
    """A column's line in the settings.

    Attributes
    ----------
    value
        A header, or a section of ``from:`` or ``constant:`` and the rest.
    counts
        Rows of each code, for the lines that list codes.
    """

    target: str
    value: Any
    evidence: tuple[Text, ...] = ()
    doubts: tuple[Text, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def without(self, *keys: str) -> Line:
        """Return it without some of what its section says, as what a view has read already."""
        if not isinstance(self.value, dict):
            return self
        how = {key: value for key, value in self.value.items() if key not in keys}
        return replace(self, value=how if set(how) != {"from"} else how["from"])


@dataclass(frozen=True)
class View:
    """A query that a source reads in place of its files.

    Attributes
    ----------
    inputs
        Name of each input: its files and how they are read, the source's own first.
    """

    name: str
    query: str
    told: Text
    inputs: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Source:
    """A source of a table as it is suggested."""

    look: Look
    dating: Dating
    options: Mapping[str, Any]
    lines: tuple[Line, ...]
    only: Mapping[str, Any] = field(default_factory=dict)
    load: Mapping[str, Any] | None = None
    joins: tuple[Mapping[str, Any], ...] = ()
    unpivot: tuple[Mapping[str, Any], ...] = ()
    unused: tuple[Profile, ...] = ()
    doubts: tuple[Text, ...] = ()
    view: View | None = None


@dataclass(frozen=True)
class Suggested:
    """A table as it is suggested."""

    table: Table
    sources: tuple[Source, ...]
    mode: str | None = None
    max_rejected: float | None = None
    max_rejected_rows: int | None = None
    evidence: tuple[Text, ...] = ()
    limit_evidence: tuple[Text, ...] = ()
