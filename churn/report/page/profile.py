"""One delivery on one page: how much came, what was set aside, what its columns hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from churn.errors import tellable
from churn.ingest.fit import FitFinding, shift_between
from churn.ingest.matching import shape
from churn.ingest.profiles import CODES, MANY, NAMES, STEPS, ColumnProfile, Profile, ends_of
from churn.ingest.registry import Entry
from churn.language import Language, Text, Words
from churn.report.page.axes import Axis
from churn.report.page.charts import Line, bar, line_chart
from churn.report.page.data import fit_table, quarantine_table
from churn.report.page.frame import Section, whole
from churn.report.page.markup import Content, Element
from churn.report.page.numbers import count, percent, tick
from churn.report.page.numbers import figure as written
from churn.report.page.tables import TableColumn, figure, in_proportion, more, numbers, table, tiles
from churn.report.words import NOTHING
from churn.tables import TABLES, Table

SHOWN_CODES = 20  # values of a column that the page shows
MONTH_TICKS = 4
KINDS: Mapping[str, Text] = {
    "text": Text("codes or words", "代码或文字"),
    "number": Text("numbers", "数值"),
    "moment": Text("dates", "日期"),
    "flag": Text("yes or no", "是否"),
    "id": Text("identifiers: not looked at", "标识：不展示"),
}


@dataclass(frozen=True)
class DeliveryPage:
    """What the page of a delivery is made of.

    Parameters
    ----------
    before
        The delivery of its table before it; None for the first.
    months
        Rows of the table by month of occurrence, over all deliveries.
    fits
        What does not fit in this table.
    unmatched
        Rows of the table, over all deliveries, of nobody on the books; None where that is no
        question.
    """

    entry: Entry
    profile: Profile
    before: tuple[Entry, Profile] | None
    months: Mapping[str, int]
    fits: Sequence[FitFinding]
    unmatched: int | None


def write_profile(page: DeliveryPage, language: Language) -> bytes:
    """Return the page; the same delivery gives the same bytes."""
    entry = page.entry
    label = TABLES[entry.table].label
    name = f" {entry.partition}" if entry.partition else ""
    title = label + Text(
        f"{name}, delivered on {entry.delivered_on}", f"{name}（交付日 {entry.delivered_on}）"
    )
    sections: list[Section] = [
        ("delivery", Text("The delivery", "本次交付"), _delivery(page)),
        ("columns", Text("The columns", "各列概览"), _overview(page)),
        ("values", Text("What the columns hold", "各列取值"), _values(page)),
    ]
    footer = Text(
        "churn · Counts only; identifiers and contact details are not looked at.",
        "churn · 仅含计数，不展示标识与联系方式。",
    )
    return whole(title, sections, footer, language)


def _delivery(page: DeliveryPage) -> Content:
    entry, before = page.entry, page.before
    then = before[0] if before else None
    compared = (
        Text(f"the delivery of {then.delivered_on}: ", f"上次交付（{then.delivered_on}）：")
        if then
        else None
    )

    def beside(name: str) -> Content:
        return None if then is None or compared is None else compared + count(getattr(then, name))

    unmatched = page.unmatched
    return (
        tiles(
            [
                (Text("Delivered", "交付"), count(entry.delivered), beside("delivered")),
                (Text("Accepted", "接收"), count(entry.accepted), beside("accepted")),
                (Text("Set aside", "隔离"), count(entry.quarantined), beside("quarantined")),
                (Text("Not selected", "未选取"), count(entry.not_selected), beside("not_selected")),
                (Text("Covers until", "数据截至"), entry.covers_until, None),
                (
                    Text("Of nobody on the books", "无对应在册用户"),
                    NOTHING if unmatched is None else count(unmatched),
                    Text("rows of the table, all deliveries", "该表全部交付的行数"),
                ),
            ]
        ),
        _files(entry),
        quarantine_table([(TABLES[entry.table].label, entry.rules)]),
        fit_table(page.fits),
        _coverage(page),
    )


def _files(entry: Entry) -> Element:
    return table(
        Text(
            "Its files; delivered = accepted + set aside + not selected",
            "文件；交付 = 接收 + 隔离 + 未选取",
        ),
        TableColumn(Text("File", "文件"), [file.name for file in entry.files]),
        numbers(Text("Delivered", "交付"), (f.delivered for f in entry.files), count),
        numbers(Text("Accepted", "接收"), (f.accepted for f in entry.files), count),
        numbers(Text("Set aside", "隔离"), (f.quarantined for f in entry.files), count),
        numbers(Text("Not selected", "未选取"), (f.not_selected for f in entry.files), count),
        stacked=True,
    )


def _coverage(page: DeliveryPage) -> Content:
    """Draw the rows of the table by month, and of this delivery over them."""
    months = list(page.months)
    if len(months) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    here = page.profile.months
    every = tuple((float(i), float(page.months[month])) for i, month in enumerate(months))
    mine = tuple(
        (float(i), float(here[month].rows if month in here else 0))
        for i, month in enumerate(months)
    )
    step = max(1, -(-len(months) // MONTH_TICKS))
    ticks = tuple(float(i) for i in range(0, len(months), step))
    x = Axis(
        0.0,
        float(len(months) - 1),
        ticks,
        Text("month in which rows occurred", "记录发生月份"),
        lambda place: months[round(place)],
    )
    y = Axis.over([rows for _, rows in every], Text("rows", "行数"), tick)
    lines = [
        Line(Text("this delivery", "本次交付"), mine, 1),
        Line(Text("the table as it is known", "该表全部已知数据"), every, 0),
    ]
    title = Text("Coverage in time", "时间覆盖")
    empty = sum(not rows for rows in page.months.values())
    caption = Text(
        f"From {months[0]} to {months[-1]}; {empty:,} months between have no row.",
        f"{months[0]} 至 {months[-1]}；其间 {empty:,} 个月无记录。",
    )
    return figure(title, line_chart(lines, x, y, title + ". " + caption), caption)


def _overview(page: DeliveryPage) -> Element:
    declared, profile = TABLES[page.entry.table], page.profile
    names = list(profile.columns)
    columns = [profile.columns[name] for name in names]
    gaps = [column.nulls / max(1, profile.rows) for column in columns]
    return table(
        Text(
            f"{profile.rows:,} rows; change: the share of values that lie elsewhere than in the"
            " delivery before",
            f"{profile.rows:,} 行；变化：与上次交付相比分布不同的取值占比",
        ),
        TableColumn(Text("Column", "列"), names),
        TableColumn(Text("Kind", "类型"), [KINDS[column.kind] for column in columns]),
        numbers(Text("No value", "空值"), gaps, percent),
        in_proportion(bar(gap, tone="s1") for gap in gaps),
        TableColumn(Text("Values", "取值数"), map(_distinct, columns), number=True),
        TableColumn(Text("Least", "最小"), [_end(column.least) for column in columns], number=True),
        TableColumn(Text("Mean", "均值"), [_end(column.mean) for column in columns], number=True),
        TableColumn(
            Text("Greatest", "最大"), [_end(column.greatest) for column in columns], number=True
        ),
        TableColumn(
            Text("Change", "变化"), [_change(page, name, declared) for name in names], number=True
        ),
        stacked=True,
    )


def _distinct(column: ColumnProfile) -> str:
    if column.kind not in {"text", "flag"}:
        return NOTHING
    return f"> {MANY:,}" if column.distinct > MANY else f"{column.distinct:,}"


def _end(value: float | str | None) -> str:
    if value is None:
        return NOTHING
    return value[:10] if isinstance(value, str) else written(value)


def _change(page: DeliveryPage, name: str, declared: Table) -> str:
    if page.before is None or name not in declared:
        return NOTHING
    shift = shift_between(name, [page.profile], [page.before[1]])
    return NOTHING if shift is None else percent(shift)


def _values(page: DeliveryPage) -> Content:
    """Show the values of each column that has some to show, with those of the delivery before."""
    parts = []
    for name, column in page.profile.columns.items():
        if not column.counts or (column.kind == "text" and name in NAMES):
            continue
        then = page.before[1].columns.get(name) if page.before else None
        caption = Text(f"{name} – {TABLES[page.entry.table][name].meaning}", name)
        parts.append(more(caption, _bars(caption, column, then)))
    return parts


def _bars(caption: Words, column: ColumnProfile, then: ColumnProfile | None) -> Element:
    """Return one bar per value or range; a tick marks its share in the delivery before."""
    rows = _rows_of(column)
    before = dict(_rows_of(then)) if then else {}
    filled = max(1, sum(column.counts.values()))
    filled_then = max(1, sum(then.counts.values())) if then else 1
    shares = [n / filled for _, n in rows]
    most = max(shares, default=1.0)
    ticks = [before.get(value, 0) / filled_then if then else None for value, _ in rows]
    shown = [TableColumn(Text("Value", "取值"), [_word(value, column) for value, _ in rows]),
             numbers(Text("Rows", "行数"), (n for _, n in rows), count),
             numbers(Text("Share", "占比"), shares, percent)]  # fmt: skip
    if then:
        shown.append(
            TableColumn(
                Text("Before", "上次"),
                [percent(share or 0.0) for share in ticks],
                number=True,
            )
        )
    bars = [
        bar(share / most, tick=None if share_then is None else min(1.0, share_then / most))
        for share, share_then in zip(shares, ticks, strict=True)
    ]
    shown.append(TableColumn(Text("In proportion; the mark is before", "对比（标记为上次）"), bars))
    return table(caption, *shown)


def _rows_of(column: ColumnProfile) -> list[tuple[str, int]]:
    """Return values and rows to show: numbers by doubling, dates in order, else the frequent."""
    if column.kind == "number":
        ranges: dict[tuple[float, float], int] = {}
        for number, rows in column.counts.items():
            place = _doubling(int(number))
            ranges[place] = ranges.get(place, 0) + rows
        return [(_range(*ends), rows) for ends, rows in sorted(ranges.items())]
    if column.kind == "moment":
        return sorted(column.counts.items())[-CODES:]
    return list(column.counts.items())[:SHOWN_CODES]


def _doubling(number: int) -> tuple[float, float]:
    """Return the ends of the doubling in which a bucket lies."""
    if number == 0:
        return (0.0, 0.0)
    sign = 1 if number > 0 else -1
    first = (abs(number) - 1) // STEPS * STEPS + 1
    least, greatest = ends_of(first)[0], ends_of(first + STEPS - 1)[1]
    return (least, greatest) if sign > 0 else (-greatest, -least)


def _range(least: float, greatest: float) -> str:
    return "0" if least == greatest else f"{least:,.6g} – {greatest:,.6g}"


def _word(value: str, column: ColumnProfile) -> str:
    """Return a code; of what may be somebody's number, how it is written."""
    return value if column.kind != "text" or tellable(value) else shape(value)
