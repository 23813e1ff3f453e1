"""``kpis.xlsx``: the operator's indicators, each with its definition, and over time."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from churn.indicators import DIMENSIONS, INDICATORS, Period, has_figure
from churn.language import Text, Words
from churn.learning.wording import priced
from churn.report.book import ListSheet, SummarySheet, write_book
from churn.report.columns import ListColumn
from churn.report.notes import why_missing
from churn.report.parts import HandOut, Indicators
from churn.report.summary import TO_KNOW, Section, definitions, sentences
from churn.report.words import PRODUCTS, indicator_label

_VALUE_WORDS = {
    "key": Text("key accounts", "大客户"),
    "mass": Text("mass market", "大众市场"),
    **PRODUCTS,
}
_PERIOD = ListColumn(
    "period", "code", Text("Month", "月份"), Text("(n d): its days so far", "（n天）：当月已过天数")
)
_INDICATOR = ListColumn(
    "indicator",
    "code",
    Text("Indicator", "指标"),
    Text("defined on the last sheet", "定义见末页"),
    widest=30,
)
_FIGURES = (
    ListColumn(
        "amount",
        "amount",
        Text("Figure", "数值"),
        Text("count, currency a month, or how many times", "数量、月金额或倍数"),
    ),
    ListColumn(
        "amount_before", "amount", Text("Last month", "上月"), Text("the same then", "上月同口径")
    ),
    ListColumn(
        "amount_year",
        "amount",
        Text("Last year", "去年同期"),
        Text("the same weeks of last year", "去年同周"),
    ),
    ListColumn(
        "amount_lower",
        "amount",
        Text("At least", "区间下限"),
        Text("95 % interval of a net change", "净变化95%区间"),
    ),
    ListColumn(
        "amount_upper",
        "amount",
        Text("At most", "区间上限"),
        Text("95 % interval of a net change", "净变化95%区间"),
    ),
    ListColumn(
        "share", "share", Text("Share", "比率"), Text("of what the definition says", "按定义")
    ),
    ListColumn(
        "share_before", "share", Text("Last month", "上月"), Text("the same then", "上月同口径")
    ),
    ListColumn(
        "share_year",
        "share",
        Text("Last year", "去年同期"),
        Text("the same weeks of last year", "去年同周"),
    ),
    ListColumn(
        "lower",
        "share",
        Text("At least", "区间下限"),
        Text("95 % interval of a net share", "净比率95%区间"),
    ),
    ListColumn(
        "upper",
        "share",
        Text("At most", "区间上限"),
        Text("95 % interval of a net share", "净比率95%区间"),
    ),
    ListColumn("n", "count", Text("Over", "分母"), Text("what the share is over", "比率的分母")),
)
_NONE = Text("none on record", "无记录")
_VALUES = {
    "region": Text("Region", "区域"),
    "account_manager": Text("Account manager", "客户经理"),
    "tier": Text("Tier", "层级"),
    "product": Text("Product", "产品"),
}
_SHEETS = {
    "region": Text("By region", "按区域"),
    "account_manager": Text("By manager", "按客户经理"),
    "tier": Text("By tier", "按层级"),
    "product": Text("By product", "按产品"),
}


def write_kpis(night: HandOut, indicators: Indicators) -> bytes:
    """Return ``kpis.xlsx``: months in total, and the last whole month by dimension.

    An indicator of which no figure can be told has no row.
    """
    rows = in_columns(indicators.figures[has_figure(indicators.figures)])
    whole = [period.name for period in indicators.periods if period.whole][-1]
    total = rows[rows["dimension"] == "total"]
    words = {
        "indicator": {code: indicator_label(code, night.currency) for code in INDICATORS},
        "value": _VALUE_WORDS,
        "period": {period.name: period.label for period in indicators.periods},
    }
    sheets = [
        ListSheet(
            Text("By month", "按月"),
            _newest_first(total, indicators.periods),
            (_PERIOD, _INDICATOR, *_FIGURES),
            words,
        )
    ]
    for dimension in DIMENSIONS:
        own = rows[(rows["dimension"] == dimension) & (rows["period"] == whole)]
        if len(own):
            value = ListColumn(
                "value", "code", _VALUES[dimension], Text("of the line", "用户所属"), nothing=_NONE
            )
            sheets.append(ListSheet(_SHEETS[dimension], own, (value, _INDICATOR, *_FIGURES), words))
    defined = tuple((i.label, i.definition) for i in INDICATORS.values())
    return write_book(
        night.as_of,
        night.language,
        Text(f"Indicators, night of {night.as_of}", f"经营指标（{night.as_of}）"),
        sheets,
        SummarySheet(
            Text("Definitions", "指标定义"),
            message(indicators, night.currency),
            [
                Section(Text("Indicators", "指标"), defined, ("text", "text")),
                sentences(TO_KNOW, [*_rules(indicators), *night.why, *night.notes]),
                definitions(column for sheet in sheets for column in sheet.columns),
            ],
        ),
        currency=night.currency,
    )


def in_columns(figures: pd.DataFrame) -> pd.DataFrame:
    """Part sums from shares: each figure in the columns of its kind."""
    shares = {code for code, indicator in INDICATORS.items() if indicator.is_share}
    is_share = figures["indicator"].isin(shares)
    ends = ("lower", "upper")
    return figures.assign(
        **{
            f"{kind}_{name}": figures[column].where(is_share == (kind == "share"))
            for kind in ("amount", "share")
            for name, column in (("before", "last_month"), ("year", "last_year"))
        },
        **{f"amount_{end}": figures[end].where(~is_share) for end in ends},
        **{end: figures[end].where(is_share) for end in ends},
    )


def message(indicators: Indicators, currency: str) -> Text:
    """Say in one sentence what the last whole month lost."""
    whole = [period.name for period in indicators.periods if period.whole][-1]
    rows = indicators.figures
    month = rows[(rows["dimension"] == "total") & (rows["period"] == whole)].set_index("indicator")
    lines, lost = (month.loc[code, "amount"] for code in ("lines", "churned"))
    if pd.isna(lines):
        return Text(f"{whole}: no line on record yet.", f"{whole}：尚无用户记录。")
    rate = month.loc["churn_rate", "share"]
    money = priced(f"{month.loc['revenue_lost', 'amount']:,.2f}", currency)
    return Text(
        f"{whole}: {lost:,.0f} of {lines:,.0f} lines left ({rate:.2%}), "
        f"{money.en} a month lost with them.",
        f"{whole}：{lines:,.0f}户中离网{lost:,.0f}户（{rate:.2%}），月收入损失{money.zh}。",
    )


def _newest_first(rows: pd.DataFrame, periods: Sequence[Period]) -> pd.DataFrame:
    place = {period.name: -at for at, period in enumerate(periods)}
    order = {code: at for at, code in enumerate(INDICATORS)}
    keys = rows.assign(at=rows["period"].map(place), of=rows["indicator"].map(order))
    return keys.sort_values(["at", "of"]).drop(columns=["at", "of"])


def _rules(indicators: Indicators) -> list[Words]:
    return [
        Text(
            "Last month: the month before, or as many of its days. Last year: the same weeks, 364 "
            "days before, so that like days are compared.",
            "上月：前一自然月，或其同样天数。去年同期：364天前的同周，以便同类日期相比。",
        ),
        Text(
            f"What contacts kept is told only from {indicators.settings.least} contacts in each "
            "arm on, and of account managers net alone; hit rate and lift from so many left alone "
            "on, coverage from so many leavers, untreated from so many of them left alone.",
            f"维系效果仅在每组不少于{indicators.settings.least}户时列示，客户经理仅列净值；"
            f"命中率、提升度须对照组、覆盖率须离网用户（未干预口径须其中的对照组）达到该数。",
        ),
        Text(
            "A departure counts in the month it became final on the books, not on the day of a "
            "suspension before it. Where the books tell the role of a line, machine lines are left "
            "out, and companion lines among the silent.",
            "离网计入账面最终离网当月，而非此前停机当日。"
            "资料载明用途时，物联网等机器卡不计，副卡不计入沉默。",
        ),
        Text(
            "An indicator has no row where it has no figure yet: for want of data, of enough "
            "contacts, or because outcomes are not final.",
            "暂无数值的指标不列行：数据不足、联系过少或结果未成熟。",
        ),
        *why_missing(indicators.missing),
    ]
