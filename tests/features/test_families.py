"""Each family: little tables in, one row of features out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from churn import features
from churn.engines import Engine
from churn.features.calendar import Calendar
from churn.features.calls import family
from churn.windows import Window

DAY = date(2025, 7, 1)
ME = {"subscriber_id": "s"}
HERE = {**ME, "activated_on": "2020-01-01"}


@pytest.fixture
def values(engine: Engine, rows_as_tables: Any) -> Any:
    """Compute the features of subscriber ``s`` on the first of July; name some to see only them."""

    def compute(*names: str, **tables: Any) -> dict[str, Any]:
        known = rows_as_tables({"subscribers": [HERE], **tables}).known_at(DAY)
        wanted = [f for f in features.delivered(known) if {x.name for x in f.features} & {*names}]
        table = features.build(known, known.subscribers, families=wanted)
        rows = {row["subscriber_id"]: row for row in engine.to_arrow(table).to_pylist()}
        return {name: close(rows["s"][name]) for name in names}

    return compute


def close(value: Any) -> Any:
    """Let a number equal another up to its rounding to float32."""
    return pytest.approx(value, rel=1e-6) if isinstance(value, float) else value


def mine(column: str, *rows: tuple[Any, ...], names: str) -> list[dict[str, Any]]:
    """Write rows of subscriber ``s``: the date column first, then the named ones."""
    columns = [column, *names.split()]
    return [{**ME, **dict(zip(columns, row, strict=True))} for row in rows]


def named(family: str) -> list[str]:
    """Name the features of a family."""
    return [f.name for one in features.FAMILIES if one.name == family for f in one.features]


def test_profile(values: Any) -> None:
    """What the line is, and what else its holder has; the contract may have run out."""
    me = HERE | {
        "customer_id": "c",
        "product": "mobile",
        "contract_ends_on": "2025-06-21",
        "key_account_classes": "group;strategic",
        "payment": "prepaid",
        "plan_fee": "59.90",
        "service_level": "4",
    }
    other = {"subscriber_id": "o", "customer_id": "c", "product": "broadband"}
    found = values(
        *("product", "plan", "tenure_days", "contract_days_left", "key_account_classes"),
        *("customer_lines", "has_fixed_line"),
        *("payment", "plan_fee", "service_level", "acquired_through"),
        subscribers=[me, other],
    )
    assert found == {
        "product": "mobile",
        "plan": None,
        "tenure_days": (DAY - date(2020, 1, 1)).days,
        "contract_days_left": -10,
        "key_account_classes": 2,
        "customer_lines": 2,
        "has_fixed_line": 1,
        "payment": "prepaid",
        "plan_fee": 59.9,
        "service_level": "4",
        "acquired_through": None,
    }


def test_household(values: Any) -> None:
    """What the holder's other lines did; its own doings and other holders' are not counted."""
    mine_too = [
        {"subscriber_id": name, "customer_id": "c", "activated_on": f"202{year}-06-01"}
        for name, year in (("gone", 1), ("cut", 5), ("long_gone", 2))
    ]
    people = [HERE | {"customer_id": "c"}, *mine_too, {"subscriber_id": "x", "customer_id": "d"}]
    status = [
        {"subscriber_id": "gone", "effective_at": "2025-06-10", "status": "退网停机"},
        {"subscriber_id": "long_gone", "effective_at": "2024-06-10", "status": "退网停机"},
        {"subscriber_id": "cut", "effective_at": "2025-06-20", "status": "双停"},
        {"subscriber_id": "s", "effective_at": "2025-06-20", "status": "单停"},
    ]
    owed = [
        {"subscriber_id": name, "as_of": "2025-06-30", "amount_overdue": amount}
        for name, amount in (("s", 7), ("cut", "12.5"), ("x", 99))
    ]
    complaints = [
        {"complaint_id": str(at), "subscriber_id": name, "opened_at": "2025-06-01"}
        for at, name in enumerate(("s", "cut", "gone", "x"))
    ]
    names = named("household")
    tables = {"status_events": status, "arrears": owed, "complaints": complaints}
    assert values(*names, subscribers=people, **tables) == {
        "customer_lines_left_90d": 1,
        "household_cut_off": 1,
        "household_overdue": 12.5,
        "household_complaints_180d": 2,
        "days_since_line_added": 30,
    }
    alone = values(*names, subscribers=[HERE], **tables)
    assert alone == dict.fromkeys(names, 0) | {"days_since_line_added": None}


def test_standing(values: Any) -> None:
    """Beside twenty lines of the plan; a region of two lines is nobody's measure."""
    people = [HERE | {"plan": "p", "region": "r", "plan_fee": 40}]
    people += [{"subscriber_id": f"o{at}", "plan": "p", "region": "q"} for at in range(18)]
    people += [{"subscriber_id": "o18", "plan": "p", "region": "r"}]
    bills = mine(
        "bill_month", ("2025-05-01", 50, 9), ("2025-06-01", 70, 9), names="amount_due data"
    )
    bills += mine("bill_month", ("2025-03-01", 999, 99), names="amount_due data")
    bills += [
        {"subscriber_id": f"o{at}", "bill_month": "2025-06-01", "amount_due": 20, "data": 4}
        for at in range(19)
    ]
    names = named("standing")
    mean = (120 + 19 * 20) / 21
    assert values(*names, subscribers=people, bills=bills) == {
        "bill_against_plan_3m": 60 / mean,
        "data_against_plan_3m": 9 / ((18 + 19 * 4) / 21),
        "bill_against_region_3m": None,
        "bill_against_fee_3m": 1.5,
        "fee_above_plan_bill_3m": 40 - mean,
    }


