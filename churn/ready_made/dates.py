"""In which form the dates of a column are written, and which other form would read them as well."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.moments import COUNTS, SERIAL
from churn.ingest.spelling import DATES, DIGITS_ONLY, EPOCH, LATEST_YEAR, days_of, numbers_of
from churn.ready_made.columns import ALIKE, FEW, FITTING, ReadColumn

_FIRST = (date(1900, 1, 1) - EPOCH).days
_END = (date(LATEST_YEAR, 1, 1) - EPOCH).days
_FOR_EVER = 3
"""Distinct days beyond the latest year: more are of another calendar."""
_SHORT_END = (date(2041, 1, 1) - EPOCH).days
"""Two digits that make later years than that are of last century's, or of another calendar."""
#: Counts from a day on, and between which days they lie where nothing but the header speaks of it.
_COUNTED = ((date(2000, 1, 1) - EPOCH).days, (date(2040, 1, 1) - EPOCH).days)
_WHOLE = {"epoch": 3600, "epoch_ms": 1000}  # what counts of a clock are multiples of
_TIMELIKE = re.compile(
    r"(?i:(^|[_\W])(date|time|timestamp|ts|dt|datetime|at|on|since|epoch|datum|fecha)($|[_\W]))"
    r"|[a-z](Date|Time|Timestamp|At|On|Ts)$|日期|时间|时刻"
)


class DateForm(NamedTuple):
    """How dates are written.

    Attributes
    ----------
    form
        A date format; ``epoch``, ``epoch_ms`` or ``excel`` where days are counted.
    doubtful
        The form that reads as many of them, as other days; nothing where there is none.
    era
        Whether it begins with a year of two digits, which may as well be one of an era.
    """

    form: str
    doubtful: str = ""
    era: bool = False


def date_form(column: ReadColumn) -> DateForm | None:
    """Tell in which form the values are dates; None where they are none."""
    if not pa.types.is_string(column.distinct.type):
        if plausible(column, DIGITS_ONLY) >= FITTING:
            return DateForm(DIGITS_ONLY)
        return _counted(column)
    shares = {form: plausible(column, form) for form in DATES}
    best = max(shares, key=lambda form: shares[form])  # on equal shares the first
    if shares[best] < FITTING:
        return _counted(column)
    return _decided(column, [form for form in DATES if shares[form] >= shares[best]])


def plausible(column: ReadColumn, form: str) -> float:
    """Return the share of the values that are days of this calendar in a form.

    Years before 1900 are none, nor are many days beyond 2200: 2566 is a year of another calendar.
    So are years of two digits that would lie far ahead, which may be of the last century, too.
    """
    glance = column.glance()
    if glance.share(~np.isnan(days_of(glance.distinct, form))) < ALIKE:
        return 0.0
    days = days_of(column.distinct, form)
    beyond = days >= _END
    real = (days >= _FIRST) & ~beyond
    if not real.any() or np.count_nonzero(beyond) > _FOR_EVER:
        return 0.0
    if "%y" in form and column.share(days >= _SHORT_END) > 1 - FITTING:
        return 0.0
    return column.share(real | beyond)


def _decided(column: ReadColumn, forms: list[str]) -> DateForm:
    """Choose among forms that read the same values, by what all of them together tell."""
    days = {form: days_of(column.distinct, form) for form in forms}
    differing = [
        form for form in forms if not np.array_equal(days[form], days[forms[0]], equal_nan=True)
    ]
    firsts = [form for form in forms if _are_firsts(days[form])]
    if len(firsts) == 1:  # months are written as their first days, not as days of one January
        return DateForm(firsts[0])
    best, *others = [forms[0], *differing]
    if _begins_with_year(best):
        return DateForm(best, era=True)
    era = next((form for form in others if _begins_with_year(form)), "")
    if era:  # years are fewer than days of a month, wherever they stand
        if _leading(column, 0) <= _leading(column, -1):
            return DateForm(era, doubtful=best, era=True)
        others = [form for form in others if not _begins_with_year(form)]
    return DateForm(best, doubtful=next(iter(others), ""))


def _begins_with_year(form: str) -> bool:
    return form.startswith("%y")


def _are_firsts(days: npt.NDArray[np.float64]) -> bool:
    """Tell first days of several months."""
    known = days[np.isfinite(days)].astype(np.int64).astype("datetime64[D]")
    firsts = known == known.astype("datetime64[M]")
    return len(known) > 1 and bool(firsts.all())


def _leading(column: ReadColumn, part: int) -> int:
    """Count the different numbers in the first or the last place."""
    parts = pc.split_pattern_regex(column.distinct.filter(pa.array(column.known)), r"\D+")
    return len({pieces[part] for pieces in parts.to_pylist() if pieces})


def _counted(column: ReadColumn) -> DateForm | None:
    """Tell whole numbers that count from a day on: the header speaks of time, or they are round."""
    numbers = numbers_of(column.distinct, "")
    known = column.known
    if len(column.distinct) < FEW or not np.isfinite(numbers[known]).all():
        return None
    timelike = bool(_TIMELIKE.search(column.name))
    for form in (*COUNTS, SERIAL):
        days = days_of(column.distinct, form)[known]
        if not ((days >= _COUNTED[0]) & (days < _COUNTED[1])).all():
            continue
        round_numbers = form in _WHOLE and column.share(numbers % _WHOLE[form] == 0) >= FITTING
        if timelike or round_numbers:
            return DateForm(form)
    return None
