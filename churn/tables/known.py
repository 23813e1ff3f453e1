"""``known_at(t)``: the only way to read the canonical tables, so the past is replayed as known.

A row is known at ``t`` when it happened before ``t`` and was delivered by ``t``; restated values
are those of the latest delivery by ``t``; late-filled columns are null until what fills them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

import ibis
import ibis.expr.schema as sch
import ibis.expr.types as ir

from churn.errors import ExtractError
from churn.tables.canonical import TABLES
from churn.tables.daily import DailySums
from churn.tables.deliveries import Delivery, known_deliveries, observed_through
from churn.tables.schema import Table
from churn.windows import Window, month_start


class Reader(Protocol):
    """What reads files: all that the tables ask of an engine."""

    def read_parquet(self, paths: Sequence[Path], schema: sch.Schema) -> ir.Table:
        """Return the rows of ``paths``."""
        ...

    def apart(self, groups: Sequence[Sequence[Path]], column: str) -> bool:
        """Tell whether no value of a column is sure to stand in two of the groups of files."""
        ...

    def query(self, sql: str, tables: Mapping[str, ir.Table]) -> ir.Table:
        """Return the rows of a SELECT over tables."""
        ...


def holder(rows: ir.Table) -> ir.StringValue:
    """Return who holds the line of each row: its ``customer_id``, or itself where none is known."""
    return ibis.coalesce(rows.customer_id, rows.subscriber_id)


class Tables:
    """The canonical tables of one workspace, readable only as of a day.

    Parameters
    ----------
    initial_state
        The status in which every subscriber begins on the day it was activated, where status
        events tell of changes alone.
    """

    def __init__(
        self, reader: Reader, deliveries: Iterable[Delivery], initial_state: str | None = None
    ) -> None:
        self.reader = reader
        self.initial_state = initial_state
        self.deliveries: Sequence[Delivery] = tuple(sorted(deliveries, key=_age))
        self._known: dict[date, Known] = {}

    def known_at(self, day: date) -> Known:
        """Return what was known on ``day``; asked again, the same: its tables are built once."""
        if day not in self._known:
            self._known[day] = Known(self, day)
        return self._known[day]

    def latest_night(self, names: Iterable[str]) -> date:
        """Return the latest day on which every one of ``names`` had its latest delivery.

        Raises
        ------
        ExtractError
            If a table was never delivered.
        """
        nights = []
        for name in names:
            days = [d.delivered_on for d in self.deliveries if d.table == name]
            if not days:
                raise ExtractError(
                    f"table {name} was never delivered",
                    where=f"ingest.tables.{name}",
                    do="name its files in the settings and run `churn ingest`",
                )
            nights.append(max(days))
        return max(nights)


class Known:
    """The canonical tables as one day knew them: facts of the day itself belong to the future."""

    def __init__(self, tables: Tables, day: date) -> None:
        self.day = day
        self._tables = tables
        self._reader = tables.reader
        self._deliveries = tables.deliveries
        self._read: dict[str, ir.Table] = {}

    def __getattr__(self, name: str) -> ir.Table:
        """Return a canonical table by its name."""
        if name in TABLES:
            return self.table(name)
        raise AttributeError(name)

    def has(self, name: str) -> bool:
        """Tell whether any delivery of the table was known."""
        return bool(self._known(name))

    def table(self, name: str) -> ir.Table:
        """Return the rows of a canonical table known on the day; none if it was not delivered.

        Columns are the declared ones plus ``delivered_on``.
        """
        if name not in self._read:
            rows = self._table(TABLES[name])
            if name == "status_events" and self._tables.initial_state is not None:
                rows = ibis.union(rows, self._beginnings(rows, self._tables.initial_state))
            self._read[name] = rows
        return self._read[name]

    def daily(self, sums: DailySums, window: Window) -> ir.Table:
        """Return what is summed of a table's rows in a window, as far as the day knew them.

        Deliveries whose sums are kept give those, all others a row for each of theirs: a
        subscriber's day may have several rows, whose total is the same either way.

        Returns
        -------
        Table
            The columns of ``sums.schema``.
        """
        table = TABLES[sums.table]
        happened = Window(min(window.start, self.day), min(window.end, self.day))
        kept = self._with_sums(table)
        rows = self.table(table.name)
        if kept:
            others = [d for d in self._known(table.name) if d not in kept]
            rows = _happened_before(self._in_time(table, others), table, self.day)
        parts = [sums.unsummed(rows.filter(happened.contains(rows[table.occurs_on])))]
        if kept:
            paths = [path for delivery in kept for path in delivery.summed]
            stored = self._reader.read_parquet(paths, sums.schema)
            parts.append(stored.filter(happened.contains(stored.day)))
            if not others:
                parts = parts[1:]
        return ibis.union(*parts) if len(parts) > 1 else parts[0]

    def _with_sums(self, table: Table) -> list[Delivery]:
        """Return the known deliveries whose sums may stand for their rows.

        None at all where rows of one delivery depend on those of another, or on the day.
        """
        known = self._known(table.name)
        alone = all(d.in_time(self.day) and not d.gives_way for d in known)
        masked = any(column.known_from for column in table.columns)
        return [d for d in known if d.summed] if alone and not masked and not table.key else []

    def query(self, sql: str, tables: Mapping[str, ir.Table]) -> ir.Table:
        """Return the rows of a SELECT over the tables given, as a table like any other."""
        return self._reader.query(sql, tables)

    def at(self, day: date) -> Known:
        """Return what was known on this day or an earlier one."""
        if day > self.day:
            raise ValueError(f"what is known on {self.day} does not tell what was known on {day}")
        return self._tables.known_at(day)

    def observed_through(self, name: str) -> date | None:
        """Return the last day whose facts the known deliveries hold; None without a delivery.

        Never after the day itself, whatever period a delivery's name claims.
        """
        return observed_through(self._deliveries, name, self.day)

    def age(self, name: str) -> int | None:
        """Return how many whole days before the day the known deliveries end; None without one.

        Data that reaches to the eve is 0 days old.
        """
        through = self.observed_through(name)
        return None if through is None else max(0, (self.day - through).days - 1)

    def window(self, name: str, days: int) -> Window:
        """Return the ``days`` that end where the deliveries known on the day end.

        Never reaches the day itself. Empty where nothing was delivered.
        """
        through = self.observed_through(name)
        if through is None:
            return Window(self.day, self.day)
        end = min(self.day, through + timedelta(days=1))
        return Window(end - timedelta(days=days), end)

    def assumed(self, name: str) -> bool:
        """Tell whether the availability of any of the table's rows is assumed, not recorded."""
        return any(d.assumed_lag is not None for d in self._known(name))

    def hidden_columns(self, name: str) -> frozenset[str]:
        """Return the columns that are null in every row known on the day, by declaration.

        Those that hold the state of the extraction, while only initial loads are known, which the
        day lies before.
        """
        known = self._known(name)
        if not known or any(d.in_time(self.day) for d in known):
            return frozenset()
        kept = [set(d.current_state) - set(d.constant) for d in known]
        return frozenset(set.intersection(*kept))

    def first_facts(self, name: str) -> ir.Table:
        """Return the first day that each delivery known on the day tells of.

        Returns
        -------
        Table
            ``delivered_on`` (null for initial loads, which days before their extraction assume to
            know) and ``first_on``. Deliveries replaced since are among them, those without a dated
            fact are not.
        """
        table = TABLES[name]
        if table.occurs_on is None:
            raise ValueError(f"the rows of {name} do not occur on any day")
        known = [d for d in self._deliveries if d.table == name and d.known_by(self.day)]
        parts = []
        for assumed in (True, False):
            some = [d for d in known if (d.assumed_lag is not None) is assumed]
            rows = self._reader.read_parquet([p for d in some for p in d.paths], table.schema)
            day = ibis.null("date") if assumed else rows.delivered_on
            moments = rows.select(delivered_on=day, moment=rows[table.occurs_on])
            parts.append(moments.filter(moments.moment.notnull()))
        moments = ibis.union(*parts)
        return moments.group_by("delivered_on").aggregate(
            first_on=moments.moment.min().cast("date")
        )

    def _known(self, name: str) -> list[Delivery]:
        return known_deliveries(self._deliveries, name, self.day)

    def _table(self, table: Table) -> ir.Table:
        known = self._known(table.name)
        in_time = [d for d in known if d.in_time(self.day) and not d.gives_way]
        parts = [self._in_time(table, in_time)]
        yielding = [d for d in known if d.gives_way]
        parts += [self._assumed(table, d) for d in known if d not in [*in_time, *yielding]]
        rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
        for columns in sorted({d.gives_way for d in yielding}):
            own = self._in_time(table, [d for d in yielding if d.gives_way == columns])
            rows = ibis.union(rows, own.anti_join(rows, list(columns)))
        if len(known) > 1 and self._may_restate(table, known):
            rows = _latest_restatement(rows, table, self.day)
        # After the choice: a restatement may have moved a fact to the day or behind it, and the
        # older version must not come back for it. The engine pushes the filter down where the
        # date is part of the key.
        return _happened_before(rows, table, self.day)

    def _may_restate(self, table: Table, known: Sequence[Delivery]) -> bool:
        """Tell whether two of the deliveries may hold a row of one key.

        Never where each holds days of its own: of a year of bills delivered by month none is held
        to another.
        """
        days = [name for name in table.key if not table[name].ibis_type.is_string()]
        paths = [delivery.paths for delivery in known]
        return bool(table.key) and not any(self._reader.apart(paths, name) for name in days)

    def _beginnings(self, events: ir.Table, status: str) -> ir.Table:
        """Begin every subscriber on its first day, unless an event of that day says how.

        Who has gone from the books began as well: all deliveries known by the day tell.
        """
        table = TABLES["subscribers"]
        known = [d for d in self._deliveries if d.table == table.name and d.known_by(self.day)]
        by_lag: dict[int, list[Delivery]] = {}
        for delivery in known:
            lag = 0 if delivery.in_time(self.day) else delivery.assumed_lag or 0
            by_lag.setdefault(lag, []).append(delivery)
        parts = [self._reader.read_parquet([], table.schema)]
        for lag, some in sorted(by_lag.items()):
            rows = self._reader.read_parquet([p for d in some for p in d.paths], table.schema)
            end = min(self.day, self.day - timedelta(days=lag - 1))
            parts.append(rows.filter(rows.activated_on < end))
        rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
        begun = rows.group_by("subscriber_id", "activated_on").aggregate(
            delivered_on=rows.delivered_on.min()
        )
        told = events.select("subscriber_id", activated_on=events.effective_at.date()).distinct()
        begun = begun.anti_join(told, ["subscriber_id", "activated_on"])
        schema = TABLES["status_events"].schema
        values = {
            "subscriber_id": begun.subscriber_id,
            "effective_at": begun.activated_on.cast("timestamp"),
            "status": ibis.literal(status),
            "delivered_on": begun.delivered_on,
        }
        return begun.select(
            **{
                name: values[name].cast(kind) if name in values else ibis.null(kind)
                for name, kind in schema.items()
            }
        )

    def _in_time(self, table: Table, deliveries: Sequence[Delivery]) -> ir.Table:
        paths = [path for delivery in deliveries for path in delivery.paths]
        rows = self._reader.read_parquet(paths, table.schema)
        masked = {
            column.name: ibis.cases(
                (_day_of(rows[column.known_from]) >= self.day, ibis.null()), else_=rows[column.name]
            ).cast(column.ibis_type)
            for column in table.columns
            if column.known_from
        }
        return rows.mutate(**masked) if masked else rows

    def _assumed(self, table: Table, delivery: Delivery) -> ir.Table:
        """Rows of an initial load, on a day before its extraction."""
        lag = timedelta(days=delivery.assumed_lag or 0)
        rows = self._reader.read_parquet(list(delivery.paths), table.schema)
        if table.named_by:
            rows = rows.filter(~rows[table.named_by].isin(delivery.current_state))
        hidden: dict[str, ir.Value] = {}
        for column in table.columns:
            as_extracted = column.name in delivery.current_state or column.filled_later
            if as_extracted and column.name not in delivery.constant:
                hidden[column.name] = ibis.null(column.ibis_type)
            elif column.known_from:
                # Without its date nobody can tell when the value came: unknown until extraction.
                filled = _day_of(rows[column.known_from])
                was_known = (filled < self.day) & (filled <= self.day - lag)
                hidden[column.name] = ibis.cases(
                    (was_known, rows[column.name]), else_=ibis.null()
                ).cast(column.ibis_type)
        rows = _happened_before(rows, table, min(self.day, self.day - lag + timedelta(days=1)))
        return rows.mutate(**hidden) if hidden else rows


