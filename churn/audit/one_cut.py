"""LEAK108: a column of one cut, read as the past, that ranks who left; nothing confirms it.

What was extracted on one day shows leavers as they were when they left and everyone else as they
are now. Whether such a column was the same before, the extract cannot tell; declaring it constant
says so, and if it ranks leavers, somebody has to answer for that by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from churn.audit.column import AuditedColumn
from churn.audit.finding import Code, Finding
from churn.audit.rows import AuditRows
from churn.language import Text
from churn.tables import TABLES, Delivery

CODE = Code(
    "LEAK108",
    Text(
        "is one cut's state read as the past, and ranks who left; no delivery confirms it",
        "以一次提取的状态充当过去，且能区分离网用户；没有其他交付可证实",
    ),
    Text(
        "list it under `current_state:`, or accept it and say why it cannot have changed",
        "列入 `current_state:`，或接受并说明其为何不会变化",
    ),
)
#: Ranking by less is what harmless attributes do.
RANKS = 0.6
LOADED = ("subscribers", "attributes")
FEATURE_OF: Mapping[str, str] = MappingProxyType({"contract_ends_on": "contract_days_left"})


def unconfirmed(
    deliveries: Sequence[Delivery], since: date, named: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the features that are a column of an initial load read before its extraction.

    Parameters
    ----------
    since
        The oldest snapshot: from here on the columns are read.
    named
        For a table of named values, the names.
    """
    found: list[str] = []
    for table in LOADED:
        own = [one for one in deliveries if one.table == table]
        cuts = [d for d in own if d.assumed_lag is not None and d.delivered_on > since]
        if not cuts or any(one.assumed_lag is None for one in own):
            continue
        hidden = {column for one in cuts for column in one.current_state}
        dated = {*TABLES[table].key, TABLES[table].occurs_on}
        columns = named[table] if table in named else TABLES[table].names
        found += [FEATURE_OF.get(c, c) for c in columns if c not in hidden | dated]
    return found


def find(rows: AuditRows, names: Sequence[str]) -> list[Finding]:
    """Rank the outcomes by each of the columns."""
    columns = [
        AuditedColumn(name, rows.features[name], rows) for name in names if name in rows.features
    ]
    return [
        CODE.named(column.name, (column.name,), best.evidence)
        for column in columns
        if (best := column.strongest) is not None and best.lower >= RANKS
    ]
