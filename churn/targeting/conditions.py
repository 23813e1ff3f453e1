"""Conditions of settings over the columns of a night: ``region = 'north' and tenure_days > 365``.

A condition is read as SQL and checked when the settings are: comparisons, ``and or not``, ``in``,
``between``, ``like``, ``is null``, arithmetic and a few functions over columns, numbers, texts,
and dates written ``date '2025-01-31'``. Nothing in it can ask for the time, draw at random or look
at other rows. A comparison with null holds for nobody, as in SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import sqlglot
from ibis.common.annotations import ValidationError
from ibis.common.exceptions import IbisError
from sqlglot import exp
from sqlglot.errors import SqlglotError

from churn.errors import SettingsError
from churn.ingest.columns import nearest

_BINARY: Mapping[type[exp.Expression], Callable[[Any, Any], Any]] = {
    exp.And: lambda a, b: a & b,
    exp.Or: lambda a, b: a | b,
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
    exp.Add: lambda a, b: a + b,
    exp.Sub: lambda a, b: a - b,
    exp.Mul: lambda a, b: a * b,
    exp.Div: lambda a, b: a.cast("float64") / b.nullif(0),
    exp.Like: lambda a, b: a.like(b),
}
_UNARY: Mapping[type[exp.Expression], Callable[[Any], Any]] = {
    exp.Paren: lambda a: a,
    exp.Not: lambda a: ~a,
    exp.Neg: lambda a: -a,
    exp.Abs: lambda a: a.abs(),
    exp.Lower: lambda a: a.lower(),
    exp.Upper: lambda a: a.upper(),
    exp.Length: lambda a: a.length(),
}


def checked(text: str) -> exp.Expression:
    """Read a condition, and refuse all that a condition may not hold (ValueError)."""
    try:
        query = sqlglot.parse_one(f"select 1 where {text}")
        tree: exp.Expression = query.args["where"].this
    except (SqlglotError, KeyError, AttributeError) as error:
        raise ValueError(f"the condition {text!r} cannot be read") from error
    if query.sql() != exp.select("1").where(tree.copy()).sql():
        raise ValueError(f"the condition {text!r} is more than a condition")
    for node in tree.walk():
        if not isinstance(node, _ALLOWED) or (isinstance(node, exp.Column) and node.table):
            raise ValueError(
                f"the condition {text!r} may hold comparisons of columns with and, or, not, in, "
                f"between, like, is null and arithmetic, but not {node.sql()!r}"
            )
        if isinstance(node, exp.Cast) and not _is_day(node):
            raise ValueError(f"the condition {text!r}: a day is written date '2025-01-31'")
    return tree


def columns(text: str) -> set[str]:
    """Return the columns that a condition looks at, in lower case."""
    return {column.name.lower() for column in checked(text).find_all(exp.Column)}


def holds(rows: ir.Table, text: str, *, where: str) -> ir.BooleanValue:
    """Return whether the condition holds of each row; null counts as no.

    Raises
    ------
    SettingsError
        If it looks at a column that is not there, or compares what cannot be compared.
    """
    require_columns(columns(text), rows.columns, where=where)
    try:
        found = _compiled(checked(text), rows)
        return found.cast("boolean").fill_null(ibis.literal(value=False))
    except (IbisError, ValidationError, TypeError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"the condition {text!r} compares what cannot be compared",
            where=where,
            do="compare numbers with numbers, text with quoted text, dates with date '2025-01-31'",
        ) from error


def require_columns(names: Iterable[str], known: Iterable[str], *, where: str) -> None:
    """Raise SettingsError where one of the names is no column of the night."""
    known = list(known)
    for name in sorted(set(names) - set(known)):
        raise SettingsError(
            f"no column of the night is called {name}{nearest(name, known)}",
            where=where,
            do="name a column of subscribers, of the features (docs/features.md), or a score",
        )


def _is_day(node: exp.Cast) -> bool:
    try:
        date.fromisoformat(node.this.name)
    except ValueError:
        return False
    return bool(node.is_type("date")) and isinstance(node.this, exp.Literal)


def _compiled(node: exp.Expression, rows: ir.Table) -> Any:
    """Return the expression of a part of a checked condition."""
    kind = type(node)
    if kind in _LEAVES:
        return _LEAVES[kind](node, rows)
    this = _compiled(node.this, rows)
    if kind in _UNARY:
        return _UNARY[kind](this)
    if kind in _BINARY:
        return _BINARY[kind](this, _compiled(node.expression, rows))
    if kind is exp.Between:
        low, high = (_compiled(node.args[name], rows) for name in ("low", "high"))
        return (this >= low) & (this <= high)
    values = [_compiled(value, rows) for value in node.expressions]
    return this.isin(values) if kind is exp.In else ibis.coalesce(this, *values)


def _same(left: Any, right: exp.Expression, rows: ir.Table) -> Any:
    return left.isnull() if isinstance(right, exp.Null) else left == _compiled(right, rows)


def _literal(node: exp.Expression) -> Any:
    text = str(node.this)
    if node.args["is_string"]:
        return ibis.literal(text)
    return ibis.literal(int(text) if text.isdecimal() else float(text))


_LEAVES: Mapping[type[exp.Expression], Callable[[exp.Expression, ir.Table], Any]] = {
    exp.Column: lambda node, rows: rows[node.name.lower()],
    exp.Literal: lambda node, _rows: _literal(node),
    exp.Boolean: lambda node, _rows: ibis.literal(node.this),
    exp.Null: lambda _node, _rows: ibis.null(),
    exp.Cast: lambda node, _rows: ibis.literal(date.fromisoformat(node.this.name)),
    exp.Is: lambda node, rows: _same(_compiled(node.this, rows), node.expression, rows),
}
_ALLOWED = (
    *_BINARY, *_UNARY, *_LEAVES,
    exp.Identifier, exp.In, exp.Between, exp.Coalesce, exp.DataType,
)  # fmt: skip
