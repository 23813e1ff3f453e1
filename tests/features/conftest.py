"""A small random operator with every table, and what a snapshot could not know about it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from churn import features
from churn.tables import TABLES
from churn.windows import add_months, month_end

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from churn.engines import Engine
    from churn.tables import Tables
    from churn.tables.schema import Column

Row = dict[str, Any]
START = date(2024, 1, 1)
MONTHS = 12
SNAPSHOT = date(2024, 10, 9)
LINES = 25
CODES = ("在用", "单停", "双停", "停机保号", "退网停机", "强拆销号", "携号转出", "锁定期")
LATE = {"paid_on", "closed_at", "restored_at", "done_on"}


@dataclass(frozen=True)
class Parcel:
    """One delivery with its rows in memory."""

    table: str
    delivered_on: date
    covers_until: date
    mode: str
    rows: tuple[Row, ...]
    partition: str = ""
    assumed_lag: int | None = None
    current_state: tuple[str, ...] = ()


class World:
    """Deliveries of every table, drawn at random."""

    def __init__(self, seed: int) -> None:
        self.snapshot = SNAPSHOT
        self.draw = random.Random(seed)  # noqa: S311 - a test's world, not a secret
        self.lines = [f"s{number:02d}" for number in range(LINES)]
        self.parcels = [parcel for name in TABLES for parcel in self._parcels(name)]

    def _parcels(self, name: str) -> list[Parcel]:
        if TABLES[name].personal:
            return []
        if name == "subscribers":
            return [self._books(month) for month in range(MONTHS)]
        parcels = []
        for month in range(MONTHS):
            first = add_months(START, month)
            rows = self._unique(name, [self.row(name, first) for _ in range(40)])
            if name == "surveys" and month < 4:  # an initial load of history, its lag assumed
                parcels.append(
                    Parcel(
                        name, date(2024, 11, 3), month_end(first), "append", rows, assumed_lag=20
                    )
                )
                continue
            # Some months come late, so that what they hold was not known; some are restated.
            lag = self.draw.choice((2, 5, 45))
            mode = "partition" if name == "calls" else "append"
            parcel = Parcel(
                name, month_end(first) + timedelta(lag), month_end(first), mode, rows, str(month)
            )
            parcels.append(parcel)
            if self.draw.random() < 0.4:
                restated = tuple(self._restate(name, row) for row in rows)
                days = timedelta(self.draw.choice((10, 60)))
                parcels.append(
                    replace(parcel, delivered_on=parcel.delivered_on + days, rows=restated)
                )
        return parcels

    def _books(self, month: int) -> Parcel:
        day = add_months(START, month) + timedelta(3)
        rows = [
            self.row("subscribers", START) | {"subscriber_id": line}
            for line in self.lines
            if self.draw.random() < 0.9
        ]
        return Parcel("subscribers", day, day, "full", tuple(rows))

    def _unique(self, name: str, rows: list[Row]) -> tuple[Row, ...]:
        key = TABLES[name].key
        return tuple(
            {tuple(row[k] for k in key) if key else i: row for i, row in enumerate(rows)}.values()
        )

    def _restate(self, name: str, row: Row) -> Row:
        """Give a row other values under the same key and date."""
        table = TABLES[name]
        kept = {*table.key, "subscriber_id", table.occurs_on}
        other = self.row(name, START)
        return {k: row[k] if k in kept or k in LATE else other[k] for k in row}

    def row(self, name: str, month: date) -> Row:
        """Draw one row of a table that occurs in the given month."""
        table = TABLES[name]
        filled: Row = {}
        for column in table.columns:
            filled[column.name] = self._value(name, column, month)
        occurs = table.occurs_on
        if occurs and not table.occurs_at_month_end and name != "subscribers":
            day = month + timedelta(self.draw.randrange(28))
            filled[occurs] = (
                datetime.combine(day, time(self.draw.randrange(24)))
                if table[occurs].type == "timestamp"
                else day
            )
        return filled

    def _value(self, name: str, column: Column, month: date) -> Any:
        draw = self.draw
        named: dict[str, Callable[[], Any]] = {
            "subscriber_id": lambda: draw.choice(self.lines),
            "peer_id": lambda: draw.choice([*self.lines, "x1", "x2", None]),
            "customer_id": lambda: self._customer(name),
            "bill_month": lambda: month,
            "month": lambda: month,
            "status": lambda: draw.choice(CODES),
            "delivered_on": lambda: None,
        }
        if column.name in named:
            return named[column.name]()
        if column.identifier or column.name.endswith("_id"):
            return f"{month:%m}{draw.randrange(10**6)}"
        if not column.required and draw.random() < 0.1:
            return None
        if column.allowed:
            return draw.choice(column.allowed)
        return self._typed(column.type, month, ahead=330 if name == "subscribers" else 150)

    def _customer(self, name: str) -> str | None:
        known = name == "visits" or self.draw.random() < 0.9
        return f"c{self.draw.randrange(12):02d}" if known else None

    def _typed(self, kind: str, month: date, *, ahead: int) -> Any:
        draw = self.draw
        day = month + timedelta(draw.randrange(-60, ahead))
        drawn: dict[str, Callable[[], Any]] = {
            "date": lambda: day,
            "timestamp": lambda: datetime.combine(day, time(draw.randrange(24))),
            "boolean": lambda: draw.random() < 0.5,
            "int64": lambda: draw.randrange(200),
            "string": lambda: draw.choice(("甲", "乙", "丙")),
        }
        return drawn[kind]() if kind in drawn else Decimal(draw.randrange(10**4)) / 100

    def poisoned(self) -> list[Parcel]:
        """Return the same deliveries with everything changed that the snapshot could not know."""
        return [self._poisoned(parcel, self.snapshot) for parcel in self.parcels]

    def shuffled(self) -> list[Parcel]:
        """Return the same deliveries in another order, each in two files of shuffled rows."""
        halves = []
        for parcel in self.parcels:
            rows = self.draw.sample(parcel.rows, len(parcel.rows))
            cut = self.draw.randrange(len(rows) + 1)
            halves += [replace(parcel, rows=tuple(half)) for half in (rows[:cut], rows[cut:])]
        return self.draw.sample(halves, len(halves))

    def _poisoned(self, parcel: Parcel, day: date) -> Parcel:
        rows: list[Row] = []
        assumed = parcel.assumed_lag is not None and parcel.delivered_on > day
        last_known = day - timedelta((parcel.assumed_lag or 0) if assumed else 1)
        for row in parcel.rows:
            if parcel.delivered_on > day and not assumed:
                happened = None
            else:
                happened = _occurs(parcel.table, row)
            if happened is not None and happened <= last_known and happened < day:
                rows.append(self._without_future(parcel.table, row, day))
            elif self.draw.random() < 0.8:
                rows.append(self._other(parcel.table, row, happened))
        if parcel.delivered_on > day and not assumed:
            extra = [self.row(parcel.table, add_months(START, m)) for m in range(MONTHS)]
            rows = list(self._unique(parcel.table, rows + extra))
        return replace(parcel, rows=tuple(rows))

    def _other(self, name: str, row: Row, happened: date | None) -> Row:
        """Change every value of a row, keeping in the future what is there."""
        occurs = TABLES[name].occurs_on
        other = self.row(name, START) | {"subscriber_id": row.get("subscriber_id")}
        if "subscriber_id" not in row:
            del other["subscriber_id"]
        if happened is not None and occurs:
            other[occurs] = row[occurs]
        return other

    def _without_future(self, name: str, row: Row, day: date) -> Row:
        """Change the late-filled values of a known row that were not known yet."""
        changed = dict(row)
        for column in TABLES[name].columns:
            filled = row[column.known_from] if column.known_from else None
            if filled is None or _day(filled) < day:
                continue
            ahead = day + timedelta(self.draw.randrange(1, 99))
            if column.name == column.known_from:
                new = datetime.combine(ahead, time()) if isinstance(filled, datetime) else ahead
            else:
                new = self._value(name, column, START)
            changed[column.name] = new
        return changed


def _occurs(name: str, row: Row) -> date | None:
    table = TABLES[name]
    moment = row[table.occurs_on] if table.occurs_on else None
    if moment is None:
        return date.min
    return month_end(moment) if table.occurs_at_month_end else _day(moment)


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


@pytest.fixture
def world() -> Callable[[int], World]:
    """Draw an operator."""
    return World


@pytest.fixture
def written(rows_as_tables: Any) -> Callable[[list[Parcel]], Tables]:
    """Write deliveries as files."""

    def write(parcels: list[Parcel]) -> Tables:
        by_table: dict[str, list[Row]] = {}
        for parcel in parcels:
            given = {
                name: getattr(parcel, name)
                for name in (
                    "delivered_on",
                    "covers_until",
                    "mode",
                    "partition",
                    "assumed_lag",
                    "current_state",
                )
            }
            rows = [{k: v for k, v in row.items() if k != "delivered_on"} for row in parcel.rows]
            by_table.setdefault(parcel.table, []).append(given | {"rows": rows})
        tables: Tables = rows_as_tables(by_table)
        return tables

    return write


@pytest.fixture
def computed(engine: Engine) -> Callable[..., pa.Table]:
    """Compute every family of a world at its snapshot."""

    def compute(tables: Tables, families: Any = features.FAMILIES) -> pa.Table:
        known = tables.known_at(SNAPSHOT)
        rows = features.build(known, known.subscribers, families=families)
        return engine.to_arrow(rows, order_by=["subscriber_id"])

    return compute
