"""What learners and metrics are called, how each is written, and what no skill would give."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from churn.language import Text
from churn.learning.heads import HeadReport
from churn.report.page.numbers import Shown, figure, money, percent

LEARNERS: Mapping[str, Text] = MappingProxyType(
    {
        "boosting": Text("Boosting", "提升树"),
        "tree": Text("Decision tree", "决策树"),
        "network": Text("Neural network", "神经网络"),
        "combination": Text("Combination", "组合模型"),
    }
)
METHODS: Mapping[str, Text] = MappingProxyType(
    {
        "none": Text("none", "不处理"),
        "weights": Text("class weights", "类别加权"),
        "undersampling": Text("undersampling", "欠采样"),
        "smote": Text("SMOTE-NC", "SMOTE-NC 过采样"),
        "balanced_bagging": Text("balanced bagging", "平衡装袋"),
        "easy_ensemble": Text("EasyEnsemble", "EasyEnsemble 集成"),
    }
)


@dataclass(frozen=True)
class MetricWords:
    """One metric: its name, how to read it, how it is written.

    Parameters
    ----------
    chance
        What a model without skill would reach, from the head's report; None where there is no
        such figure.
    """

    label: Text
    reading: Text | None
    shown: Shown
    chance: Callable[[HeadReport], float] | None = None


def base_rate(report: HeadReport) -> float:
    """Return the share of churners in the test part."""
    return report.base_rate.get("test", math.nan)


def _list_share(report: HeadReport) -> float:
    mass = sum(group.mass for group in report.reliability)
    return min(1.0, report.list_size / mass) if mass > 0 else math.nan


def _brier(report: HeadReport) -> float:
    rate = base_rate(report)
    return rate * (1 - rate)


def _log_loss(report: HeadReport) -> float:
    rate = base_rate(report)
    if not 0 < rate < 1:
        return math.nan
    return -rate * math.log(rate) - (1 - rate) * math.log(1 - rate)


_HIGH, _LOW = Text("higher is better", "越高越好"), Text("lower is better", "越低越好")
_ONE = Text("1 is right", "1 为准确")
_PER_CUSTOMER = Text("currency per customer, reference case", "每客户金额，参考情形")

METRICS: Mapping[str, MetricWords] = MappingProxyType(
    {
        "average_precision": MetricWords(
            Text("Average precision", "平均精度"), _HIGH, percent, base_rate
        ),
        "roc_auc": MetricWords(Text("ROC AUC", "ROC AUC"), _HIGH, figure, lambda _: 0.5),
        "precision_at_list": MetricWords(
            Text("Churners in the list", "名单内流失占比"), _HIGH, percent, base_rate
        ),
        "recall_at_list": MetricWords(
            Text("Churners the list reaches", "名单覆盖的流失用户"), _HIGH, percent, _list_share
        ),
        **{
            f"lift_{share}": MetricWords(
                Text(f"Lift, riskiest {share} %", f"最高风险 {share} % 的提升度"),
                _HIGH,
                figure,
                lambda _: 1.0,
            )
            for share in (1, 5, 10)
        },
        "observed_expected": MetricWords(
            Text("Observed / expected", "实际 / 预期"), _ONE, figure, lambda _: 1.0
        ),
        "observed_expected_in_list": MetricWords(
            Text("Observed / expected in the list", "名单内实际 / 预期"), _ONE, figure
        ),
        "brier": MetricWords(Text("Brier score", "Brier 分数"), _LOW, figure, _brier),
        "log_loss": MetricWords(Text("Log loss", "对数损失"), _LOW, figure, _log_loss),
        "profit_of_list": MetricWords(
            Text("Profit of the list", "名单收益"),
            Text("currency, reference case", "金额，参考情形"),
            money,
            lambda _: 0.0,
        ),
        "mpc": MetricWords(Text("MPC", "MPC"), _PER_CUSTOMER, figure, lambda _: 0.0),
        "empc": MetricWords(Text("EMPC", "EMPC"), _PER_CUSTOMER, figure, lambda _: 0.0),
    }
)
LIFTS = ("lift_1", "lift_5", "lift_10")


def learner_name(name: str) -> Text:
    """Return what a learner is called, its code where nobody has named it."""
    return LEARNERS.get(name) or Text(name, name)


def metric_words(name: str) -> MetricWords:
    """Return the wording of a metric, its code where nobody has named it."""
    return METRICS.get(name) or MetricWords(Text(name, name), None, figure)


def reading_order(name: str) -> tuple[int, str]:
    """Return where a metric stands in a table: the known in their order, then the others."""
    known = list(METRICS)
    return (known.index(name) if name in known else len(known), name)
