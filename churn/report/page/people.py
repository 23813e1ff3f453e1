"""Who and why: the first rows of the list with masked contacts and reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from churn.language import Language, Text
from churn.report.columns import TARGETS
from churn.report.page.markup import Content, Markup, element, join
from churn.report.page.numbers import money, percent
from churn.report.page.parts import Tonight
from churn.report.page.tables import Head, more, note, table
from churn.report.words import NOTHING, worded, words_of

SHOWN = 20
_SILENT = 0.005  # log-odds: less than this would read as 1.00 times
_LABELS = {column.name: column.label for column in TARGETS}
_REASONS = ("reason_1", "reason_2", "reason_3")


def people_section(night: Tonight, language: Language) -> Markup:
    """Return the best rows of the list; the whole of it is in the workbook."""
    rows: list[dict[str, Any]] = night.frame.head(SHOWN).to_dict("records")
    words = words_of(night.settings.actions)
    heads = [
        Head(_LABELS["rank"].of(language)),
        Head(Text("Who", "用户").of(language)),
        Head(Text("What to do", "措施").of(language)),
        Head(Text("Chance to leave", "流失概率").of(language), number=True),
        Head(_LABELS["value_if_saved"].of(language), number=True),
        Head(_LABELS["expected_profit"].of(language), number=True),
        Head(Text("Why", "原因").of(language)),
    ]
    return join(
        element(
            "p",
            Text(
                "Names and phones are masked. The whole list is in targets.xlsx.",
                "姓名与电话已脱敏。完整名单见 targets.xlsx。",
            ).of(language),
        ),
        table(
            Text(
                f"The {len(rows):,} contacts with the highest expected profit",
                f"预期收益最高的 {len(rows):,} 个联系对象",
            ).of(language),
            heads,
            [_row(row, words, language) for row in rows],
            stacked=True,
            look="people",
        ),
    )


def _row(
    row: Mapping[str, Any], words: Mapping[str, Mapping[str, Text]], language: Language
) -> list[Content]:
    def said(column: str) -> str:
        return worded(str(row[column]), column, words).of(language)

    cause = str(row["cause"])
    place = [_value(row["region"]), _value(row["account_manager"])]
    who = [_value(row["name"]), _value(row["phone"])]
    return [
        f"{int(row['rank'])}",
        join(
            _value(row["subscriber_id"]) or NOTHING,
            note(" · ".join(one for one in who if one)),
            note(" · ".join(one for one in (said("tier"), *place) if one)),
        ),
        join(said("action"), note(f"{said('channel')} · {said('cause')}")),
        percent(float(row[f"p_{cause}"])),
        money(float(row["value_if_saved"])),
        money(float(row["expected_profit"])),
        _why(row, language),
    ]


def _why(row: Mapping[str, Any], language: Language) -> Markup:
    reasons = [text for name in _REASONS if (text := _value(row[name]))]
    rule = _value(row["rule"])
    told = element("ol", [element("li", reason) for reason in reasons]) if reasons else NOTHING
    disagrees = None
    if not pd.isna(row["tree_disagrees"]) and bool(row["tree_disagrees"]):
        disagrees = note(
            Text("The tree sees this risk otherwise.", "决策树对该风险判断不同。").of(language)
        )
    return join(
        told,
        _beyond(float(row["remainder"]), language),
        more(_LABELS["rule"].of(language), rule) if rule else None,
        disagrees,
    )


def _beyond(remainder: float, language: Language) -> Markup | None:
    """Say what the champion adds to the reasons, which are the booster's; nothing if it is it."""
    if not abs(remainder) > _SILENT:
        return None
    times = f"{math.exp(remainder):.2f}"
    return note(
        Text(
            f"Beyond these reasons the combined models put the odds at {times} times.",
            f"除上述原因外，组合模型将流失几率调整为 {times} 倍。",
        ).of(language)
    )


def _value(value: object) -> str:
    return "" if pd.isna(value) else str(value)