def test_recharges(values: Any) -> None:
    """Two top-ups of one moment count as two; credit is the one after the last on record."""
    recharges = mine(
        "at",
        ("2024-12-01 10:00", 500, 500),
        ("2025-03-23 10:00", 20, None),
        ("2025-04-22 10:00", 30, 31),
        ("2025-04-22 10:00", 10, 41),
        ("2025-06-11 09:00", 15, 16),
        ("2025-07-01 00:00", 99, 99),
        names="amount balance_after",
    )
    names = named("recharges")
    assert values(*names, recharges=recharges) == {
        "recharges_30d": 1,
        "recharges_90d": 3,
        "recharge_amount_90d": 55,
        "recharge_trend_90d": (15 / 30) / (40 / 60),
        "balance_last_180d": 16,
        "days_since_recharge_180d": 20,
        "recharge_wait_180d": 20 / (80 / 2),
        "credit_days_180d": 16 / (60 / 80),
    }
    once = recharges[-2:-1]
    assert values("recharge_wait_180d", "credit_days_180d", recharges=once) == {
        "recharge_wait_180d": None,
        "credit_days_180d": None,
    }


def test_plan_changes_and_port_queries(values: Any) -> None:
    """Cheaper and dearer plans, an offer that ended, and who asked about leaving."""
    changes = mine(
        "changed_on",
        ("2024-12-01", -90, "asked"),
        ("2025-02-01", -20, "asked"),
        ("2025-05-01", 50, "offer_ended"),
        ("2025-06-21", None, "other"),
        names="fee_change reason",
    )
    asked = mine("on", ("2025-06-01", "asked"), ("2025-06-26", "applied"), names="kind")
    found = values(
        *named("plan_changes"), *named("port_queries"), plan_changes=changes, port_queries=asked
    )
    assert found == {
        "plan_changes_180d": 3,
        "downgrades_180d": 1,
        "offers_ended_90d": 1,
        "fee_change_180d": 30,
        "days_since_plan_change_180d": 10,
        "port_queries_180d": 1,
        "port_applied_180d": 1,
        "days_since_port_query_180d": 5,
    }


PAID = [
    {
        "subscriber_id": "o",
        "bill_month": f"2025-{month:02}-01",
        "amount_due": 30,
        "due_on": f"2025-{month + 1:02}-20",
        "paid_on": f"2025-{month:02}-28",
    }
    for month in range(1, 6)
]
"""Somebody else's bills, paid at once: of these months payments are on record."""


