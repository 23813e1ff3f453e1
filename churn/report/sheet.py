"""One list as a worksheet: two header rows, frozen and filterable, widths that fit, safe cells."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, reduce
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from churn.errors import SettingsError
from churn.language import SEPARATOR, Language, Text, Words, resolved
from churn.learning.wording import NO, YES
from churn.report.columns import Kind, ListColumn
from churn.report.words import NOTHING, in_currency, worded

MOST_ROWS = 1_048_576
HEADER_ROWS = 2
_A4 = 9
_NARROWEST = 5
_FILTER_BUTTON = " " * 3
_PADDING = 2.0
_LABEL_LINES = 2
LINE = 16.5
"""Height of a line: Chinese fonts are taller than Latin ones."""
_FIRST = 2
"""Columns that stay in sight, and stand on every printed page of a wide list."""
_PAGE = 220
"""Widest list, in Latin characters, that is printed on one page: wider ones would be too small."""
_MACHINE_SCALE = 0.75
_LONGEST_TEXT = 32_767
_LEFT: dict[str, Any] = {"align": "left", "indent": 1}
_RIGHT: dict[str, Any] = {"align": "right", "indent": 1}
CLIPPED = "clipped"
"""The look of text that does not wrap."""
_NUMBERS: dict[Kind, tuple[str, str]] = {
    "count": ("#,##0", "{:,.0f}"),
    "chance": ("0.00%", "{:.2%}"),
    "share": ("0.00%", "{:.2%}"),
    "money": ("#,##0.00", "{:,.2f}"),
    "mean": ("#,##0.0", "{:,.1f}"),
    "amount": ("#,##0.00", "{:,.2f}"),
}
"""How a sheet shows a number, and the same for Python, which measures its width."""
_LOOKS: dict[Kind, dict[str, Any]] = {
    "text": _LEFT,
    "code": _LEFT,
    "codes": _LEFT,
    "input": {**_LEFT, "locked": False, "bg_color": "#FFF9E5"},
    "flag": _LEFT,
    **{kind: {**_RIGHT, "num_format": shown} for kind, (shown, _) in _NUMBERS.items()},
    "date": {"align": "center", "num_format": "yyyy-mm-dd"},
}
_BAR = "#B7D3EE"
_SHADE, _GREY = "#DCE6F1", "#7F7F7F"


@dataclass(frozen=True)
class Formats:
    """The few looks of a workbook."""

    machine: Mapping[str, Format]
    header: Mapping[str, Format]
    nothing: Format
    title: Format
    section: Format
    line: Format
    head: Format
    head_over: Format
    cell: Mapping[str, Format]

    @classmethod
    def of(cls, book: Workbook) -> Formats:
        """Add them to a workbook."""
        top = {"valign": "top"}
        heading = {**top, "bold": True, "bg_color": _SHADE, "bottom": 1, "text_wrap": True}
        return cls(
            machine=_by_kind(book, {"font_size": 8, "font_color": _GREY, "bg_color": _SHADE}),
            header=_by_kind(book, heading),
            nothing=book.add_format({**top, "align": "center", "font_color": _GREY}),
            title=book.add_format({"bold": True, "font_size": 14}),
            section=book.add_format({**_LEFT, "bold": True, "bg_color": _SHADE, "bottom": 1}),
            line=book.add_format({**top, **_LEFT, "text_wrap": True}),
            head=book.add_format({**top, **_LEFT, "font_color": _GREY}),
            head_over=book.add_format({**top, **_RIGHT, "font_color": _GREY}),
            cell={
                **_by_kind(book, {**top, "text_wrap": True}),
                CLIPPED: book.add_format({**top, **_LEFT}),
            },
        )


def _by_kind(book: Workbook, look: Mapping[str, Any]) -> dict[str, Format]:
    return {kind: book.add_format({**look, **own}) for kind, own in _LOOKS.items()}


def write_list(
    sheet: Worksheet,
    frame: pd.DataFrame,
    columns: Sequence[ListColumn],
    *,
    formats: Formats,
    words: Mapping[str, Mapping[str, Text]],
    language: Language,
    currency: str = "",
) -> None:
    """Write a list: row 1 machine names, row 2 labels, then the rows.

    Both header rows are frozen and repeated on every printed page, as are the first columns of a
    list too wide for one; the filter stands on the labels. Columns of money say in which
    ``currency``. Raises SettingsError for a list longer than a worksheet.
    """
    if len(frame) + HEADER_ROWS > MOST_ROWS:
        raise SettingsError(
            f"a list of {len(frame):,} rows does not fit a worksheet of {MOST_ROWS:,}",
            where="targeting.budget.max_contacts",
            do="limit the contacts of a night, or use targets.csv",
        )
    lines, whole = [1] * (len(frame) + HEADER_ROWS), 0.0
    for place, column in enumerate(columns):
        # A value that stands on many rows is told, measured and broken into lines once.
        places, values = pd.factorize(frame[column.name], use_na_sentinel=False)
        cells = [resolved(_shown(value, column, words), language) for value in values]
        texts = [_as_text(cell, column) for cell in cells]
        label = _in_lines(heading(column, currency).of(language), texts)
        width = fitting(column, label, texts)
        sheet.set_column(place, place, width + _PADDING)
        whole += width + _PADDING
        sheet.write_string(0, place, column.name, formats.machine[column.kind])
        sheet.write_string(1, place, label, formats.header[column.kind])
        look = column.kind if column.wraps else CLIPPED
        lines[1] = max(lines[1], wrapped_lines(label, width))
        taken = [wrapped_lines(text, width) if column.wraps else 1 for text in texts]
        for row, at in enumerate(places.tolist(), start=HEADER_ROWS):
            write_cell(sheet, row, place, cells[at], formats, look)
            lines[row] = max(lines[row], taken[at])
    for row, count in enumerate(lines):
        sheet.set_row(row, LINE * count)
    last = max(HEADER_ROWS, len(frame) + HEADER_ROWS - 1)
    for place, column in enumerate(columns):
        _add_to(sheet, column, (HEADER_ROWS, place, last, place), language)
    sheet.autofilter(1, 0, last, len(columns) - 1)
    sheet.freeze_panes(HEADER_ROWS, _FIRST)
    sheet.repeat_rows(0, HEADER_ROWS - 1)
    pages = math.ceil(whole / _PAGE)
    if pages > 1:
        sheet.repeat_columns(0, _FIRST - 1)
    print_on(sheet, pages)


def _add_to(
    sheet: Worksheet, column: ListColumn, cells: tuple[int, int, int, int], language: Language
) -> None:
    """Give a column's cells their bar, or what may be chosen in them."""
    if column.bar:
        from_zero = {"min_type": "num", "min_value": 0}  # else the least has none
        sheet.conditional_format(*cells, {"type": "data_bar", "bar_color": _BAR, **from_zero})
    if column.choices:
        source = [choice.of(language) for choice in column.choices]
        sheet.data_validation(*cells, {"validate": "list", "source": source})


