"""A foreseen downgrade in the hand-outs: what is said of it, in both languages."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pandas as pd
import pytest

from churn.early_warnings import EarlyWarningSettings, foreseen
from churn.language import Text
from churn.report.columns import LISTED, P_DOWNGRADE, listed_of
from churn.report.contacts import with_masked_contacts
from churn.report.expiring import EXPIRING, FORESEEN, message, write_expiring
from churn.report.page.frame import write_document
from churn.report.page.people import people_picking, people_section
from churn.report.parts import EarlyWarnings, HandOut, Tonight
from churn.report.targets import write_targets
from churn.targeting import TargetingSettings, plan
from tests.report.conftest import notices

NIGHT = date(2025, 3, 1)
SETTINGS = TargetingSettings(control_share=0.0)
CHANCES = {"leaves": (0.5, 0.01), "moves": (0.01, 0.4), "stays": (0.01, 0.01)}
"""Of each subscriber: the chance to leave, and to move to a cheaper plan."""
SCORES = pd.DataFrame(
    [
        {"subscriber_id": name, "p_active": leaves, "p_passive": 0.0, "p_downgrade": moves}
        for name, (leaves, moves) in CHANCES.items()
    ]
)


@pytest.fixture(scope="module")
def tonight():
    """Return the list of a night on which one is at risk to leave, one to move down."""
    context = pd.DataFrame(
        {
            "subscriber_id": SCORES["subscriber_id"],
            "customer_id": SCORES["subscriber_id"],
            "product": "mobile",
            "region": "城东区",
            "account_manager": None,
            "key_account_classes": None,
            "activated_on": date(2020, 1, 1),
            "opt_outs": "",
            "average_bill": 100.0,
            "yearly_spend": 1200.0,
            "amount_overdue": 0.0,
            "recent_fault": False,
            "applied_to_port": False,
            "last_contact_on": None,
        }
    )
    done = plan(SCORES.assign(reason_1="用量"), context, SETTINGS, NIGHT)
    names = pd.DataFrame({"subscriber_id": SCORES["subscriber_id"], "name": "张三", "phone": "138"})
    frame = with_masked_contacts(done.frame, names).assign(
        contact_id="k", movement=None, remainder=0.0, warnings=None
    )
    frame["warnings"] = frame["warnings"].mask(frame["subscriber_id"] == "moves", "may_downgrade")
    return Tonight(done, frame.assign(decided_by="risk_" + frame["cause"]), SETTINGS)


def sheet(content, name):
    """Return a sheet of a workbook as rows by machine name."""
    header, _, *rows = openpyxl.load_workbook(io.BytesIO(content))[name].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("language", "name", "cause", "action", "decided", "warning"),
    [
        ("en", "Targets", "downgrade", "Plan advice", "chance of downgrade",
         "may move to a cheaper plan"),
        ("zh", "目标名单", "降档", "套餐优化建议", "降档概率", "可能降档"),
    ],
)  # fmt: skip
def test_the_list_tells_a_downgrade_apart_from_churn(
    tonight, language, name, cause, action, decided, warning
):
    """Cause, action, chance, what decided and what warns are worded; nobody is said to leave."""
    night = HandOut(NIGHT, language, notices([]), "CNY")
    rows = {row["subscriber_id"]: row for row in sheet(write_targets(night, tonight), name)}
    moves = rows["moves"]
    about = openpyxl.load_workbook(io.BytesIO(write_targets(night, tonight))).worksheets[-1]
    told = [row[:2] for row in about.iter_rows(values_only=True)]
    assert (cause, 1) in told, "on the list by cause"
    assert (action, cause) in told, "what the action answers"
    assert [moves[key] for key in ("cause", "action", "decided_by", "warnings")] == [
        cause, action, decided, warning,
    ]  # fmt: skip
    assert moves["p_downgrade"] == 0.4
    why = {"en": "40 % chance of downgrade", "zh": "降档概率40%"}[language]
    assert why in moves["why"]
    assert {"churn", "流失"}.isdisjoint(moves["why"].split())
    assert rows["leaves"]["cause"] == {"en": "active", "zh": "主动"}[language]
    page = write_document(
        Text("t", "t"), [people_section(tonight, people_picking(tonight))], language
    )
    assert cause in page.decode()


def test_a_list_without_such_a_chance_has_no_such_column(tonight):
    """What was promised keeps its columns where no head tells of downgrades."""
    assert listed_of(tonight.frame) == (*LISTED, P_DOWNGRADE)
    assert listed_of(tonight.frame.drop(columns="p_downgrade")) == LISTED


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [("en", "Downgrades foreseen", "1 may move to one"), ("zh", "降档预警", "可能降档1户")],
)
def test_who_stands_out_is_warned_of(language, name, said):
    """Three times the mean or more; a head that is off, or none, warns of nobody."""
    settings = EarlyWarningSettings(downgrade_lift=2.0)
    found = foreseen(SCORES, settings)
    assert found.to_dict("records") == [{"subscriber_id": "moves", "p_downgrade": 0.4}]
    assert foreseen(SCORES.assign(p_downgrade=float("nan")), settings) is None
    assert foreseen(SCORES.drop(columns="p_downgrade"), settings) is None
    columns = [column.name for column in FORESEEN]
    decided = {"tonight": "contact", "action": "plan_advice", "average_bill": 100.0}
    told = found.reindex(columns=columns).assign(**decided)
    ending = pd.DataFrame(columns=[column.name for column in EXPIRING])
    warnings = EarlyWarnings(ending, None, None, settings, foreseen=told)
    assert said in message(warnings).of(language)
    assert warnings.codes() == {"moves": "may_downgrade"}
    assert warnings.counts()["downgrades_foreseen"] == 1
    night = HandOut(NIGHT, language, notices([]), "CNY")
    (row,) = sheet(write_expiring(night, warnings, SETTINGS.actions), name)
    assert (row["subscriber_id"], row["p_downgrade"]) == ("moves", 0.4)
