"""The gate: each rule alone can fail it, and it says when no audit was run."""

import pytest

from churn.evaluation.gates import GateVerdict, gate
from churn.evaluation.intervals import Interval
from churn.evaluation.settings import EvaluationSettings

GOOD = {
    "average_precision": Interval(value=0.05, lower=0.03, upper=0.07),
    "base_rate": 0.01,
    "test_churners": 200,
    "observed_expected": Interval(value=1.1, lower=0.9, upper=1.3),
    "open_findings": 0,
}


def _gate(**changed):
    return gate("active", settings=EvaluationSettings(), **(GOOD | changed))


def _interval(lower, upper):
    return Interval(value=(lower + upper) / 2, lower=lower, upper=upper)


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
    """An audit that was not run is no pass in silence."""
    verdict = _gate(open_findings=None)
    assert not verdict.audit_run
    assert "audit was not run" in verdict.wording.en
    assert "未做泄漏审计" in verdict.wording.zh
    assert "audit" not in _gate().wording.en


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
