"""LEAK105 and LEAK106: deliveries declared earlier than they can have been."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import ibis.expr.types as ir
from ibis import _

from churn.audit.finding import Code, Finding
from churn.language import Text
from churn.tables import TABLES, Delivery, Tables

_Came = tuple[date, date]  # the day of delivery, and the last day covered

BEFORE = Code(
    "LEAK105",
    Text(
        "was delivered before what it tells had happened: its day of delivery is too early",
        "交付日早于所载事实：交付日期登记过早",
    ),
    Text("give the day on which the file was available", "填写文件实际可用的日期"),
)
LAG = Code(
    "LEAK106",
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
    rows = tables.reader.read_parquet(paths, table.schema)
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


def suspected(deliveries: Sequence[Delivery]) -> list[str]:
    """Return the tables whose deliveries all cover less than the lag assumed allows."""
    names = sorted({one.table for one in deliveries} - {"subscribers"})
    return [n for n in names if _shorter(_since(n, deliveries), _assumed(n, deliveries))]


def days_told(tables: Tables, name: str, deliveries: Sequence[Delivery]) -> ir.Table:
    """List the days that deliveries in their time tell of, to be judged by :func:`lags`.

    Returns
    -------
    Table
        One row per day: ``day``, ``told_on``, when it was last told of.
    """
    table = TABLES[name]
    paths = [path for one in _in_time(name, deliveries) for path in one.paths]
    rows = tables.reader.read_parquet(paths, table.schema)
    days = rows.select("delivered_on", day=rows[table.occurs_on].cast("date"))
    return days.filter(days.day.notnull()).group_by("day").aggregate(told_on=_.delivered_on.max())


def lags(
    name: str, deliveries: Sequence[Delivery], told: Iterable[Mapping[str, date]]
) -> list[Finding]:
    """Compare the lag assumed for an initial load with those shown since.

    What a delivery covers is often known only from the latest it tells of. Where events are rare
    that says little: days on which nothing happened look as if they were missing. So such a
    delivery counts as covering every day up to the first that only a later one tells of, and the
    latest, after which nothing has come yet, does not count.

    Parameters
    ----------
    told
        The rows of :func:`days_told`.
    """
    since = _since(name, deliveries)
    if not TABLES[name].occurs_at_month_end:  # a month's rows are all there, or none
        since = _covering(since, {row["day"]: row["told_on"] for row in told})
    assumed = _assumed(name, deliveries)
    if assumed is None or not _shorter(since, assumed):
        return []
    figures = {
        "assumed_days": assumed,
        "recorded_days": min((came - covered).days for came, covered in since),
        "deliveries": len(since),
    }
    return [LAG.found(name, **figures)]


def _shorter(since: Sequence[_Came], assumed: int | None) -> bool:
    """Tell whether enough deliveries, and all of them, came later than is assumed."""
    if assumed is None or len(since) < RECORDED:
        return False
    return min((came - covered).days for came, covered in since) > assumed + SLACK


def _assumed(name: str, deliveries: Sequence[Delivery]) -> int | None:
    lags = (one.assumed_lag for one in deliveries if one.table == name)
    return min((lag for lag in lags if lag is not None), default=None)


def _in_time(name: str, deliveries: Sequence[Delivery]) -> list[Delivery]:
    return [one for one in deliveries if one.table == name and one.assumed_lag is None]


def _since(name: str, deliveries: Sequence[Delivery]) -> list[_Came]:
    return [(one.delivered_on, one.covers_until) for one in _in_time(name, deliveries)]


def _covering(since: Sequence[_Came], told: Mapping[date, date]) -> list[_Came]:
    """Let deliveries that end with a fact cover the days before the next that came later."""
    found = []
    for came, covered in since:
        if covered not in told:  # declared, or the end of a period
            found.append((came, covered))
            continue
        later = min((day for day, on in told.items() if day > covered and on > came), default=None)
        if later is not None:
            found.append((came, later - timedelta(days=1)))
    return found
