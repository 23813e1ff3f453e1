"""A small random operator with every table and every mode of delivery, and its variations."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from churn.tables import TABLES, Tables
from churn.tables.schema import Column, Table
from churn.windows import add_months, month_end, month_start

Row = dict[str, Any]
START = date(2024, 1, 1)
MONTHS = 12
LOADED = 4  # months that an initial load holds, where a table has one
LINES = 60
ROWS = 30  # of a table and month
CODES = (
    *("在用",) * 8,
    *("单停", "双停", "停机保号", "退网停机", "强拆销号", "携号转出", "锁定期"),
)
LATE = {"paid_on", "closed_at", "restored_at", "done_on"}
ATTRIBUTES = ("hobby", "limit")
LAGS = (-3, 2, 5, 45)  # days after the month's end; some come before it, some too late to be known
YEARS = 28  # after which every day has its weekday and every year its length again


@dataclass(frozen=True)
class Parcel:
    """One delivery with its rows in memory; fields but the rows are those of a delivery."""

    table: str
    delivered_on: date
    covers_until: date
    mode: str
    rows: tuple[Row, ...] = field(repr=False)
    partition: str = ""
    assumed_lag: int | None = None
    current_state: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()


class World:
    """Deliveries of every table, drawn at random.

    Parameters
    ----------
    seed
        Decides everything that the other parameters leave open.
    snapshot
        The day as of which variations know, or do not know.
    """

    def __init__(self, seed: int, snapshot: date = date(2024, 10, 9)) -> None:
        self.snapshot = snapshot
        self.draw = random.Random(seed)  # noqa: S311 - a test's world, not a secret
        self.lines = [f"s{number:02d}" for number in range(LINES)]
        self.parcels = [
            parcel
            for name, table in TABLES.items()
            if not table.personal
            for parcel in self._parcels(table)
        ]

    # ── what is delivered ──

    def _parcels(self, table: Table) -> list[Parcel]:
        about = table.name in ("subscribers", "attributes")
        mode = "full" if about else self.draw.choice(("append", "partition", "full"))
        months = [self._month(table, month) for month in range(MONTHS)]
        loaded = LOADED if self.draw.random() < 0.3 else 0
        parcels = [self._load(table, mode, months)] if loaded else []
        for month in range(loaded, MONTHS):
            last = month_end(add_months(START, month))
            whole = mode == "full" and not about
            rows = [row for rows in months[: month + 1] for row in rows] if whole else months[month]
            # No two whole tables share a day: they would be one delivery.
            lag = 2 + month % 2 if mode == "full" else self.draw.choice(LAGS)
            parcel = Parcel(
                table.name, last + timedelta(lag), last, mode, tuple(rows), f"{month:02d}"
            )
            parcels.append(parcel)
            if mode != "full" and self.draw.random() < 0.4:
                earlier = months[max(month - 1, 0)]
                parcels.append(self._again(table, parcel, self.draw.sample(earlier, 2)))
        return parcels

    def _month(self, table: Table, month: int) -> list[Row]:
        first = add_months(START, month)
        if table.name == "subscribers":
            there = [line for line in self.lines if self.draw.random() < 0.9]
            return [self.row(table, START) | {"subscriber_id": line} for line in there]
        if table.named_by:
            return self._unique(table, [self.row(table, START) for _ in range(30)])
        # Where everybody is contacted all the time, every weight is that of an arm.
        rows = 3 if table.name == "campaign_contacts" else ROWS
        return self._unique(table, [self.row(table, first) for _ in range(rows)])

    def _load(self, table: Table, mode: str, months: Sequence[Sequence[Row]]) -> Parcel:
        """Extract the first months at once, on a day before or after the snapshot."""
        about = table.name in ("subscribers", "attributes")
        rows = months[0] if about else [row for month in months[:LOADED] for row in month]
        fixed = {*table.key, table.occurs_on}
        free = [c.name for c in table.columns if not c.required and c.name not in fixed]
        state = tuple(self.draw.sample(free, min(2, len(free))))
        if table.named_by:  # a load lists the names, not the columns
            state = ATTRIBUTES[:1]
        later = [c.name for c in table.columns if c.filled_later and c.name not in state]
        return Parcel(
            table.name,
            # Neither is a day on which a whole table comes: they would be one delivery.
            self.draw.choice((date(2024, 5, 7), date(2024, 11, 8))),
            month_end(add_months(START, LOADED - 1)),
            mode,
            tuple(rows),
            "load",
            assumed_lag=self.draw.choice((0, 1, 20)),
            current_state=state,
            constant=tuple(later[:1]),
        )

    def _again(self, table: Table, parcel: Parcel, moved: Sequence[Row]) -> Parcel:
        """Deliver a month anew: most rows, restated, and some of the month before."""
        rows = [self._restate(table, row) for row in parcel.rows if self.draw.random() < 0.8]
        days = timedelta(self.draw.choice((1, 10, 60)))
        rows = self._unique(table, [*rows, *(self._restate(table, row) for row in moved)])
        return replace(parcel, delivered_on=parcel.delivered_on + days, rows=tuple(rows))

    def _unique(self, table: Table, rows: Sequence[Row]) -> list[Row]:
        keyed = {
            tuple(row[k] for k in table.key) if table.key else i: row for i, row in enumerate(rows)
        }
        return list(keyed.values())

    def _restate(self, table: Table, row: Row) -> Row:
        """Give a row other values under the same key and date."""
        kept = {*table.key, "subscriber_id", table.occurs_on}
        other = self.row(table, START)
        return {k: row[k] if k in kept or k in LATE else other[k] for k in row}

    def row(self, table: Table, month: date) -> Row:
        """Draw one row of a table that occurs in the given month."""
        filled = {column.name: self._value(table.name, column, month) for column in table.columns}
        occurs = table.occurs_on
        if occurs and not table.occurs_at_month_end and table.name != "subscribers":
            filled[occurs] = self._moment(table, month + timedelta(self.draw.randrange(28)))
        return filled

    def _moment(self, table: Table, day: date) -> date:
        if table[table.occurs_on or ""].type != "timestamp":
            return day
        return datetime.combine(day, time(self.draw.randrange(24)))

    def _value(self, name: str, column: Column, month: date) -> Any:
        draw = self.draw
        named: dict[str, Callable[[], Any]] = {
            "subscriber_id": lambda: draw.choice(self.lines),
            "successor_id": lambda: draw.choice((*self.lines, None)),
            "peer_id": lambda: draw.choice([*self.lines, "x1", "x2", None]),
            "customer_id": lambda: self._customer(name),
            "bill_month": lambda: month,
            "month": lambda: month,
            "status": lambda: draw.choice(CODES),
            "delivered_on": lambda: None,
            "name": lambda: draw.choice(ATTRIBUTES),
            "fee_change": lambda: Decimal(draw.randrange(-5_000, 5_000)) / 100,
            "control_share": lambda: draw.choice((None, Decimal("0.25"))),
        }
        if column.name in named:
            return named[column.name]()
        if column.identifier or column.name.endswith("_id"):
            return f"{month:%m}{draw.randrange(10**6)}"
        if not column.required and draw.random() < 0.1:
            return None
        if column.allowed and not column.several:
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

    # ── the same operator, otherwise ──

    def poisoned(self) -> list[Parcel]:
        """Return the same deliveries with everything changed that the snapshot could not know."""
        return [self._poisoned(parcel, self.snapshot) for parcel in self.parcels]

    def others_replaced(self, kept: Sequence[str]) -> list[Parcel]:
        """Return deliveries of the same days in which only the named tables say the same."""
        return [
            parcel if parcel.table in kept else replace(parcel, rows=self._random_rows(parcel))
            for parcel in self.parcels
        ]

    def shuffled(self) -> list[Parcel]:
        """Return the same deliveries in another order, each in two files of shuffled rows."""
        halves = []
        for parcel in self.parcels:
            rows = self.draw.sample(parcel.rows, len(parcel.rows))
            cut = self.draw.randrange(len(rows) + 1)
            halves += [replace(parcel, rows=tuple(half)) for half in (rows[:cut], rows[cut:])]
        return self.draw.sample(halves, len(halves))

    def years_later(self, parcels: Sequence[Parcel]) -> list[Parcel]:
        """Return deliveries with every date moved by 28 years."""
        return [
            replace(
                parcel,
                delivered_on=later(parcel.delivered_on),
                covers_until=later(parcel.covers_until),
                rows=tuple({k: later(v) for k, v in row.items()} for row in parcel.rows),
            )
            for parcel in parcels
        ]

    def _random_rows(self, parcel: Parcel) -> tuple[Row, ...]:
        table = TABLES[parcel.table]
        rows = [self.row(table, add_months(START, month)) for month in range(MONTHS)]
        return tuple(self._unique(table, [*rows, *rows[:3]]))

    def _poisoned(self, parcel: Parcel, day: date) -> Parcel:
        table = TABLES[parcel.table]
        assumed = parcel.assumed_lag is not None and parcel.delivered_on > day
        if parcel.delivered_on > day and not assumed:
            return replace(parcel, rows=self._random_rows(parcel))
        last_known = day - timedelta(max(1, parcel.assumed_lag or 0) if assumed else 1)
        rows: list[Row] = []
        for row in parcel.rows:
            if _occurs(table, row) <= last_known:
                seen = self._without_future(table, row, last_known)
                rows.append(self._without_state(table, parcel, seen) if assumed else seen)
            elif self.draw.random() < 0.8:
                rows.append(self._other(table, row))
        if table.occurs_on:
            rows += [self._news(table, day) for _ in range(5)]
        return replace(parcel, rows=tuple(self._unique(table, rows)))

    def _news(self, table: Table, day: date) -> Row:
        """Draw a row that occurs on the day or after it, under a key not seen before."""
        ahead = day + timedelta(self.draw.randrange(60))
        row = self.row(table, month_start(ahead))
        if not table.occurs_at_month_end:
            row[table.occurs_on or ""] = self._moment(table, ahead)
        if len(table.key) == 1:
            row[table.key[0]] = f"new{self.draw.randrange(10**9)}"
        return row

    def _other(self, table: Table, row: Row) -> Row:
        """Change every value of a row that lies in the future, but what says so and its key."""
        kept = {*table.key, table.occurs_on, "subscriber_id"}
        other = self.row(table, START)
        return {k: row[k] if k in kept else other[k] for k in row}

    def _without_future(self, table: Table, row: Row, last_known: date) -> Row:
        """Change the late-filled values of a known row that were not known yet."""
        changed = dict(row)
        for column in table.columns:
            filled = row[column.known_from] if column.known_from else None
            if filled is None or _day(filled) <= last_known:
                continue
            ahead = self.snapshot + timedelta(self.draw.randrange(1, 99))
            if column.name == column.known_from:
                new = datetime.combine(ahead, time()) if isinstance(filled, datetime) else ahead
            else:
                new = self._value(table.name, column, START)
            changed[column.name] = new
        return changed

    def _without_state(self, table: Table, parcel: Parcel, row: Row) -> Row:
        """Change what an initial load only knows of its extraction."""
        other = self.row(table, START)
        if table.named_by:
            hides = row[table.named_by] in parcel.current_state
            return {k: row[k] if k in table.key else other[k] for k in row} if hides else row
        hidden = {c.name for c in table.columns if c.filled_later} - {*parcel.constant}
        hidden |= {*parcel.current_state}
        return {k: other[k] if k in hidden else row[k] for k in row}


def later(value: Any) -> Any:
    """Move a date or time by 28 years; leave anything else."""
    return value.replace(year=value.year + YEARS) if isinstance(value, date) else value


def _occurs(table: Table, row: Row) -> date:
    moment = row[table.occurs_on] if table.occurs_on else None
    if moment is None:
        return date.min
    return month_end(moment) if table.occurs_at_month_end else _day(moment)


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    """Draw an operator."""
    return World


@pytest.fixture(scope="session")
def years_later() -> Callable[[Any], Any]:
    """Move a date by 28 years."""
    return later


@pytest.fixture(scope="session")
def written(rows_as_tables: Any) -> Callable[[list[Parcel]], Tables]:
    """Write deliveries as files."""

    def write(parcels: list[Parcel]) -> Tables:
        by_table: dict[str, list[Row]] = {}
        for parcel in parcels:
            told = {f.name: getattr(parcel, f.name) for f in fields(parcel)}
            told["rows"] = [
                {k: v for k, v in row.items() if k != "delivered_on"} for row in parcel.rows
            ]
            by_table.setdefault(told.pop("table"), []).append(told)
        tables: Tables = rows_as_tables(by_table)
        return tables

    return write
