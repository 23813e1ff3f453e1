"""What the columns of a ready-made table hold, and reading them again in the same way.

A column is a number, a flag, a date, a text, or nothing to learn from. What was found in training
is kept as a :class:`Reading`, so that a new table is read as the old one was, whatever is in it.
"""

from __future__ import annotations

import re
from collections import Counter
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
from churn.ingest.numerals import PLAIN, SHARES, between_thousands, look_numeric, spellings
from churn.ingest.spelling import (
    DATES,
    DIGITS_ONLY,
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
from churn.ready_made.roles import RoleError

Kind = Literal["number", "flag", "date", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: Share of the values that has to fit; the rest is read as missing, and counted.
FITTING = 0.95
DOTS = "1.234,5"  # between thousands
ALIKE = 0.5
UNIQUE = 0.9
FEW = 20
LEVELS = 200  # of a text, up to which a new table is held to them
GLANCE = 50
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
        How its values are written, with 9 for each digit, where they could not be read.
    """

    column: str
    code: Literal["constant", "empty", "identifier", "left_out", "nested", "tells_target", "unread"]
    finding: Finding | None = None
    shape: str = ""

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
            "unread": Text(
                "looks like numbers or dates in a spelling that is not read, such as " + self.shape,
                "疑似数值或日期，但其写法无法识别，例如 " + self.shape,
            ),
        }[self.code]


class ReadColumn(NamedTuple):
    """A column under recognition: its values and the distinct ones with their counts."""

    name: str
    values: pa.Array
    distinct: pa.Array
    counts: npt.NDArray[np.int64]

    @property
    def present(self) -> int:
        """Number of values."""
        return int(self.counts.sum())


def recognise(
    name: str, values: pa.Array, feature: str, told: Kind | None = None
) -> Reading | SetAside:
    """Tell what a column holds.

    Parameters
    ----------
    values
        As :func:`plain` gives them.
    feature
        The name the feature gets.
    told
        What it holds, where somebody has said so: it is then no identifier either.

    Raises
    ------
    RoleError
        If hardly a value is what was said.
    """
    counted = pc.value_counts(values.drop_null())
    column = ReadColumn(
        name, values, counted.field("values"), counted.field("counts").to_numpy().astype(np.int64)
    )
    if not column.present:
        return SetAside(column=name, code="empty")
    if len(column.distinct) == 1 and column.present == len(values):
        return SetAside(column=name, code="constant")
    kind, form = _kind(column) if told is None else (told, _form(column, told))
    shape = _unread(column) if told is None and kind == "text" else ""
    if shape:
        return SetAside(column=name, code="unread", shape=shape)
    if told is None and _identifies(column, kind):
        return SetAside(column=name, code="identifier")
    few = kind == "text" and len(column.distinct) <= LEVELS
    reading = Reading(
        column=name,
        name=feature,
        kind=kind,
        form=form,
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


def _kind(column: ReadColumn) -> tuple[Kind, str]:
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
    forms = DATES if pa.types.is_string(values.type) else (DIGITS_ONLY,)
    written = next((form for form in forms if _fits(column, form)), None)
    if written is not None:
        return "date", written
    return ("number", "") if pa.types.is_integer(values.type) else _number_or_text(column)


def _form(column: ReadColumn, kind: Kind) -> str:
    """Return the form in which most values are of a kind."""
    values, counts = column.distinct, column.counts
    if kind == "text":
        return ""
    forms: dict[str, npt.NDArray[np.bool_]]
    if kind == "flag":
        forms = {"": flags_of(values)[0].notna().to_numpy()}
    elif kind == "number":
        forms = {form: ~np.isnan(numbers_of(values, form)) for form in _spellings(values)}
    else:
        forms = {form: ~np.isnan(days_of(values, form)) for form in DATES}
    fitting = {form: int(counts[fits].sum()) for form, fits in forms.items()}
    best = max(fitting, key=lambda form: fitting[form])
    if fitting[best] < ALIKE * int(counts[~said_missing(values)].sum()) or not fitting[best]:
        raise RoleError(
            f"{fitting[best]:,} of {column.present:,} values of {column.name} read as {kind}",
            role="read",
            do=f"name another kind: {', '.join(KINDS)}",
        )
    return best


def _number_or_text(column: ReadColumn) -> tuple[Kind, str]:
    values, counts = column.distinct, column.counts
    known = int(counts[~said_missing(values)].sum())
    if _coded(values) or not known:
        return "text", ""
    forms = _spellings(values)
    shares = {form: counts[~np.isnan(numbers_of(values, form))].sum() / known for form in forms}
    best = max(shares, key=lambda form: shares[form])  # on equal shares the plainest
    return ("number", best) if shares[best] >= FITTING else ("text", "")


def _spellings(values: pa.Array) -> list[str]:
    """Return the forms in which numbers may be written, that which is meant before the others."""
    if not pa.types.is_string(values.type):
        return [""]
    forms = ["" if form == PLAIN else form for form in spellings(values)]
    if between_thousands(values, "."):
        forms.sort(key=lambda form: form != DOTS)
    return forms


def _unread(column: ReadColumn) -> str:
    """Return how most values are written that look like numbers; nothing where few do."""
    if not pa.types.is_string(column.distinct.type) or len(column.distinct) < FEW:
        return ""
    looks = look_numeric(column.distinct)
    if column.counts[looks].sum() < ALIKE * column.present:
        return ""
    shapes = Counter(
        re.sub(r"\d", "9", text) for text in column.distinct.filter(pa.array(looks)).to_pylist()
    )
    ((shape, _),) = shapes.most_common(1)
    code = re.fullmatch(r"[9-]+", shape) or re.search(r"[^\W\d_]{3}", shape)
    return "" if code else shape


def _fits(column: ReadColumn, form: str) -> bool:
    """Tell whether all values are dates of one form; a glance spares most the whole look."""
    values = column.distinct
    for some in (values[:GLANCE], values) if len(values) > GLANCE else (values,):
        days, known = days_of(some, form), ~said_missing(some)
        if not known.any() or np.isnan(days[known]).any():
            return False
    return True


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
