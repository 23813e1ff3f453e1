"""What the columns of a ready-made table hold, and reading them again in the same way.

A column is a number, a flag, a date, a text, or nothing to learn from. What was found in training
is kept as a :class:`Reading`, so that a new table is read as the old one was, whatever is in it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from churn.ingest.casting import BOOLEANS
from churn.language import Text

Kind = Literal["number", "flag", "date", "text"]

#: Words that mean "no value" in a column that otherwise holds numbers, flags or dates.
MISSING = ("na", "n/a", "#n/a", "nan", "null", "none", "-", "--", "?", "\\n", "unknown", "未知")
FLAGS = {word.lower(): meaning == "true" for word, meaning in BOOLEANS.items()}
#: Share of the values that has to fit; the rest is read as missing, and counted.
FITTING = 0.95
ALIKE = 0.5
UNIQUE = 0.9
FEW = 20
GLANCE = 50
LONG_NUMBER = 7
LATEST_YEAR = 2200  # later dates mean "for ever"
LARGEST = float(np.finfo(np.float32).max)

_PLAIN = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_GROUPED = r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"
_COMMA = r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?"
_MONEY = r"^([+-]?)\s*[$€£¥￥]\s*"
_FORMS = {
    "plain": _PLAIN,
    "1,234.5": f"{_GROUPED}|{_PLAIN}",
    "1.234,5": _COMMA,
    "percent": rf"(?:{_PLAIN})\s*[%％]",
}
_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m", "%Y/%m",
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d-%b-%Y", "%d/%m/%y", "%m/%d/%y",
)  # fmt: skip
_DIGITS = "%Y%m%d"
_TIME = r"[ T]+\d{1,2}:\d{2}.*$"
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


class Reading(BaseModel):
    """How one column is read.

    Attributes
    ----------
    column
        Its header.
    name
        The feature it becomes.
    form
        How numbers or dates are written, where that is not the plain way.
    latest
        Dates only: the day from which days are counted back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    name: str
    kind: Kind
    form: str = ""
    latest: date | None = None
    unit: str = ""

    @property
    def family(self) -> str:
        """Each column is a reason of its own."""
        return self.name

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
            return pd.Series(as_text(values).to_pandas(), dtype="str"), 0
        if self.kind == "flag":
            return _flags(values)
        read = _days(values, self) if self.kind == "date" else _numbers(values, self.form)
        present = values.is_valid().to_numpy(zero_copy_only=False) & ~_said_missing(values)
        return pd.Series(read), int(np.count_nonzero(present & np.isnan(read)))


class SetAside(BaseModel):
    """A column that nothing is learned from, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    code: Literal["constant", "empty", "identifier", "nested", "tells_target"]

    @property
    def why(self) -> Text:
        """The reason in words."""
        return {
            "constant": Text("holds one value only", "只有一个取值"),
            "empty": Text("holds no value", "全部为空"),
            "identifier": Text("tells rows apart, not risks", "仅用于区分行的标识"),
            "nested": Text("holds no single values", "不是单一取值"),
            "tells_target": Text(
                "is filled, or blank, just where the target is met: it was written afterwards",
                "填写与否与目标一致：属于事后填写",
            ),
        }[self.code]


class Column(NamedTuple):
    """A column under recognition: its values and the distinct ones with their counts."""

    name: str
    values: pa.Array
    distinct: pa.Array
    counts: npt.NDArray[np.int64]

    @property
    def present(self) -> int:
        """Number of values."""
        return int(self.counts.sum())


def plain(values: pa.ChunkedArray) -> pa.Array | None:
    """Return text (trimmed, blank as null), int64, float64, bool or timestamp; None if nested."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    one = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], kind)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        text = pc.utf8_trim_whitespace(one.cast(pa.string()))
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    if pa.types.is_integer(kind):
        return one.cast(pa.int64() if kind != pa.uint64() else pa.float64(), safe=False)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        number = one.cast(pa.float64())
        return pc.if_else(pc.is_finite(number), number, pa.scalar(None, pa.float64()))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        naive = one.cast(pa.timestamp("us", kind.tz) if pa.types.is_timestamp(kind) else kind)
        return naive.cast(pa.timestamp("us"))
    if pa.types.is_boolean(kind):
        return one
    return pa.nulls(len(one), pa.string()) if pa.types.is_null(kind) else None


