"""What became of earlier lists, told as rows."""

from __future__ import annotations

from datetime import date

import pandas as pd

from churn.progress import past_lists
from churn.windows import TimeSettings

TIME = TimeSettings(lead=15, outcome=30, grace=30)


def drawn(*rows: tuple[str, date, str, float | None]) -> pd.DataFrame:
    """Return draws."""
    return pd.DataFrame(rows, columns=["subscriber_id", "night", "arm", "chance"])


def departed(*rows: tuple[str, date, date | None]) -> pd.DataFrame:
    """Return departures."""
    return pd.DataFrame(rows, columns=["subscriber_id", "left_on", "back_on"])


def told(rows: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return rows as tuples."""
    return [tuple(row) for row in rows.to_numpy().tolist()]


def test_departures_in_the_window_are_held_against_the_chances() -> None:
    """Before it opens they are gone, after it closes nothing; cured within grace is no departure.

    The night lists; the window is open from the 16th day on.
    """
    night = date(2025, 1, 1)
    rows = past_lists(
        drawn(
            ("gone", night, "treated", 0.5),
            ("first day", night, "treated", 0.25),
            ("last day", night, "treated", 0.25),
            ("too late", night, "treated", 0.25),
            ("cured", night, "treated", 0.25),
            ("stayed", night, "treated", 0.25),
            ("spared", night, "control", 0.5),
        ),
        departed(
            ("gone", date(2025, 1, 15), None),
            ("first day", date(2025, 1, 16), None),
            ("last day", date(2025, 2, 14), None),
            ("too late", date(2025, 2, 15), None),
            ("cured", date(2025, 1, 20), date(2025, 2, 19)),
            ("spared", date(2025, 1, 20), date(2025, 2, 20)),
        ),
        TIME,
        date(2025, 3, 17),
    )
    assert told(rows) == [
        (date(2025, 1, 1), "treated", 6, 1.75, 2, 1, 6, True),
        (date(2025, 1, 1), "control", 1, 0.5, 1, 0, 1, True),
    ]


def test_lists_of_a_month_count_together_once_per_subscriber_and_ripen() -> None:
    """The first draw of a month counts; closed once the window is over, final once grace is."""
    rows = past_lists(
        drawn(
            ("a", date(2025, 2, 3), "treated", 0.25),
            ("a", date(2025, 2, 20), "treated", 0.5),
            ("b", date(2025, 2, 20), "treated", None),
            ("c", date(2025, 1, 1), "treated", 0.5),
        ),
        departed(),
        TIME,
        date(2025, 3, 20),
    )
    assert rows[["month", "subscribers", "windows_closed", "final"]].to_numpy().tolist() == [
        [date(2025, 2, 1), 2, 1, False],
        [date(2025, 1, 1), 1, 1, True],
    ]
    assert rows["expected"].isna().tolist() == [True, False]
