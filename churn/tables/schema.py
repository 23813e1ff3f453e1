"""What a canonical table is: columns with type, unit and meaning of null, key, occurrence, masks.

The declarations live in :mod:`churn.tables.canonical`; this module only gives them their nouns.
What a declaration's ``repr`` shows decides, with the mapping, whether extracts are read anew: words
for people that may change without that (labels, prefixes, notes) are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import pyarrow as pa

from churn.language import Text

Unit = Literal["", "id", "currency", "minutes", "seconds", "MB", "days", "count", "points", "class"]
Mode = Literal["append", "full", "partition"]

_TYPE_WORDS = {
    "string": "text",
    "date": "a date",
    "timestamp": "a date and time",
    "int64": "a whole number",
    "boolean": "true or false",
}


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Parameters
    ----------
    type
        An Ibis type: ``string``, ``date``, ``timestamp``, ``int64``, ``boolean``,
        ``decimal(18, 2)`` …; amounts are fixed decimals, times are local and without zone.
    meaning
        What it holds, for who looks for it in an extract.
    null_means
        What no value says; of a required column there is always one.
    allowed
        The closed vocabulary of a categorical column; empty means open.
    several
        Whether a value is any number of those ``allowed``, joined by ``;``.
    required
        Whether a row without it is set aside.
    identifier
        Whether ingest replaces the value by a keyed hash.
    known_from
        Name of the date column before which this late-filled column was not known: it is null
        for every ``t`` at or before that date.
    filled_later
        Whether it is filled in some time after the row occurred and no date tells when. A delivery
        in its time holds what was known then; of an initial load, nothing is known before the
        extraction unless the load declares the column constant.
    note
        What who maps an extract must know besides, such as the words a text may hold.
    """

    name: str
    type: str
    meaning: str
    unit: Unit = ""
    null_means: str = "not delivered"
    required: bool = False
    identifier: bool = False
    allowed: tuple[str, ...] = ()
    several: bool = False
    known_from: str | None = None
    minimum: int | None = None
    filled_later: bool = False
    note: str = field(default="", repr=False)

    @property
    def ibis_type(self) -> dt.DataType:
        """The type as Ibis sees it."""
        return dt.dtype(self.type)

    @property
    def reads_as(self) -> str:
        """What a value must be, in words."""
        if self.type.startswith("decimal"):
            return f"a number of at most {self.ibis_type.scale} decimals"
        return _TYPE_WORDS[self.type]


@dataclass(frozen=True)
class Table:
    """A canonical table: its columns, its key, when a row occurs and how it may be delivered.

    Parameters
    ----------
    prefix
        What the codes of its rules begin with.
    label
        What reports call it.
    meaning
        What it holds, for who looks for it among an operator's extracts.
    key
        Columns that identify a row inside one delivery; empty for tables without a key.
    occurs_on
        The column that dates the fact. A month column dates it on the month's last day.
    mode
        How the table is delivered unless the settings say otherwise.
    personal
        Whether the table holds personal data and is stored apart.
    named_by
        For a table whose rows each hold one named value: the column with the name. An initial
        load then lists names, not columns, as constant and current state.
    """

    name: str
    prefix: str = field(repr=False)
    label: Text = field(repr=False)
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    occurs_on: str | None = None
    occurs_at_month_end: bool = False
    mode: Mode = "append"
    required: bool = False
    personal: bool = False
    named_by: str | None = None
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the columns and check that key, occurrence and masks name existing ones."""
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})
        named = [*self.key, *([self.occurs_on] if self.occurs_on else [])]
        named += [column.known_from for column in self.columns if column.known_from]
        unknown = [name for name in named if name not in self._by_name]
        if unknown:
            raise ValueError(
                f"table {self.name} declares {unknown}, which are not among its columns"
            )

    def __getitem__(self, name: str) -> Column:
        """Return the column called ``name``."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether the table has a column called ``name``."""
        return name in self._by_name

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in their declared order."""
        return tuple(self._by_name)

    @property
    def schema(self) -> sch.Schema:
        """The stored schema: the declared columns plus ``delivered_on`` where not declared."""
        columns = {column.name: column.ibis_type for column in self.columns}
        columns.setdefault("delivered_on", dt.date)
        return ibis.schema(columns)

    @property
    def arrow_schema(self) -> pa.Schema:
        """The stored schema as Arrow, which is what the Parquet files carry."""
        return self.schema.to_pyarrow()
