"""What a definition may look at: the tables it declares, up to the day its labels are final.

What a label depends on is then what its definition says, and no later fact can rewrite it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import ibis.expr.types as ir

from churn.errors import LeakError
from churn.states import StateSettings
from churn.tables import TABLES, Known
from churn.windows import TimeSettings, month_start

DAY = timedelta(days=1)


class DeclaredTables:
    """The declared tables as known at training, with nothing that happened after the horizon.

    Parameters
    ----------
    known
        What is known on the day of the training.
    reads
        The tables that the definition declares.
    horizon
        The last day whose facts count: the one on which the labels are final. A table that is
        delivered whole each time has no facts with dates; it is read as that day knew it.
    """

    def __init__(
        self, known: Known, reads: Iterable[str], horizon: date, *, definition: str
    ) -> None:
        self.horizon = min(horizon, known.day)
        self._known = known
        self._reads = tuple(reads)
        self._definition = definition

    def __getattr__(self, name: str) -> ir.Table:
        """Return a declared table by its name."""
        if name in TABLES:
            return self.table(name)
        raise AttributeError(name)

    def has(self, name: str) -> bool:
        """Tell whether any delivery of a declared table was known."""
        self._require_declared(name)
        return self._known.has(name)

    def table(self, name: str) -> ir.Table:
        """Return the rows of a declared table.

        Raises
        ------
        LeakError
            If the definition does not declare that it reads the table.
        """
        self._require_declared(name)
        table = TABLES[name]
        if table.mode == "full":
            return self._known.at(self.horizon).table(name)
        rows = self._known.table(name)
        if table.occurs_on is None:
            return rows
        after = self.horizon + DAY
        end = month_start(after) if table.occurs_at_month_end else after
        return rows.filter((rows[table.occurs_on] < end) | rows[table.occurs_on].isnull())

    def at(self, day: date) -> DeclaredTables:
        """Return the declared tables as an earlier day knew them: the snapshot, mostly.

        Of a day still to come, what is known now.
        """
        then = self._known.at(min(day, self._known.day))
        return DeclaredTables(then, self._reads, day, definition=self._definition)

    def _require_declared(self, name: str) -> None:
        if name not in self._reads:
            raise LeakError(
                f"definition {self._definition} reads {name}, which it does not declare",
                where="churn/labels",
                do=f"name {name} among the tables that the definition reads",
            )


@dataclass(frozen=True)
class Evidence:
    """All that a definition decides by.

    Parameters
    ----------
    spans
        The spans of all status events known at training: whatever follows the horizon can only
        set the flags of late returns.
    re_entry
        Whether who began anew under another number has not left.
    """

    known: DeclaredTables
    spans: ir.Table
    snapshot: date
    time: TimeSettings
    states: StateSettings
    re_entry: bool = False
