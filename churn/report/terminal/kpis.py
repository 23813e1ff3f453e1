"""The operator's indicators on a terminal: the last whole month, and the running one so far."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from churn.indicators import INDICATORS
from churn.language import Language, Text, Words, resolved
from churn.report.notes import why_missing
from churn.report.parts import Indicators
from churn.report.terminal.grid import grid
from churn.report.words import NOTHING, indicator_label

_HEADER: tuple[Words, ...] = (
    Text("", ""),
    Text("figure", "数值"),
    Text("last month", "上月"),
    Text("same weeks of last year", "去年同周"),
    Text("over", "分母"),
    Text("definition", "定义"),
)


def kpi_lines(indicators: Indicators, currency: str, language: Language) -> Iterator[str]:
    """Tell each indicator with what it is held against and its definition."""
    rows = indicators.figures
    total = rows[rows["dimension"] == "total"]
    whole = [period for period in indicators.periods if period.whole][-1:]
    running = [period for period in indicators.periods if not period.whole]
    for period in (*whole, *running):
        table: list[tuple[Words, ...]] = [(period.label, *_HEADER[1:])]
        for row in total[total["period"] == period.name].to_dict("records"):
            indicator = INDICATORS[str(row["indicator"])]
            share = indicator.is_share
            figure = row["share"] if share else row["amount"]
            interval = ""
            if not pd.isna(row["lower"]):
                shown = "{:+.1%}" if share else "{:+,.2f}"
                interval = f" [{shown.format(row['lower'])}, {shown.format(row['upper'])}]"
            table.append(
                (
                    indicator_label(str(row["indicator"]), currency),
                    _shown(figure, share=share) + interval,
                    _shown(row["last_month"], share=share),
                    _shown(row["last_year"], share=share),
                    NOTHING if pd.isna(row["n"]) else f"{row['n']:,.0f}",
                    indicator.definition,
                )
            )
        yield from grid(table, language)
        yield ""
    for reason in why_missing(indicators.missing):
        yield resolved(reason, language)


def _shown(value: float, *, share: bool) -> str:
    if pd.isna(value):
        return NOTHING
    if share:
        return f"{value:.2%}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
