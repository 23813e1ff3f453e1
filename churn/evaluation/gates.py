"""The gate: whether a head's model may send people out. One rule for sample, data and operators.

The test average precision's lower 95 % bound lies above the base rate; there are enough test
churners; observed/expected is not shown to be off; the audit has no open finding. Every rule
reports its figures and its sentence, passed or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from churn.causes import RISKS
from churn.evaluation.intervals import Interval
from churn.evaluation.settings import EvaluationSettings
from churn.frozen import Frozen
from churn.language import Text

HEADS: Mapping[str, Text] = MappingProxyType(
    {
        **{cause: Text(risk.word.en, risk.text.zh) for cause, risk in RISKS.items()},
        "target": Text("the target", "目标"),
    }
)
"""What the heads are called."""


class GateRule(Frozen):
    """One rule of the gate, its outcome, its figures and its sentence."""

    code: str
    passed: bool
    figures: dict[str, float | None]
    wording: Text


class GateVerdict(Frozen):
    """What the gate says about one head."""

    head: str
    audit_run: bool
    rules: tuple[GateRule, ...]

    @property
    def passed(self) -> bool:
        """Whether every rule passed."""
        return all(rule.passed for rule in self.rules)

    @property
    def failed(self) -> tuple[GateRule, ...]:
        """The rules that did not pass."""
        return tuple(rule for rule in self.rules if not rule.passed)

    @property
    def wording(self) -> Text:
        """The verdict in one sentence, without figures that take a statistician."""
        head = HEADS.get(self.head, Text(self.head, self.head))
        if not self.passed:
            head = Text(f"{head.en}: fails the gate", f"{head.zh}：未通过准入")
        texts = [text for rule in self.rules if (text := _plain(rule)) is not None]
        en, zh = "; ".join(text.en for text in texts), "；".join(text.zh for text in texts)
        return Text(f"{head.en}: {en}", f"{head.zh}：{zh}")

    @property
    def details(self) -> tuple[Text, ...]:
        """The sentences with the figures, of what was looked at."""
        return tuple(rule.wording for rule in self.rules if rule.code != "audit" or self.audit_run)


def _plain(rule: GateRule) -> Text | None:
    """Say what a rule found to a reader who knows no statistics; None where that is nothing."""
    figures = rule.figures
    if rule.code == "skill":
        if rule.passed:
            return Text("the model ranks clearly better than chance", "模型排序明显优于随机")
        return Text("the model is not shown to rank better than chance", "未显示模型排序优于随机")
    if rule.code == "calibration":
        return _plainly_calibrated(rule)
    if rule.passed:
        return None
    if rule.code == "churners":
        there, needed = figures["test_churners"], figures["needed"]
        return Text(
            f"{there:,.0f} test churners are too few, {needed:,.0f} are needed",
            f"测试集仅有流失用户{there:,.0f}户，至少需要{needed:,.0f}户",
        )
    findings = figures["open_findings"]
    return Text(
        f"the leak audit has {findings:,.0f} open findings", f"泄漏审计有{findings:,.0f}项未决问题"
    )


def _plainly_calibrated(rule: GateRule) -> Text:
    ratio, low, high = (rule.figures[name] for name in ("observed_expected", "low", "high"))
    if ratio is None or low is None or high is None:
        return Text("expected and observed churn cannot be compared", "预期与实际流失无法比较")
    en, zh = "differ", "不符"
    if rule.passed:
        inside = low <= ratio <= high
        en, zh = ("agree", "相符") if inside else ("are not shown to differ", "未见显著差异")
    return Text(
        f"expected and observed churn {en} ({ratio:.2f})", f"预期与实际流失{zh}（{ratio:.2f}）"
    )


def _rule(code: str, wording: Text, *, passed: bool, **figures: float | None) -> GateRule:
    defined = {name: None if figure != figure else figure for name, figure in figures.items()}  # noqa: PLR0124 - NaN is the only value unlike itself
    return GateRule(code=code, passed=passed, figures=defined, wording=wording)


def _skill(precision: Interval, base_rate: float) -> GateRule:
    passed = precision.lower > base_rate
    en, zh = ("lies above", "高于") if passed else ("does not lie above", "未高于")
    wording = Text(
        f"the lower bound {precision.lower:.4f} of test average precision {en} "
        f"the base rate {base_rate:.4f}" + ("" if passed else ": no skill shown"),
        f"测试平均精度的下限{precision.lower:.4f}{zh}基准流失率{base_rate:.4f}"
        + ("" if passed else "：未显示预测能力"),
    )
    return _rule(
        "skill", wording, passed=passed, average_precision=precision.value,
        lower=precision.lower, upper=precision.upper, base_rate=base_rate,
    )  # fmt: skip


def _enough(churners: int, needed: int) -> GateRule:
    wording = Text(
        f"{churners:,} test churners, at least {needed:,} needed",
        f"测试集流失用户{churners:,}户，至少需要{needed:,}户",
    )
    passed = churners >= needed
    return _rule("churners", wording, passed=passed, test_churners=churners, needed=needed)


def _calibrated(ratio: Interval, low: float, high: float) -> GateRule:
    passed = ratio.meets(low, high)
    en, zh = ("meets", "与") if passed else ("misses", "不与")
    wording = Text(
        f"observed/expected {ratio.value:.3f}, its interval [{ratio.lower:.3f}, "
        f"{ratio.upper:.3f}] {en} [{low:g}, {high:g}]",
        f"实际/预期为{ratio.value:.3f}，其区间[{ratio.lower:.3f}, {ratio.upper:.3f}]"
        f"{zh}[{low:g}, {high:g}]相交",
    )
    return _rule(
        "calibration", wording, passed=passed, observed_expected=ratio.value,
        lower=ratio.lower, upper=ratio.upper, low=low, high=high,
    )  # fmt: skip


def _audit(findings: int | None) -> GateRule:
    if findings is None:
        wording = Text("the leak audit was not run", "未做泄漏审计")
    else:
        wording = Text(f"{findings:,} open audit findings", f"未决审计问题{findings:,}项")
    return _rule("audit", wording, passed=not findings, open_findings=findings)


def gate(
    head: str,
    *,
    average_precision: Interval,
    base_rate: float,
    test_churners: int,
    observed_expected: Interval,
    open_findings: int | None,
    settings: EvaluationSettings,
) -> GateVerdict:
    """Judge one head on its test part.

    Parameters
    ----------
    head
        A cause of :data:`churn.causes.CAUSES`.
    test_churners
        Distinct subscribers who left for this head's cause in the test part.
    open_findings
        Open findings of the leak audit; None where it was not run: the gate then rests on the
        other rules and the verdict says so.

    Returns
    -------
    GateVerdict
        An undefined figure (NaN) never passes.
    """
    return GateVerdict(
        head=head,
        audit_run=open_findings is not None,
        rules=(
            _skill(average_precision, base_rate),
            _enough(test_churners, settings.min_test_churners),
            _calibrated(observed_expected, settings.calibration_low, settings.calibration_high),
            _audit(open_findings),
        ),
    )
