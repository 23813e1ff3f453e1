"""The data the night rests on: what arrived, what was set aside, how old it is, who is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from churn.ingest.fit import FitFinding
from churn.ingest.fit_settings import FITS
from churn.ingest.interpretation import Interpretation
from churn.ingest.rules import by_code
from churn.language import Text
from churn.panel import REASONS
from churn.report.page.charts import bar
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import count
from churn.report.page.tables import TableColumn, in_proportion, more, note, numbers, table
from churn.report.parts import Data, TableState
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
    states = data.tables
    return (
        element("p", words),
        _tables(states, night),
        quarantine_table([(TABLES[state.name].label, state.rules) for state in states]),
        fit_table(data.fits),
        reading_table(data.readings),
        _people(data.people),
    )


def fit_table(found: Sequence[FitFinding]) -> Element | None:
    """Return what does not fit among the tables; nothing where all does."""
    if not found:
        return None
    states = {
        True: Text("stops", "停止"),
        False: Text("told", "提示"),
    }
    return table(
        Text("What does not fit, or not what was delivered before", "与其他表或以往交付不一致之处"),
        TableColumn(
            Text("Finding", "发现"),
            ((f"{finding.code} {finding.subject}", note(FITS[finding.code])) for finding in found),
        ),
        TableColumn(Text("What was seen", "情况"), [finding.text for finding in found]),
        TableColumn(
            Text("State", "状态"),
            [
                Text("accepted", "已接受") if finding.accepted else states[finding.stops]
                for finding in found
            ],
        ),
        stacked=True,
    )


def reading_table(found: Sequence[Interpretation]) -> Element | None:
    """Return how each column was read, opened on demand; nothing where nothing was."""
    if not found:
        return None
    shares = (f"{each.filled:.1%}" for each in found)
    return more(
        Text("How each column was read", "各列的读取方式"),
        table(
            Text(
                "How each column was read; examples are made up, of the files only codes are shown",
                "各列的读取方式；示例为虚构，仅显示文件中的代码",
            ),
            TableColumn(
                Text("Column", "标准列"),
                ((each.column, note(TABLES[each.table].label)) for each in found),
            ),
            TableColumn(Text("From", "来源列"), [each.header for each in found]),
            TableColumn(Text("Read", "读取方式"), [each.how for each in found]),
            TableColumn(
                Text("Filled in the newest delivery", "最新交付有值比例"), shares, number=True
            ),
            numbers(Text("Set aside", "隔离"), (each.unread for each in found), count),
            stacked=True,
        ),
    )


def _tables(states: Sequence[TableState], night: date) -> Element:
    ages = (state.age(night) for state in states)
    until = (day.isoformat() if (day := state.observed_through) else NOTHING for state in states)
    assumed, recorded = Text("assumed", "假定"), Text("recorded", "有记录")
    return table(
        Text(
            "What had arrived by the night; delivered = accepted + set aside + not selected",
            "截至当晚的交付；交付 = 接收 + 隔离 + 未选取",
        ),
        TableColumn(Text("Table", "数据表"), [TABLES[state.name].label for state in states]),
        numbers(Text("Deliveries", "交付次数"), (state.deliveries for state in states), count),
        numbers(Text("Delivered", "交付行数"), (state.delivered for state in states), count),
        numbers(Text("Accepted", "接收"), (state.accepted for state in states), count),
        numbers(Text("Set aside", "隔离"), (state.quarantined for state in states), count),
        numbers(Text("Not selected", "未选取"), (state.not_selected for state in states), count),
        TableColumn(
            Text("Of nobody on the books", "无对应在册用户"),
            (NOTHING if s.unmatched is None else count(s.unmatched) for s in states),
            number=True,
        ),
        TableColumn(Text("Observed through", "数据截至"), until, number=True),
        TableColumn(
            Text("Age in days", "数据时效（天）"),
            (NOTHING if age is None else count(age) for age in ages),
            number=True,
        ),
        TableColumn(
            Text("Availability", "可用时间"),
            (assumed if state.assumed else recorded for state in states),
        ),
        stacked=True,
    )


def quarantine_table(states: Sequence[tuple[Text, Mapping[str, int]]]) -> Element:
    """Return what was set aside, by table and code of the rule that was broken."""
    broken = [
        (label, code, n) for label, counts in states for code, n in sorted(counts.items()) if n
    ]
    if not broken:
        return element("p", Text("No record was set aside.", "没有被隔离的记录。"))
    rules, counts = by_code(), [n for _, _, n in broken]
    return table(
        Text("Records set aside, by the rule they broke", "隔离记录（按违反的规则）"),
        TableColumn(Text("Rule", "规则"), ((code, note(label)) for label, code, _ in broken)),
        TableColumn(
            Text("What holds for a good record", "合格记录应满足"),
            (rules[code].text if code in rules else NOTHING for _, code, _ in broken),
        ),
        numbers(Text("Records", "记录数"), counts, count),
        in_proportion(bar(n / max(counts), tone="s1") for n in counts),
        stacked=True,
    )


def _people(people: Mapping[str, int]) -> Element | None:
    left_out = [(reason, n) for reason, n in people.items() if reason != "eligible" and n]
    everyone = sum(people.values())
    if not everyone:
        return None
    words = {"eligible": Text("eligible", "可评分"), **REASONS}
    eligible = people.get("eligible", 0)
    rows = [("eligible", eligible), *sorted(left_out, key=lambda row: -row[1])]
    return table(
        Text(
            f"The {everyone:,} subscribers on record: who could be scored, who is left out and why",
            f"在册 {everyone:,} 户：可评分与未纳入原因",
        ),
        TableColumn(Text("Subscribers", "用户"), [words.get(reason, reason) for reason, _ in rows]),
        numbers(Text("How many", "户数"), (n for _, n in rows), count),
        in_proportion(
            bar(n / everyone, tone="s0" if reason == "eligible" else "s1") for reason, n in rows
        ),
    )
