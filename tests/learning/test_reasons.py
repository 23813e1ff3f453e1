"""Reasons are families that raise the risk, told by their most telling feature."""

import numpy as np
import pandas as pd
import pytest

from churn.features import FAMILIES
from churn.language import Text
from churn.learning.encoding import Encoder
from churn.learning.reasons import Teller, worded
from churn.learning.usual import Usual, UsualContribution, usual_contributions, usual_values
from churn.learning.wording import FeatureSpec, number, specs_by_name, stated

SPECS = specs_by_name(
    [
        {"name": "share", "family": "calls", "topic": "competition", "unit": "share",
         "en": "calls to competitors' numbers", "zh": "拨打竞争对手号码占比"},
        {"name": "minutes", "family": "calls", "unit": "minutes",
         "en": "minutes", "zh": "通话时长"},
        {"name": "plan", "family": "contract", "topic": "tariff", "en": "plan", "zh": "套餐"},
        {"name": "late", "family": "bills", "topic": "payment", "unit": "count",
         "en": "bills paid late", "zh": "逾期账单数", "null_means": Text("no bill", "无账单")},
        {"name": "blocked", "family": "status", "topic": "payment", "unit": "count",
         "en": "times blocked", "zh": "单停次数"},
    ]
)  # fmt: skip
FRAME = pd.DataFrame(
    {
        "share": np.array([0.4167, 0.1, np.nan], dtype=np.float32),
        "minutes": [10.0, 20, 300],
        "plan": ["gold", "basic", None],
        "late": pd.array([2.0, 0.0, None], dtype="Float32"),
        "blocked": [3.0, 1, 1],
    }
)
ENCODER = Encoder.fit(FRAME, list(SPECS), 0.01)
VALUES = {
    "share": Usual(low=0.05, middle=0.12, high=0.2),
    "minutes": Usual(low=15, middle=25, high=40),
    "plan": Usual(level="basic"),
    "late": Usual(low=0, middle=0, high=1),
    "blocked": Usual(low=0, middle=1, high=1),
}
# share, minutes, plan, late, blocked, base
ADDED = np.array(
    [
        [0.3, 0.9, 0.2, 0.4, 0.3, -4],
        [0.2, 0.5, 0.4, 0.6, 0.7, -4],
        [0.1, 0.8, 0.0, -0.5, 0.4, -4],
    ]
)


def _told(added=ADDED, values=VALUES, everyone=(), riskiest=(), top=3, frame=FRAME):
    usual = {
        name: UsualContribution(
            everyone=dict(everyone).get(name, 0), riskiest=dict(riskiest).get(name, 0)
        )
        for name in SPECS
    }
    teller = Teller(ENCODER, SPECS, values, usual)
    return teller.reasons(teller.choose(np.asarray(added, dtype=float), frame, top), frame)


def _named(reasons):
    return [
        [(one.topic, one.feature, round(one.contribution, 6)) for one in row] for row in reasons
    ]


def test_features_of_one_topic_give_one_reason():
    """Bills paid late and blocks say the same: their contributions are one, told by the larger."""
    assert _named(_told())[0] == [
        ("payment", "late", 0.7),
        ("competition", "share", 0.3),
        ("tariff", "plan", 0.2),
    ]
    assert [len(row) for row in _told(top=1)] == [1, 1, 1]


def test_what_others_did_is_told_of_nobody():
    """It counts towards the score; the reason is another feature of its topic, or none."""
    others = {"late", "share"}
    specs = {
        name: spec.model_copy(update={"of_others": name in others}) for name, spec in SPECS.items()
    }
    teller = Teller(ENCODER, specs, VALUES)
    reasons = teller.reasons(teller.choose(ADDED, FRAME, 3), FRAME)
    assert _named(reasons)[0] == [("payment", "blocked", 0.7), ("tariff", "plan", 0.2)]


def test_what_most_have_is_no_reason():
    """The second row has the common plan, the usual blocks and no late bill: the share is left."""
    assert _named(_told())[1] == [("competition", "share", 0.2)]


def test_what_merely_ranks_is_told_where_nothing_else_is():
    """And only beyond what half of the base has: 300 minutes are, 20 would not be."""
    added = ADDED.copy()
    added[:, [0, 2, 3, 4]] = 0
    assert _named(_told(added)) == [[("calls", "minutes", 0.9)], [], [("calls", "minutes", 0.8)]]
    frame = FRAME.assign(minutes=20.0)
    assert _named(_told(added, frame=frame)) == [[], [], []]


def test_what_adds_no_more_than_for_most_is_no_reason():
    """A share that adds 0.3 to everyone sets nobody apart; nor does what lowers the risk."""
    assert [one.topic for one in _told(everyone={"share": 0.3})[0]] == ["payment", "tariff"]
    lowered = ADDED * [[1, 1, 1, -1, -1, 1]]
    assert [one.topic for one in _told(lowered)[0]] == ["competition", "tariff"]


def test_what_sets_apart_from_others_at_risk_comes_first():
    """Late payment is what nearly all who are listed have in common."""
    others = {"late": 0.45, "blocked": 0.1}
    assert _named(_told(riskiest=others))[0] == [
        ("competition", "share", 0.3),
        ("tariff", "plan", 0.2),
        ("payment", "blocked", 0.7),
    ]


