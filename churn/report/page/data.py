"""The data the night rests on: what arrived, what was set aside, how old it is, who is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from churn.ingest.rules import by_code
from churn.language import Text
from churn.panel import REASONS
from churn.report.page.charts import bar
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import count
from churn.report.page.parts import Data
from churn.report.page.tables import PROPORTION, HeaderCell, note, table
from churn.report.words import NOTHING
from churn.tables import TABLES


def data_section(data: Data, night: date) -> Content:
    """Return deliveries, quarantine by rule, and the population by reason."""
    ages = [age for state in data.tables if (age := state.age(night)) is not None]
    oldest = max(ages, default=None)
    words = (
        Text("No data was known that night.", "当晚没有已知数据。")
        if oldest is None
        else Text(
            f"All data is {oldest:,} days old; 0 is complete through the day before the night.",
            f"全部数据距今 {oldest:,} 天；0 表示截至前一日完整。",
        )
        if oldest == min(ages)
        else Text(
            f"The newest data is {min(ages):,} days old, the oldest table's {oldest:,} days; 0 is "
            "complete through the day before.",
            f"最新数据距今 {min(ages):,} 天，最旧的表 {oldest:,} 天；0 表示截至前一日完整。",
        )
    )
    return (
        element("p", words),
        _tables(data, night),
        _quarantine(data),
        _people(data.people),
    )


def _tables(data: Data, night: date) -> Element:
    heads = [
        HeaderCell(Text("Table", "数据表")),
        HeaderCell(Text("Deliveries", "交付次数"), number=True),
        HeaderCell(Text("Delivered", "交付行数"), number=True),
        HeaderCell(Text("Accepted", "接收"), number=True),
        HeaderCell(Text("Set aside", "隔离"), number=True),
        HeaderCell(Text("Not selected", "未选取"), number=True),
        HeaderCell(Text("Observed through", "数据截至"), number=True),
        HeaderCell(Text("Age in days", "数据时效（天）"), number=True),
        HeaderCell(Text("Availability", "可用时间")),
    ]
    assumed, recorded = Text("assumed", "假定"), Text("recorded", "有记录")
    rows = []
    for state in data.tables:
        age = state.age(night)
        rows.append(
            (
                TABLES[state.name].label,
                count(state.deliveries),
                count(state.delivered),
                count(state.accepted),
                count(state.quarantined),
                count(state.not_selected),
                state.observed_through.isoformat() if state.observed_through else NOTHING,
                NOTHING if age is None else count(age),
                assumed if state.assumed else recorded,
            )
        )
    caption = Text(
        "What had arrived by the night; delivered = accepted + set aside + not selected",
        "截至当晚的交付；交付 = 接收 + 隔离 + 未选取",
    )
    return table(caption, heads, rows, stacked=True)


def _quarantine(data: Data) -> Element:
    broken = [
        (state, code, n) for state in data.tables for code, n in sorted(state.rules.items()) if n
    ]
    if not broken:
        return element("p", Text("No record was set aside.", "没有被隔离的记录。"))
    known, most = by_code(), max(n for _, _, n in broken)
    rows = [
        (
            (code, note(TABLES[state.name].label)),
            known[code].text if code in known else NOTHING,
            count(n),
            bar(n / most, tone="s1"),
        )
        for state, code, n in broken
    ]
    return table(
        Text("Records set aside, by the rule they broke", "隔离记录（按违反的规则）"),
        [
            HeaderCell(Text("Rule", "规则")),
            HeaderCell(Text("What holds for a good record", "合格记录应满足")),
            HeaderCell(Text("Records", "记录数"), number=True),
            PROPORTION,
        ],
        rows,
        stacked=True,
    )


def _people(people: Mapping[str, int]) -> Element | None:
    left_out = {reason: n for reason, n in people.items() if reason != "eligible" and n}
    everyone = sum(people.values())
    if not everyone:
        return None
    words = {"eligible": Text("eligible", "可评分"), **REASONS}
    rows = [("eligible", people.get("eligible", 0)), *sorted(left_out.items(), key=lambda x: -x[1])]
    return table(
        Text(
            f"The {everyone:,} subscribers on record: who could be scored, who is left out and why",
            f"在册 {everyone:,} 户：可评分与未纳入原因",
        ),
        [
            HeaderCell(Text("Subscribers", "用户")),
            HeaderCell(Text("How many", "户数"), number=True),
            PROPORTION,
        ],
        [
            (
                words.get(reason, reason),
                count(n),
                bar(n / everyone, tone="s0" if reason == "eligible" else "s1"),
            )
            for reason, n in rows
        ],
    )
