"""Whether rows belong to the lives of those they name: who has none, and which lie outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from churn.engines import Engine
from churn.ingest.matching import BOOKS, read_rows
from churn.ingest.registry import Entry
from churn.tables import TABLES

#: Tables in which who is in service has rows sooner or later.
OF_EVERYBODY = ("status_events", "bills", "calls", "usage_monthly")
#: Tables whose rows only a service in use can have.
OF_A_LIFE = ("bills", "arrears", "calls", "usage_monthly", "recharges")
OF_USE = frozenset({"calls", "usage_monthly", "recharges"})
SETTLED = 60  # days in service after which a subscriber has rows
LAST_BILL = 31  # days after the end in which use may still be told, as of a whole month


class Outside(NamedTuple):
    """Rows of subscribers on the books: all, before their activation, after their end."""

    rows: int
    before: int
    after: int


def without_rows(
    current: Mapping[str, Sequence[Entry]], root: Path, engine: Engine
) -> dict[str, tuple[int, int]]:
    """Count, per table, the subscribers of the newest books, and those without any row.

    Newcomers are left out; of bills, prepaid subscribers too.
    """
    if BOOKS not in current:
        return {}
    day = date.fromisoformat(max(entry.delivered_on for entry in current[BOOKS]))
    books = read_rows(current[BOOKS], root, engine)
    settled = books.activated_on.isnull() | (books.activated_on < day - timedelta(days=SETTLED))
    books = books.filter(settled)
    found = {}
    for name in OF_EVERYBODY:
        if name not in current:
            continue
        due = books
        if name == "bills" and "payment" in books.columns:
            due = books.filter(books.payment.isnull() | (books.payment != "prepaid"))
        people = due.select("subscriber_id").distinct()
        named = read_rows(current[name], root, engine).select("subscriber_id").distinct()
        both = people.left_join(named, "subscriber_id", rname="{name}_of_rows")
        counts = both.aggregate(
            people=both.count(), without=both.subscriber_id_of_rows.isnull().sum()
        )
        (row,) = engine.to_arrow(counts).to_pylist()
        if row["people"]:
            found[name] = (int(row["people"]), int(row["without"] or 0))
    return found


def outside_lives(
    current: Mapping[str, Sequence[Entry]], root: Path, engine: Engine, departed: Collection[str]
) -> dict[str, Outside]:
    """Count, per table, the rows of subscribers outside their lives.

    Before: ahead of the earliest activation on the books. After, of use alone: more than a month
    behind the last state on record, where that says the subscriber has left (``departed``).
    """
    if BOOKS not in current:
        return {}
    books = read_rows(current[BOOKS], root, engine)
    lives = books.group_by("subscriber_id").aggregate(
        began=books.activated_on.min(),
        undated=books.activated_on.isnull().any(),
    )
    ends = _ends(current, root, engine, departed)
    found = {}
    for name in OF_A_LIFE:
        if name not in current:
            continue
        occurs_on = TABLES[name].occurs_on or ""
        rows = read_rows(current[name], root, engine)
        rows = rows.select("subscriber_id", day=rows[occurs_on].cast("date"))
        if TABLES[name].occurs_at_month_end:
            last = rows.day + ibis.interval(months=1)
            rows = rows.mutate(last=last.cast("date"))
        else:
            rows = rows.mutate(last=rows.day)
        joined = rows.join(lives, "subscriber_id")
        early = ~joined.undated & (joined.last < joined.began)
        counts = {"rows": joined.count(), "before": early.sum()}
        (row,) = engine.to_arrow(joined.aggregate(**counts)).to_pylist()
        after = 0
        if ends is not None and name in OF_USE:
            late = rows.join(ends, "subscriber_id")
            late = late.filter(late.day > late.ended + ibis.interval(days=LAST_BILL))
            (counted,) = engine.to_arrow(late.aggregate(rows=late.count())).to_pylist()
            after = int(counted["rows"])
        found[name] = Outside(int(row["rows"]), int(row["before"] or 0), after)
    return found


def _ends(
    current: Mapping[str, Sequence[Entry]], root: Path, engine: Engine, departed: Collection[str]
) -> ir.Table | None:
    """Return ``subscriber_id, ended`` of those whose last state on record says that they left."""
    if "status_events" not in current or not departed:
        return None
    events = read_rows(current["status_events"], root, engine)
    gone = events.status.isin(sorted(departed))
    lives = events.group_by("subscriber_id").aggregate(
        ended=events.effective_at.max(where=gone), seen=events.effective_at.max(where=~gone)
    )
    left = lives.filter(lives.ended.notnull() & (lives.seen.isnull() | (lives.seen < lives.ended)))
    return left.select("subscriber_id", ended=left.ended.cast("date"))
