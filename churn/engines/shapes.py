"""Expressions of one shape, compiled once.

A night asks the same of many days: the features of each snapshot, the outcomes of each month. What
differs between the expressions are days and the files read, while Ibis takes longer to compile one
than DuckDB takes to run it on a small operator. So the query is kept with a place for each day and
each table, and an expression of the same shape is given its own. Two expressions are of one shape
if their nodes are the same in everything but the values of dates and timestamps and the names of
tables, and if the same of them are equal to each other.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.common.graph import Node

MOST = 200
"""How many shapes are kept: more than a night and its training ask for."""

_FIRST = date(9000, 1, 1)
_VALUES = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Shape:
    """An expression without its days and tables.

    Parameters
    ----------
    key
        Equal for expressions of one shape.
    places
        The literals and tables that were left out, numbered: the same for the same place.
    """

    key: Hashable
    places: Mapping[ops.Literal | ops.DatabaseTable, int]


@dataclass(frozen=True)
class _Reference:
    """A node that stands elsewhere in a key, by its number; never equal to a value."""

    number: int


class _CannotShareError(Exception):
    """The expression holds what is its own: rows in memory, a function, a query's text."""


def shape(expression: ir.Expr) -> Shape | None:
    """Return the expression's shape; None if it holds what no other can share."""
    numbers: dict[Node, _Reference] = {}
    places: dict[ops.Literal | ops.DatabaseTable, int] = {}
    views: dict[int, int] = {}
    key: list[Hashable] = []
    open_nodes: list[Node] = [expression.op()]
    try:
        while open_nodes:
            node = open_nodes[-1]
            if node in numbers:
                open_nodes.pop()
            elif inner := [child for child in _children(node.__args__) if child not in numbers]:
                open_nodes += reversed(inner)
            else:
                open_nodes.pop()
                key.append(_described(node, numbers, places, views))
                numbers[node] = _reference(len(numbers))
    except _CannotShareError:
        return None
    return Shape(tuple(key), places)


_REFERENCES: list[_Reference] = []


def _reference(number: int) -> _Reference:
    """Return the one reference of a number, so that keys of thousands of nodes stay small."""
    if number == len(_REFERENCES):
        _REFERENCES.append(_Reference(number))
    return _REFERENCES[number]


def _children(argument: Any) -> Iterator[Node]:
    if isinstance(argument, Node):
        yield argument
    elif isinstance(argument, tuple):
        for each in argument:
            if not isinstance(each, _VALUES):
                yield from _children(each)
    elif isinstance(argument, Mapping):
        for name, each in argument.items():
            yield from _children(name)
            yield from _children(each)


def _described(
    node: Node,
    numbers: Mapping[Node, _Reference],
    places: dict[ops.Literal | ops.DatabaseTable, int],
    views: dict[int, int],
) -> Hashable:
    """Return all that a node says, the nodes it holds by their numbers."""
    kind = type(node)
    if isinstance(node, ops.Literal):
        return kind, node.dtype, _literal(node, places)
    if isinstance(node, ops.DatabaseTable):
        return kind, node.schema, node.namespace, places.setdefault(node, len(places))
    if isinstance(node, ops.SelfReference):
        # Ibis numbers views as they are made; which of them are the same is what matters
        return kind, numbers[node.parent], views.setdefault(node.identifier, len(views))
    if isinstance(node, _OWN):
        raise _CannotShareError
    return kind, *(_argument(argument, numbers) for argument in node.__args__)


_OWN = (
    ops.PhysicalTable,
    ops.SQLQueryResult,
    ops.SQLStringView,
    ops.ScalarUDF,
    ops.AggUDF,
    ops.Impure,
    ops.ScalarParameter,
)


def _literal(node: ops.Literal, places: dict[ops.Literal | ops.DatabaseTable, int]) -> Hashable:
    """Give a day its place; tell any other value from all that compare as equal to it."""
    if node.dtype.is_nested():
        raise _CannotShareError
    if _is_moment(node):
        return places.setdefault(node, len(places))
    return type(node.value), repr(node.value)


def _is_moment(node: ops.Literal) -> bool:
    naive = node.dtype.is_timestamp() and node.dtype.timezone is None
    return node.value is not None and (node.dtype.is_date() or naive)


def _argument(argument: Any, numbers: Mapping[Node, _Reference]) -> Hashable:
    if isinstance(argument, _VALUES):
        return argument
    if isinstance(argument, Node):
        return numbers[argument]
    if isinstance(argument, tuple):
        return tuple(_argument(each, numbers) for each in argument)
    if isinstance(argument, Mapping):
        return tuple(
            (_argument(name, numbers), _argument(each, numbers)) for name, each in argument.items()
        )
    hash(argument)  # types, schemas, units: what cannot be compared is told here
    return argument  # type: ignore[no-any-return] # ibis is not typed


def stand_in(node: ops.Literal | ops.DatabaseTable, number: int) -> Any:
    """Return what is compiled in a place: a day or a name that no deployment has."""
    if isinstance(node, ops.DatabaseTable):
        return f"the table of place {number}"
    day = _FIRST + timedelta(days=number)
    return day if node.dtype.is_date() else datetime(day.year, day.month, day.day)  # noqa: DTZ001 - naive as the column


@dataclass
class Queries:
    """Compiled queries by their shape; what was not asked for longest goes first."""

    _kept: OrderedDict[Hashable, tuple[str | int, ...]] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        """Return how many shapes are kept."""
        return len(self._kept)

    def get(
        self,
        shape: Shape,
        compiled: Callable[[], str],
        text: Callable[[ops.Literal | ops.DatabaseTable, Any], str],
    ) -> str:
        """Return the query of an expression of that shape.

        Parameters
        ----------
        compiled
            Compiles it with :func:`stand_in` in each place; called for the first of a shape only.
        text
            How a place's day or name is written in a query.
        """
        parts = self._kept.get(shape.key)
        if parts is None:
            places = {text(node, stand_in(node, n)): n for node, n in shape.places.items()}
            parts = tuple(_parts(compiled(), places))
            self._kept[shape.key] = parts
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        self._kept.move_to_end(shape.key)
        own = {
            number: text(node, node.name if isinstance(node, ops.DatabaseTable) else node.value)
            for node, number in shape.places.items()
        }
        return "".join(part if isinstance(part, str) else own[part] for part in parts)


def _parts(query: str, places: Mapping[str, int]) -> Iterator[str | int]:
    """Part a query where a place begins or ends."""
    if not places:
        yield query
        return
    for part in re.split(f"({'|'.join(map(re.escape, places))})", query):
        yield places.get(part, part)
