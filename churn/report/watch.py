"""What a watch is told in, on a terminal and on a page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from churn.causes import RISKS
from churn.evaluation.intervals import Interval
from churn.language import Text
from churn.monitoring import Alarm
from churn.monitoring.record import NightOfHead
from churn.report.words import CUSTOMER_TYPES, PRODUCTS

GROUPS: Mapping[str, Text] = MappingProxyType(
    {
        "all": Text("all scored", "全部评分用户"),
        "top": Text("the riskiest tenth", "风险最高的十分之一"),
        "rest": Text("all but the riskiest tenth", "风险最高十分之一以外"),
    }
)
SEGMENTS: Mapping[str, Text] = MappingProxyType(
    {
        "product": Text("product", "产品"),
        "customer_type": Text("customer type", "客户类型"),
        "region": Text("region", "区域"),
        "plan": Text("plan", "套餐"),
        "bundle": Text("bundle", "融合套餐"),
        "key_account_classes": Text("key account class", "大客户等级"),
        "account_manager": Text("account manager", "客户经理"),
        "opt_outs": Text("opt-outs", "拒绝渠道"),
    }
)
VALUES: Mapping[str, Mapping[str, Text]] = MappingProxyType(
    {"product": PRODUCTS, "customer_type": CUSTOMER_TYPES}
)
"""Values of columns that are codes of ours, not the operator's words."""
PASSED_OVER: Mapping[str, Text] = MappingProxyType(
    {
        "scored by a model trained later": Text(
            "scored by a model trained later", "由之后训练的模型评分"
        ),
        "scored before the model was noted": Text(
            "scored before the model was noted", "评分时未记录模型"
        ),
        "less than four weeks after a watched one": Text(
            "less than four weeks after a watched one", "距上一个监测夜不足四周"
        ),
    }
)


def segment_name(code: str) -> Text:
    """Return what a segment, ``column=value``, is called."""
    column, _, value = code.partition("=")
    words = VALUES.get(column, {}).get(value, value)
    return SEGMENTS.get(column, Text(column, column)) + " " + words


def ratio_of(each: NightOfHead) -> Interval | None:
    """Return observed over expected: half-matured while it is, else measured."""
    if each.nowcast is not None:
        return each.nowcast.ratio
    return each.metrics.get("observed_expected")


def alarm_line(alarm: Alarm) -> Text:
    """Tell the head, the size, since when, and what moved."""
    head, stretch = RISKS[alarm.head].text, alarm.stretch
    ratio = with_interval(stretch.ratio)
    line = Text(
        f"ALARM: {head.en}, {GROUPS[alarm.group].en}: {ratio} times what was promised since "
        f"{stretch.since} (seen {stretch.seen:,.0f}, expected by now {stretch.expected:,.0f}).",
        f"警报：{head.zh}，{GROUPS[alarm.group].zh}：自{stretch.since}起为预测的{ratio}倍"
        f"（已见{stretch.seen:,.0f}，截至目前应见{stretch.expected:,.0f}）。",
    )
    if not alarm.moved:
        return line + Text(
            " No segment stands out: it moved throughout.", "没有突出的分群：整体变动。"
        )
    parts = [
        segment_name(name)
        + Text(
            f" {each.ratio.value:.2f} times ({each.seen - each.expected:+,.0f} departures)",
            f" {each.ratio.value:.2f}倍（{each.seen - each.expected:+,.0f}户）",
        )
        for name, each in alarm.moved[:3]
    ]
    return (
        line
        + Text(" Moved most: ", "变动最大：")
        + Text(", ".join(each.en for each in parts), "、".join(each.zh for each in parts))
        + Text(".", "。")
    )


def old_line(days: int) -> Text:
    """Tell that the model in place is old."""
    return Text(
        f"The model in place was trained {days} days ago: train a challenger (`churn train`).",
        f"在用模型训练于{days}天前：请训练新模型（`churn train`）。",
    )


MAPPING_CHANGED = Text(
    "Extracts are read otherwise than when the model in place was trained (the mapping has "
    "changed): what its features mean may have, too; train a challenger (`churn train`).",
    "在用模型训练之后，抽取文件的映射已改变，特征含义可能随之改变：请训练新模型（`churn train`）。",
)
ABOUT = Text(
    "Half-matured: what is seen, completed by how late outcomes of past snapshots became known; "
    "95 % intervals. By chances alone: the average precision that holds only while churn depends "
    "on what the model reads as it did; no measurement. Treated rows weigh as in training. An "
    "alarm asks for more than an interval without 1: it allows for all that was looked at.",
    "半成熟：以历史快照结果的滞后规律补全已见结果，区间为95%。仅凭概率：仅当流失与模型输入的关系"
    "未变时成立的平均精确率，并非测量值。被干预用户的权重与训练时相同。"
    "单个区间不含1不足以触发警报：警报已按全部查看次数校正。",
)


def with_interval(interval: Interval) -> str:
    """Render a ratio with its interval."""
    return f"{interval.value:.2f} [{interval.lower:.2f}, {interval.upper:.2f}]"


LAST_YEAR: Mapping[bool, Text] = MappingProxyType(
    {True: Text("alike: the season", "相同：季节性"), False: Text("other", "不同")}
)
AS_LAST_YEAR = Text(", but as last year: the season", "，但与去年同期一致：季节性")
NOT_LAST_YEAR = Text(", nor as last year", "，也与去年同期不同")
AS_LEARNED = Text("as learned from", "与训练期一致")
OTHER = Text("not as learned from", "与训练期不同")


def level_verdict(*, told: bool, as_last_year: bool | None) -> Text:
    """Say whether a base rate or a data age is as it was, and if not, whether the season is it."""
    if not told:
        return AS_LEARNED
    if as_last_year is None:
        return OTHER
    return OTHER + (AS_LAST_YEAR if as_last_year else NOT_LAST_YEAR)


AGES_AS_LEARNED = Text(
    "Every table is as old as the model learned from.", "各数据表的时效均与训练期一致。"
)