def test_bills(values: Any) -> None:
    """Six months; July's bill is not billed yet, December's is too old."""
    bills = mine(
        "bill_month",
        ("2024-12-01", 999, 9, 0, 0, "2025-01-20", None),
        ("2025-01-01", 10, 10, 0, 5, "2025-02-20", "2025-02-20"),
        ("2025-02-01", 10, 10, 0, 5, "2025-03-20", "2025-03-25"),
        ("2025-03-01", 10, 10, 0, 0, "2025-04-20", "2025-04-10"),
        ("2025-04-01", 20, 10, 0, 0, "2025-05-20", None),
        ("2025-05-01", 20, 10, 0, 0, "2025-06-20", None),
        ("2025-06-01", 50, 12, 6, 0, "2025-07-20", None),
        ("2025-07-01", 999, 0, 0, 0, "2025-08-20", None),
        names="amount_due recurring value_added discount due_on paid_on",
    )
    found = values(*named("bills"), bills=bills + PAID)
    assert found == {
        "bill_mean_6m": 20,
        "bill_last": 50,
        "bill_shock_6m": 50 / 14,
        "bill_shock_3m": 3,
        "bill_trend_6m": 3,
        "discount_share_6m": 10 / 130,
        "discount_share_max_6m": 5 / 15,
        "discount_loss_6m": 2,
        "fee_shock_6m": 1.2,
        "data_share_6m": None,
        "value_added_share_6m": 0.05,
        "value_added_shock_6m": 6,
        "bill_late_share_6m": 3 / 5,
        "bill_days_late_mean_6m": (0 + 5 + 0 + 42 + 11) / 5,
        "bill_days_late_last": 11,
        "bills_unpaid_6m": 2,
        "bills_late_3m": 2,
        "bills_since_late_6m": 0,
        "bills_part_paid_6m": 0,
        "bill_spread_6m": 40 / 20,
        "bill_max_6m": 50,
        "bills_nothing_6m": 0,
        "usage_share_6m": None,
        "beyond_fees_share_6m": (120 - 62) / 120,
        "beyond_fees_last": 38,
        "data_shock_6m": None,
    }


def test_bills_by_what_is_in_them(values: Any) -> None:
    """A bill of nothing, one paid in part, bills since the last late one, and data charges."""
    bills = mine(
        "bill_month",
        ("2025-03-01", 10, 2, 4, "2025-04-20", "2025-04-28", 10),
        ("2025-04-01", 0, 2, 0, "2025-05-20", "2025-05-10", 0),
        ("2025-05-01", 20, 6, 0, "2025-06-20", "2025-06-10", 15),
        ("2025-06-01", 30, 9, 8, "2025-07-20", None, None),
        names="amount_due data usage due_on paid_on amount_paid",
    )
    found = values(
        *("bills_nothing_6m", "bills_part_paid_6m", "bills_since_late_6m", "bills_late_3m"),
        *("data_shock_6m", "usage_share_6m", "beyond_fees_last"),
        bills=bills + PAID,
    )
    assert found == {
        "bills_nothing_6m": 1,
        "bills_part_paid_6m": 1,
        "bills_since_late_6m": 2,
        "bills_late_3m": 0,
        "data_shock_6m": 9 / (10 / 3),
        "usage_share_6m": 12 / 60,
        "beyond_fees_last": None,
    }


PAYMENT = ("bill_late_share_6m", "bill_days_late_mean_6m", "bill_days_late_last", "bills_unpaid_6m")


def test_bills_without_payments(values: Any) -> None:
    """Where no payment is delivered, nothing is said of it: nobody is called a late payer."""
    bills = mine(
        "bill_month",
        ("2025-04-01", 20, "2025-05-20"),
        ("2025-05-01", 20, "2025-06-20"),
        names="amount_due due_on",
    )
    unpaid = [row | {"paid_on": None} for row in PAID]
    assert values(*PAYMENT, bills=bills + unpaid) == dict.fromkeys(PAYMENT)


