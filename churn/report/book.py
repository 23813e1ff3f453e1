"""A workbook: lists, each on a sheet of its own, and a sheet that sums up and explains.

The same content gives the same bytes on any day: the only date inside is the as-of date.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.worksheet import Worksheet

from churn.language import Language, Text, Words, resolved
from churn.report.columns import ListColumn
from churn.report.sheet import (
    CLIPPED,
    LINE,
    Formats,
    display_width,
    print_on,
    wrapped_lines,
    write_cell,
    write_list,
)
from churn.report.summary import Section
from churn.report.words import words_of

_FIRST_WIDEST, _REST_WIDTH, _LAST = 60, 19, 7
_CHART_TOP = 3
_CHART_WIDTH, _CHART_LEAST, _CHART_FRAME, _BAR_HEIGHT, _ROW_PIXELS = 560, 200, 90, 24, 22
_BAR_COLOUR = "#4F81BD"
_AMOUNTS = frozenset({"count", "chance", "money", "share", "mean", "amount"})
"""Kinds of columns whose words stand over numbers: to the right, as these do."""
_LONGEST_NAME = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


@dataclass(frozen=True)
class ListSheet:
    """One list and the sheet it stands on."""

    name: Words
    frame: pd.DataFrame
    columns: Sequence[ListColumn]
    words: Mapping[str, Mapping[str, Text]] | None = None


@dataclass(frozen=True)
class SummarySheet:
    """The sheet of totals and explanations: one sentence first, then blocks."""

    name: Words
    message: Words
    blocks: Sequence[Section]


def write_book(
    as_of: date,
    language: Language,
    title: Text,
    lists: Sequence[ListSheet],
    summary: SummarySheet,
    *,
    summary_first: bool = False,
    currency: str = "",
) -> bytes:
    """Return a workbook in one language; columns of money say in which currency."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, options) as book:
        created = datetime.combine(as_of, time(), UTC).replace(tzinfo=None)
        book.set_properties({"title": title.of(language), "author": "churn", "created": created})
        formats = Formats.of(book)
        wanted = [resolved(sheet.name, language) for sheet in lists]
        about = resolved(summary.name, language)
        taken = sheet_names([about, *wanted] if summary_first else [*wanted, about])
        about_name = taken.pop(0 if summary_first else -1)
        if summary_first:
            _write_summary(book, book.add_worksheet(about_name), title, summary, formats, language)
        for name, sheet in zip(taken, lists, strict=True):
            write_list(
                book.add_worksheet(name),
                sheet.frame,
                sheet.columns,
                formats=formats,
                words=words_of(()) if sheet.words is None else sheet.words,
                language=language,
                currency=currency,
            )
        if not summary_first:
            _write_summary(book, book.add_worksheet(about_name), title, summary, formats, language)
    return out.getvalue()


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Return names that spreadsheets accept: short enough, no forbidden character, none twice.

    Examples
    --------
    >>> sheet_names(["a/b", "A_B", "  ", "History"])
    ['a_b', 'A_B (2)', '_', 'History_']
    """
    taken: set[str] = set()
    names = []
    for text in wanted:
        base = text.translate(_FORBIDDEN).strip().strip("'")[:_LONGEST_NAME] or "_"
        base = f"{base}_" if base.casefold() == "history" else base  # a name Excel keeps to itself
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            mark = f" ({number})"
            name = base[: _LONGEST_NAME - len(mark)] + mark
        taken.add(name.casefold())
        names.append(name)
    return names


def _chart(book: Workbook, name: str, block: Section, top: int) -> Chart:
    """Return bars of a block's second column; ``top`` is the row of its first."""
    chart = book.add_chart({"type": "bar"})
    last = top + len(block.rows) - 1
    chart.add_series(
        {
            "categories": [name, top, 0, last, 0],
            "values": [name, top, 1, last, 1],
            "fill": {"color": _BAR_COLOUR},
            "gap": 60,
        }
    )
    title = block.header[1] if block.header else block.title
    chart.set_title({"name": str(title), "name_font": {"size": 11}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"major_gridlines": {"visible": False}})
    chart.set_y_axis({"reverse": True, "interval_unit": 1})
    chart.set_size({"width": _CHART_WIDTH, "height": _chart_height(block)})
    return chart


def _chart_height(block: Section) -> int:
    """Return the pixels in which every bar has room for its own label."""
    return max(_CHART_LEAST, _CHART_FRAME + _BAR_HEIGHT * len(block.rows))


def _write_summary(
    book: Workbook,
    sheet: Worksheet,
    title: Text,
    summary: SummarySheet,
    formats: Formats,
    language: Language,
) -> None:
    """Write a summary: title, one sentence, blocks; single sentences span the sheet."""
    blocks = [block.of(language) for block in summary.blocks if block.rows]
    message = resolved(summary.message, language)
    sides = [str(row[0]) for block in blocks for row in block.rows if len(row) > 1]
    first = min(max(map(display_width, sides), default=0) + 2, _FIRST_WIDEST)
    sheet.set_default_row(LINE)
    sheet.set_column(0, 0, first)
    sheet.set_column(1, _LAST, _REST_WIDTH)
    sheet.write_string(0, 0, title.of(language), formats.title)
    sheet.merge_range(1, 0, 1, _LAST, "", formats.line)
    sheet.write_string(1, 0, message, formats.line)
    sheet.set_row(1, LINE * wrapped_lines(message, first + _LAST * _REST_WIDTH))
    line, beside = 3, _CHART_TOP
    for block in blocks:
        top = line + 1
        for place in range(max(_LAST + 1, *map(len, (block.header, *block.rows)))):
            sheet.write_blank(line, place, None, formats.section)
        sheet.write_string(line, 0, str(block.title), formats.section)
        if block.header:
            line, top = line + 1, top + 1
            for place, label in enumerate(block.header):
                amounts = block.kinds[place] in _AMOUNTS
                look = formats.head_over if amounts else formats.head
                sheet.write_string(line, place, str(label), look)
        for row in block.rows:
            line += 1
            if len(row) == 1:
                sheet.merge_range(line, 0, line, _LAST, "", formats.line)
                sheet.write_string(line, 0, row[0], formats.line)
                sheet.set_row(line, LINE * wrapped_lines(row[0], first + _LAST * _REST_WIDTH))
                continue
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(line, place, value, formats.cell[CLIPPED])
                else:
                    write_cell(sheet, line, place, value, formats, block.kinds[place])
        if block.chart and len(block.rows) > 1:
            chart = _chart(book, sheet.get_name(), block, top)
            sheet.insert_chart(beside, _LAST + 2, chart)
            beside += _chart_height(block) // _ROW_PIXELS + 2
        line += 2
    sheet.hide_gridlines(2)
    print_on(sheet)
