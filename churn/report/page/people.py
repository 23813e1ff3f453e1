"""Who and why: the first rows of the list with masked contacts and reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from churn.language import Text, Words
from churn.report.columns import LABELS
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import money, percent
from churn.report.page.tables import TableColumn, more, note, numbers, table
from churn.report.parts import Tonight
from churn.report.words import NOTHING, worded, words_of

SHOWN = 20
_SILENT = math.log(1.1)  # log-odds that nobody need be told of
_REASONS = ("reason_1", "reason_2", "reason_3")


def people_section(night: Tonight) -> Content:
    """Return the best rows of the list; the whole of it is in the workbook."""
    rows: list[dict[str, Any]] = night.frame.head(SHOWN).to_dict("records")
    words = words_of(night.settings.actions)
    best = table(
        Text(
            f"The {len(rows):,} contacts with the highest expected profit",
            f"预期收益最高的 {len(rows):,} 个联系对象",
        ),
        TableColumn(LABELS["rank"], (str(int(row["rank"])) for row in rows)),
        TableColumn(Text("Who", "用户"), (_who(row, words) for row in rows)),
        TableColumn(Text("What to do", "措施"), (_what_to_do(row, words) for row in rows)),
        numbers(
            Text("Chance to leave", "流失概率"), (row[f"p_{row['cause']}"] for row in rows), percent
        ),
        *(
            numbers(LABELS[name], (row[name] for row in rows), money)
            for name in ("value_if_saved", "expected_profit")
        ),
        TableColumn(Text("Why", "原因"), map(_why, rows)),
        stacked=True,
        look="people",
    )
    masked = Text(
        "Names and phones are masked. The whole list is in targets.xlsx.",
        "姓名与电话已脱敏。完整名单见 targets.xlsx。",
    )
    return element("p", masked), best


def _who(row: Mapping[str, Any], words: Mapping[str, Mapping[str, Text]]) -> Content:
    tier = worded(str(row["tier"]), "tier", words)
    return (
        _value(row["subscriber_id"]) or NOTHING,
        note(_dotted(_value(row["name"]), _value(row["phone"]))),
        note(_dotted(tier, _value(row["region"]), _value(row["account_manager"]))),
    )


def _what_to_do(row: Mapping[str, Any], words: Mapping[str, Mapping[str, Text]]) -> Content:
    action, channel, cause = (
        worded(str(row[name]), name, words) for name in ("action", "channel", "cause")
    )
    return (action, note(_dotted(channel, cause)))


def _dotted(*words: Words) -> list[Words]:
    """Put dots between words; those that are empty fall away."""
    return [piece for word in words if word for piece in (" · ", word)][1:]


def _why(row: Mapping[str, Any]) -> Content:
    reasons = [element("li", text) for name in _REASONS if (text := _value(row[name]))]
    rule = _value(row["rule"])
    disagrees = not pd.isna(row["tree_disagrees"]) and bool(row["tree_disagrees"])
    otherwise = Text("The tree sees this risk otherwise.", "决策树对该风险判断不同。")
    return (
        element("ol", reasons) if reasons else NOTHING,
        _beyond(float(row["remainder"])),
        more(LABELS["rule"], rule) if rule else None,
        note(otherwise) if disagrees else None,
    )


def _beyond(remainder: float) -> Element | None:
    """Say what the champion adds to the reasons, which are the booster's; nothing if it is it."""
    if not abs(remainder) > _SILENT:
        return None
    times = f"{math.exp(remainder):.2f}"
    return note(
        Text(
            f"Beyond these reasons the model that scores puts the odds at {times} times.",
            f"除上述原因外，评分模型将流失几率调整为 {times} 倍。",
        )
    )


def _value(value: object) -> str:
    return "" if pd.isna(value) else str(value)