def test_bills_of_months_without_payments(values: Any) -> None:
    """Payments delivered from a month on tell nothing of the months before."""
    bills = mine(
        "bill_month",
        ("2025-03-01", 20, "2025-04-20"),
        ("2025-04-01", 20, "2025-05-20"),
        names="amount_due due_on",
    )
    later = [row for row in PAID if row["bill_month"] >= "2025-04"]
    assert values(*PAYMENT, bills=bills + later) == {
        "bill_late_share_6m": 1,
        "bill_days_late_mean_6m": 42,
        "bill_days_late_last": 42,
        "bills_unpaid_6m": 1,
    }


@pytest.mark.parametrize("fee", ["9.99", "0.07", "33.33", "1234567.89"])
def test_bills_of_a_constant_fee(values: Any, fee: str) -> None:
    """A fee that never changes has changed by nothing at all, not by 1e-16 of it."""
    amount = Decimal(fee)
    for months in (3, 5, 6):
        bills = mine(
            "bill_month",
            *((f"2025-{m:02}-01", *[amount] * 4) for m in range(7 - months, 7)),
            names="amount_due recurring value_added discount",
        )
        assert values(
            "bill_shock_6m",
            "bill_shock_3m",
            "fee_shock_6m",
            "discount_loss_6m",
            "value_added_shock_6m",
            bills=bills,
        ) == {
            "bill_shock_6m": 1,
            "bill_shock_3m": 1,
            "fee_shock_6m": 1,
            "discount_loss_6m": 0,
            "value_added_shock_6m": 0,
        }


def test_arrears(values: Any) -> None:
    """Two balances of one month are one month; a balance not repeated has been settled."""
    owed = mine(
        "as_of",
        ("2025-03-15", 5, 10),
        ("2025-03-31", 80, 26),
        ("2025-04-30", 0, 0),
        ("2025-05-31", 30, 11),
        names="amount_overdue days_overdue",
    )
    names = named("arrears")
    assert values(*names, arrears=owed) == {
        "arrears_amount": 0,
        "arrears_days": 0,
        "arrears_bills": 0,
        "arrears_amount_max_180d": 80,
        "arrears_days_max_180d": 26,
        "arrears_months_180d": 2,
    }
    owed += mine("as_of", ("2025-06-30", 12, 3), names="amount_overdue days_overdue")
    assert values("arrears_amount", "arrears_days", arrears=owed) == {
        "arrears_amount": 12,
        "arrears_days": 3,
    }


def test_status(values: Any) -> None:
    """The state now, and how often service was cut off in 180 days."""
    events = mine(
        "effective_at",
        ("2020-01-01", "在用"),
        ("2024-06-01", "双停"),
        ("2024-06-10", "在用"),
        ("2025-05-01", "单停"),
        ("2025-05-11", "双停"),
        ("2025-05-21", "在用"),
        ("2025-06-21", "停机保号"),
        ("2025-07-01", "双停"),
        names="status",
    )
    names = named("status")
    assert values(*names, status_events=events) == {
        "state": "on_hold",
        "state_days": 10,
        "on_hold": 1,
        "soft_suspensions_180d": 1,
        "suspensions_180d": 1,
        "holds_180d": 1,
        "days_since_suspension": 51,
        "cut_off_days_180d": 20,
    }


