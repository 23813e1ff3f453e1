"""The workbook of last notices: who must be told, how urgent it is, on which number."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pandas as pd

from churn.language import Language
from churn.report.columns import LAST_NOTICES
from churn.report.parts import HandOut, Notices
from churn.report.workbook import write_last_notices
from churn.states import StateSettings
from churn.targeting.settings import LastNoticeSettings

NIGHT = date(2025, 3, 1)


def opened(content: bytes):
    """Read a workbook back with another library than the one that wrote it."""
    return openpyxl.load_workbook(io.BytesIO(content))


def notice_rows() -> pd.DataFrame:
    """Return three last notices in no order, with dates as engines give them."""
    return pd.DataFrame(
        {
            "subscriber_id": ["s3", "s2", "s1"],
            "customer_id": ["c3", "c2", "c1"],
            "region": "north",
            "account_manager": None,
            "state": ["suspended", "suspended", "on_hold"],
            "since": pd.to_datetime(["2024-12-01", "2025-01-10", "2024-03-01"]),
            "removal_on": [date(2025, 1, 30), date(2025, 3, 11), date(2025, 3, 2)],
            "days_left": [-30, 10, 1],
            "amount_owed": [Decimal("0.00"), Decimal("88.00"), None],
            "notified": [False, True, None],
            "notified_on": [None, date(2025, 2, 20), None],
            "notice_channel": [None, "letter", None],
            "name": ["李雷", "王芳", None],
            "phone": ["13900000003", "13900000002", None],
            "contact": ["other_line", "alternate", None],
        }
    )


def notices(rows: pd.DataFrame | None = None, language: Language = "en") -> bytes:
    """Return a last-notice workbook."""
    frame = notice_rows() if rows is None else rows
    listed = Notices(frame, LastNoticeSettings(), StateSettings())
    return write_last_notices(HandOut(NIGHT, language, listed))


def test_last_notices_say_first_how_urgent_they_are():
    """How many are past their day, near it, untold and hard to reach; counts agree in number."""

    def sentence(rows: pd.DataFrame, language: Language = "en") -> str:
        about = {"en": "About", "zh": "说明"}[language]
        return str(opened(notices(rows, language))[about]["A2"].value)

    rows = notice_rows()
    assert sentence(rows) == (
        "3 subscribers: 1 is past the removal date, 2 within 30 days; "
        "1 was not told yet; 1 has no other contact."
    )
    assert sentence(rows, "zh") == (
        "共3户：已过销号日1户，30天内到期2户；尚未告知1户；无其他联系方式1户。"
    )
    assert sentence(rows.assign(notified=None)) == (
        "3 subscribers: 1 is past the removal date, 2 within 30 days; 1 has no other contact."
    )
    assert sentence(rows.iloc[:0]) == "Nobody is to be removed within 30 days."


def test_last_notices_show_the_number_to_call_and_the_nearest_removal_first():
    """Unmasked, worded, sorted, who has paid last; the rules stand beside."""
    book = opened(notices())
    rows = list(book["Last notices"].iter_rows(values_only=True))
    names = [column.name for column in LAST_NOTICES]
    assert list(rows[0]) == names
    first, second, paid = (dict(zip(names, row, strict=True)) for row in rows[2:])
    assert (first["subscriber_id"], first["phone"], first["notified"]) == ("s1", "–", "–")
    assert first["contact"] == "none on file: letter or visit"
    assert (second["phone"], second["name"]) == ("13900000002", "王芳")
    assert (second["state"], second["notified"]) == ("suspended for arrears", "yes")
    assert second["removal_on"].date() == date(2025, 3, 11)
    assert (first["note"], second["note"]) == ("–", "–")
    assert (paid["subscriber_id"], paid["note"]) == (
        "s3",
        "owes nothing by the latest balance: check before telling",
    )
    about = [row[:2] for row in book["About"].iter_rows(values_only=True)]
    assert ("suspended for arrears", "60 days after the state began") in about
    assert ("on hold, number kept", "8 months after the oldest overdue bill fell due") in about


def test_last_notices_have_the_same_bytes_whenever_they_are_written():
    """The only date inside is the as-of date."""
    assert notices() == notices()
