"""When the rows of a table were known: dates, months, years, or periods that are only numbered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from churn.ingest.spelling import EPOCH, days_of, numbers_of, said_missing
from churn.ready_made.columns import FITTING, ReadColumn
from churn.ready_made.dates import date_form

LARGEST = 500_000
"""Numbers beyond this are no periods: they name something."""
_YEARS = (1900, 2199)
_MONTHS = 12


class Times(NamedTuple):
    """The time of each row.

    Attributes
    ----------
    days
        Shape (n,): days since 1970, or the number of the period; NaN where it is not known.
    dated
        Whether these are days.
    """

    days: npt.NDArray[np.float64]
    dated: bool

    def name(self, day: date) -> str:
        """Return a time as it stands in the file, given as the day that stands for it."""
        return day.isoformat() if self.dated else str((day - EPOCH).days)


def times_of(values: pa.Array) -> Times | None:
    """Read a column of times; None where too few values are any.

    Parameters
    ----------
    values
        As :func:`~churn.ingest.spelling.plain` gives them: moments, texts or whole numbers.
        Numbers such as 20240131, 202401 and 2024 are days, months and years; others of up to six
        digits are periods.
    """
    if pa.types.is_timestamp(values.type):
        return Times(days_of(values, ""), dated=True)
    known = values.is_valid().to_numpy(zero_copy_only=False) & ~said_missing(values)
    if not known.any() or pa.types.is_boolean(values.type):
        return None
    written = date_form(ReadColumn.of("", values))
    if written is not None and not written.era:
        return Times(days_of(values, written.form), dated=True)
    return _numbered(numbers_of(values, ""), known)


def _numbered(numbers: npt.NDArray[np.float64], known: npt.NDArray[np.bool_]) -> Times | None:
    """Take whole numbers for years, months or periods."""
    whole = numbers == np.rint(numbers)
    if whole[known].mean() < FITTING:
        return None
    numbers = np.where(whole, numbers, np.nan)
    there = numbers[known & whole]
    if _all_within(there, *_YEARS):
        return Times(_first_days(numbers, np.ones_like(numbers)), dated=True)
    if _all_within(there // 100, *_YEARS) and _all_within(there % 100, 1, _MONTHS):
        return Times(_first_days(numbers // 100, numbers % 100), dated=True)
    return Times(numbers, dated=False) if np.abs(there).max() <= LARGEST else None


def day_of(number: float) -> date:
    """Return the day that stands for a time.

    Examples
    --------
    >>> day_of(19_000.0)
    datetime.date(2022, 1, 8)
    """
    return EPOCH + timedelta(days=int(number))


def _all_within(numbers: npt.NDArray[np.float64], low: int, high: int) -> bool:
    return bool(((numbers >= low) & (numbers <= high)).all())


def _first_days(
    years: npt.NDArray[np.float64], months: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the first day of each month, since 1970; NaN where it is not known."""
    known = np.isfinite(years)
    since = np.where(known, (years - EPOCH.year) * _MONTHS + months - 1, 0).astype("datetime64[M]")
    return np.where(known, since.astype("datetime64[D]").astype(np.float64), np.nan)
