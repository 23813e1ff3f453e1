"""Whether tables fit each other: what is missing, far off or new is found, and nothing else."""

from __future__ import annotations

import pytest

from churn.errors import ExtractError
from churn.ingest.fit import fit, require_fit
from churn.ingest.fit_settings import FitSettings
from churn.ingest.registry import Registry

MONTHS = [f"2024-{month:02d}" for month in range(3, 9)]
PEOPLE = 150


def _day(month, day=5):
    """Return the day of the month after, on which a period is delivered."""
    year, number = map(int, month.split("-"))
    year, number = (year, number + 1) if number < 12 else (year + 1, 1)
    return f"{year}{number:02d}{day:02d}"


class _Company:
    """Six months of subscribers, bills and calls, all of them regular until a test says not."""

    def __init__(self, operator, *tables):
        self.operator = operator
        for table in tables:
            operator.map(table, max_rejected=1)
            for month in MONTHS:
                getattr(self, table)(month)

    def subscribers(self, month, people=PEOPLE, plan="A,B"):
        plans = plan.split(",")
        rows = [f"{i},mobile,{plans[i % len(plans)]},2020-01-01\n" for i in range(people)]
        self._deliver("subscribers", month, "subscriber_id,product,plan,activated_on\n", rows)

    def bills(self, month, people=PEOPLE, factor=1):
        rows = [f"{i},{month}-01,{(20 + i % 60) * factor}\n" for i in range(people)]
        self._deliver("bills", month, "subscriber_id,bill_month,amount_due\n", rows)

    def calls(self, month, people=PEOPLE, day=3):
        rows = [
            f"{i},{month}-{each:02d} 08:00:00,60,out,voice,own\n"
            for i in range(people)
            for each in (day, day + 20)
        ]
        self._deliver(
            "calls", month, "subscriber_id,started_at,seconds,direction,kind,network\n", rows
        )

    def _deliver(self, table, month, header, rows):
        self.operator.deliver(f"{table}_{month}_{_day(month)}.csv", header + "".join(rows))

    def found(self, *, departed=("退网停机",), **limits):
        """Ingest and return the findings: code, subject, whether it stops."""
        self.operator.ingest()
        entries = list(Registry(self.operator.workspace).entries.values())
        self.all = fit(
            entries,
            self.operator.workspace,
            self.operator.engine,
            FitSettings.model_validate(limits),
            departed,
        )
        return [(finding.code, finding.subject, finding.stops) for finding in self.all]


@pytest.fixture
def company(operator):
    """Return six months of some tables, in which everything fits."""
    return lambda *tables: _Company(operator, *tables)


def test_months_like_each_other_fit(company):
    """Nothing is told of deliveries that are as ever."""
    assert company("subscribers", "bills", "calls").found() == []


def test_a_month_missing_between_others_stops_by_name(company):
    """Both tables are named with the month; it is accepted by code and subject, with a reason."""
    company = company("bills", "calls")
    for table in ("bills", "calls"):
        (company.operator.root / "extracts" / f"{table}_2024-04_20240505.csv").unlink()
    missing = [("FIT201", "bills 2024-04", True), ("FIT201", "calls 2024-04", True)]
    assert company.found() == missing
    with pytest.raises(ExtractError, match="no row in 2024-04") as caught:
        require_fit(company.all)
    assert "FIT201 calls 2024-04" in caught.value.what
    assert "ingest.fit.accept" in caught.value.do
    reason = {"code": "FIT201", "reason": "the billing system stood still"}
    accepted = [{**reason, "subject": f"{table} 2024-04"} for table in ("bills", "calls")]
    assert [stops for *_, stops in company.found(accept=accepted)] == [False, False]
    require_fit(company.all)
    assert "(accepted)" in company.all[0].wording().en


@pytest.mark.parametrize(
    ("people", "findings"),
    [
        (140, []),
        (90, [("FIT202", "bills 2024-08", False)]),
        (60, [("FIT202", "bills 2024-08", True)]),
    ],
)
def test_a_month_that_shrinks_is_told_and_far_off_stops(company, people, findings):
    """A tenth is nothing, two fifths are told, more than `max_change` stops."""
    company = company("bills")
    company.bills("2024-08", people)
    assert company.found() == findings


def test_an_older_month_that_is_far_off_is_told(company):
    """It is part of the history by now; nobody can wait for it tonight."""
    company = company("calls")
    company.calls("2024-05", 30)
    assert company.found() == [("FIT202", "calls 2024-05", False)]


