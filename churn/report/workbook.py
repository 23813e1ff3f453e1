"""The workbooks: tonight's targets, and the last notices.

The same list gives the same bytes on any day: the only date inside is the as-of date.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from churn.language import Text
from churn.report.columns import LAST_NOTICES, TARGETS, ListColumn
from churn.report.parts import HandOut, Tonight
from churn.report.sheet import (
    LINE,
    Formats,
    display_width,
    print_on,
    wrapped_lines,
    write_cell,
    write_list,
)
from churn.report.summary import TO_KNOW, Section, definitions, sections, sentences
from churn.report.words import CODES, words_of
from churn.states import StateSettings
from churn.targeting.settings import LastNoticeSettings

_FIRST_WIDEST, _REST_WIDTH, _LAST = 60, 17, 6


_STARTS = {
    "arrears": Text("after the oldest overdue bill fell due", "自最早欠费账单到期日起满"),
    "state": Text("after the state began", "自进入该状态起满"),
}


def write_targets(night: HandOut, tonight: Tonight, gate: Sequence[str] = ()) -> bytes:
    """Return ``targets.xlsx``; ``gate`` are the lines on what the models can do."""
    settings = tonight.settings
    return _book(
        night, Text(f"Retention list, night of {night.as_of}", f"挽留名单（{night.as_of}）"),
        listed=Text("Targets", "目标名单"), frame=tonight.frame, columns=TARGETS,
        words=words_of(settings.actions), summary=Text("Summary", "汇总"),
        message=tonight.done.message,
        blocks=sections(tonight.done, settings, TARGETS, gate=gate, notes=night.notes),
    )  # fmt: skip


def write_last_notices(night: HandOut) -> bytes:
    """Return ``last_notices.xlsx``; names and phones stand in it unmasked.

    The next removal comes first and who owes nothing by the latest balance last.
    """
    notices = night.notices
    rows = _with_notes(notices.frame)
    notes = [sentences(TO_KNOW, notices.notes)] if notices.notes else []
    return _book(
        night, Text(f"Last notices, night of {night.as_of}", f"销号前告知名单（{night.as_of}）"),
        listed=Text("Last notices", "销号前告知"), frame=rows, columns=LAST_NOTICES,
        words=words_of(()), summary=Text("About", "说明"),
        message=_urgency(rows, notices.settings.near_days),
        blocks=[_rules(notices.settings, notices.states), *notes, definitions(LAST_NOTICES)],
    )  # fmt: skip


def _with_notes(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``note`` and sort: the next removal first, who owes nothing last.

    A balance of 0 beside a removal means that the subscriber has paid since, or that the balance
    came late: whoever calls should look before announcing a removal.
    """
    paid = [not pd.isna(owed) and float(owed) == 0 for owed in frame["amount_owed"]]
    notes = pd.Series(
        ["owes_nothing" if settled else None for settled in paid], frame.index, dtype="str"
    )
    ordered = frame.assign(note=notes, paid=paid)
    ordered = ordered.sort_values(["paid", "removal_on", "subscriber_id"], ignore_index=True)
    return ordered.drop(columns="paid")


def _urgency(rows: pd.DataFrame, near_days: int) -> Text:
    """Say in one sentence how urgent the list is, and who is hard to reach."""
    if rows.empty:
        return Text(
            f"Nobody is to be removed within {near_days} days.",
            f"{near_days}天内没有待销号的用户。",
        )
    past = sum(days < 0 for days in rows["days_left"])
    untold = _untold(rows["notified"].tolist())
    alone = int(rows["contact"].isna().sum())
    return Text(
        f"{_count(len(rows), 'subscriber', 'subscribers')}: "
        f"{_count(past, 'is', 'are')} past the removal date, "
        f"{len(rows) - past:,} within {near_days} days; {untold.en}"
        f"{_count(alone, 'has', 'have')} no other contact.",
        f"共{len(rows):,}户：已过销号日{past:,}户，{near_days}天内到期{len(rows) - past:,}户；"
        f"{untold.zh}无其他联系方式{alone:,}户。",
    )


def _untold(notified: Sequence[bool | None]) -> Text:
    """Say how many were not told yet; nothing where notices are not delivered."""
    known = [bool(notice) for notice in notified if not pd.isna(notice)]
    if not known:
        return Text("", "")
    untold = known.count(False)
    return Text(f"{_count(untold, 'was', 'were')} not told yet; ", f"尚未告知{untold:,}户；")


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number:,} {singular if number == 1 else plural}"


def _rules(settings: LastNoticeSettings, states: StateSettings) -> Section:
    lines = []
    for rule in settings.rules(states):
        start = _STARTS[rule.counts_from]
        months = Text(f"{rule.months} months ", f"{rule.months}个月") if rule.months else ""
        days = Text(f"{rule.days} days ", f"{rule.days}天") if rule.days else ""
        delay = Text("", start.zh) + months + days + Text(start.en, "")
        lines.append((CODES[rule.state], delay))
    return Section(Text("Removal by state", "销号规则"), tuple(lines))


def _book(
    night: HandOut, title: Text, *, listed: Text, frame: pd.DataFrame,
    columns: Sequence[ListColumn], words: Mapping[str, Mapping[str, Text]],
    summary: Text, message: Text, blocks: Sequence[Section],
) -> bytes:  # fmt: skip
    """Return a workbook of a list and its summary, in one language."""
    out, language = io.BytesIO(), night.language
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, options) as book:
        created = datetime.combine(night.as_of, time(), UTC).replace(tzinfo=None)
        book.set_properties({"title": title.of(language), "author": "churn", "created": created})
        formats = Formats.of(book)
        write_list(
            book.add_worksheet(listed.of(language)), frame, columns,
            formats=formats, words=words, language=language,
        )  # fmt: skip
        _write_sections(
            book.add_worksheet(summary.of(language)),
            title.of(language),
            message.of(language),
            [block.of(language) for block in blocks],
            formats,
        )
    return out.getvalue()


def _write_sections(
    sheet: Worksheet,
    title: str,
    message: str,
    blocks: Sequence[Section],
    formats: Formats,
) -> None:
    """Write a summary: title, one sentence, blocks; single sentences span the sheet."""
    sides = [str(row[0]) for block in blocks for row in block.rows if len(row) > 1]
    first = min(max(map(display_width, sides), default=0) + 2, _FIRST_WIDEST)
    sheet.set_column(0, 0, first)
    sheet.set_column(1, _LAST, _REST_WIDTH)
    sheet.write_string(0, 0, title, formats.title)
    sheet.merge_range(1, 0, 1, _LAST, "", formats.line)
    sheet.write_string(1, 0, message, formats.line)
    sheet.set_row(1, LINE * wrapped_lines(message, first + _LAST * _REST_WIDTH))
    line = 3
    for block in blocks:
        for place in range(_LAST + 1):
            sheet.write_blank(line, place, None, formats.section)
        sheet.write_string(line, 0, block.title, formats.section)
        for row in block.rows:
            line += 1
            if len(row) == 1:
                sheet.merge_range(line, 0, line, _LAST, "", formats.line)
                sheet.write_string(line, 0, row[0], formats.line)
                sheet.set_row(line, LINE * wrapped_lines(row[0], first + _LAST * _REST_WIDTH))
                continue
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(line, place, value)
                else:
                    write_cell(sheet, line, place, value, formats, block.kinds[place])
        line += 2
    sheet.hide_gridlines(2)
    print_on(sheet)
