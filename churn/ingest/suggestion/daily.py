"""Sums of days: the month's use is their sum, which a view takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.mapping import read_column
from churn.ingest.moments import moments_of
from churn.ingest.suggestion.dating import Dating
from churn.ingest.suggestion.filling import Filled, Pick
from churn.ingest.suggestion.owners import Owner, mapped, numbered
from churn.ingest.suggestion.parts import summed_up, without_totals
from churn.ingest.suggestion.proposals import Line, Source, View
from churn.ingest.suggestion.readings import days_of, named_unit
from churn.ingest.suggestion.sql import SPELT, quoted
from churn.language import Text
from churn.tables import TABLES

USE = "usage_monthly"
OFTEN = 1.5  # rows of one subscriber and month in a file, from which they are those of days
MINUTES = 1_440  # of a day: what goes beyond are seconds
MUCH = 60  # minutes on the middle one of the days used, from which seconds are as likely
FEWEST = 3  # files, and days of the month in them, that make files of days
#: How days are written: the place and length of year and month in them, and what these make.
MONTHS = {
    "%Y%m%d": (1, 6, "%Y%m"),
    "%Y-%m-%d": (1, 7, "%Y-%m"),
    "%Y/%m/%d": (1, 7, "%Y/%m"),
    "%Y.%m.%d": (1, 7, "%Y.%m"),
    "%d.%m.%Y": (4, 7, "%m.%Y"),
    "%d/%m/%Y": (4, 7, "%m/%Y"),
}
_DEFAULT = "%Y-%m-%d"


def summed(filled: Filled, source: Source, owner: Owner, before: int) -> Source:
    """Read sums of days through a view that adds them up; any other source as it is.

    Parameters
    ----------
    owner
        Whose the rows are.
    before
        How many sources the table has already.
    """
    apart = by_the_day(filled)
    if filled.table.name != USE or not (apart or _of_days(filled)):
        return source
    month = filled.picks["month"]
    text = str(month.reading.how.get("format", _DEFAULT))
    columns = {name: pick for name, pick in filled.picks.items() if not _is_key(filled, name)}
    if text not in MONTHS or (apart and _day_of(filled) is None):
        return replace(source, doubts=(*source.doubts, _BY_HAND))
    start, length, format_ = MONTHS[text]
    of_month = f"substring(b.{quoted(month.profile.header)}, {start}, {length})"
    sums = [summed_up(pick) for pick in columns.values()]
    query = (
        f"SELECT {owner.id} AS {quoted(owner.name)}, {of_month} AS month, {', '.join(sums)}"
        f" FROM days AS b{owner.joins}{without_totals(filled)} GROUP BY {owner.id}, {of_month}"
    )
    told = Text("each row is a day: its month is their sum", "每行为一天：按月汇总")
    lines = tuple(_line(line, columns, format_) for line in mapped(source.lines, owner))
    if apart:
        source = replace(source, dating=_by_months(filled, source.dating))
    later = source.dating.placeholders if source.load is None else ()
    inputs: dict[str, Any] = {"days": {"files": filled.look.batch.pattern(later), **source.options}}
    if apart:
        inputs["days"]["together"] = True
    view = View(numbered("monthly_use", before), query, told, {**inputs, **owner.inputs})
    return replace(source, lines=lines, only={}, view=view, doubts=(*source.doubts, *owner.doubts))


_BY_HAND = Text(
    "rows are those of days: add them up in a view (docs/extracts.md, Views)",
    "每行是一天的用量：请用视图按月汇总（见 docs/extracts.md 的 Views）",
)


def _day_of(filled: Filled) -> int | None:
    """Return the piece of the files' names that tells the day; None where there is no one."""
    batch = filled.look.batch
    days = [at for at in batch.dated if at in batch.varying and batch.tokens[0][at].kind == "day"]
    return days[0] if len(days) == 1 else None