def test_calls(values: Any) -> None:
    """Windows of 30 and 90 days end where the records known that night end."""
    names = "kind direction network seconds megabytes charge"
    calls = mine(
        "started_at",
        ("2025-03-31 12:00", "voice", "out", "own", 6000, 0, 1),  # 92 days ago
        ("2025-05-10 08:00", "voice", "out", "own", 600, 0, 1),
        ("2025-05-10 09:00", "voice", "in", "competitor", 600, 0, 0),
        ("2025-05-11 09:00", "data", None, None, 0, "12.5", 2),
        ("2025-06-05 09:00", "voice", "out", "competitor", 300, 0, 1),
        ("2025-06-06 09:00", "sms", "out", "own", 0, 0, "0.1"),
        ("2025-06-21 23:59", "voice", "out", "international", 60, 0, 5),
        ("2025-07-01 00:00", "voice", "out", "own", 6000, 0, 1),  # the snapshot day
        names=names,
    )
    wanted = named("calls")
    assert values(*wanted, calls=calls) == {
        "days_since_use_90d": 10,
        "active_days_90d": 5,
        "active_days_30d": 3,
        "voice_minutes_90d": 26,
        "voice_minutes_30d": 6,
        "voice_trend_90d": 6 / 10,
        "uses_30d": 3,
        "use_trend_90d": 3 / (3 / 2),
        "use_trend_120d": 3 / (1 / 2),
        "megabytes_90d": 12.5,
        "megabytes_trend_90d": 0,
        "sms_90d": 1,
        "call_charge_90d": 9.1,
        "incoming_share_90d": 1 / 4,
        "competitor_share_90d": 1 / 3,
        "competitor_share_30d": 1 / 2,
        "international_share_90d": 1 / 3,
        "active_days_7d": 0,
        "weeks_silent_84d": 9,
        "silence_against_usual_90d": 10 / (90 / 5),
        "weekend_share_90d": 3 / 5,
        "night_share_90d": 1 / 6,
        "call_minutes_mean_90d": 26 / 4,
        "voice_trend_30d": 0,
        "outgoing_trend_90d": (6 / 30) / (10 / 60),
        "megabytes_trend_30d": None,
        "megabytes_30d": 0,
        "call_charge_trend_90d": (6.1 / 30) / (3 / 60),
        "competitor_share_change_90d": 1 / 2,
    }


def test_festivals_do_not_compare(engine: Engine, rows_as_tables: Any) -> None:
    """Of a month that was a festival by half, the other half is held against the two before."""
    festival = Window(date(2025, 6, 16), date(2025, 7, 3))
    calls = mine(
        "started_at",
        ("2025-05-10 08:00", 6000),
        ("2025-06-10 08:00", 6000),
        ("2025-06-20 08:00", 60_000),
        names="seconds",
    )
    calls = [row | {"kind": "voice", "direction": "out"} for row in calls]
    known = rows_as_tables({"subscribers": [HERE], "calls": calls}).known_at(DAY)
    plain, apart = (
        engine.to_arrow(
            features.build(known, known.subscribers, families=[family(Calendar(spells))])
        ).to_pylist()[0]
        for spells in ((), (festival,))
    )
    assert plain["voice_trend_90d"] == pytest.approx((66 / 30) / (6 / 60))
    assert apart["voice_trend_90d"] == pytest.approx((6 / 15) / (6 / 60))
    assert apart["voice_trend_30d"] is None  # the week was all festival
    assert apart["voice_minutes_30d"] == plain["voice_minutes_30d"] == 1100


def test_windows_end_where_deliveries_end(values: Any) -> None:
    """With records known through the tenth of June, 30 days reach back to the twelfth of May."""
    calls = mine("started_at", ("2025-05-11", 60), ("2025-05-12", 600), names="seconds")
    calls = [row | {"kind": "voice"} for row in calls]
    delivery = [("2025-06-12", "2025-06-10", calls)]
    assert values("voice_minutes_30d", "days_since_use_90d", calls=delivery) == {
        "voice_minutes_30d": 10,
        "days_since_use_90d": 30,
    }


