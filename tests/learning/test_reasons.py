"""Reasons are families that raise the risk, told by their most telling feature."""

import numpy as np
import pandas as pd
import pytest

from churn.features import FAMILIES
from churn.language import Text
from churn.learning.encoding import Encoder
from churn.learning.reasons import by_feature, find_reasons, reason_columns, worded
from churn.learning.wording import FeatureSpec, number, specs_by_name

SPECS = specs_by_name(
    [
        {"name": "share", "family": "calls", "unit": "share",
         "en": "calls to competitors' numbers", "zh": "拨打竞争对手号码占比"},
        {"name": "minutes", "family": "calls", "unit": "minutes",
         "en": "minutes", "zh": "通话时长"},
        {"name": "plan", "family": "contract", "en": "plan", "zh": "套餐"},
        {"name": "late", "family": "arrears", "en": "paid late", "zh": "逾期缴费",
         "null_means": Text("no bill fell due", "无到期账单")},
    ]
)  # fmt: skip
FRAME = pd.DataFrame(
    {
        "share": np.array([0.4167, 0.1, np.nan], dtype=np.float32),
        "minutes": [10.0, 20, 30],
        "plan": ["gold", "basic", None],
        "late": pd.array([True, False, pd.NA], dtype="boolean"),
    }
)
ENCODER = Encoder.fit(FRAME, list(SPECS), 0.01)
# columns: share, minutes, plan=basic, plan=gold, plan missing, late, base
CONTRIBUTIONS = np.array(
    [
        [0.5, -0.1, 0.1, 0.1, 0.0, 0.3, -4],
        [0.2, -0.3, 0.1, 0.0, 0.0, 0.0, -4],
        [0.1, 0.2, 0.0, -0.1, 0.5, 0.4, -4],
    ]
)


def _families(top=3):
    found = find_reasons(CONTRIBUTIONS, FRAME, ENCODER, SPECS, top)
    return [[(one.family, one.feature, round(one.contribution, 6)) for one in row] for row in found]


def test_the_columns_of_a_text_are_one_feature():
    """One-hot columns are added up before anything is ranked."""
    np.testing.assert_allclose(
        by_feature(CONTRIBUTIONS, ENCODER),
        [[0.5, -0.1, 0.2, 0.3], [0.2, -0.3, 0.1, 0.0], [0.1, 0.2, 0.4, 0.4]],
    )


def test_families_are_ranked_by_their_sum_and_only_risks_are_told():
    """A family that lowers the risk, or does nothing, is no reason to call."""
    assert _families() == [
        [("calls", "share", 0.4), ("arrears", "late", 0.3), ("contract", "plan", 0.2)],
        [("contract", "plan", 0.1)],
        [("arrears", "late", 0.4), ("contract", "plan", 0.4), ("calls", "minutes", 0.3)],
    ]
    assert [len(row) for row in _families(top=1)] == [1, 1, 1]


def test_reasons_are_worded_in_both_languages_and_blank_where_fewer():
    """Values carry their unit; a missing one is what it means, or else unknown."""
    found = find_reasons(CONTRIBUTIONS, FRAME, ENCODER, SPECS, 3)
    english = reason_columns(found, "en", 3, FRAME.index)
    assert english.to_numpy().tolist() == [
        [
            "calls to competitors' numbers: 42 %",
            "paid late: yes",
            "plan: gold",
        ],
        ["plan: basic", "", ""],
        [
            "no bill fell due",
            "plan: unknown",
            "minutes: 30 minutes",
        ],
    ]
    chinese = reason_columns(found, "zh", 3, FRAME.index)
    assert chinese["reason_1"].tolist() == [
        "拨打竞争对手号码占比：42%",
        "套餐：basic",
        "无到期账单",
    ]


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
    assert worded(spec, "number", 40.0).zh == "合约剩余：40天"


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
        "last bill against the mean of those before: −12 %", "最近一期账单较此前均值：−12%"
    )
    assert specs["complaints_90d"].null_means is None
    assert FeatureSpec.model_validate_json(left.model_dump_json()) == left


@pytest.mark.parametrize(
    ("value", "unit", "exact", "written"),
    [
        (0.31, "share", True, "31 %"),
        (0.3125, "share", True, "31.25 %"),
        (0.3125, "share", False, "31 %"),
        (0.0042, "share", False, "0.42 %"),
        (-0.25, "share", False, "−25 %"),
        (1234.567, "currency", False, "1234.57"),
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
