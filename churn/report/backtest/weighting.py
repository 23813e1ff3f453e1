"""What past campaigns do to a model: weighted training beside a copy that ignores them."""

from __future__ import annotations

from collections.abc import Sequence

from churn.evaluation.backtest import BacktestResult
from churn.evaluation.groups import ENOUGH, Group
from churn.language import Text
from churn.report.page.charts import Dots, axis_of, dot_figure
from churn.report.page.heads import CAUSE_WORDS
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import count, percent, points, tick, tick_percent, with_bounds
from churn.report.page.tables import TableColumn, columns, numbers, table

_OBSERVED = Text("observed without contact", "未联系时的实际")
_WEIGHTED = Text("weighted training", "加权训练")
_PLAIN = Text("all weights 1", "权重全为 1")


def weighting_section(result: BacktestResult) -> Content:
    """Return both heads' comparison, or say why there is none."""
    treated = sum(night.treated for night in result.nights)
    controls = sum(night.controls for night in result.nights)
    scored = sum(night.eligible for night in result.nights)
    if not any(head.groups for head in result.pooled.values()):
        words = (
            Text(
                "No campaign touched the rows that models learned from: weighting changes nothing "
                "there, and no copy without weights was trained.",
                "训练数据未受营销活动影响：加权不起作用，未训练未加权副本。",
            )
            if result.copies
            else Text(
                "No copy with all weights 1 was trained (backtest.unweighted).",
                "未训练权重全为 1 的副本（backtest.unweighted）。",
            )
        )
        return element("p", words)
    intro = Text(
        f"Campaigns contacted {percent(treated / scored)} of the scored before their outcome was "
        f"decided and left {percent(controls / scored)} alone as controls. Customers whom a "
        "contact kept look like stayers. So training corrects what it learned from all rows on "
        "those no contact touched, controls standing in for the treated, and calibrates on these "
        "alone; the copy takes every row as it is. Both are set beside what happened "
        "to controls and to those never selected, which is the risk without contact. Boosting in "
        "both; groups are cut by the mean of both chances.",
        f"营销活动在结果确定前联系了 {percent(treated / scored)} 的评分用户，"
        f"并保留 {percent(controls / scored)} 为对照。被挽留的用户看似未流失，"
        "故模型先学习全部样本，再用未受联系的样本（由对照代表已联系者）修正，并仅以其校准；"
        "副本则不作加权。两者均与对照及未入选者的实际结果"
        "（即未联系时的风险）比较。两者均为提升树，按两者概率均值分组。",
    )
    return (
        element("p", intro),
        [
            (element("h3", CAUSE_WORDS[cause]), _head(head.groups))
            for cause, head in result.pooled.items()
            if head.groups
        ],
    )


def _head(groups: Sequence[Group]) -> Content:
    judged = [group for group in groups if group.events >= ENOUGH]
    nearer = sum(group.nearer for group in judged)
    verdict = (
        Text(
            f"Of the {len(judged)} groups with at least {ENOUGH} churners, weighted training is "
            f"nearer to the risk without contact in {nearer}.",
            f"流失不少于 {ENOUGH} 的 {len(judged)} 组中，有 {nearer} 组加权训练更接近未联系时的"
            "风险。",
        )
        if judged
        else Text(
            f"No group has {ENOUGH} churners: too few to tell which training is nearer.",
            f"各组流失均不足 {ENOUGH}：尚不足以判断孰近。",
        )
    )
    names = [str(place) for place in range(1, len(groups) + 1)]
    x = Text("groups, calmest to riskiest", "分组（风险由低到高）")
    risks = [
        Dots.bare(_OBSERVED, (group.reference for group in groups), 4),
        Dots.bare(_WEIGHTED, (group.first for group in groups)),
        Dots.bare(_PLAIN, (group.second for group in groups), 1, hollow=True),
    ]
    by = Text("How much nearer is weighted training?", "加权训练近多少？")
    reading = Text(
        "Above 0 weighted training is nearer; the whisker is the paired 95 % interval.",
        "大于 0 表示加权训练更接近；须线为配对 95 % 区间。",
    )
    closer = [group.closer for group in groups]
    gaps = [Dots(by, tuple((gap.value * 100, gap.lower * 100, gap.upper * 100) for gap in closer))]
    share = axis_of(risks, Text("share that left", "流失占比"), tick_percent)
    distance = axis_of(gaps, Text("percentage points", "百分点"), tick)
    title = Text("Promised and observed", "预期与实际")
    return (
        columns(
            dot_figure(title, verdict, names, risks, x, share),
            dot_figure(by, reading, names, gaps, x, distance),
        ),
        _table(groups),
    )


def _table(groups: Sequence[Group]) -> Element:
    return table(
        Text(
            "The groups in figures; above 0 points weighted training is nearer",
            "各组数据；大于 0 表示加权训练更接近",
        ),
        TableColumn(Text("Group", "组"), range(1, len(groups) + 1)),
        numbers(Text("Rows", "行数"), (group.rows for group in groups), count),
        numbers(Text("Left", "流失数"), (group.events for group in groups), count),
        numbers(_OBSERVED + ", %", (group.reference for group in groups), points),
        numbers(_WEIGHTED + ", %", (group.first for group in groups), points),
        numbers(_PLAIN + ", %", (group.second for group in groups), points),
        TableColumn(
            Text("Nearer by, points", "更接近（百分点）"),
            (with_bounds(group.closer, points) for group in groups),
            number=True,
        ),
    )