def write_cell(
    sheet: Worksheet, row: int, column: int, value: Any, formats: Formats, kind: str = "text"
) -> None:
    """Write one value; text is always a string cell, so it never starts a formula or a link."""
    if kind == "input":
        sheet.write_blank(row, column, None, formats.cell["input"])
    elif value is None or value == NOTHING:
        sheet.write_string(row, column, NOTHING, formats.nothing)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats.cell["date"])
    elif isinstance(value, str):
        look = formats.cell[CLIPPED if kind == CLIPPED else "text"]
        sheet.write_string(row, column, value[:_LONGEST_TEXT], look)
    else:
        if kind == "amount":
            kind = "count" if float(value).is_integer() else "money"
        sheet.write_number(row, column, value, formats.cell[kind])


def heading(column: ListColumn, currency: str) -> Text:
    """Return a column's label, with the currency where it holds money."""
    return in_currency(column.label, currency) if column.kind == "money" else column.label


def _in_lines(label: str, texts: Iterable[str]) -> str:
    """Break a Chinese label before its bracket where its column is no wider than its texts."""
    longest = max(map(display_width, texts), default=0)
    if display_width(label) + len(_FILTER_BUTTON) <= longest:
        return label
    return label.replace("（", "\n（", 1)


def print_on(sheet: Worksheet, pages: int = 1) -> None:
    """Print on A4 landscape, so many pages wide, page numbers below."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(pages, 0)
    sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.6)
    sheet.set_footer("&L&A&R&P / &N")


def fitting(column: ListColumn, label: str, texts: Iterable[str]) -> int:
    """Return the width that shows a column's longest text, up to its bound; the rest wraps.

    The label takes two lines at most, broken between words, or anywhere if it is Chinese; the
    machine name is printed smaller.
    """
    words = label.split()
    label_width = max(display_width(words[-1]) + len(_FILTER_BUTTON), *map(display_width, words))
    if len(words) == 1 and display_width(label) > len(label):
        label_width = min(label_width, (display_width(label) + 1) // 2 + len(_FILTER_BUTTON))
    while wrapped_lines(label, label_width) > _LABEL_LINES:
        label_width += 1
    longest = max((display_width(text) for text in texts), default=0)
    name = round(len(column.name) * _MACHINE_SCALE)
    return max(min(longest, column.widest), label_width, name, _NARROWEST)


def wrapped_lines(text: str, width: float) -> int:
    """Return how many lines a text takes: Latin breaks between words, Chinese anywhere.

    Examples
    --------
    >>> wrapped_lines("two words", 9), wrapped_lines("two words", 8), wrapped_lines("流失原因", 6)
    (1, 2, 2)
    """
    if "\n" in text:
        return sum(wrapped_lines(line, width) for line in text.split("\n"))
    if display_width(text) <= width:
        return 1  # most cells of a long list
    lines, used = 1, 0.0
    for word in text.split():
        length = display_width(word)
        gap = 1 if used else 0
        if length == len(word) and used and used + gap + length > width:
            lines, used, gap = lines + 1, 0.0, 0
        used += gap + length
        further = max(0, math.ceil(used / width) - 1)
        lines, used = lines + further, used - further * width
    return lines


def display_width(text: str) -> int:
    """Return the width in Latin characters: Chinese ones take two.

    Examples
    --------
    >>> display_width("abc"), display_width("流失"), display_width("é")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


