"""Sheets of spreadsheets: Excel's workbooks, old and new, and OpenDocument's."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.errors import ExtractError
from churn.ingest import rules
from churn.ingest.readers.json_lines import JsonBlock
from churn.ingest.readers.lines import Lines
from churn.ingest.readers.packing import BOMB, HARMLESS, unzipping
from churn.ingest.readers.reader import BLOCK_BYTES, Block, Reader, Records, Rejects, RowsBlock

_GLANCE = 1024  # bytes in which a page of markup shows itself


def sheets_of(path: Path) -> list[str]:
    """Return the names of a workbook's sheets, in its order.

    Raises
    ------
    ExtractError
        If it cannot be read.
    """
    return _workbook(path).sheet_names


class SheetBlock(RowsBlock):
    """The rows of a sheet, numbered as the spreadsheet does."""

    def raw(self, number: int) -> bytes:
        """Return a row's cells as JSON."""
        cells = [column[number - self.first].as_py() for column in self._rows.columns]
        return json.dumps(cells, ensure_ascii=False).encode()

    def split(self, columns: Sequence[int]) -> Records:
        """Take the columns; a row without a cell is blank."""
        blank = _blank(self._rows)
        numbers = np.arange(self.first, self.first + len(self))
        keep = pa.array(~blank)
        fields = {i: pc.utf8_trim_whitespace(self._rows.column(i)).filter(keep) for i in columns}
        return Records(fields, numbers[~blank], Rejects.of(numbers[blank], rules.BLANK))


class Excel(Reader):
    """One sheet of a workbook, held in memory as text.

    Dates and times are written as such, numbers in full; a cell with an error is no value. A cell
    merged over several has its value once, in the first.
    """

    def __init__(
        self, path: Path, sheet: str | None, skip: int, header: Sequence[str] | None
    ) -> None:
        super().__init__(path)
        self._sheet = sheet
        self._skip = skip
        self._header = header

    def header(self) -> tuple[str, ...]:
        """Return the trimmed cells of the first row that is not blank, after those to skip."""
        if self._header is not None:
            return tuple(self._header)
        top = self._top
        return tuple(" ".join((column[top].as_py() or "").split()) for column in self.cells.columns)

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:  # noqa: ARG002 - all at once
        """Yield the rows below the header."""
        first = self._skip if self._header is not None else self._top + 1
        rows = self.cells.slice(first)
        if self._header is not None and rows.num_columns != len(self._header):
            raise ExtractError(
                f"the sheet has {rows.num_columns} columns, and `header:` names"
                f" {len(self._header)}",
                where=self.name,
                do="name every column of the sheet, in its order",
            )
        if rows.num_rows:
            yield SheetBlock(rows, first + 1)

    def trailer(self) -> None:
        """Return nothing: a workbook is an archive itself, not a file that is packed."""

    def record(self, raw: bytes, number: int) -> Block:
        """Return a block of one row, given as the JSON list of its cells."""
        names = [str(place) for place in range(self.cells.num_columns)]
        with suppress(ValueError, TypeError):  # no list of cells: read, and set aside, as it is
            raw = json.dumps(dict(zip(names, json.loads(raw), strict=True))).encode()
        return JsonBlock(Lines(raw + b"\n", number), self.encoding, names, self.name)

    @cached_property
    def _top(self) -> int:
        filled = np.flatnonzero(~_blank(self.cells)[self._skip :])
        if not len(filled):
            raise ExtractError(
                "the sheet is empty: it has not even a header",
                where=self.name,
                do="correct `sheet:` or `skip:`, or deliver it again",
            )
        return self._skip + int(filled[0])

    @cached_property
    def cells(self) -> pa.RecordBatch:
        """All cells as text, whatever stands above the header, null where there is none."""
        workbook = _workbook(self.path)
        names = workbook.sheet_names
        if not names or (self._sheet is not None and self._sheet not in names):
            raise ExtractError(
                f"the workbook has no sheet {self._sheet}: it has {len(names)} others",
                where=self.name,
                do="correct `sheet:` of this source; without it the first sheet is read",
            )
        with _telling_damage(self.path):
            sheet = workbook.load_sheet(
                self._sheet or 0, header_row=None, skip_rows=0, dtypes="string"
            )
            return pa.record_batch(sheet)


def _workbook(path: Path) -> fastexcel.ExcelReader:
    with _telling_damage(path):
        _require_bounded(path)
        return fastexcel.read_excel(path)


@contextmanager
def _telling_damage(path: Path) -> Iterator[None]:
    """Tell what a workbook that cannot be read is, as an error of the extract."""
    try:
        yield
    except (fastexcel.FastExcelError, zipfile.BadZipFile) as error:
        if _is_markup(path):
            raise ExtractError(
                "the file is a page of HTML or XML, and a workbook in name alone",
                where=path.name,
                do="open it in a spreadsheet and save it as xlsx, or as CSV in UTF-8",
            ) from error
        raise ExtractError(
            "the workbook is damaged, cut off or locked by a password",
            where=path.name,
            do="save it again, without a password",
        ) from error
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise ExtractError(
            f"the file cannot be opened ({type(error).__name__})",
            where=path.name,
            do="see that the file is there and that this user may read it",
        ) from error


def _is_markup(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(_GLANCE).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _blank(rows: pa.RecordBatch) -> np.ndarray:
    filled = np.zeros(rows.num_rows, dtype=bool)
    for column in rows.columns:
        text = pc.utf8_length(pc.utf8_trim_whitespace(column)).fill_null(0)
        filled |= text.to_numpy(zero_copy_only=False) > 0
    return ~filled


def _require_bounded(path: Path) -> None:
    """Refuse a workbook that unpacks without end."""
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            return  # of before 2007
    with unzipping(path), zipfile.ZipFile(path) as archive:
        octets = sum(member.file_size for member in archive.infolist())
    if octets > max(HARMLESS, BOMB * path.stat().st_size):
        raise ExtractError(
            f"the workbook unpacks to more than {BOMB} times its size",
            where=path.name,
            do="see what it holds; deliver the table itself",
        )
