"""Reasons are families that raise the risk, told by their most telling feature."""

import numpy as np
import pandas as pd
import pytest

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
        {"name": "late", "family": "arrears", "en": "paid late", "zh": "逾期缴费"},
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
    """Values carry their unit; missing ones are unknown."""
    found = find_reasons(CONTRIBUTIONS, FRAME, ENCODER, SPECS, 3)
    english = reason_columns(found, "en", 3, FRAME.index)
    assert english.to_numpy().tolist() == [
        [
            "calls to competitors' numbers: 42 % (raises the risk)",
            "paid late: yes (raises the risk)",
            "plan: gold (raises the risk)",
        ],
        ["plan: basic (raises the risk)", "", ""],
        [
            "paid late: unknown (raises the risk)",
            "plan: unknown (raises the risk)",
            "minutes: 30 minutes (raises the risk)",
        ],
    ]
    chinese = reason_columns(found, "zh", 3, FRAME.index)
    assert chinese["reason_1"].tolist() == [
        "拨打竞争对手号码占比：42 %（提高流失风险）",
        "套餐：basic（提高流失风险）",
        "逾期缴费：未知（提高流失风险）",
    ]


def test_a_flag_stored_as_a_number_is_still_yes_or_no():
    """Engines deliver every number as float32; the unit says that it is a flag."""
    spec = FeatureSpec(name="hold", family="status", unit="flag", en="on hold", zh="停机保号")
    assert worded(spec, "number", np.float32(1)) == Text(
        "on hold: yes (raises the risk)", "停机保号：是（提高流失风险）"
    )
    assert worded(spec, "number", 0.0).en == "on hold: no (raises the risk)"


@pytest.mark.parametrize(
    ("value", "unit", "exact", "written"),
    [
        (0.31, "share", True, "31 %"),
        (0.3125, "share", True, "31.25 %"),
        (0.3125, "share", False, "31 %"),
        (0.0042, "share", False, "0.42 %"),
        (-0.25, "share", False, "-25 %"),
        (1234.567, "currency", False, "1234.57"),
        (400.0, "days", True, "400 days"),
        (1.0, "days", False, "1 day"),
        (123456.0, "count", False, "123456"),
        (0.0, "count", False, "0"),
        (2.3456, "", False, "2.35"),
        (1e-07, "", True, "0.0000001"),
    ],
)
def test_numbers_are_written_without_exponent_or_noise(value, unit, exact, written):
    """Thresholds keep every digit, values are rounded to what a reader takes in."""
    assert number(value, unit, "en", exact=exact) == written