def _age(of: Delivery) -> tuple[object, ...]:
    lag = -1 if of.assumed_lag is None else of.assumed_lag
    return (of.table, of.delivered_on, of.partition, of.covers_until, of.mode, lag, of.paths)


def _day_of(moment: ir.Value) -> ir.Value:
    return moment.date() if moment.type().is_timestamp() else moment


def _happened_before(rows: ir.Table, table: Table, day: date) -> ir.Table:
    """Keep the rows that occurred before ``day``; those without a date of occurrence stay."""
    if table.occurs_on is None:
        return rows
    occurred = rows[table.occurs_on]
    if table.occurs_at_month_end:
        return rows.filter(occurred < month_start(day))
    if occurred.type().is_timestamp():
        # Comparing the raw timestamp lets the engine skip row groups by their statistics.
        return rows.filter(occurred < ibis.timestamp(f"{day.isoformat()} 00:00:00"))
    if table[table.occurs_on].required:
        return rows.filter(occurred < day)
    return rows.filter((occurred < day) | occurred.isnull())


def _latest_restatement(rows: ir.Table, table: Table, day: date) -> ir.Table:
    """Keep, of each key, the row delivered last; ties are broken by content, never by position.

    Rows of an initial load that the day only assumes to know give way to what came in its time.
    """
    rest = [name for name in rows.columns if name not in {*table.key, "delivered_on"}]
    in_time = (rows.delivered_on <= day).cast("int64")
    recency = ibis.row_number().over(
        group_by=list(table.key),
        order_by=[ibis.desc(in_time), ibis.desc("delivered_on"), *rest],
    )
    rows = rows.mutate(recency=recency)
    return rows.filter(rows.recency == 0).drop("recency")
