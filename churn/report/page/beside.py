"""What the night tells beside its list: early warnings, and the operator's own indicators."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

import pandas as pd

from churn.evaluation.intervals import Interval
from churn.indicators import INDICATORS, has_figure
from churn.language import Text
from churn.report.notes import why_missing
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import bounds, count, money, percent
from churn.report.page.tables import TableColumn, note, numbers, table
from churn.report.parts import EarlyWarnings, Indicators
from churn.report.words import CODES, NOTHING, in_currency, indicator_label, worded
from churn.targeting import NOT_SELECTED

_TOTAL = "total"


def warnings_section(warnings: EarlyWarnings, currency: str) -> Content:
    """Return every warning with what the night decided of whom it speaks of."""
    parts = warnings.speaking()
    decided = sorted(
        {code for frame in parts.values() for code in frame["tonight"].dropna()},
        key=lambda code: (code != "contact", code != "leave_alone", code),
    )
    words = {"": dict(CODES), "tonight": dict(NOT_SELECTED)}
    spoken = table(
        Text("Warnings, and what tonight's list decided", "预警及今晚名单的决定"),
        TableColumn(Text("Warning", "预警"), [CODES[code] for code in parts]),
        numbers(Text("Lines", "用户数"), (len(frame) for frame in parts.values()), count),
        *(
            numbers(
                worded(code, "tonight", words),
                ((frame["tonight"] == code).sum() for frame in parts.values()),
                count,
            )
            for code in decided
        ),
        numbers(
            in_currency(Text("Monthly bills", "月均账单合计"), currency),
            (frame["average_bill"].astype("float64").sum() for frame in parts.values()),
            money,
        ),
        stacked=True,
    )
    told = Text(
        "Each line stands in expiring.xlsx. A warning contacts nobody: the list decides, once for "
        "each customer.",
        "明细见 expiring.xlsx。预警本身不触发联系：是否联系由名单统一决定，每客户一次。",
    )
    return (element("p", told), spoken)


def indicators_section(indicators: Indicators, currency: str) -> Content:
    """Return the indicators of the last whole month and of the running one."""
    rows = indicators.figures
    total = rows[rows["dimension"] == _TOTAL]
    whole = [period for period in indicators.periods if period.whole][-1:]
    running = [period for period in indicators.periods if not period.whole]
    told = Text(
        "By region, manager, tier and product in kpis.xlsx.",
        "按区域、客户经理、等级和产品的明细见 kpis.xlsx。",
    )
    months = [(total[total["period"] == period.name], period) for period in (*whole, *running)]
    return (
        element("p", told),
        [element("p", reason) for reason in why_missing(indicators.missing)],
        [
            (_of_month(rows[has_figure(rows)], period.label, currency), _untold(rows))
            for rows, period in months
        ],
    )


def _untold(rows: pd.DataFrame) -> Element | None:
    """Name the indicators of which no figure can be told, neither of now nor of before."""
    codes = rows.loc[~has_figure(rows), "indicator"]
    if codes.empty:
        return None
    labels = [INDICATORS[str(code)].label for code in codes]
    en, zh = ", ".join(label.en for label in labels), "、".join(label.zh for label in labels)
    return element(
        "p",
        Text(
            f"No figure yet, for want of data or of enough contacts whose outcome is known: {en}.",
            f"数据不足或结果已知的联系过少，暂无数值：{zh}。",
        ),
        class_="soft",
    )


def _of_month(rows: pd.DataFrame, month: Text, currency: str) -> Element:
    records = rows.to_dict("records")
    kinds = [INDICATORS[str(row["indicator"])] for row in records]
    shares = [kind.is_share for kind in kinds]
    both = list(zip(records, shares, strict=True))
    return table(
        Text(f"Indicators, {month.en}", f"运营指标：{month.zh}"),
        TableColumn(
            Text("Indicator", "指标"),
            [
                (indicator_label(str(row["indicator"]), currency), note(kind.definition))
                for row, kind in zip(records, kinds, strict=True)
            ],
        ),
        TableColumn(
            Text("Figure", "数值"),
            [
                (
                    _shown(row["share"] if share else row["amount"], share=share),
                    note(_interval(row, share=share)),
                )
                for row, share in both
            ],
            number=True,
        ),
        *(
            TableColumn(label, [_shown(row[name], share=share) for row, share in both], number=True)
            for label, name in (
                (Text("Last month", "上月"), "last_month"),
                (Text("Same weeks of last year", "去年同周"), "last_year"),
            )
        ),
        stacked=True,
    )


def _interval(row: Mapping[Hashable, float], *, share: bool) -> str:
    if pd.isna(row["lower"]):
        return ""
    value = row["share" if share else "amount"]
    interval = Interval(value=value, lower=row["lower"], upper=row["upper"])
    return bounds(interval, percent if share else money)


def _shown(value: float, *, share: bool) -> str:
    if pd.isna(value):
        return NOTHING
    if share:
        return percent(value)
    return count(value) if math.isclose(value, round(value)) else money(value)