def _by_months(filled: Filled, dating: Dating) -> Dating:
    """Make one delivery of the files of a month, the day after its last one."""
    day = _day_of(filled)
    told = Text(
        "each file is a day: those of a month are one delivery",
        "每个文件为一天：同月各文件为一次交付",
    )
    doubt = Text(
        "how many days after a month were the files of all its days there?",
        "当月全部文件在月末后几天到齐？",
    )
    return Dating(
        {} if day is None else {day: "day"}, days_after=dating.days_after or 1,
        evidence=(told,), doubts=(doubt,),
    )  # fmt: skip


def by_the_day(filled: Filled) -> bool:
    """Tell files that hold the sums of one day each: no row tells a month, nor does a file.

    Of a month the row that was delivered last would be taken for the whole of it, so a view has to
    add up the files of a month together.
    """
    if filled.table.name != USE or len(filled.look.batch.paths) < FEWEST or _of_days(filled):
        return False
    month, rows = filled.picks["month"], filled.look.rows
    texts = rows.column(month.profile.position).combine_chunks()
    each = pa.table({"day": texts, "file": rows.column("file")}).group_by("file")
    one_day = each.aggregate([("day", "count_distinct")])["day_count_distinct"]
    text = str(month.reading.how.get("format", _DEFAULT))
    days, _ = moments_of(month.profile.distinct, (text,)) if "%d" in text else (None, None)
    varied = days is not None and len(pc.unique(pc.day(days.drop_null()))) >= FEWEST
    return bool(varied and pc.max(one_day).as_py() == 1)


def _of_days(filled: Filled) -> bool:
    """Tell rows of days by how often one subscriber and month stand in a file."""
    rows, month = filled.look.rows, filled.picks["month"]
    key = filled.picks["subscriber_id"].profile
    months = days_of(month.profile, filled.table, filled.table["month"], month.reading.how)
    texts = rows.column(month.profile.position).combine_chunks()
    read = months.take(pc.index_in(texts, value_set=month.profile.distinct))
    each = pa.table({"id": rows.column(key.position), "file": rows.column("file"), "month": read})
    once = each.group_by(["id", "file", "month"]).aggregate([]).num_rows
    return bool(len(rows) >= OFTEN * once)


def _is_key(filled: Filled, name: str) -> bool:
    return name in {*filled.table.key, "delivered_on"}


def _line(line: Line, columns: dict[str, Pick], format_: str) -> Line:
    if line.target == "month":
        return replace(line, value={"from": "month", "format": format_}, doubts=())
    if line.target in columns:
        line = line.without(*SPELT)  # the view has read the signs
    pick = columns.get(line.target)
    if pick is None or not line.target.endswith("minutes") or "unit" in pick.reading.how:
        return line
    table, mapping = TABLES[USE], pick.reading.mapping(pick.profile.header)
    read, _ = read_column(pick.profile.distinct, table, table[line.target], mapping)
    values = read.cast(pa.float64())
    if pc.max(values).as_py() <= MINUTES:
        return _asked(line, pick.profile.header, values)
    value: dict[str, Any] = {"from": pick.profile.header, "unit": "seconds", "round": True}
    told = Text("a day has 1,440 minutes: these are seconds", "一天只有1440分钟：单位应为秒")
    return replace(line, value=value, evidence=(*line.evidence, told))


def _asked(line: Line, header: str, values: pa.DoubleArray) -> Line:
    """Ask for the unit where neither the header nor the numbers tell minutes from seconds."""
    usual = pc.quantile(values.filter(pc.greater(values, 0)), 0.5)[0].as_py()
    if named_unit(header) is not None or usual is None or usual < MUCH:
        return line
    doubt = Text(
        f"{usual:,.0f} a day are usual: minutes, or seconds? Then `unit: seconds`, `round: true`",
        f"每天通常为{usual:,.0f}：单位是分钟还是秒？若为秒，请加 unit: seconds 和 round: true",
    )
    return replace(line, doubts=(*line.doubts, doubt))
