"""One source's records become rows of a canonical table; what breaks a rule is set aside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from churn.errors import tellable
from churn.ingest import casting, figures
from churn.ingest.columns import ColumnMapping
from churn.ingest.headers import Origin, Resolved
from churn.ingest.joins import Side
from churn.ingest.readers import Records, Rejects
from churn.ingest.rules import Kind, rule
from churn.ingest.sources import SourceMapping
from churn.ingest.units import factor_into
from churn.tables import Column, Table

LOOKED_AT = 100  # unread values of a block and column whose shapes are noted
LONGEST_SHAPE = 24
DELIVERY, FILE, LINE = "_delivery", "_file", "_line"


def staged_schema(table: Table) -> pa.Schema:
    """Return the schema of rows on their way: the table's, with where each row came from."""
    fields = [f for f in table.arrow_schema if f.name != "delivered_on"]
    places = [(DELIVERY, pa.int32()), (FILE, pa.int32()), (LINE, pa.int64())]
    return pa.schema([*fields, *(pa.field(name, kind) for name, kind in places)])


@dataclass(frozen=True)
class Mapped:
    """A block after mapping.

    Parameters
    ----------
    rows
        Accepted rows in the staged schema; identifiers are still the operator's own.
    unlisted
        Column and code: rows, for codes that the settings do not list. Nothing that looks like a
        number of somebody is kept.
    shapes
        Column and shape: values that are not of the column's type, as :func:`shape` writes them.
    """

    rows: pa.Table
    rejects: Rejects
    not_selected: int
    unlisted: Counter[tuple[str, str]] = field(default_factory=Counter)
    shapes: Counter[tuple[str, str]] = field(default_factory=Counter)


def map_records(
    records: Records,
    table: Table,
    source: SourceMapping,
    resolved: Resolved,
    sides: Mapping[int, Side],
    place: tuple[int, int],
) -> Mapped:
    """Select, translate, cast and judge the records of one block.

    Parameters
    ----------
    resolved
        Where in this file's header each canonical column stands.
    sides
        The joined files, by their number among the source's joins.
    place
        Number of the delivery, and of the file in it.
    """
    records, not_selected = _selected(records, source, resolved)
    judge = _Judge(table, records.numbers)
    columns: dict[str, pa.Array] = {}
    looked_up = {i: side.lookup(records.fields[side.position]) for i, side in sides.items()}
    for column in table.columns:
        if column.name == "delivered_on":
            continue
        origin = resolved.origins.get(column.name)
        if origin is None:
            columns[column.name] = pa.nulls(len(records.numbers), column.ibis_type.to_pyarrow())
            continue
        text = _text(origin, records, looked_up)
        text = with_nulls(text, source.nulls, origin.how.missing if origin.how else None)
        columns[column.name] = judge.column(
            text, column, origin.how, source.decimal, source.thousands
        )
    for name, number in zip((DELIVERY, FILE), place, strict=True):
        columns[name] = pa.repeat(pa.scalar(number, pa.int32()), len(records.numbers))
    columns[LINE] = pa.array(records.numbers)
    rows = pa.table(columns, schema=staged_schema(table))
    broken = judge.rejects()
    if len(broken.numbers):
        rows = rows.filter(pa.array(~np.isin(records.numbers, broken.numbers)))
    rejects = Rejects.joined([records.rejects, broken])
    return Mapped(rows, rejects, not_selected, judge.unlisted, judge.shapes)


def read_column(
    text: pa.Array, table: Table, column: Column, how: ColumnMapping
) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """Read the values of one column as a mapping says.

    Returns
    -------
    tuple
        The values in the column's type; and which of them break a rule of the column, shape
        (values,).
    """
    judge = _Judge(table, np.arange(len(text)))
    values = judge.column(text, column, how)
    bad = np.zeros(len(text), dtype=np.bool_)
    bad[judge.rejects().numbers] = True
    return values, bad


def _selected(records: Records, source: SourceMapping, resolved: Resolved) -> tuple[Records, int]:
    keep = np.ones(len(records.numbers), dtype=bool)
    for header, selection in source.only.items():
        values = records.fields[resolved.positions[header]]
        listed = selection.in_ if selection.in_ is not None else selection.not_
        inside = casting.as_mask(pc.is_in(values, value_set=pa.array(listed, pa.string())))
        keep &= inside if selection.in_ is not None else ~inside
    if keep.all():
        return records, 0
    mask = pa.array(keep)
    fields = {i: values.filter(mask) for i, values in records.fields.items()}
    kept = replace(records, fields=fields, numbers=records.numbers[keep])
    return kept, int((~keep).sum())


