"""What an expression means is the same on every engine, shown as rows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest
from ibis import _

from churn import draws
from churn.engines import Engine
from churn.features.arithmetic import against_mean, days_until, flag, ratio, seconds_between
from churn.states.months import months_later

DAY = date(2024, 10, 9)
# Not an hour of Central European time, nor one of Chinese time in 1940.
SKIPPED = datetime(2024, 3, 31, 2, 30)
TEXTS = ["", "A", "Z", "a", "z", "é", "中", "😀"]

ROWS = pa.table(
    {
        "line": ["a", "a", "a", "b", "b", "c"],
        "amount": pa.array(
            [Decimal("0.10"), Decimal("0.20"), None, Decimal("4999999999999999.99"), None, None],
            pa.decimal128(18, 2),
        ),
        "count": pa.array([3, 0, None, 2, 1, None], pa.int64()),
        "day": pa.array(
            [date(2024, 1, 31), date(2023, 12, 31), None, date(2024, 2, 29), None, None],
            pa.date32(),
        ),
        "moment": pa.array(
            [SKIPPED, datetime(2024, 3, 31, 3, 30), None, datetime(1940, 6, 1), None, None],
            pa.timestamp("us"),
        ),
        "late": pa.array([True, False, None, True, None, None], pa.bool_()),
    }
)


@pytest.mark.every_engine
def test_a_row_means_the_same(engine: Engine) -> None:
    """Division by nothing is null; decimals are exact; times have no zone; months end in time."""
    rows = engine.from_arrow(ROWS).filter(_.line != "c", _.amount.notnull())
    table = rows.select(
        "line",
        "moment",
        share=ratio(_.amount, _["count"]),
        mean=against_mean(_.amount, _.amount + _.amount, ibis.literal(2, "int64")),
        half=(_.amount.cast("float64") / 3).cast("float32"),
        next_month=months_later(rows.day, 1),
        back=months_later(rows.day, -11),
        days=days_until(DAY, rows.day),
        seconds=seconds_between(rows.moment, ibis.timestamp("2024-03-31 04:00:00")),
        on=_.moment.date(),
        late=flag(_.late),
        drawn=draws.drawn(_.line),
        first=_.day.truncate("M").cast("date"),
    )
    a, none, b = engine.to_arrow(table, order_by=["line", "days"]).to_pylist()
    third = pa.array([0.1 / 3], pa.float32())[0].as_py()
    assert a == {
        "line": "a",
        "moment": SKIPPED,
        "share": pytest.approx(0.1 / 3, rel=1e-15),
        "mean": 1.0,
        "half": third,
        "next_month": date(2024, 2, 29),
        "back": date(2023, 2, 28),
        "days": 252,
        "seconds": 5_400,
        "on": date(2024, 3, 31),
        "late": 1,
        "drawn": f"{draws.number('a'):08x}",
        "first": date(2024, 1, 1),
    }
    assert (none["share"], none["next_month"], none["late"]) == (None, date(2024, 1, 31), 0)
    assert (b["mean"], b["back"]) == (1.0, date(2023, 3, 29))


@pytest.mark.every_engine
def test_a_group_means_the_same(engine: Engine) -> None:
    """Nothing sums to null and counts as 0, unknown is not counted, sums of decimals are exact."""
    rows = engine.from_arrow(ROWS)
    per_line = rows.group_by("line").aggregate(
        rows=_.count(),
        late=_.count(where=_.late),
        sure=_.count(where=~_.late),
        none=_.amount.sum(where=_.amount < 0),
        total=_.amount.sum(),
        filled=_.amount.count(),
        latest=_.amount.argmax(_.day),
        ever=_.late.any(),
    )
    a, b, c = engine.to_arrow(per_line, order_by=["line"]).to_pylist()
    assert a == {
        "line": "a",
        "rows": 3,
        "late": 1,
        "sure": 1,
        "none": None,
        "total": Decimal("0.30"),
        "filled": 2,
        "latest": Decimal("0.10"),
        "ever": True,
    }
    assert (b["late"], b["sure"], b["total"]) == (1, 0, Decimal("4999999999999999.99"))
    assert (c["rows"], c["late"], c["sure"], c["total"], c["latest"]) == (1, 0, 0, None, None)


@pytest.mark.every_engine
def test_texts_sort_by_their_bytes_and_nothing_sorts_last(engine: Engine) -> None:
    """In windows as in results, by no language's order; upwards and downwards."""
    rows = engine.from_arrow(pa.table({"text": [None, *reversed(TEXTS)]}))
    placed = rows.mutate(
        place=ibis.row_number().over(order_by="text"),
        down=ibis.row_number().over(order_by=ibis.desc("text")),
        most=_.text.max(),
    )
    up = engine.to_arrow(placed, order_by=["text"]).to_pylist()
    assert [row["text"] for row in up] == [*TEXTS, None]
    assert [row["place"] for row in up] == [*range(9)]
    assert [row["down"] for row in up] == [*reversed(range(8)), 8]
    assert {row["most"] for row in up} == {TEXTS[-1]}
