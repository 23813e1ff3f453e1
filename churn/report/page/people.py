"""Who and why: the rows of the list with masked contacts, reasons, and what moved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import islice
from typing import Any

import pandas as pd

from churn.causes import CAUSES, RISKS
from churn.language import Text, Words
from churn.report.chosen import why_chosen
from churn.report.columns import LABELS, MOVEMENT, WARNINGS
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import money, percent
from churn.report.page.picking import Filter, Order, Picking
from churn.report.page.tables import TableColumn, more, note, numbers, table
from churn.report.parts import Tonight
from churn.report.words import CODES, NOTHING, in_currency, worded, words_of

MOST = 500
"""Rows of the list that the page holds; the workbook holds all."""
_SILENT = math.log(1.1)  # log-odds that nobody need be told of
_REASONS = ("reason_1", "reason_2", "reason_3")
_TOO_MANY = 3
"""One first reason on more than one row of so many wants an explanation."""
_FILTERED = ("cause", "action", "channel", "tier", "region", "account_manager")
_NEITHER = Text("none", "无")
_CHANCE = Text("Chance to leave", "流失概率")


def people_picking(night: Tonight) -> Picking:
    """Return by what the rows of the list can be picked and ordered."""
    frame = night.frame.head(MOST)
    words = words_of(night.settings.actions)
    filters = [
        Filter(
            LABELS[name],
            [[worded(_value(code), name, words) if _value(code) else _NEITHER] for code in codes],
        )
        for name, codes in ((name, frame[name]) for name in _FILTERED)
    ]
    filters += [
        Filter(column.label, [_worded_codes(code) for code in frame[column.name]])
        for column in (WARNINGS, MOVEMENT)
        if column.name in frame
    ]
    chance = pd.Series([row[f"p_{row['cause']}"] for row in frame.to_dict("records")], frame.index)
    orders = [
        Order(_CHANCE, _places(-chance.astype("float64"))),
        Order(LABELS["value_if_saved"], _places(-frame["value_if_saved"])),
        Order(LABELS["subscriber_id"], _places(frame["subscriber_id"])),
    ]
    return Picking("people-list", [_name(row) for row in frame.to_dict("records")], filters, orders)


def people_section(night: Tonight, picking: Picking) -> Content:
    """Return the rows of the list, to be picked and ordered; the whole of it is in the workbook."""
    rows: list[dict[str, Any]] = night.frame.head(MOST).to_dict("records")
    words = words_of(night.settings.actions)
    whys = list(islice(why_chosen(night), len(rows)))
    currency = night.settings.value.currency
    best = table(
        Text(
            f"The {len(rows):,} contacts with the highest expected profit",
            f"预期收益最高的 {len(rows):,} 个联系对象",
        ),
        TableColumn(LABELS["rank"], (str(int(row["rank"])) for row in rows)),
        TableColumn(Text("Who", "用户"), (_who(row, words) for row in rows)),
        TableColumn(Text("What to do", "措施"), (_what_to_do(row, words) for row in rows)),
        TableColumn(_CHANCE, map(_chance, rows), number=True),
        *(
            numbers(in_currency(LABELS[name], currency), (row[name] for row in rows), money)
            for name in ("value_if_saved", "expected_profit")
        ),
        TableColumn(Text("Why", "原因"), map(_why, rows, whys)),
        stacked=True,
        look="people",
        rows=picking.rows(),
    )
    masked = Text(
        "Names and phones are masked. The whole list is in targets.xlsx.",
        "姓名与电话已脱敏。完整名单见 targets.xlsx。",
    )
    return (
        element("p", masked),
        _one_reason(night.frame),
        picking.around(picking.controls(), best, picking.counted()),
    )


def _one_reason(frame: pd.DataFrame) -> Element | None:
    """Say why, where one first reason stands on more than a third of the list.

    Reasons are told apart by their words, figures left out.
    """
    first = frame["reason_1"].dropna().astype("str")
    alike = first.str.replace(r"[\d.,%−-]+", "", regex=True)
    if alike.empty:
        return None
    counts = alike.value_counts()
    most = alike[alike == counts.index[0]].index
    if len(most) * _TOO_MANY <= len(frame):
        return None
    rows = frame.loc[most]
    causes = rows["cause"].value_counts()
    cause = RISKS[causes.index[0]].text
    share, of_cause = percent(len(most) / len(frame)), percent(float(causes.iloc[0]) / len(most))
    listed = percent(float((frame["cause"] == causes.index[0]).mean()))
    return element(
        "p",
        Text(
            f"{share} of the list begin with the same reason, as “{first[most[0]]}”: {of_cause} of "
            f"them are listed against {cause.en}, which is {listed} of the list, and nothing "
            "raises that risk more among them. Their further reasons differ.",
            f"名单中 {share} 的首要原因相同（如“{first[most[0]]}”）：其中 {of_cause} 针对"
            f"{cause.zh}，该类占名单 {listed}，且该因素对这些用户的风险影响最大；"
            "其余原因各不相同。",
        ),
        class_="soft",
    )


def _name(row: Mapping[str, Any]) -> str:
    return f"{_value(row['subscriber_id'])} ({int(row['rank'])})"


def _worded_codes(codes: object) -> list[Text]:
    return [worded(code, "", {"": dict(CODES)}) for code in _value(codes).split(";") if code] or [
        _NEITHER
    ]


def _places(values: pd.Series[Any]) -> list[int]:
    return [int(place) for place in values.rank(method="first", na_option="bottom") - 1]


def _chance(row: Mapping[str, Any]) -> Content:
    """Return the chance, and what it was when the list before was made."""
    now, before = percent(row[f"p_{row['cause']}"]), row.get("chance_before")
    if row["cause"] not in CAUSES:  # what moved since the list before is the chance to leave
        return (now, note(RISKS[row["cause"]].text))
    if before is None or pd.isna(before):
        return now
    before, after = percent(before), percent(row["chance"])
    if before == after:
        return now
    change = f"{before} → {after}"
    return (now, note(Text(f"for any cause {change}", f"合计 {change}")))


def _who(row: Mapping[str, Any], words: Mapping[str, Mapping[str, Text]]) -> Content:
    tier = worded(str(row["tier"]), "tier", words)
    spoken = _value(row.get("warnings"))
    moved = _value(row.get(MOVEMENT.name))
    return (
        _value(row["subscriber_id"]) or NOTHING,
        note(_dotted(_value(row["name"]), _value(row["phone"]))),
        note(_dotted(tier, _value(row["region"]), _value(row["account_manager"]))),
        note(_dotted(*_worded_codes(spoken))) if spoken else None,
        note(worded(moved, "", {"": dict(CODES)})) if moved else None,
    )


def _what_to_do(row: Mapping[str, Any], words: Mapping[str, Mapping[str, Text]]) -> Content:
    action, channel, cause = (
        worded(str(row[name]), name, words) for name in ("action", "channel", "cause")
    )
    return (action, note(_dotted(channel, cause)))


def _dotted(*words: Words) -> list[Words]:
    """Put dots between words; those that are empty fall away."""
    return [piece for word in words if word for piece in (" · ", word)][1:]


def _why(row: Mapping[str, Any], why: Text) -> Content:
    reasons = [element("li", text) for name in _REASONS if (text := _value(row[name]))]
    rule = _value(row["rule"])
    disagrees = not pd.isna(row["tree_disagrees"]) and bool(row["tree_disagrees"])
    otherwise = Text("The tree sees this risk otherwise.", "决策树对该风险判断不同。")
    return (
        element("ol", reasons) if reasons else NOTHING,
        _beyond(float(row["remainder"])),
        more(Text("Why this contact", "联系依据"), why),
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
