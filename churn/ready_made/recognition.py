"""What the columns of a ready-made table hold, and reading them again in the same way.

A column is a number, a flag, a date, a text, or nothing to learn from. What was found in training
is kept as a :class:`Reading`, so that a new table is read as the old one was, whatever is in it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from churn.audit import filled
from churn.audit.finding import Finding
from churn.frozen import Frozen
from churn.ingest.numerals import PLAIN, SHARES, between_thousands, spellings
from churn.ingest.spelling import (
    DATES,
    EPOCH,
    FLAGS,
    MISSING,
    as_text,
    days_of,
    flags_of,
    latest_of,
    numbers_of,
    said_missing,
)
from churn.language import Text
from churn.ready_made.columns import ALIKE, FEW, FITTING, ReadColumn
from churn.ready_made.dates import date_form, plausible
from churn.ready_made.roles import RoleError
from churn.ready_made.unread import Unread, unread

Kind = Literal["number", "flag", "date", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)

DOTS, COMMAS = "1.234,5", "1,234.5"  # between thousands
UNIQUE = 0.9
LEVELS = 200  # of a text, up to which a new table is held to them
LONG_NUMBER = 7
_NAMES_A_ROW = re.compile(
    r"(?i:(^|[_\W])(id|no|nr|key|uuid|guid|phone|msisdn|imsi|iccid)($|[_\W]))"
    r"|[a-z](ID|Id|No|Number)$|编号|号码|卡号|标识"
)
_UNITS = (
    ("minutes", r"(?i)\b(minutes?|mins)\b|分钟"),
    ("days", r"(?i)\bdays\b|天数"),
    ("months", r"(?i)\bmonths\b|月数"),
    ("currency", r"(?i)\b(amt|amount|charges?|fee|price|bill|revenue)\d*\b|金额|费用?$"),
)
COUNTED = ("epoch", "epoch_ms", "excel")
TELLING = 20  # values from which levels never seen, or none at all, are no accident


class OwnReason:
    """A feature that is a reason of its own: nobody has said what else belongs to it."""

    name: str

    @property
    def family(self) -> str:
        """The feature itself."""
        return self.name

    @property
    def topic(self) -> str:
        """The feature itself."""
        return self.name


class Reading(OwnReason, Frozen):
    """How one column is read.

    Attributes
    ----------
    column
        Its header.
    name
        The feature it becomes.
    form
        How numbers or dates are written, where that is not the plain way.
    doubtful
        Another form that would read as many of training's values, otherwise; mostly none.
    latest
        Dates only: the day from which days are counted back.
    levels
        Texts only: all that training saw, where these are few enough to be known again.
    filled
        Share of training's rows that have a value.
    usual
        Numbers only: between which sizes 90 % of training's values lie, and the middle one, zeros
        and signs aside; none where there are too few to tell.
    """

    column: str
    name: str
    kind: Kind
    form: str = ""
    doubtful: str = ""
    latest: date | None = None
    unit: str = ""
    levels: tuple[str, ...] = ()
    filled: float = 0.0
    usual: tuple[float, float, float] | None = None

    @property
    def en(self) -> str:
        """The words an analyst reads."""
        return f"{self.column} before {self.latest}" if self.latest else self.column

    @property
    def zh(self) -> str:
        """The words an analyst reads."""
        return f"{self.column}距{self.latest}" if self.latest else self.column

    def read(self, values: pa.Array) -> tuple[pd.Series, int]:
        """Read values as training read them.

        Parameters
        ----------
        values
            As :func:`plain` gives them.

        Returns
        -------
        tuple
            The feature, missing where there is no value; how many values did not fit.
        """
        if self.kind == "text":
            words = as_text(values)
            strange = pc.invert(pc.is_in(words, pa.array(self.levels, pa.string())))
            unseen = pc.sum(pc.and_(strange, words.is_valid())).as_py() if self.levels else 0
            return pd.Series(words.to_pandas(), dtype="str"), unseen or 0
        if self.kind == "flag":
            return flags_of(values)
        if self.kind == "date":
            latest = self.latest or EPOCH
            read = (latest - EPOCH).days - days_of(values, self.form)
        else:
            read = numbers_of(values, self.form)
        present = values.is_valid().to_numpy(zero_copy_only=False) & ~said_missing(values)
        return pd.Series(read), int(np.count_nonzero(present & np.isnan(read)))


class SetAside(Frozen):
    """A column that nothing is learned from, and why.

    Attributes
    ----------
    finding
        What the leak audit says of it, where it is set aside as a leak.
    shape
        How values that could not be read are written, with 9 for each digit: one or two ways.
    share
        The share of the values that could not be read; None where that is not why.
    """

    column: str
    code: Literal["constant", "empty", "identifier", "left_out", "nested", "tells_target", "unread"]
    finding: Finding | None = None
    shape: str = ""
    share: float | None = None

    @property
    def why(self) -> Text:
        """The reason in words."""
        return {
            "constant": Text("holds one value only", "只有一个取值"),
            "empty": Text("holds no value", "全部为空"),
            "identifier": Text("tells rows apart, not risks", "仅用于区分行的标识"),
            "left_out": Text("is left out as asked", "按要求弃用"),
            "nested": Text("holds no single values", "不是单一取值"),
            "tells_target": filled.CODE.title,
            "unread": self._unread,
        }[self.code]

    @property
    def _unread(self) -> Text:
        share = "" if self.share is None else f"{self.share:.1%}"
        return Text(
            "looks like numbers or dates in a spelling that is not read, such as "
            + self.shape
            + (f" ({share} of its values)" if share else ""),
            "疑似数值或日期，但其写法无法识别，例如 "
            + self.shape
            + (f"（占{share}）" if share else ""),
        )


class Said(NamedTuple):
    """What somebody says that a column holds, and how it is written where that is said as well."""

    kind: Kind
    form: str = ""


class _Found(NamedTuple):
    """What a column holds; for what is not read, how much of it."""

    kind: Kind
    form: str = ""
    doubtful: str = ""
    unread: Unread | None = None


def recognise(
    name: str, values: pa.Array, feature: str, said: Said | None = None
) -> Reading | SetAside:
    """Tell what a column holds.

    Parameters
    ----------
    values
        As :func:`plain` gives them.
    feature
        The name the feature gets.
    said
        What it holds, where somebody has said so: it is then no identifier either.

    Raises
    ------
    RoleError
        If hardly a value is what was said.
    """
    column = ReadColumn.of(name, values)
    if not column.present:
        return SetAside(column=name, code="empty")
    if len(column.distinct) == 1 and column.present == len(values):
        return SetAside(column=name, code="constant")
    found = _found(column) if said is None else _Found(said.kind, _form(column, said))
    if found.unread is not None:
        share, shapes = found.unread
        return SetAside(column=name, code="unread", shape=" | ".join(shapes), share=share)
    kind, form = found.kind, found.form
    if said is None and _identifies(column, kind):
        return SetAside(column=name, code="identifier")
    few = kind == "text" and len(column.distinct) <= LEVELS
    reading = Reading(
        column=name,
        name=feature,
        kind=kind,
        form=form,
        doubtful=found.doubtful,
        unit=_unit(name, kind, form),
        levels=tuple(sorted(as_text(column.distinct).to_pylist())) if few else (),
        filled=column.present / len(values),
    )
    if kind == "number":
        return reading.model_copy(update={"usual": usual_of(reading.read(values)[0])})
    dated = kind == "date"
    return reading.model_copy(update={"latest": latest_of(values, form)}) if dated else reading


def usual_of(numbers: pd.Series) -> tuple[float, float, float] | None:
    """Return the sizes that 5, 50 and 95 % of the numbers do not exceed, zeros and signs aside."""
    sizes = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    sizes = np.abs(sizes[np.isfinite(sizes) & (sizes != 0)])
    if len(sizes) < TELLING:
        return None
    least, middle, greatest = np.quantile(sizes, (0.05, 0.5, 0.95))
    return float(least), float(middle), float(greatest)


def _found(column: ReadColumn) -> _Found:
    """Tell the kind of a column and the form in which it is written."""
    values = column.distinct
    words = {str(word).lower() for word in as_text(values).to_pylist()} if len(values) < FEW else ()
    known = set(words) - set(MISSING)
    if pa.types.is_boolean(values.type) or (known and known <= set(FLAGS)):
        return _Found("flag")
    if pa.types.is_timestamp(values.type):
        return _Found("date")
    written = date_form(column)
    if written is not None and written.era:
        every = np.ones(len(values), dtype=np.bool_)
        return _Found("text", unread=unread(column, every))
    if written is not None:
        return _Found("date", written.form, written.doubtful)
    return _number_or_text(column) if pa.types.is_string(values.type) else _Found("number")


def _form(column: ReadColumn, said: Said) -> str:
    """Return the form that is said, else that in which most values are of the kind."""
    values, counts, kind = column.distinct, column.counts, said.kind
    if kind == "text":
        return ""
    forms: dict[str, npt.NDArray[np.bool_]]
    if kind == "flag":
        forms = {"": flags_of(values)[0].notna().to_numpy()}
    elif kind == "number":
        spelt = [said.form] if said.form else _spellings(values)
        forms = {form: ~np.isnan(numbers_of(values, form)) for form in spelt}
    else:
        spelt = [said.form] if said.form else [*DATES, *COUNTED]
        forms = {form: ~np.isnan(days_of(values, form)) for form in spelt}
    fitting = {form: int(counts[fits].sum()) for form, fits in forms.items()}
    best = max(fitting, key=lambda form: fitting[form])
    if fitting[best] < ALIKE * int(counts[column.known].sum()) or not fitting[best]:
        written = f" written {said.form}" if said.form else ""
        raise RoleError(
            f"{fitting[best]:,} of {column.present:,} values of {column.name} read as"
            f" {kind}{written}",
            role="read",
            do=f"name another kind: {', '.join(KINDS)}",
        )
    return best


def _number_or_text(column: ReadColumn) -> _Found:
    """Tell numbers in one spelling from text, and from what would be numbers, were it read.

    Two spellings that read all values, as different numbers, leave a doubt: 1.856 is either.
    """
    values, known = column.distinct, column.known
    if _coded(values) or not known.any():
        return _Found("text", unread=unread(column, np.ones(len(values), dtype=np.bool_)))
    numbers = {form: numbers_of(values, form) for form in _spellings(values)}
    shares = {form: column.share(~np.isnan(read)) for form, read in numbers.items()}
    best = max(shares, key=lambda form: shares[form])  # on equal shares the plainest
    if shares[best] < FITTING:
        misfits = np.isnan(numbers[best])
        dated = max(DATES, key=lambda form: plausible(column, form))
        if plausible(column, dated) > shares[best]:
            misfits = np.isnan(days_of(values, dated))
        return _Found("text", unread=unread(column, misfits))
    return _Found("number", best, _doubtful(values, best, numbers))


def _doubtful(values: pa.Array, best: str, numbers: dict[str, npt.NDArray[np.float64]]) -> str:
    """Return the spelling that reads a sign between thousands as one before decimals, or back."""
    marks, _, affix = best.partition("|")
    other = {"": DOTS, COMMAS: DOTS, DOTS: COMMAS}.get(marks.replace(PLAIN, ""))
    form = other and (f"{other}|{affix}" if affix else other)
    if form not in numbers or between_thousands(values, ".") or between_thousands(values, ","):
        return ""
    read = ~np.isnan(numbers[best])
    as_well = np.isfinite(numbers[form][read]).all()
    return form if as_well and not np.array_equal(numbers[form][read], numbers[best][read]) else ""


def _spellings(values: pa.Array) -> list[str]:
    """Return the forms in which numbers may be written, that which is meant before the others."""
    if not pa.types.is_string(values.type):
        return [""]
    forms = ["" if form == PLAIN else form for form in spellings(values)]
    if between_thousands(values, "."):
        forms.sort(key=lambda form: form != DOTS)
    return forms


def _identifies(column: ReadColumn, kind: Kind) -> bool:
    """Tell a name of rows, or free text, from something rows have in common."""
    present, distinct = column.present, len(column.distinct)
    if present < FEW or distinct < ALIKE * present or kind in {"flag", "date"}:
        return False
    if kind == "text":
        return True
    whole = _whole(column.distinct) if distinct >= UNIQUE * present else None
    if whole is None:
        return False
    low, high = pc.min(whole).as_py(), pc.max(whole).as_py()
    digits = {len(str(abs(low))), len(str(abs(high)))}
    running = high - low < (1 + 1 / FEW) * distinct
    numbered = running or (len(digits) == 1 and min(digits) >= LONG_NUMBER)
    return (distinct == present and numbered) or bool(_NAMES_A_ROW.search(column.name))


def _whole(values: pa.Array) -> pa.Array | None:
    """Return the values as whole numbers; None where one is no such number."""
    if pa.types.is_integer(values.type):
        return values.cast(pa.int64())
    if not pa.types.is_string(values.type):
        return None
    if not pc.all(pc.match_substring_regex(values, r"^[+-]?\d{1,18}$")).as_py():
        return None
    return pc.utf8_ltrim(values, "+").cast(pa.int64())


def _coded(values: pa.Array) -> bool:
    """Tell digits that are no quantity: they begin with 0 although more follow."""
    return bool(pc.any(pc.match_substring_regex(values, r"^0\d+$")).as_py())


def _unit(name: str, kind: Kind, form: str) -> str:
    if kind == "date":
        return "days"
    if kind != "number":
        return "flag" if kind == "flag" else ""
    if form in SHARES:
        return "share"
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
    return next((unit for unit, pattern in _UNITS if re.search(pattern, spaced)), "")