def test_a_delivery_of_all_subscribers_that_shrinks_or_grows(company):
    """The whole table anew is held to those before."""
    company = company("subscribers")
    company.subscribers("2024-08", 70)
    assert ("FIT202", "subscribers 2024-09-05", True) in (company.found())
    company.subscribers("2024-08", 400)
    assert ("FIT203", "subscribers 2024-09-05", True) in company.found()


def test_a_month_is_judged_by_the_days_that_are_covered(company, operator):
    """Ten days of calls are no month that shrank; a bill month not over is not judged."""
    company = company("bills", "calls")
    rows = "".join(f"{i},2024-09-03 08:00:00,60,out,voice,own\n" for i in range(PEOPLE))
    operator.deliver(
        "calls_2024-09_20240911.csv",
        "subscriber_id,started_at,seconds,direction,kind,network\n" + rows,
    )
    rows = "".join(f"{i},2024-09-01,30\n" for i in range(40))
    operator.deliver("bills_2024-09_20240911.csv", "subscriber_id,bill_month,amount_due\n" + rows)
    assert company.found() == []


def test_a_column_in_another_unit_has_shifted(company):
    """Amounts in cents lie elsewhere; it is told with the share, and stops."""
    company = company("bills")
    company.bills("2024-08", factor=100)
    assert company.found() == [("FIT301", "bills.amount_due", True)]
    assert "93% of the values lie elsewhere" in company.all[0].text.en


def test_a_column_gone_blank_has_shifted(company):
    """And one that is filled from now on stops nobody."""
    company = company("subscribers")
    company.subscribers("2024-08", plan=",")
    assert company.found() == [("FIT301", "subscribers.plan", True)]
    for month in MONTHS:
        company.subscribers(month, plan="," if month != "2024-08" else "A,B")
    assert company.found() == [("FIT301", "subscribers.plan", False)]


def test_codes_not_seen_before_are_named(company):
    """One new tariff is told; where most rows hold new codes they have been renamed."""
    company = company("subscribers")
    company.subscribers("2024-08", plan="A,B,A,B,A,B,C")
    assert company.found() == [("FIT302", "subscribers.plan", False)]
    assert company.all[0].text.en.startswith("1 codes not seen before in 21 of 150 rows: C")
    company.subscribers("2024-08", plan="X,Y")
    assert company.found() == [
        ("FIT301", "subscribers.plan", True),
        ("FIT302", "subscribers.plan", True),
    ]


def test_a_code_that_may_be_somebodys_number_is_not_named(company):
    """Messages hold codes, never a customer's data."""
    company = company("subscribers")
    company.subscribers("2024-08", plan="A,B,A,B,A,B,13800138000")
    company.found()
    assert "13800138000" not in company.all[0].text.en


def test_subscribers_without_a_row_are_counted(company, operator):
    """Hardly anybody has a bill: each file is sound, and the tables do not fit."""
    company = company("subscribers", "bills")
    for month in MONTHS:
        company.bills(month, 10)
    assert company.found() == [("FIT101", "bills", True)]
    assert "140 of 150 subscribers have no row (93%)" in company.all[0].text.en
    assert company.found(max_without=0.95) == [("FIT101", "bills", False)]


def test_rows_outside_a_life_are_counted(company, operator):
    """Before the activation, or in use long after the end; a last bill is no such row."""
    company = company("subscribers", "bills", "calls")
    operator.map("status_events")
    gone = "".join(f"{i},2024-05-01 00:00:00,退网停机\n" for i in range(50))
    people = "".join(f"{i},2020-01-01 00:00:00,在用\n" for i in range(PEOPLE))
    operator.deliver(
        "status_events_2024-05_20240605.csv", "subscriber_id,effective_at,status\n" + people + gone
    )
    assert company.found() == [("FIT402", "calls", False)]
    # two calls of each of the fifty in June to August: more than a month after the end
    assert "300 of 1,800 rows" in company.all[0].text.en
    late = "".join(f"{i},mobile,A,2024-07-01\n" for i in range(PEOPLE))
    for month in MONTHS:
        operator.deliver(
            f"subscribers_{month}_{_day(month)}.csv",
            "subscriber_id,product,plan,activated_on\n" + late,
        )
    stopping = [(code, subject) for code, subject, stops in company.found() if stops]
    assert stopping == [("FIT401", "bills"), ("FIT401", "calls")]