def as_text(values: pa.Array) -> pa.Array:
    """Write values as a CSV of the same table has them; whole numbers without a point."""
    if pa.types.is_floating(values.type):
        whole = pc.if_else(pc.equal(values, pc.round(values)), values, None)
        written = whole.cast(pa.int64(), safe=False).cast(pa.string())
        return pc.coalesce(written, values.cast(pa.string()))
    return values.cast(pa.string())


def recognise(name: str, values: pa.Array, feature: str) -> Reading | SetAside:
    """Tell what a column holds.

    Parameters
    ----------
    values
        As :func:`plain` gives them.
    feature
        The name the feature gets.
    """
    told = pc.value_counts(values.drop_null())
    column = Column(
        name, values, told.field("values"), told.field("counts").to_numpy().astype(np.int64)
    )
    if not column.present:
        return SetAside(column=name, code="empty")
    if len(column.distinct) == 1 and column.present == len(values):
        return SetAside(column=name, code="constant")
    kind, form = _kind(column)
    if _identifies(column, kind):
        return SetAside(column=name, code="identifier")
    found = Reading(column=name, name=feature, kind=kind, form=form, unit=_unit(name, kind, form))
    return found.model_copy(update={"latest": _latest(values, form)}) if kind == "date" else found


def _kind(column: Column) -> tuple[Kind, str]:
    """Tell the kind of a column and the form in which it is written."""
    values = column.distinct
    words = {str(word).lower() for word in as_text(values).to_pylist()} if len(values) < FEW else ()
    known = set(words) - set(MISSING)
    if pa.types.is_boolean(values.type) or (known and known <= set(FLAGS)):
        return "flag", ""
    if pa.types.is_timestamp(values.type):
        return "date", ""
    if pa.types.is_floating(values.type):
        return "number", ""
    forms = _DATES if pa.types.is_string(values.type) else (_DIGITS,)
    written = next((form for form in forms if _fits(column, form)), None)
    if written is not None:
        return "date", written
    return ("number", "") if pa.types.is_integer(values.type) else _number_or_text(column)


def _number_or_text(column: Column) -> tuple[Kind, str]:
    values, counts = column.distinct, column.counts
    known = int(counts[~_said_missing(values)].sum())
    if _coded(values) or not known:
        return "text", ""
    shares = {form: int(counts[~np.isnan(_numbers(values, form))].sum()) / known for form in _FORMS}
    best = max(shares, key=lambda form: shares[form])  # on equal shares the plainest
    if shares[best] < FITTING:
        return "text", ""
    return "number", "" if best == "plain" else best


def _fits(column: Column, form: str) -> bool:
    """Tell whether all values are dates of one form; a glance spares most the whole look."""
    values = column.distinct
    for some in (values[:GLANCE], values) if len(values) > GLANCE else (values,):
        days, known = _as_days(some, form), ~_said_missing(some)
        if not known.any() or np.isnan(days[known]).any():
            return False
    return True


def _identifies(column: Column, kind: Kind) -> bool:
    """Tell a name of rows, or free text, from something rows have in common."""
    present, distinct = column.present, len(column.distinct)
    if present < FEW or distinct < ALIKE * present or kind in {"flag", "date"}:
        return False
    if kind == "text":
        return True
    if not _whole(column.distinct) or distinct < UNIQUE * present:
        return False
    whole = column.distinct.cast(pa.int64())
    low, high = pc.min(whole).as_py(), pc.max(whole).as_py()
    digits = {len(str(abs(low))), len(str(abs(high)))}
    running = high - low < (1 + 1 / FEW) * distinct
    numbered = running or (len(digits) == 1 and min(digits) >= LONG_NUMBER)
    return (distinct == present and numbered) or bool(_NAMES_A_ROW.search(column.name))


def _whole(values: pa.Array) -> bool:
    if pa.types.is_integer(values.type):
        return True
    if not pa.types.is_string(values.type):
        return False
    return bool(pc.all(pc.match_substring_regex(values, r"^[+-]?\d{1,18}$")).as_py())


