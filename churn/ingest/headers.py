"""Where in a file's header each canonical column stands, and what to say when it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from churn.errors import ExtractError
from churn.ingest.columns import ColumnMapping, nearest
from churn.ingest.readers import Reader
from churn.ingest.sources import SourceMapping
from churn.ingest.targets import listed_under
from churn.tables import Mode, Table


@dataclass(frozen=True)
class Origin:
    """Where a canonical column comes from: a position, in a joined file or the first one."""

    how: ColumnMapping | None
    position: int = -1
    join: int | None = None


@dataclass(frozen=True)
class Resolved:
    """One file's header against its source's mapping.

    Parameters
    ----------
    origins
        Canonical column: its origin; columns without one are null.
    positions
        Header: its position, for the keys of joins and the headers that select rows.
    """

    origins: Mapping[str, Origin]
    positions: Mapping[str, int]

    @property
    def wanted(self) -> tuple[int, ...]:
        """Positions in the first file's header that are read; at least one."""
        here = {o.position for o in self.origins.values() if o.join is None and o.position >= 0}
        return tuple(sorted(here | set(self.positions.values()))) or (0,)

    def wanted_of(self, join: int) -> tuple[int, ...]:
        """Positions in a joined file's header that are read."""
        return tuple(sorted({o.position for o in self.origins.values() if o.join == join}))


def resolve(
    table: Table,
    mode: Mode,
    source: SourceMapping,
    reader: Reader,
    header: Sequence[str],
    joined: Sequence[tuple[Reader, Sequence[str]]] = (),
) -> Resolved:
    """Find every mapped column in the headers of a file and of those joined to it.

    Raises
    ------
    ExtractError
        If a header the settings name is not there, or a required column comes from nowhere.
    """
    finder = _Finder(table, reader, header)
    origins: dict[str, Origin] = {}
    for target, how in source.columns.items():
        if how is not None:
            origins[target] = Origin(how, finder.at(how.from_) if how.from_ else -1)
    positions = {name: finder.at(name) for name in source.only}
    for i, (join, (side, fields)) in enumerate(zip(source.join, joined, strict=True)):
        there = _Finder(table, side, fields)
        positions[join.key] = finder.at(join.key)
        there.at(join.key)
        for target, how in join.columns.items():
            if how is not None:
                origins[target] = Origin(how, there.at(how.from_) if how.from_ else -1, i)
    for refused in source.refused:
        finder.at(refused)
    named = {*source.columns, *origins}
    for column in table.names:
        if column not in named and column != "delivered_on" and column in header:
            origins[column] = Origin(None, finder.at(column))
    _check_required(table, origins, finder)
    if mode == "full":
        _check_declared(table, source, origins)
    return Resolved(origins, positions)


class _Finder:
    """Looks headers up in one file and words what is missing."""

    def __init__(self, table: Table, reader: Reader, header: Iterable[str]) -> None:
        self._table = table
        self._reader = reader
        self.header = tuple(header)
        self._count = Counter(self.header)

    def at(self, name: str) -> int:
        """Return the position of a header."""
        if not self._count[name]:
            raise self.absent(f"the file has no column {name}{nearest(name, self.header)}")
        if self._count[name] > 1:
            raise self.absent(f"the file has {self._count[name]} columns called {name}")
        return self.header.index(name)

    def absent(self, what: str) -> ExtractError:
        """Word the error, with what may explain it."""
        do = f"correct the extract, or {listed_under(self._table.name)} in the settings"
        do += self._reader.doubt(self.header)
        return ExtractError(what, where=f"{self._reader.name}, header", do=do)


def _check_required(table: Table, origins: Mapping[str, Origin], finder: _Finder) -> None:
    for column in table.columns:
        if column.required and column.name not in origins and column.name != "delivered_on":
            raise finder.absent(
                f"nothing fills {table.name}.{column.name}, which is required: no header is called"
                f" so{nearest(column.name, finder.header)}, and the settings map none to it"
            )


def _check_declared(table: Table, source: SourceMapping, origins: Mapping[str, Origin]) -> None:
    """Hold columns taken by their canonical header to what an initial load must declare."""
    load = source.initial_load
    if load is None or table.named_by:  # names are compared with the settings alone
        return
    declared = {*table.key, table.occurs_on, *load.constant, *load.current_state}
    for name in origins:
        if name not in declared and not table[name].known_from:
            raise ExtractError(
                f"{table.name}.{name} comes from an initial load and is declared neither constant"
                " nor current state",
                where=f"ingest.tables.{table.name}, initial_load",
                do=f"list {name} under `constant:` or `current_state:`, or map it to null",
            )
