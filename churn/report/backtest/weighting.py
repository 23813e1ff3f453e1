"""What past campaigns do to a model: weighted training beside a copy that ignores them."""

from __future__ import annotations

from collections.abc import Sequence

from churn.evaluation.backtest import BacktestResult
from churn.evaluation.groups import ENOUGH, Group
from churn.language import Language, Text
from churn.report.page.axes import Axis
from churn.report.page.charts import Dots, dot_chart
from churn.report.page.markup import Markup, element, join
from churn.report.page.numbers import bounds, count, percent, points, tick, tick_percent
from churn.report.page.tables import Head, table
from churn.report.page.tables import figure as chart
from churn.report.page.tonight import CAUSE_WORDS


def weighting_section(result: BacktestResult, language: Language) -> Markup:
    """Return both heads' comparison, or say why there is none."""
    treated = sum(night.treated for night in result.nights)
    controls = sum(night.controls for night in result.nights)
    scored = sum(night.eligible for night in result.nights)
    if not any(head.groups for head in result.pooled.values()):
        said = (
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
        return element("p", said.of(language))
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
    ).of(language)
    return join(
        element("p", intro),
        [
            join(element("h3", CAUSE_WORDS[cause].of(language)), _head(head.groups, language))
            for cause, head in result.pooled.items()
            if head.groups
        ],
    )


def _head(groups: Sequence[Group], language: Language) -> Markup:
    judged = [one for one in groups if one.events >= ENOUGH]
    nearer = sum(one.nearer for one in judged)
    said = Text(
        f"Of the {len(judged)} groups with at least {ENOUGH} churners, weighted training is nearer "
        f"to the risk without contact in {nearer}.",
        f"流失不少于 {ENOUGH} 的 {len(judged)} 组中，有 {nearer} 组加权训练更接近未联系时的风险。",
    ).of(language)
    if not judged:
        said = Text(
            f"No group has {ENOUGH} churners: too few to tell which training is nearer.",
            f"各组流失均不足 {ENOUGH}：尚不足以判断孰近。",
        ).of(language)
    weighted, plain = _WEIGHTED.of(language), _PLAIN.of(language)
    names = [str(place) for place in range(1, len(groups) + 1)]
    x = Text("groups, calmest to riskiest", "分组（风险由低到高）").of(language)
    title = Text("Promised and observed", "预期与实际").of(language)
    risk = dot_chart(
        names,
        [
            Dots(_OBSERVED.of(language), tuple((one.reference,) * 3 for one in groups), 4),
            Dots(weighted, tuple((one.first,) * 3 for one in groups)),
            Dots(plain, tuple((one.second,) * 3 for one in groups), 1, hollow=True),
        ],
        x,
        Axis.over(
            [end for one in groups for end in (one.reference, one.first, one.second)],
            Text("share that left", "流失占比").of(language),
            tick_percent,
        ),
        f"{title} {said}",
    )
    by = Text("How much nearer is weighted training?", "加权训练近多少？").of(language)
    told = Text(
        "Above 0 weighted training is nearer; the whisker is the paired 95 % interval.",
        "大于 0 表示加权训练更接近；须线为配对 95 % 区间。",
    ).of(language)
    marks = tuple(
        (one.closer.value * 100, one.closer.lower * 100, one.closer.upper * 100) for one in groups
    )
    closer = dot_chart(
        names,
        [Dots(by, marks)],
        x,
        Axis.over(
            [end for mark in marks for end in mark],
            Text("percentage points", "百分点").of(language),
            tick,
        ),
        f"{by} {told}",
    )
    charts = (chart(title, risk, said), chart(by, closer, told))
    return join(
        element("div", [element("div", one) for one in charts], class_="columns"),
        _table(groups, language),
    )


def _table(groups: Sequence[Group], language: Language) -> Markup:
    heads = [
        Head(Text("Group", "组").of(language)),
        Head(Text("Rows", "行数").of(language), number=True),
        Head(Text("Left", "流失数").of(language), number=True),
        *(Head(f"{name.of(language)}, %", number=True) for name in (_OBSERVED, _WEIGHTED, _PLAIN)),
        Head(Text("Nearer by, points", "更接近（百分点）").of(language), number=True),
    ]
    rows = [
        (
            str(place),
            count(one.rows),
            count(one.events),
            points(one.reference),
            points(one.first),
            points(one.second),
            f"{points(one.closer.value)} {bounds(one.closer, points)}",
        )
        for place, one in enumerate(groups, start=1)
    ]
    caption = Text(
        "The groups in figures; above 0 points weighted training is nearer",
        "各组数据；大于 0 表示加权训练更接近",
    ).of(language)
    return table(caption, heads, rows)


_OBSERVED = Text("observed without contact", "未联系时的实际")
_WEIGHTED = Text("weighted training", "加权训练")
_PLAIN = Text("all weights 1", "权重全为 1")