def _coded(values: pa.Array) -> bool:
    """Tell digits that are no quantity: they begin with 0 although more follow."""
    return bool(pc.any(pc.match_substring_regex(values, r"^0\d+$")).as_py())


def _said_missing(values: pa.Array) -> npt.NDArray[np.bool_]:
    if not pa.types.is_string(values.type):
        return np.zeros(len(values), dtype=np.bool_)
    said = pc.is_in(pc.utf8_lower(values), pa.array(MISSING))
    return np.asarray(said.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _numbers(values: pa.Array, form: str) -> npt.NDArray[np.float64]:
    """Read numbers in one form; NaN where there is none."""
    if pa.types.is_string(values.type):
        bare = pc.replace_substring_regex(values, _MONEY, r"\1")
        fits = pc.match_substring_regex(bare, f"^(?:{_FORMS[form or 'plain']})$")
        bare = pc.if_else(fits, bare, pa.scalar(None, pa.string()))
        if form == "1,234.5":
            bare = pc.replace_substring(bare, ",", "")
        elif form == "1.234,5":
            bare = pc.replace_substring(pc.replace_substring(bare, ".", ""), ",", ".")
        elif form == "percent":
            bare = pc.replace_substring_regex(bare, r"\s*[%％]$", "")
        values = pc.utf8_ltrim(bare, "+").cast(pa.float64())
    elif pa.types.is_timestamp(values.type):
        return np.full(len(values), np.nan)
    read = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    numbers = np.array(read, dtype=np.float64)
    numbers[np.abs(numbers) > LARGEST] = np.nan
    return numbers / 100 if form == "percent" else numbers


def _flags(values: pa.Array) -> tuple[pd.Series, int]:
    words = pc.utf8_lower(as_text(values))
    yes = pc.is_in(words, pa.array([word for word, true in FLAGS.items() if true]))
    known = pc.is_in(words, pa.array(list(FLAGS)))
    missing = ~known.to_numpy(zero_copy_only=False)
    unread = missing & values.is_valid().to_numpy(zero_copy_only=False) & ~_said_missing(words)
    flags = pd.array(yes.to_numpy(zero_copy_only=False), dtype="boolean")
    flags[missing] = pd.NA
    return pd.Series(flags), int(np.count_nonzero(unread))


def _as_days(values: pa.Array, form: str) -> npt.NDArray[np.float64]:
    """Return days since 1970; NaN where a value is no such date."""
    if pa.types.is_timestamp(values.type):
        moments = values.to_pandas()
    elif pa.types.is_floating(values.type) or pa.types.is_boolean(values.type):
        return np.full(len(values), np.nan)
    else:
        text = pc.replace_substring_regex(values.cast(pa.string()), _TIME, "")
        if form == _DIGITS:
            fits = pc.match_substring_regex(text, r"^(?:19|20|21)\d{6}$")
            text = pc.if_else(fits, text, pa.scalar(None, pa.string()))
        moments = pd.to_datetime(text.to_pandas(), format=form or _DATES[0], errors="coerce")
    days = pd.Series(moments).astype("datetime64[s]").to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.float64))


def _days(values: pa.Array, reading: Reading) -> npt.NDArray[np.float64]:
    latest = reading.latest or date(1970, 1, 1)
    return (latest - date(1970, 1, 1)).days - _as_days(values, reading.form)


def _latest(values: pa.Array, form: str) -> date:
    days = _as_days(values, form)
    end = (date(LATEST_YEAR, 1, 1) - date(1970, 1, 1)).days
    real = days[days < end]
    last = float(real.max()) if len(real) else float(np.nanmax(days))
    return date.fromisoformat(str(np.datetime64(int(last), "D")))


def _unit(name: str, kind: Kind, form: str) -> str:
    if kind == "date":
        return "days"
    if kind != "number":
        return "flag" if kind == "flag" else ""
    if form == "percent":
        return "share"
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
    return next((unit for unit, pattern in _UNITS if re.search(pattern, spaced)), "")
