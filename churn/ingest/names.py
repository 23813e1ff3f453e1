"""What a file's name tells: the period it holds and the day it was delivered."""

from __future__ import annotations

import calendar
import re
from datetime import date
from functools import cached_property
from typing import Any

from pydantic import Field, RootModel, model_validator

from churn.ingest.columns import MappingModel

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_DATE = r"\d{4}-\d{2}-\d{2}|\d{8}"
_FIELDS = {
    "period": r"(?P<period>[^_/]+?)",
    "delivered_on": rf"(?P<delivered_on>{_DATE})",
    "covers_until": rf"(?P<covers_until>{_DATE})",
    "part": r"(?P<part>[^_/]+?)",
    "day": rf"(?P<day>{_DATE})",
}
_DAY = re.compile(r"(\d{4})[-.年]?(\d{2})[-.月]?(\d{2})日?")
_DAY_FIRST = re.compile(
    r"(\d{2})(\d{2})((?:19|20)\d{2})"
)  # no year, month and day are these digits
_MONTH = re.compile(r"(\d{4})[-.年]?(\d{2})月?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: A month by its English name: ``May 2025``, ``Sept-2025``, ``JAN25``.
NAMED_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)[ -]?(?:20\d{2}|\d{2}(?![ _-]?\d))"
)
_NAMED_MONTH = re.compile(NAMED_MONTH, re.IGNORECASE)


class AfterPeriod(MappingModel):
    """A rule for the day of delivery, where names tell the period alone."""

    days_after_period: int = Field(
        ge=1, description="days after the last one of its period on which a file is delivered"
    )


class NamePattern(RootModel[str]):
    """A file's name with placeholders in place of what it tells.

    ``{period}``, ``{delivered_on}``, ``{covers_until}`` and ``{part}``, which tells several files
    of one delivery apart and is otherwise ignored. ``{day}`` is a day whose month is the period:
    the files of a month are one delivery.
    """

    model_config = {"frozen": True}

    @model_validator(mode="after")
    def _known_fields(self) -> NamePattern:
        named = _PLACEHOLDER.findall(self.root)
        unknown = [name for name in named if name not in _FIELDS]
        if unknown or len(set(self.fields)) < len(self.fields):
            raise ValueError(
                f"a name pattern knows {', '.join(f'{{{name}}}' for name in _FIELDS)}, each once"
            )
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """What the placeholders tell: that of a day its period."""
        return tuple(
            "period" if name == "day" else name for name in _PLACEHOLDER.findall(self.root)
        )

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        parts = _PLACEHOLDER.split(self.root)
        return re.compile(
            "".join(
                _FIELDS[part] if i % 2 else re.escape(part).replace(r"\*", r".*?")
                for i, part in enumerate(parts)
            )
        )

    def read(self, name: str) -> dict[str, Any] | None:
        """Return the values of the placeholders, days as dates; None if unlike.

        Of a path as many folders count as the pattern has.

        Examples
        --------
        >>> NamePattern("bills_{period}_{delivered_on}.csv").read("bills_202501_20250203.csv")
        {'period': '202501', 'delivered_on': datetime.date(2025, 2, 3)}
        >>> NamePattern("{period}/bills.csv").read("history/202501/bills.csv")
        {'period': '202501'}
        >>> NamePattern("lines_{delivered_on}.csv").read("lines_03022025.csv")
        {'delivered_on': datetime.date(2025, 2, 3)}
        >>> NamePattern("use_{day}.csv").read("use_20250103.csv")
        {'period': '202501'}
        >>> NamePattern("Debtors {period}.csv").read("Debtors May 2025.csv")
        {'period': '202505'}
        """
        tail = "/".join(name.split("/")[-1 - self.root.count("/") :])
        match = self._regex.fullmatch(tail)
        if match is None:
            return None
        values: dict[str, Any] = match.groupdict()
        for field in ("delivered_on", "covers_until"):
            if field in values:
                values[field] = _day(values[field])
                if values[field] is None:
                    return None
        if _NAMED_MONTH.fullmatch(values.get("period", "")):
            values["period"] = f"{last_day(values['period']):%Y%m}"
        if "day" in values:
            day = _day(values.pop("day"))
            if day is None:
                return None
            values["period"] = f"{day:%Y%m}"
        return values


def _day(text: str) -> date | None:
    first = _DAY_FIRST.fullmatch(text)
    match = _DAY.fullmatch(text)
    try:
        if first:
            return date(int(first[3]), int(first[2]), int(first[1]))
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def last_day(period: str) -> date | None:
    """Return the last day of a period written as a month or a day; None if it is neither.

    Examples
    --------
    >>> last_day("202402"), last_day("2024-02-05"), last_day("north")
    (datetime.date(2024, 2, 29), datetime.date(2024, 2, 5), None)
    >>> last_day("Feb 2024"), last_day("mar-25"), last_day("may")
    (datetime.date(2024, 2, 29), datetime.date(2025, 3, 31), None)
    """
    month = _MONTH.fullmatch(period)
    if month:
        year, number = int(month[1]), int(month[2])
    elif _NAMED_MONTH.fullmatch(period):
        year, number = 2000 + int(period[-2:]), _MONTHS.index(period[:3].lower()) + 1
    else:
        return _day(period)
    try:
        return date(year, number, calendar.monthrange(year, number)[1])
    except ValueError:  # covers calendar.IllegalMonthError
        return None
