"""Sums of a table's rows by subscriber and day: what may be kept of a delivery beside its rows.

Whole numbers and fixed decimals add up to the same total however they were grouped before. So a
reader that only adds may be given rows as they were delivered or sums kept of them, or some of
each: what comes of it is equal to the bit. Each delivery has sums of its own; which of them a day
knew is decided as for its rows, so late rows and restatements need nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.schema as sch
import ibis.expr.types as ir
from ibis import _

ID, DAY = "subscriber_id", "day"


@dataclass(frozen=True)
class DailySums:
    """What is summed of the rows of a table.

    Parameters
    ----------
    values
        Columns and their Ibis types: whole numbers, fixed decimals.
    of_each
        From rows of the table to one row for each: ``subscriber_id``, ``day`` and the values.
    """

    table: str
    values: Mapping[str, str]
    of_each: Callable[[ir.Table], ir.Table]

    @property
    def schema(self) -> sch.Schema:
        """The columns, whether summed or not."""
        return sch.Schema({ID: "string", DAY: "date", **self.values})

    @property
    def totals(self) -> Mapping[str, str]:
        """The types of sums over many days."""
        return {name: kind.replace("(18,", "(24,") for name, kind in self.values.items()}

    def unsummed(self, rows: ir.Table) -> ir.Table:
        """Return one row for each of the table's."""
        each = self.of_each(rows)
        return each.select(**{name: each[name].cast(kind) for name, kind in self.schema.items()})

    def by_day(self, rows: ir.Table) -> ir.Table:
        """Return one row per subscriber and day; a value that no row has stays null."""
        summed = self.unsummed(rows).group_by(ID, DAY)
        return summed.aggregate(
            **{name: _[name].sum().cast(kind) for name, kind in self.values.items()}
        )