def test_peers(values: Any) -> None:
    """A contact counts once, however often called; suspended ones have not left."""
    calls = mine(
        "started_at",
        *[("2025-06-01", "a", "own", 10)] * 3,
        ("2025-06-02", "left", "own", 40),
        ("2025-06-02", "suspended", "own", 20),
        ("2025-05-03", "left_before", "own", 60),
        ("2025-06-03", "elsewhere", "competitor", 50),
        ("2025-06-03", None, None, 999),
        names="peer_id network seconds",
    )
    calls = [row | {"kind": "voice"} for row in calls]
    status = [
        {"subscriber_id": "left", "effective_at": "2025-06-10", "status": "携号转出"},
        {"subscriber_id": "left_before", "effective_at": "2025-05-10", "status": "退网停机"},
        {"subscriber_id": "suspended", "effective_at": "2025-06-10", "status": "双停"},
        {"subscriber_id": "a", "effective_at": "2025-07-01", "status": "退网停机"},
    ]
    names = named("peers")
    assert values(*names, calls=calls, status_events=status) == {
        "peers_90d": 5,
        "top_peer_share_90d": 3 / 7,
        "peers_gone_90d": 2,
        "peers_gone_share_90d": 2 / 5,
        "peers_30d": 4,
        "peers_new_share_30d": 1,
        "peers_lost_share_30d": 1,
        "peers_left_30d": 1,
        "peers_left_90d": 2,
        "talk_left_share_30d": 40 / 200,
        "talk_left_share_90d": 100 / 200,
        "peers_competitor_share_90d": 1 / 5,
        "talk_competitor_share_90d": 50 / 200,
    }


def test_use_long_ago(values: Any) -> None:
    """Who was used until 90 days ago and not since has come down to nothing."""
    calls = mine("started_at", ("2025-03-20 12:00", "voice"), names="kind")
    assert values("use_trend_120d", "use_trend_90d", "uses_30d", calls=calls) == {
        "use_trend_120d": 0,
        "use_trend_90d": None,
        "uses_30d": 0,
    }


def test_lines_of_the_household_that_left(values: Any) -> None:
    """Books of today have forgotten the line that left; those who left long ago count no more."""
    lines = [
        {"subscriber_id": name, "customer_id": customer, "activated_on": "2020-01-01"}
        for name, customer in [("s", "c"), ("stays", "c"), ("left", "c"), ("old", "c"), ("x", "d")]
    ]
    status = [
        {"subscriber_id": name, "effective_at": day, "status": "退网停机"}
        for name, day in [("left", "2025-05-01"), ("old", "2025-02-01"), ("x", "2025-05-01")]
    ]
    status.append({"subscriber_id": "stays", "effective_at": "2025-05-01", "status": "双停"})
    books = [("2025-03-01", "2025-02-28", lines), ("2025-06-01", "2025-05-31", lines[:2])]
    found = values("customer_lines_left_90d", subscribers=books, status_events=status)
    assert found == {"customer_lines_left_90d": 1}


def test_usage_monthly(values: Any) -> None:
    """Three months against the three before, for operators without records."""
    usage = mine(
        "month",
        ("2024-12-01", 900, 0, 0, 0, 9),
        ("2025-03-01", 30, 30, 0, 10, 1),
        ("2025-04-01", 20, None, 5, 5, 1),
        ("2025-06-01", 10, 0, 10, 0, 2),
        names="voice_out_minutes voice_in_minutes competitor_minutes megabytes recharges",
    )
    names = named("usage_monthly")
    assert values(*names, usage_monthly=usage) == {
        "month_voice_minutes_3m": 30,
        "month_voice_trend_6m": 0.5,
        "month_competitor_share_3m": 0.5,
        "month_sms_3m": 0,
        "month_megabytes_3m": 5,
        "month_megabytes_trend_6m": 0.5,
        "month_charge_3m": 0,
        "recharges_3m": 3,
        "month_charge_trend_6m": None,
        "months_used_6m": 3,
        "recharge_trend_6m": None,
        "recharge_amount_3m": 0,
    }


def test_complaints(values: Any) -> None:
    """A complaint closed on the snapshot day is still open."""
    complaints = mine(
        "opened_at",
        ("2024-12-01", "2024-12-02", "network", True),
        ("2025-02-01", "2025-02-04 00:00", "network", True),
        ("2025-06-01", "2025-06-04 00:01", "charges", None),
        ("2025-06-21 10:00", "2025-07-01", "value_added", False),
        names="closed_at category escalated",
    )
    numbered = [row | {"complaint_id": str(n)} for n, row in enumerate(complaints)]
    numbered[1] |= {"answered_at": "2025-02-01 03:00", "satisfied": False, "level": "regulator"}
    numbered[2] |= {"answered_at": "2025-06-01 01:00", "satisfied": True, "level": "unit"}
    names = named("complaints")
    assert values(*names, complaints=numbered) == {
        "complaints_90d": 2,
        "complaints_180d": 3,
        "complaints_30d": 2,
        "complaints_unsatisfied_180d": 1,
        "complaints_regulator_180d": 1,
        "complaint_answer_hours_180d": 2,
        "complaints_open": 1,
        "complaints_escalated_180d": 1,
        "complaints_network_180d": 1,
        "complaints_money_180d": 2,
        "complaints_solved_3d_share_180d": 0.5,
        "complaint_days_max_90d": 10,
        "days_since_complaint_180d": 10,
    }