@cache
def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


Wording = Mapping[str, Mapping[str, Text]]


def _shown(value: Any, column: ListColumn, words: Wording) -> Words | float | date | None:
    if column.kind == "input":
        return ""
    if pd.isna(value):
        return column.nothing
    if column.kind in _WORDED:
        return _WORDED[column.kind](value, column, words)
    return int(value) if column.kind == "count" else float(value)


def _codes(value: Any, column: ListColumn, words: Wording) -> Text | None:
    names = [worded(code, column.name, words) for code in str(value).split(";") if code]
    return reduce(lambda left, right: left + SEPARATOR + right, names) if names else None


def _day(value: Any, _column: ListColumn, _words: Wording) -> date:
    day = pd.Timestamp(value)
    return date(day.year, day.month, day.day)


_WORDED: Mapping[Kind, Callable[[Any, ListColumn, Wording], Words | date | None]] = {
    "flag": lambda value, _column, _words: YES if value else NO,
    "code": lambda value, column, words: worded(str(value), column.name, words),
    "codes": _codes,
    "text": lambda value, _column, _words: str(value) or None,
    "date": _day,
}


def _as_text(cell: str | float | date | None, column: ListColumn) -> str:
    if isinstance(cell, int | float):
        return _NUMBERS[column.kind][1].format(cell)
    return NOTHING if cell is None else str(cell)