def test_weak_reasons_are_left_out():
    """Beside a strong reason a weak one is noise, and next to nothing is none."""
    added = ADDED.copy()
    added[0] = [2.0, 0, 0.3, 0.2, 0.2, -4]
    assert [one.topic for one in _told(added)[0]] == ["competition"]
    added[0] = [0.04, 0, 0, 0, 0, -4]
    assert _told(added)[0] == ()


def test_no_value_is_no_reason_where_most_have_none():
    """No bill, where half of the base has one, is told; where most have none it is not."""
    added = ADDED.copy()
    added[2] = [0, 0, 0, 0.4, 0, -4]
    assert _told(added)[2][0].text == Text("no bill", "无账单")
    usual = VALUES | {"late": Usual(low=0, middle=1, high=1, missing=True)}
    assert _told(added, usual)[2] == ()


def test_a_model_without_what_is_usual_still_tells():
    """Models kept from before know no base: what raises the risk is told by its strength."""
    teller = Teller(ENCODER, SPECS)
    chosen = teller.choose(ADDED, FRAME, 5)
    assert [one.topic for one in teller.reasons(chosen, FRAME)[1]] == ["payment", "tariff"]


def test_reasons_are_worded_in_both_languages_and_blank_where_fewer():
    """Amounts stand beside what is usual, in the unit; blanks stay blank."""
    teller = Teller(ENCODER, SPECS, VALUES)
    chosen = teller.choose(ADDED, FRAME, 3)
    english = teller.columns(chosen, FRAME, "en")
    assert english.to_numpy().tolist() == [
        ["bills paid late: 2", "calls to competitors' numbers: 42 % (usually 12 %)", "plan: gold"],
        ["calls to competitors' numbers: 10 % (usually 12 %)", "", ""],
        ["calls to competitors' numbers: unknown", "", ""],
    ]
    chinese = teller.columns(chosen, FRAME, "zh")
    assert chinese["reason_2"].tolist() == ["拨打竞争对手号码占比：42%（通常12%）", "", ""]
    assert teller.columns(teller.choose(ADDED[:0], FRAME[:0], 3), FRAME[:0], "en").empty


@pytest.mark.parametrize("ranks", [True, False])
def test_what_is_usual_is_measured_on_the_base(ranks):
    """Quartiles and the common level by weight; values outside set apart."""
    frame = pd.DataFrame(
        {"lines": [1.0, 1, 1, 2, 5, None], "plan": ["a", "b", "b", "c", None, "b"]}
    )
    encoder = Encoder.fit(frame, ["lines", "plan"], 0.01)
    usual = usual_values(frame, encoder, np.array([1.0, 1, 1, 1, 1, 9]))
    assert usual["lines"] == Usual(low=1, middle=1, high=2, missing=True)
    assert usual["plan"] == Usual(level="b")
    lines, plan = encoder.sources
    apart = usual["lines"].sets_apart(frame["lines"], lines, ranks=ranks)
    assert apart.tolist() == [False, False, False, not ranks, True, False]
    apart = usual["plan"].sets_apart(frame["plan"], plan, ranks=ranks)
    assert apart.tolist() == [True, False, False, True, True, False]


def test_the_riskiest_are_a_share_of_the_weight():
    """Their mean, and everyone's median, of what each feature adds."""
    added = np.zeros((20, 6))
    added[:, 0] = np.arange(20)
    usual = usual_contributions(added, ENCODER, np.ones(20))
    assert usual["share"] == UsualContribution(everyone=9, riskiest=18.5)
    assert usual["late"] == UsualContribution(everyone=0, riskiest=0)


def test_a_flag_stored_as_a_number_is_still_yes_or_no():
    """Engines deliver every number as float32; the unit says that it is a flag."""
    spec = FeatureSpec(name="hold", family="status", unit="flag", en="on hold", zh="停机保号")
    assert worded(spec, "number", np.float32(1)) == Text("on hold: yes", "停机保号：是")
    assert worded(spec, "number", 0.0).en == "on hold: no"


def test_a_value_below_zero_may_have_its_own_sentence():
    """A contract that ran out is not one with a negative time left."""
    spec = FeatureSpec(
        name="left", family="profile", unit="days", en="contract time left", zh="合约剩余",
        below_zero=Text("contract ended {value} ago", "合约已到期{value}"),
    )  # fmt: skip
    assert worded(spec, "number", -17.0) == Text("contract ended 17 days ago", "合约已到期17天")
    assert worded(spec, "number", 0.0).en == "contract time left: 0 days"
    assert worded(spec, "number", 40.0).zh == "合约剩余40天"


def test_codes_are_called_by_their_words():
    """What the settings or the operator call a code is no business of the reader."""
    spec = FeatureSpec(
        name="state", family="status", en="service state", zh="服务状态",
        words={"soft_suspended": Text("outgoing blocked", "单停")},
    )  # fmt: skip
    assert worded(spec, "text", "soft_suspended") == Text(
        "service state: outgoing blocked", "服务状态：单停"
    )
    assert worded(spec, "text", "X1").zh == "服务状态：X1"


