"""The gate: each rule alone can fail it, and it says when no audit was run."""

import pytest

from churn.evaluation.gates import GateVerdict, gate
from churn.evaluation.intervals import Interval
from churn.evaluation.settings import EvaluationSettings
from churn.language import Text

GOOD = {
    "average_precision": Interval(value=0.05, lower=0.03, upper=0.07),
    "base_rate": 0.01,
    "test_churners": 200,
    "observed_expected": Interval(value=1.1, lower=0.9, upper=1.3),
    "open_findings": 0,
}


def _interval(lower, upper):
    return Interval(value=(lower + upper) / 2, lower=lower, upper=upper)


def _gate(**changed):
    return gate("active", settings=EvaluationSettings(), **(GOOD | changed))


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        ({}, []),
        ({"average_precision": _interval(0.01, 0.09)}, ["skill"]),
        ({"average_precision": _interval(float("nan"), float("nan"))}, ["skill"]),
        ({"test_churners": 29}, ["churners"]),
        ({"test_churners": 30}, []),
        ({"observed_expected": _interval(0.5, 0.79)}, ["calibration"]),
        ({"observed_expected": _interval(0.5, 0.8)}, []),
        ({"observed_expected": _interval(1.25, 2)}, []),
        ({"observed_expected": _interval(1.26, 2)}, ["calibration"]),
        ({"observed_expected": _interval(float("nan"), float("nan"))}, ["calibration"]),
        ({"open_findings": 1}, ["audit"]),
        ({"open_findings": None}, []),
    ],
)
def test_each_rule_alone_decides(changed, failed):
    """A verdict passes only if all rules do, and names those that do not."""
    verdict = _gate(**changed)
    assert [rule.code for rule in verdict.failed] == failed
    assert verdict.passed == (not failed)


def test_a_gate_without_audit_says_so():
    """An audit that was not run is no pass in silence, but no figure of the head either."""
    verdict = _gate(open_findings=None)
    assert not verdict.audit_run
    assert verdict.rules[-1].wording == Text("the leak audit was not run", "未做泄漏审计")
    assert len(verdict.details) == 3
    assert _gate().details[-1] == Text("0 open audit findings", "未决审计问题0项")


@pytest.mark.parametrize(
    ("changed", "en", "zh"),
    [
        (
            {},
            (
                "active: the model ranks clearly better than chance; "
                "expected and observed churn agree (1.10)"
            ),
            "主动流失：模型排序明显优于随机；预期与实际流失相符（1.10）",
        ),
        (
            {"average_precision": _interval(0.008, 0.02), "open_findings": 2},
            (
                "active: fails the gate: the model is not shown to rank better than chance; "
                "expected and observed churn agree (1.10); the leak audit has 2 open findings"
            ),
            (
                "主动流失：未通过准入：未显示模型排序优于随机；预期与实际流失相符（1.10）；"
                "泄漏审计有2项未决问题"
            ),
        ),
        (
            {"observed_expected": _interval(1.5, 2), "test_churners": 12},
            (
                "active: fails the gate: the model ranks clearly better than chance; "
                "12 test churners are too few, 30 are needed; "
                "expected and observed churn differ (1.75)"
            ),
            (
                "主动流失：未通过准入：模型排序明显优于随机；测试集仅有流失用户12户，至少需要30户；"
                "预期与实际流失不符（1.75）"
            ),
        ),
        (
            {"observed_expected": _interval(0.3, 0.9)},
            (
                "active: the model ranks clearly better than chance; "
                "expected and observed churn are not shown to differ (0.60)"
            ),
            "主动流失：模型排序明显优于随机；预期与实际流失未见显著差异（0.60）",
        ),
        (
            {"observed_expected": _interval(float("nan"), float("nan"))},
            (
                "active: fails the gate: the model ranks clearly better than chance; "
                "expected and observed churn cannot be compared"
            ),
            "主动流失：未通过准入：模型排序明显优于随机；预期与实际流失无法比较",
        ),
    ],
)
def test_the_verdict_is_one_plain_sentence(changed, en, zh):
    """Who knows no statistics reads what the model can do; the figures are details."""
    assert _gate(**changed).wording == Text(en, zh)


def test_the_wording_holds_the_figures_in_both_languages():
    """Analysts read why, not only whether."""
    rule = _gate(average_precision=_interval(0.008, 0.02)).rules[0]
    assert rule.wording.en == (
        "the lower bound 0.0080 of test average precision does not lie above "
        "the base rate 0.0100: no skill shown"
    )
    assert "未高于" in rule.wording.zh
    assert rule.figures["base_rate"] == 0.01


def test_a_verdict_survives_json():
    """The bundle stores it; undefined figures become null."""
    verdict = _gate(observed_expected=_interval(float("nan"), float("nan")), open_findings=None)
    assert GateVerdict.model_validate_json(verdict.model_dump_json()) == verdict