def _text(
    origin: Origin, records: Records, looked_up: Mapping[int, Mapping[int, pa.Array]]
) -> pa.Array:
    if origin.how is not None and origin.how.constant is not None:
        return pa.repeat(pa.scalar(origin.how.constant, pa.string()), len(records.numbers))
    if origin.join is not None:
        return looked_up[origin.join][origin.position]
    return records.fields[origin.position]


def with_nulls(text: pa.Array, tokens: tuple[str, ...], missing: str | None = None) -> pa.Array:
    """Null the fields that mean "no value", or give them what that means."""
    empty = pc.is_in(text, value_set=pa.array(tokens, pa.string()))
    if pc.any(empty).as_py():
        text = pc.if_else(empty, pa.scalar(None, pa.string()), text)
    return text if missing is None else text.fill_null(missing)


class _Judge:
    """Collects, per record, the first rule it broke."""

    def __init__(self, table: Table, numbers: npt.NDArray[np.int64]) -> None:
        self._table = table
        self._numbers = numbers
        self._codes = np.full(len(numbers), None, dtype=object)
        self.unlisted: Counter[tuple[str, str]] = Counter()
        self.shapes: Counter[tuple[str, str]] = Counter()

    def rejects(self) -> Rejects:
        """Return the records that broke a rule."""
        bad = np.flatnonzero(self._codes != None)  # noqa: E711 - elementwise
        return Rejects(self._numbers[bad], self._codes[bad])

    def _breaks(self, kind: Kind, column: Column, bad: pa.Array | None) -> None:
        if bad is None or not pc.any(bad).as_py():
            return
        mask = casting.as_mask(bad)
        fresh = mask & (self._codes == None)  # noqa: E711 - elementwise
        self._codes[fresh] = rule(self._table, kind, column.name).code

    def column(
        self,
        text: pa.Array,
        column: Column,
        how: ColumnMapping | None,
        decimal: str | None = None,
        thousands: str | None = None,
    ) -> pa.Array:
        """Translate and cast one column; note what breaks its rules.

        ``decimal`` and ``thousands`` are those of the source.
        """
        if how is not None and how.prefix is not None:
            text = casting.bare(text, how.prefix)
        given = text
        if column.required and text.null_count:
            self._breaks("required", column, pc.is_null(text))
        if how is not None and (how.codes or how.separator is not None):
            text = self._translated(text, column, how)
            given = text
        if how is None or how.constant is None:
            text = figures.respelt(
                text,
                column,
                decimal=(how.decimal if how else None) or decimal,
                thousands=(how.thousands if how else None) or thousands,
                unit=how.unit if how else None,
                affix=how.affix if how else None,
            )
        values, bad = casting.cast(
            text,
            column,
            how.format if how else (),
            month=self._table.occurs_at_month_end and column.name == self._table.occurs_on,
            rounded=how.round if how else False,
            factor=factor_into(column, how.unit, how.scale) if how else None,
        )
        self._breaks("type", column, bad)
        if bad is not None:
            self._note_shapes(column, given.filter(bad))
        if column.allowed:
            given = values
            values, bad = casting.among(values, column)
            self._breaks("vocabulary", column, bad)
            self._note_unlisted(column, given.filter(bad))
        if column.minimum is not None:
            self._breaks("minimum", column, casting.below(values, column.minimum))
        return values

    def _translated(self, text: pa.Array, column: Column, how: ColumnMapping) -> pa.Array:
        """Replace codes by what they mean; note those that are not listed."""
        given = text
        if how.separator is not None:
            text, bad, unlisted = casting.parted(text, how.separator, how.codes, how.otherwise)
            self.unlisted.update(
                {(column.name, code): rows for code, rows in unlisted.items() if tellable(code)}
            )
        else:
            text, bad = casting.translate(text, how.codes, how.otherwise)
            self._note_unlisted(column, given.filter(bad))
        self._breaks("vocabulary", column, bad)
        if column.required and text.null_count:  # codes that mean no value
            self._breaks("required", column, pc.is_null(text))
        return text

    def _note_unlisted(self, column: Column, codes: pa.Array) -> None:
        for entry in pc.value_counts(codes).to_pylist():
            code = entry["values"]
            if tellable(code):
                self.unlisted[column.name, code] += entry["counts"]

    def _note_shapes(self, column: Column, values: pa.Array) -> None:
        for text in values.slice(0, LOOKED_AT).to_pylist():
            self.shapes[column.name, shape(text)] += 1


def shape(text: str) -> str:
    """Return how a value is written without what it says: ``2024-01-31`` is ``9999-99-99``."""
    written = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text[:LONGEST_SHAPE]))
    return re.sub(r"\s", " ", written) + ("…" if len(text) > LONGEST_SHAPE else "")