def test_a_spec_takes_the_words_of_a_declared_feature():
    """The declarations of the features need no translation; counts are never missing."""
    specs = specs_by_name(feature for family in FAMILIES for feature in family.features)
    left = specs["contract_days_left"]
    assert worded(left, "number", None) == Text("no commitment", "无合约")
    assert worded(left, "number", -1.0) == Text("contract ended 1 day ago", "合约已到期1天")
    assert worded(specs["state"], "text", "on_hold").zh == "服务状态：停机保号"
    assert worded(specs["days_since_suspension"], "number", 37.0) == Text(
        "last block or suspension: 37 days ago", "最近一次单停或停机：37天前"
    )
    assert worded(specs["bill_shock_6m"], "number", 0.875) == Text(
        "last bill against the mean of those before: 12 % less", "最近一期账单较此前均值少12%"
    )
    assert specs["complaints_90d"].null_means is None
    assert FeatureSpec.model_validate_json(left.model_dump_json()) == left


@pytest.mark.parametrize(
    ("name", "value", "often", "en", "zh"),
    [
        ("faults_90d", 3.0, 1.0, "faults in 90 days: 3 (usually 1)", "近90天故障3次（通常1次）"),
        ("faults_90d", 1.0, 1.0, "faults in 90 days: 1", "近90天故障1次"),
        ("active_days_90d", 31.0, 9.0, None, "近90天使用31天（通常9天）"),
        ("arrears_months_180d", 2.0, None, None, "近180天欠费2个月"),
        ("bills_unpaid_6m", 2.0, None, None, "到期未缴账单2期"),
        ("complaints_open", 1.0, None, "complaints still open: 1", "未结投诉1件"),
        ("key_account_classes", 2.0, None, None, "客户所属大客户类别数：2"),
        ("arrears_amount", 812.7, None, "amount overdue now: 812.70 CNY", "当前欠费812.70元"),
        ("arrears_days", 35.0, None, None, "最早欠费账单已逾期35天"),
        ("value_added_shock_6m", 20.0, None, None, "增值业务费较此前均值增加20.00元"),
        ("discount_loss_6m", -16.0, None, None, "优惠较此前均值增加16.00元"),
        ("bill_shock_6m", 1.0, None, "last bill against the mean of those before: the same",
         "最近一期账单较此前均值持平"),
        ("outgoing_trend_90d", 1.82, None, None, "近30天日均呼出时长较此前60天多82%"),
        ("outgoing_trend_90d", 8.42, None,
         "outgoing talk time a day of the last month against the two before: 8.4 times as much",
         "近30天日均呼出时长为此前60天的8.4倍"),
        ("megabytes_trend_90d", 0.0, None,
         "data of the last month against the two before: down to nothing",
         "近30天流量较此前60天月均降为零"),
        ("recharge_wait_180d", 2.0, None, None, "距上次充值时长为平时充值间隔的2倍"),
    ],
)  # fmt: skip
def test_reasons_read_as_they_would_be_said(name, value, often, en, zh):
    """In Chinese counts run on into what is counted, changes are more, less or a multiple."""
    specs = specs_by_name(feature for family in FAMILIES for feature in family.features)
    text = stated(specs[name], value, often, "CNY")
    assert text.zh == zh
    assert en is None or text.en == en


@pytest.mark.parametrize(
    ("value", "unit", "exact", "written"),
    [
        (0.31, "share", True, "31 %"),
        (0.3125, "share", True, "31.25 %"),
        (0.3125, "share", False, "31 %"),
        (0.0042, "share", False, "0.42 %"),
        (-0.25, "share", False, "−25 %"),
        (1234.567, "currency", False, "1,234.57"),
        (400.0, "days", True, "400 days"),
        (-17.0, "days", True, "−17 days"),
        (1.0, "days", False, "1 day"),
        (37.0, "days ago", False, "37 days ago"),
        (1.0, "days ago", False, "1 day ago"),
        (0.875, "ratio", True, "−12.5 %"),
        (0.881, "ratio", False, "−12 %"),
        (1.0000001, "ratio", False, "0 %"),
        (1.034, "ratio", False, "+3.4 %"),
        (12.37, "ratio", False, "+1137 %"),
        (1.0, "ratio", True, "0 %"),
        (-5.0, "currency", False, "−5.00"),
        (123456.0, "count", False, "123456"),
        (0.0, "count", False, "0"),
        (2.3456, "", False, "2.35"),
        (1e-07, "", True, "0.0000001"),
    ],
)
def test_numbers_are_written_without_exponent_or_noise(value, unit, exact, written):
    """Thresholds keep every digit, values are rounded to what a reader takes in."""
    assert number(value, unit, "en", exact=exact) == written


def test_chinese_numbers_stand_close_to_their_units():
    """No spaces, as Chinese is set."""
    found = [
        number(value, unit, "zh")
        for value, unit in ((0.55, "share"), (37, "days"), (12.5, "MB"), (3, "days ago"))
    ]
    assert found == ["55%", "37天", "12.5MB", "3天前"]
