"""The part of a watch that tells what is otherwise than when the model in place learned."""

from __future__ import annotations

import math

from churn.causes import RISKS, HeadName
from churn.language import Text
from churn.monitoring.record import Record
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import count, figure, percent
from churn.report.page.tables import TableColumn, measured, numbers, table
from churn.report.watch import AGES_AS_LEARNED, LAST_YEAR, level_verdict
from churn.report.words import NOTHING
from churn.tables import TABLES


def drift_of(record: Record) -> Content:
    """Return base rates, tables of another age, and what drifted of inputs, chances, reasons."""
    return (_base_rates(record), _data_ages(record), _inputs(record))


def _base_rates(record: Record) -> Element | None:
    if not record.base_rates:
        return None
    rates = record.base_rates
    return table(
        Text(
            "What share leaves, beside what the model learned from and the same weeks of last year",
            "流失比例，与模型训练期及去年同期相比",
        ),
        TableColumn(Text("Cause", "流失类型"), (RISKS[each.head].text for each in rates)),
        TableColumn(Text("Night", "夜晚"), (str(each.night) for each in rates)),
        TableColumn(
            Text("Base rate", "基准流失率"),
            (measured(each.now, percent) for each in rates),
            number=True,
        ),
        numbers(Text("Learned from", "训练期"), (each.learned for each in rates), percent),
        TableColumn(
            Text("Last year", "去年同期"),
            (NOTHING if each.last_year is None else percent(each.last_year) for each in rates),
            number=True,
        ),
        TableColumn(
            Text("Verdict", "结论"),
            (level_verdict(told=each.told, as_last_year=each.as_last_year) for each in rates),
        ),
        stacked=True,
    )


def _data_ages(record: Record) -> Element | None:
    told = [each for each in record.data_ages if each.told]
    if not told:
        return element("p", AGES_AS_LEARNED) if record.data_ages else None
    return table(
        Text(
            "Tables whose data is not as old as when the model learned, in days",
            "数据时效与训练期不同的数据表（天）",
        ),
        TableColumn(Text("Table", "数据表"), (TABLES[each.table].label for each in told)),
        numbers(Text("Now", "当前"), (each.now for each in told), count),
        numbers(Text("Learned from", "训练期"), (each.usual for each in told), figure),
        TableColumn(
            Text("Last year", "去年同期"),
            (NOTHING if each.last_year is None else count(each.last_year) for each in told),
            number=True,
        ),
        TableColumn(
            Text("Verdict", "结论"),
            (level_verdict(told=each.told, as_last_year=each.as_last_year) for each in told),
        ),
        stacked=True,
    )


def _inputs(record: Record) -> Content:
    if record.drift is None:
        why = Text(
            "No night that the model in place has scored, or its panel, is stored.",
            "未保存在用模型评分的夜晚或其训练数据。",
        )
        return element("p", why)
    if not record.drift:
        none = Text(
            "None is distributed otherwise than what the model learned from.",
            "与训练所用数据相比，分布均无显著变化。",
        )
        return element("p", none)
    causes: list[HeadName] = [
        cause for cause in RISKS if any(cause in each.moves for each in record.drift)
    ]
    return table(
        Text(
            "Inputs that are others than those learned from, by what they move in the score; "
            "chances and reasons that are others than on the first night scored",
            "与训练所用数据相比分布有变的输入（按对评分的影响排序），以及与首个评分夜相比有变的概率与原因",
        ),
        TableColumn(
            Text("Input", "输入"),
            (
                Text(*record.words.get(each.feature, (each.feature, each.feature)))
                for each in record.drift
            ),
        ),
        *(
            numbers(
                Text("Logit, ", "对数几率，") + RISKS[cause].word,
                [each.moves.get(cause, math.nan) for each in record.drift],
                figure,
            )
            for cause in causes
        ),
        numbers(
            Text("Stability index", "稳定性指数"), (each.index for each in record.drift), figure
        ),
        TableColumn(
            Text("Last year", "去年同期"),
            (
                NOTHING if each.as_last_year is None else LAST_YEAR[each.as_last_year]
                for each in record.drift
            ),
        ),
        stacked=True,
    )
