"""What moved since the list before, whom no list had named, and what became of earlier lists."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import reduce
from typing import Any

import pandas as pd

from churn.language import SEPARATOR, Text, Words
from churn.progress import Movements
from churn.report.columns import SUBSCRIBER
from churn.report.page.charts import bar
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import count, figure, percent
from churn.report.page.tables import (
    TableColumn,
    columns,
    in_proportion,
    more,
    note,
    numbers,
    table,
    tiles,
)
from churn.report.words import CODES, worded
from churn.targeting import NOT_SELECTED

_FURTHEST = 10
_UNLISTED = 50
_WORDS: Mapping[str, Mapping[str, Text]] = {"": dict(CODES), "tonight": dict(NOT_SELECTED)}
_ARMS = {
    "treated": Text("to be contacted", "派单联系"),
    "control": Text("left alone to compare", "对照组"),
}


def moved_section(moved: Movements) -> Content:
    """Return who came, rose, fell and left since the list before."""
    counts = moved.listed["movement"].value_counts()
    left = moved.departed
    unlisted = moved.unlisted
    facts: list[tuple[Words, Content, Content]] = [
        (
            Text("On tonight's list again", "连续在名单"),
            count(int(moved.listed["again"].sum())),
            Text(f"of {len(moved.listed):,} contacts", f"共 {len(moved.listed):,} 个联系对象"),
        ),
        *(
            (CODES[name], count(int(counts.get(name, 0))), Text("of the list", "名单内"))
            for name in ("rose", "fell", "new")
        ),
        (
            Text("Left since", "其间离网"),
            count(len(left)),
            Text(
                f"{len(unlisted):,} of them on neither list nor control arm",
                f"其中 {len(unlisted):,} 户不在名单和对照组内",
            ),
        ),
    ]
    return (
        element(
            "p",
            Text(
                f"Held against the list of {moved.since}. A rise or a fall is a change of the odds "
                "of leaving by a tenth or more.",
                f"与 {moved.since} 名单比较。流失几率变化达一成及以上计为上升或下降。",
            ),
        ),
        tiles(facts),
        columns(_became(moved), _unlisted(unlisted)),
        columns(
            _furthest(moved, "rose", Text("Whose risk rose most", "风险上升最多")),
            _furthest(moved, "fell", Text("Whose risk fell most", "风险下降最多")),
        ),
    )


def _became(moved: Movements) -> Element | None:
    """Return what the night decided of those who stood on the list before."""
    if not moved.became:
        return None
    names = sorted(moved.became, key=lambda name: (-moved.became[name], name))
    whole = sum(moved.became.values())
    return table(
        Text(
            f"What became of the {whole:,} on the list before",
            f"上次名单 {whole:,} 户的去向",
        ),
        TableColumn(Text("Now", "现状"), [worded(name, "tonight", _WORDS) for name in names]),
        numbers(Text("Subscribers", "用户数"), (moved.became[name] for name in names), count),
        in_proportion(bar(moved.became[name] / whole) for name in names),
        stacked=True,
    )


def _unlisted(rows: pd.DataFrame) -> Content:
    """Return who left without having been on the list, by what had kept each out."""
    if rows.empty:
        return element("p", Text("Nobody left who had not been on it.", "没有名单以外的离网用户。"))
    counts = rows["before"].value_counts()
    names = sorted(counts.index, key=lambda name: (-counts[name], name))
    title = Text(
        f"Why the {len(rows):,} who left unlisted were not on it",
        f"名单外离网 {len(rows):,} 户当时未入选的原因",
    )
    shown = rows.head(_UNLISTED)
    each = table(
        Text("One by one, the likeliest first", "逐户明细（概率从高到低）"),
        TableColumn(SUBSCRIBER.label, shown["subscriber_id"]),
        TableColumn(
            Text("Left", "离网"),
            [
                (worded(row["cause"], "", _WORDS), note(str(row["left_on"])))
                for row in shown.to_dict("records")
            ],
        ),
        numbers(Text("Chance then", "当时概率"), shown["chance_before"], percent),
        TableColumn(
            Text("Then", "当时"), [worded(code, "tonight", _WORDS) for code in shown["before"]]
        ),
        stacked=True,
    )
    return (
        table(
            title,
            TableColumn(Text("Then", "当时"), [worded(name, "tonight", _WORDS) for name in names]),
            numbers(Text("Left since", "其间离网"), (counts[name] for name in names), count),
            in_proportion(bar(counts[name] / len(rows), tone="s1") for name in names),
            stacked=True,
        ),
        more(Text("Who they are", "用户明细"), each),
    )


def _furthest(moved: Movements, movement: str, title: Text) -> Element | None:
    """Return of everyone scored both times those whose chance moved furthest."""
    rows = moved.changed[moved.changed["movement"] == movement]
    if rows.empty:
        return None
    by = (rows["chance"] - rows["chance_before"]).abs()
    rows = rows.assign(by=by).sort_values(["by", "subscriber_id"], ascending=[False, True])
    shown = rows.head(_FURTHEST)
    return table(
        title + Text(f" ({len(rows):,} in all)", f"（共 {len(rows):,} 户）"),
        TableColumn(SUBSCRIBER.label, shown["subscriber_id"]),
        numbers(Text("Chance then", "当时概率"), shown["chance_before"], percent),
        numbers(Text("Chance now", "现概率"), shown["chance"], percent),
    )


def earlier_section(past: pd.DataFrame) -> Content:
    """Return expected and observed departures of earlier lists as their outcomes come in."""
    rows: list[dict[str, Any]] = past.to_dict("records")
    words = Text(
        "Expected is the sum of the chances to leave in the outcome window if left alone; "
        "contacted lists should lose fewer, control arms about as many. Who left before the window "
        "opened is counted apart: no chance speaks of it.",
        "预期为不干预时结果窗口内流失概率之和；已联系的名单应少于预期，对照组应与预期相近。"
        "窗口开始前已离网者另计，概率未涵盖。",
    )
    return (
        element("p", _in_short(past)),
        element("p", words),
        table(
            Text("Lists of the last six months, so far", "近六个月名单至今的结果"),
            TableColumn(Text("Month", "月份"), [str(row["month"])[:7] for row in rows]),
            TableColumn(Text("Who", "对象"), [_ARMS[row["arm"]] for row in rows]),
            numbers(Text("Subscribers", "用户数"), (row["subscribers"] for row in rows), count),
            numbers(Text("Expected", "预期流失"), (row["expected"] for row in rows), figure),
            numbers(Text("Left so far", "至今流失"), (row["left"] for row in rows), count),
            numbers(
                Text("Observed / expected", "实际 / 预期"),
                (_ratio(row["left"], row["expected"]) for row in rows),
                figure,
            ),
            numbers(Text("Gone before", "窗口前离网"), (row["gone"] for row in rows), count),
            TableColumn(Text("Known", "已知"), map(_known, rows)),
            stacked=True,
        ),
    )


def _in_short(past: pd.DataFrame) -> Text:
    """Say who left of the latest lists that can be told: contacted beside left alone.

    Of the latest month whose window has closed for everybody, else of the latest.
    """
    arms = past.set_index(["month", "arm"])
    closed = arms[arms["windows_closed"] == arms["subscribers"]].index.get_level_values("month")
    month = max(closed, default=past["month"].max())
    parts = []
    for arm, words in _ARMS.items():
        if (month, arm) not in arms.index:
            continue
        row = arms.loc[(month, arm)]
        size, away = int(row["subscribers"]), int(row["left"] + row["gone"])
        share = percent(away / size)
        parts.append(
            words
            + Text(
                f" {size:,}, {away:,} left so far ({share})",
                f" {size:,} 户，至今离网 {away:,} 户（{share}）",
            )
        )
    text = Text(f"{str(month)[:7]}: ", f"{str(month)[:7]}：") + reduce(
        lambda told, part: told + SEPARATOR + part, parts
    )
    return text + Text(
        ". What contacts kept net of this, with its interval, is in kpis.xlsx (kept, net) once "
        "outcomes are final; what each action does is among the actions below.",
        "。结果成熟后，净维系成功率及区间见 kpis.xlsx；各措施效果见下方措施目录。",
    )


def _ratio(left: float, expected: float) -> float:
    return left / expected if expected > 0 else math.nan


def _known(row: Mapping[str, Any]) -> Words:
    if row["final"]:
        return Text("final", "已成熟")
    share = percent(row["windows_closed"] / row["subscribers"])
    return Text(f"window closed for {share}", f"窗口已结束 {share}")