def test_faults(values: Any) -> None:
    """A repeat is a further fault of one kind."""
    faults = mine(
        "opened_at",
        ("2025-02-01 00:00", "2025-02-01 06:00", "line"),
        ("2025-06-01 00:00", "2025-06-02 00:00", "line"),
        ("2025-06-29 12:00", None, "slow"),
        names="restored_at category",
    )
    numbered = [row | {"fault_id": str(n)} for n, row in enumerate(faults)]
    names = named("faults")
    assert values(*names, faults=numbered) == {
        "faults_30d": 2,
        "faults_90d": 2,
        "faults_180d": 3,
        "days_since_fault_180d": 2,
        "faults_open": 1,
        "fault_repeats_180d": 1,
        "repair_hours_mean_180d": 15,
        "repair_hours_max_180d": 24,
        "fault_hours_max_90d": 36,
    }


def test_service_orders(values: Any) -> None:
    """Done after the promised day is late, and so is not done although the day has passed."""
    orders = mine(
        "ordered_on",
        ("2025-06-01", "2025-06-10", "2025-06-10", "move"),
        ("2025-06-01", "2025-06-10", "2025-06-11", "install"),
        ("2025-06-01", "2025-06-30", None, "other"),
        ("2025-06-01", "2025-07-01", None, "other"),
        names="due_on done_on kind",
    )
    numbered = [row | {"order_id": str(n)} for n, row in enumerate(orders)]
    names = named("service_orders")
    assert values(*names, service_orders=numbered) == {
        "orders_180d": 4,
        "orders_late_180d": 2,
        "orders_open": 2,
        "order_days_late_max_180d": 1,
        "moves_180d": 1,
    }


def test_the_last_of_several_answers_on_a_day_is_the_lowest(values: Any) -> None:
    """Whichever of them stands first."""
    answers = [("2025-06-01", 85), ("2025-06-01", 40), ("2025-02-01", 20)]
    for rows in (answers, answers[::-1]):
        found = values(*named("surveys"), surveys=mine("answered_on", *rows, names="score"))
        assert found == {"survey_score_last_180d": 40, "survey_score_min_180d": 20}


def test_surveys_visits_notices_contacts(values: Any) -> None:
    """The last answer, the customer's visits, notices, and contacts without controls."""
    found = values(
        *named("surveys"),
        *named("visits"),
        *named("notices"),
        *named("campaign_contacts"),
        subscribers=[HERE | {"customer_id": "c"}],
        surveys=mine("answered_on", ("2025-02-01", 60), ("2025-06-01", 85), names="score"),
        visits=[
            {"customer_id": "c", "visited_on": "2025-06-21"},
            {"customer_id": "other", "visited_on": "2025-06-25"},
        ],
        notices=mine(
            "notified_on", ("2025-06-11", "reminder"), ("2025-06-11", "last"), names="kind"
        ),
        campaign_contacts=mine(
            "contacted_on",
            ("2025-06-20", "k", "control"),
            ("2025-06-01", "k2", "treated"),
            names="campaign_id arm",
        ),
    )
    assert found == {
        "survey_score_last_180d": 85,
        "survey_score_min_180d": 60,
        "visits_180d": 1,
        "days_since_visit_180d": 10,
        "notices_30d": 2,
        "notices_180d": 2,
        "days_since_notice_180d": 20,
        "contacts_30d": 1,
        "contacts_90d": 1,
        "contacts_180d": 1,
        "days_since_contact_180d": 30,
    }
