"""LEAK105 and LEAK106: deliveries declared earlier than they can have been."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ibis import _

from churn.language import Text
from churn.panel.audit.finding import Code
from churn.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir

    from churn.panel.audit.finding import Finding
    from churn.tables import Delivery, Tables

BEFORE = Code(
    "LEAK105",
    "blocks",
    Text(
        "was delivered before what it tells had happened: its day of delivery is too early",
        "交付日早于所载事实：交付日期登记过早",
    ),
    Text("give the day on which the file was available", "填写文件实际可用的日期"),
)
LAG = Code(
    "LEAK106",
    "blocks",
    Text(
        "the lag assumed for history is shorter than any delivery has shown since",
        "历史数据的假定滞后短于此后任何一次实际交付",
    ),
    Text("raise `assumed_lag:` to what deliveries show", "将 `assumed_lag:` 提高到实际水平"),
)
#: Bookings ahead are real: only many rows are a wrong date.
MANY, FEW_ROWS = 0.05, 20
SLACK, RECORDED = 3, 3


def ahead(tables: Tables, name: str) -> ir.Table | None:
    """Count the rows of one table that occurred after their delivery.

    Returns
    -------
    Table
        One row: ``rows``, ``differing``. None for a table without dates, or one that only an
        initial load has filled.
    """
    table = TABLES[name]
    in_time = [d for d in tables.deliveries if d.table == name and d.assumed_lag is None]
    paths = [path for one in in_time for path in one.paths]
    if table.occurs_on is None or not paths or table.occurs_on == "activated_on":
        return None
    rows = tables.engine.read_parquet(paths, table.schema)
    occurred = rows[table.occurs_on].cast("date")
    return rows.aggregate(
        rows=_.count().cast("int64"),
        differing=_.count(where=occurred > rows.delivered_on).cast("int64"),
    )


def dated_before(name: str, counted: Mapping[str, int]) -> list[Finding]:
    """Judge the counts of :func:`ahead`."""
    rows, early = counted["rows"], counted["differing"]
    if early < FEW_ROWS or early < MANY * rows:
        return []
    return [BEFORE.found(name, differing=early, rows=rows, share=early / rows)]


def lags(deliveries: Sequence[Delivery]) -> list[Finding]:
    """Compare the lag assumed for an initial load with those recorded since."""
    found = []
    for name in sorted({one.table for one in deliveries}):
        own = [one for one in deliveries if one.table == name]
        assumed = [one.assumed_lag for one in own if one.assumed_lag is not None]
        recorded = sorted(
            (one.delivered_on - one.covers_until).days for one in own if one.assumed_lag is None
        )
        if not assumed or len(recorded) < RECORDED or name == "subscribers":
            continue
        if recorded[0] > min(assumed) + SLACK:
            found.append(
                LAG.found(
                    name,
                    assumed_days=min(assumed),
                    recorded_days=recorded[0],
                    deliveries=len(recorded),
                )
            )
    return found
