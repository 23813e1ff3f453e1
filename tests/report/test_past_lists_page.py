"""What earlier lists brought, on the page: first in one sentence."""

from __future__ import annotations

from datetime import date

import pandas as pd

from churn.progress.past_lists import PAST_LIST_COLUMNS
from churn.report.page.markup import element, render
from churn.report.page.moved import earlier_section

APRIL, MARCH = date(2025, 4, 1), date(2025, 3, 1)
PAST = pd.DataFrame(
    [
        (APRIL, "treated", 50, 2.0, 0, 1, 0, False),
        (APRIL, "control", 10, 0.4, 0, 0, 0, False),
        (MARCH, "treated", 100, 3.0, 1, 3, 100, False),
        (MARCH, "control", 20, 0.6, 1, 0, 20, False),
    ],
    columns=list(PAST_LIST_COLUMNS),
)


def told(past: pd.DataFrame, language: str) -> str:
    """Return the section as markup."""
    return render(element("div", earlier_section(past)), language).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_the_latest_lists_whose_window_has_closed_are_told_in_one_sentence() -> None:
    """Contacted beside left alone, whoever left before the window opened among them."""
    assert (
        "2025-03: to be contacted 100, 4 left so far (4.0 %); left alone to compare 20, 1 left so "
        "far (5.0 %)."
    ) in told(PAST, "en")
    assert "2025-03：派单联系 100 户，至今离网 4 户（4.0 %）；对照组 20 户" in told(PAST, "zh")


def test_where_no_window_has_closed_the_latest_lists_are_told() -> None:
    """What is known so far, and of no control arm nothing."""
    early = PAST[(PAST["month"] == APRIL) & (PAST["arm"] == "treated")]
    assert "2025-04: to be contacted 50, 1 left so far (2.0 %)." in told(early, "en")
