"""``expiring.xlsx``: a workbook that opens, however many lines are warned of."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pandas as pd
import pytest

from churn.early_warnings import EarlyWarningSettings
from churn.report import expiring
from churn.report.parts import EarlyWarnings, HandOut
from tests.report.conftest import notices

NIGHT = date(2025, 3, 1)


def _commitments(ends: dict[str, date]) -> EarlyWarnings:
    """Return open commitments by line, and when they end."""
    frame = pd.DataFrame({"subscriber_id": list(ends), "contract_ends_on": list(ends.values())})
    missing = [column.name for column in expiring.EXPIRING if column.name not in frame]
    frame = frame.assign(**dict.fromkeys(missing))
    frame = frame.assign(months_left=1, commitment="open", tonight="contact", average_bill=80.0)
    return EarlyWarnings(frame, None, None, EarlyWarningSettings())


@pytest.mark.parametrize(("language", "told"), [("en", "first 2 of 3 lines"), ("zh", "共3户")])
def test_a_sheet_names_the_first_lines_and_counts_all(monkeypatch, language, told):
    """Nearest their end; a base of millions would need more memory than a night has."""
    monkeypatch.setattr(expiring, "MOST", 2)
    ends = {"late": date(2025, 3, 20), "soon": date(2025, 3, 2), "next": date(2025, 3, 9)}
    night = HandOut(NIGHT, language, notices([]), "CNY", ())
    book = openpyxl.load_workbook(
        io.BytesIO(expiring.write_expiring(night, _commitments(ends), ()))
    )
    listed, about = book.worksheets
    column = [cell.value for cell in listed[1]].index("subscriber_id")
    assert [row[column] for row in listed.iter_rows(min_row=3, values_only=True)] == [
        "soon",
        "next",
    ]
    texts = [str(cell) for row in about.iter_rows(values_only=True) for cell in row if cell]
    assert any(told in text for text in texts)
    counts = [row for row in about.iter_rows(values_only=True) if 3 in row]
    assert counts, "all three are counted"


def test_a_sheet_that_names_all_says_nothing_of_it():
    """Nothing is cut, nothing is told."""
    night = HandOut(NIGHT, "en", notices([]), "CNY", ())
    content = expiring.write_expiring(night, _commitments({"soon": date(2025, 3, 2)}), ())
    about = openpyxl.load_workbook(io.BytesIO(content)).worksheets[-1]
    texts = [str(cell) for row in about.iter_rows(values_only=True) for cell in row if cell]
    assert not any("in the order of the sheet" in text for text in texts)
