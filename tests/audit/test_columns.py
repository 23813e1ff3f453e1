"""Columns that leak, each planted in an honest panel: it is found, by its code, and no other is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churn.audit import audit_rows, leaking_columns, row_order

MONTH = 30.4375


def _closing_reason(panel):
    return {"closing_reason": np.where(panel.left, "moved", None)}


def _blank_for_churners(panel):
    there = np.where(panel.churned, np.nan, panel.draw.normal(0, 1, len(panel.frame)))
    return {"next_visit": there}


def _months_until_exit(panel):
    return {"months_left": np.where(panel.left, np.round(panel.days_left / 30), 99.0)}


def _closing_date(panel):
    start = pd.to_datetime(panel.frame["snapshot"]).map(pd.Timestamp.toordinal)
    return {"closes_on": np.where(panel.left, start + np.nan_to_num(panel.days_left), 800_000.0)}


def _status_at_extraction(panel):
    wrong = panel.draw.random(len(panel.frame)) < 0.01
    return {"status": np.where(panel.left ^ wrong, "closed", "open")}


def _score_written_afterwards(panel):
    noise = panel.draw.normal(0, 1, len(panel.frame))
    return {"risk_class": np.round(noise + 6 * panel.churned, 2)}


def _far_from_the_middle(panel):
    n = len(panel.frame)
    draw = panel.draw
    far = draw.choice([-9.0, 9.0], n) + draw.normal(0, 1, n)
    return {"deviation": np.where(panel.churned, far, draw.normal(0, 2, n))}


def _closing_tariff(panel):
    draw, n = panel.draw, len(panel.frame)
    some = panel.churned & (draw.random(n) < 0.4)
    return {"tariff": np.where(some, "closing", draw.choice(["a", "b"], n))}


def _number_given_at_exit(panel):
    numbers = pd.factorize(panel.frame["subscriber_id"])[0]
    owner = panel.frame.assign(n=numbers, left=panel.left).groupby("subscriber_id")
    return {"account_no": (owner["n"].transform("first") + 50_000 * owner["left"].transform("max"))}


def _months_billed(panel):
    months = panel.frame["tenure_days"].to_numpy() / MONTH + panel.months_until_end
    return {"months_billed": np.floor(months)}


def _total_and_fee(panel):
    months = panel.frame["tenure_days"].to_numpy() / MONTH + panel.months_until_end
    fee = np.round(panel.draw.uniform(10, 100, len(panel.frame)), 2)
    return {"total_charges": np.round(fee * months, 2), "monthly_charges": fee}


def _balances(panel):
    draw, n = panel.draw, len(panel.frame)
    before = np.round(draw.normal(0, 80, n), 2)
    fee = np.where(panel.churned, draw.uniform(25, 40, n), 0)
    paid = draw.normal(0, 5, n)
    return {"balance_before": before, "balance_after": np.round(before + fee + paid, 2)}


PLANTED = [
    (lambda panel: {"leaves": panel.churned.astype(float)}, ("LEAK301", "leaves")),
    (lambda panel: {"cured": panel.draw.random(len(panel.frame)) < 0.5}, ("LEAK301", "cured")),
    (_closing_reason, ("LEAK302", "closing_reason")),
    (_blank_for_churners, ("LEAK302", "next_visit")),
    (_months_until_exit, ("LEAK303", "months_left")),
    (_closing_date, ("LEAK303", "closes_on")),
    (_status_at_extraction, ("LEAK304", "status")),
    (_score_written_afterwards, ("LEAK305", "risk_class")),
    (_far_from_the_middle, ("LEAK305", "deviation")),
    (_closing_tariff, ("LEAK306", "tariff")),
    (_number_given_at_exit, ("LEAK307", "account_no")),
    (_months_billed, ("LEAK308", "months_billed")),
    (_total_and_fee, ("LEAK309", "total_charges / monthly_charges")),
    (_balances, ("LEAK310", "balance_before - balance_after")),
]


@pytest.mark.parametrize(
    ("plant", "expected"), PLANTED, ids=lambda one: getattr(one, "__name__", one)
)
def test_a_planted_column_is_found_and_no_other(plant, expected, panel):
    """Exactly the leak is named, with its code; honest columns are not accused beside it."""
    assert panel.found(**plant(panel)) == {expected}


@pytest.mark.parametrize(
    ("value", "other", "shown"),
    [("closing", "a", "closing ("), (0.0, 5.0, "0 ("), ("13800138000", "a", "… (")],
)
def test_the_values_that_only_churners_have_are_named(panel, value, other, shown):
    """With their rows; what may be somebody's number is not."""
    some = panel.churned & (panel.draw.random(len(panel.frame)) < 0.4)
    values = np.where(some, value, other)
    (finding,) = leaking_columns(panel.rows(["tariff"], tariff=values))
    assert finding.code == "LEAK306"
    for sentence in (finding.sentence.en, finding.sentence.zh):
        assert f"{shown}{some.sum():,})" in sentence
        assert "13800138000" not in sentence


def test_honest_panels_raise_nothing(panels):
    """Eight operators with features that predict, and nothing that leaks."""
    assert [panel.found() for panel in panels] == [set()] * len(panels)


def test_two_columns_that_leak_only_together_do_not_leak_alone(panel):
    """Total charges and the fee: either alone is an ordinary feature."""
    planted = _total_and_fee(panel)
    for name, values in planted.items():
        assert panel.found(**{name: values}) == set()


def test_too_few_churners_accuse_nobody(panel):
    """With a handful of churners a column that fits by luck is no finding."""
    few = panel.frame.groupby("outcome", group_keys=False).head(30)
    rows = audit_rows(few.assign(x=(few["outcome"] == "active") * 1.0), ["x"])
    assert not rows.targets.keys() - {"left"}


@pytest.mark.parametrize("customer", ["c0", "c1", "c2", "c3"])
def test_one_customer_alone_accuses_nobody(panel, customer):
    """Where no other customers can judge, no column is accused, and no figure is made up."""
    names = ["bill_last", "bill_late_share_6m", "plan", "tenure_days"]
    rows = audit_rows(panel.frame.assign(customer_id=customer), names)
    assert leaking_columns(rows) == []
    assert row_order.of_rows(rows) == []


def test_rows_sorted_by_the_outcome_are_told(panel):
    """A file in the order of its outcome is worth a look, and blocks nothing."""
    ordered = panel.frame.sort_values("outcome", kind="stable")
    (found,) = row_order.of_rows(audit_rows(ordered, ["bill_last"]))
    assert (found.code, found.severity) == ("LEAK311", "warns")
    assert row_order.of_rows(audit_rows(panel.frame, ["bill_last"])) == []


def test_evidence_is_figures_only(panel):
    """A finding says how much and of how many, and none of the values."""
    (found,) = leaking_columns(panel.rows(["plan", "closing_reason"], **_closing_reason(panel)))
    assert set(found.evidence) == {"unlike", "churners", "rows"}
    assert "moved" not in found.model_dump_json()
    assert found.sentence.zh.startswith("LEAK302 closing_reason: 填写与否")
