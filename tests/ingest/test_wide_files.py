"""Wide files become long, and other units become those of the canonical columns."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from churn.errors import ExtractError

HEADER = "id,due1,due2,paid1,late1,late2\n"
ONCE = {"files": "wide.csv", "delivered_on": "2025-03-01"}
MONTHS = [
    {
        "columns": {
            "bill_month": {"constant": "2025-02"},
            "amount_due": "due1",
        }
    },
    {
        "columns": {
            "bill_month": {"constant": "2025-01"},
            "amount_due": "due2",
            "amount_paid": "paid1",
        }
    },
]


def _wide(operator, body, unpivot=MONTHS, table="bills", **options):
    source = {**ONCE, "columns": {"subscriber_id": "id"}, "unpivot": unpivot}
    operator.map(table, source, mode="append", **options)
    operator.deliver("wide.csv", HEADER + body)


def test_each_record_becomes_a_row_of_every_month(operator):
    """The month is a constant of its row; a column that a row does not map stays null."""
    _wide(operator, "a,10,20,5,0,0\nb,1.50,-2,0,0,0\n")
    (entry,) = operator.ingest().built
    rows = sorted(operator.rows("bills", "bill_month", "amount_due", "amount_paid"))
    assert rows == [
        (date(2025, 1, 1), Decimal("-2.00"), Decimal("0.00")),
        (date(2025, 1, 1), Decimal("20.00"), Decimal("5.00")),
        (date(2025, 2, 1), Decimal("1.50"), None),
        (date(2025, 2, 1), Decimal("10.00"), None),
    ]
    assert (entry.delivered, entry.accepted, entry.files[0].rows_per_record) == (4, 4, 2)


def test_a_row_may_take_some_records_only(operator):
    """`only:` of a row leaves the other rows of the record alone, and what it leaves is counted."""
    late = [
        {
            "only": {f"late{k}": {"not": ["-1", "0"]}},
            "columns": {
                "as_of": {"constant": f"2025-0{3 - k}-28"},
                "days_overdue": {"from": f"late{k}", "scale": 30},
                "amount_overdue": {"from": f"due{k}"},
            },
        }
        for k in (1, 2)
    ]
    _wide(operator, "a,10,20,5,2,0\nb,1,2,0,-1,1\nc,1,2,0,0,0\n", late, "arrears")
    (entry,) = operator.ingest().built
    assert sorted(operator.rows("arrears", "as_of", "days_overdue")) == [
        (date(2025, 1, 28), 30),
        (date(2025, 2, 28), 60),
    ]
    assert (entry.delivered, entry.accepted, entry.not_selected) == (6, 2, 4)


def test_a_bad_cell_costs_its_row_and_a_bad_line_all_of_them(operator):
    """The quarantine holds the raw line once for each row that was lost."""
    _wide(operator, "a,10,x,5,0,0\nb,1\nc,1,2,0,0,0\n", max_rejected=1.0)
    (entry,) = operator.ingest().built
    assert (entry.delivered, entry.accepted, entry.quarantined) == (6, 3, 3)
    assert sorted(operator.quarantined("bills")) == [
        ("wide.csv", 2, "BILL006", b"a,10,x,5,0,0"),
        ("wide.csv", 3, "CSV004", b"b,1"),
        ("wide.csv", 3, "CSV004", b"b,1"),
    ]


def test_a_repeated_key_is_set_aside_by_row(operator):
    """Of two records of one subscriber, the same month is kept once."""
    _wide(operator, "a,10,20,5,0,0\na,10,21,5,0,0\n", max_rejected=1.0)
    (entry,) = operator.ingest().built
    assert (entry.delivered, entry.accepted, entry.quarantined) == (4, 2, 2)
    assert len(operator.quarantined("bills")) == 2


CELLS = st.sampled_from(["1", "-2.50", "", "x", "0"])


@given(records=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12), damage=st.integers(0, 3))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_unpivoting_loses_nothing(another, records, damage):
    """Records x rows = accepted + quarantined + not selected, whatever stands in the cells."""
    one = another()
    lines = [f"s{i},{a},{b},{c},0,0" for i, (a, b, c) in enumerate(records)]
    lines += ["broken"] * damage
    chosen = [MONTHS[0], {**MONTHS[1], "only": {"due2": {"not": ["", "0"]}}}]
    _wide(one, "".join(f"{line}\n" for line in lines), chosen, max_rejected=1.0)
    (entry,) = one.ingest().built
    assert entry.delivered == 2 * len(lines)
    assert entry.accepted + entry.quarantined + entry.not_selected == entry.delivered
    assert entry.not_selected == sum(b in {"", "0"} for _, b, _ in records)
    stored = one.rows("bills", "amount_due")
    good = [a for a, _, _ in records if a not in {"", "x"}]
    good += [b for _, b, c in records if b not in {"", "x", "0"} and c != "x"]
    assert sorted(amount for (amount,) in stored) == sorted(Decimal(text) for text in good)


@pytest.fixture
def another(operator, engine, tmp_path_factory):
    """Return new operators, one for each example that is tried."""
    base = tmp_path_factory.mktemp("examples")
    numbers = itertools.count()

    def make():
        root = base / str(next(numbers))
        root.mkdir()
        return type(operator)(root, engine)

    return make


def _calls(operator, columns, *rows):
    how = {"subscriber_id": "id", "started_at": {"from": "day", "format": "%d/%m/%Y"}, **columns}
    operator.map("calls", {"columns": how}, mode="append", max_rejected=1.0)
    text = "".join(f"{i},02/01/2025,{value}\n" for i, value in enumerate(rows))
    operator.deliver("calls_202501_20250201.csv", "id,day,used\n" + text)
    operator.ingest()


def test_units_become_those_of_the_column(operator):
    """Minutes become seconds and kilobytes megabytes, exactly; days may come first."""
    _calls(
        operator,
        {
            "seconds": {"from": "used", "unit": "minutes", "round": True},
            "megabytes": {"from": "used", "unit": "KB", "round": True},
        },
        "8.52",
        "0.0",
        ".125",
    )
    assert sorted(operator.rows("calls", "started_at", "seconds", "megabytes")) == [
        (datetime(2025, 1, 2), 0, Decimal("0.000")),
        (datetime(2025, 1, 2), 8, Decimal("0.000")),
        (datetime(2025, 1, 2), 511, Decimal("0.009")),
    ]


def test_what_a_conversion_cannot_store_is_set_aside(operator):
    """Without `round:` a fraction of a second is refused, and so is what is too large."""
    _calls(
        operator,
        {"seconds": {"from": "used", "unit": "minutes"}},
        "8.5",
        "8.52",
        "999999999999999999",
        "1e3",
        "",
    )
    assert sorted(operator.rows("calls", "seconds"), key=str) == [(510,), (None,)]
    assert [rule for _, _, rule, _ in operator.quarantined("calls")] == ["CALL005"] * 3


def test_halves_are_rounded_to_even(operator):
    """Rounding is exact: no binary fraction decides."""
    _calls(
        operator, {"seconds": {"from": "used", "scale": "0.1", "round": True}}, "5", "15", "25.01"
    )
    assert sorted(operator.rows("calls", "seconds")) == [(0,), (2,), (3,)]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"seconds": {"from": "x", "unit": "minuts"}}, "did you mean minutes"),
        ({"seconds": {"from": "x", "unit": "KB"}}, "seconds cannot be read from KB"),
        ({"seconds": {"from": "x", "unit": "hours", "scale": 2}}, "not both"),
        ({"seconds": {"from": "x", "scale": 0}}, "no number other than 0"),
        ({"seconds": {"from": "x", "scale": "1e-13"}}, "no number other than 0"),
        ({"seconds": {"from": "x", "scale": "a third"}}, "no number other than 0"),
        ({"seconds": {"constant": 1, "scale": 2}}, "they have no `scale:`"),
        ({"seconds": {"from": "x", "codes": {"a": 1}, "unit": "minutes"}}, "they have no `unit:`"),
        ({"peer_id": {"from": "x", "scale": 2}}, "peer_id holds no number"),
    ],
)
def test_conversions_that_mean_nothing_are_refused(operator, columns, words):
    """Each mistake is named when the settings are read."""
    operator.map("calls", {"columns": columns})
    with pytest.raises(ValidationError, match=words):
        operator.settings()


@pytest.mark.parametrize(
    ("unpivot", "words"),
    [
        ([MONTHS[0], MONTHS[0]], "rows 1 and 2 under `unpivot:` have the same subscriber_id"),
        ([{"columns": {"subscriber_id": "x"}}], "mapped for all rows and again"),
        ([{"columns": {"amount": "x"}}], "has no column amount"),
        ([{"columns": {}}], "at least 1 item"),
        ([{**MONTHS[0], "only": {"kind": ["a"]}}], "kind selects records and again rows"),
    ],
)
def test_rows_that_make_no_sense_are_refused(operator, unpivot, words):
    """Each mistake is named when the settings are read."""
    source = {"only": {"kind": ["a"]}, "columns": {"subscriber_id": "id"}, "unpivot": unpivot}
    operator.map("bills", source, mode="append")
    with pytest.raises(ValidationError, match=words):
        operator.settings()


def test_a_wide_column_that_is_not_there_is_named(operator):
    """A header of any row is looked for before anything is written."""
    wrong = [MONTHS[0], {"columns": {**MONTHS[1]["columns"], "amount_due": "due3"}}]
    _wide(operator, "a,10,20,5,0,0\n", wrong)
    assert not operator.check().ok
    with pytest.raises(ExtractError, match=r"no column due3 \(did you mean due"):
        operator.ingest()
    assert list(operator.workspace.tables.iterdir()) == []


def test_a_check_judges_every_row_of_a_record(operator):
    """The head of a wide file is judged as ingest would judge it, not selected rows left out."""
    chosen = [MONTHS[0], {**MONTHS[1], "only": {"due2": {"not": ["0"]}}}]
    _wide(operator, "a,10,x,5,0,0\nb,1,0,0,0,0\n", chosen)
    (problem,) = operator.check().problems
    assert "1 of the first 3 rows" in str(problem)
    _wide(operator, "a,10,20,5,0,0\nb,1,0,0,0,0\n", chosen)
    assert operator.check().ok
