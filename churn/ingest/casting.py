"""From text to the canonical types, value by value, without ever passing through a float.

Every cast returns the values and which of them could not be read; a text either fits its pattern
completely or is refused, so nothing is guessed from its neighbours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.moments import moments_of
from churn.ingest.units import DIGITS
from churn.tables import Column

_MIDNIGHT = "%Y-%m-%d 00:00:00"  # a day where a format has only times, as workbooks do
DATE_FORMATS = ("%Y-%m-%d", _MIDNIGHT)
MONTH_FORMATS = ("%Y-%m-%d", "%Y-%m", "%Y%m", _MIDNIGHT)
TIMESTAMP_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")
BOOLEANS = {
    **dict.fromkeys(("true", "True", "TRUE", "t", "T", "1", "yes", "Yes", "Y", "y", "是"), "true"),
    **dict.fromkeys(
        ("false", "False", "FALSE", "f", "F", "0", "no", "No", "N", "n", "否"), "false"
    ),
}

_WHOLE = 38  # digits of a 128-bit decimal
_INTEGER = 18  # digits of a whole number that surely fits 64 bits
_ROUNDED_FROM = 15  # decimals a number may have that is to be rounded


def translate(
    values: pa.Array, codes: Mapping[str, str | None], otherwise: str | None
) -> tuple[pa.Array, pa.Array]:
    """Replace codes by what they mean, None for no value.

    Returns the values, and where a code is not listed.
    """
    encoded = values.dictionary_encode()
    known = encoded.dictionary.to_pylist()
    meant = pa.array([codes.get(code, otherwise) for code in known], pa.string())
    strange = pa.array([code not in codes and otherwise is None for code in known], pa.bool_())
    unlisted = strange.take(encoded.indices).fill_null(fill_value=False)
    return meant.take(encoded.indices), unlisted


def parted(
    values: pa.Array, separator: str, codes: Mapping[str, str | None], otherwise: str | None
) -> tuple[pa.Array, pa.Array, Counter[str]]:
    """Part the values of one field, replace each by what it means, and join them by ``;``.

    Returns the values, where a code is not listed, and the rows of each such code.
    """
    encoded = values.dictionary_encode()
    meant: list[str | None] = []
    strange: list[list[str]] = []
    for text in encoded.dictionary.to_pylist():
        parts = [part for piece in text.split(separator) if (part := piece.strip())]
        known = [codes.get(part, otherwise) if codes else part for part in parts]
        meant.append(";".join(part for part in known if part) or None)
        strange.append([p for p in parts if codes and p not in codes and otherwise is None])
    rows = Counter(index for index in encoded.indices.to_pylist() if index is not None)
    unlisted = Counter({part: 0 for parts in strange for part in parts})
    for index, count in rows.items():
        unlisted.update(dict.fromkeys(strange[index], count))
    bad = pa.array([bool(parts) for parts in strange], pa.bool_()).take(encoded.indices)
    return (
        pa.array(meant, pa.string()).take(encoded.indices),
        bad.fill_null(fill_value=False),
        unlisted,
    )


def bare(text: pa.Array, prefix: str) -> pa.Array:
    """Take a prefix from identifiers that begin with it; of any other text nothing."""
    return pc.replace_substring_regex(text, f"^{re.escape(prefix)}(.+)$", r"\1")


def cast(
    values: pa.Array,
    column: Column,
    formats: Sequence[str],
    *,
    month: bool,
    rounded: bool,
    factor: Decimal | None = None,
) -> tuple[pa.Array, pa.Array | None]:
    """Read text as the column's type; numbers as :mod:`churn.ingest.figures` left them.

    Parameters
    ----------
    month
        Whether the column is a month, which is stored as its first day.
    rounded
        Whether more decimals than are stored are rounded half to even rather than refused.
    factor
        What numbers are multiplied by, exactly, before that.

    Returns
    -------
    tuple
        The values, null where they cannot be read; and where that is (None: nowhere).
    """
    if column.type == "string":
        return values, None
    if column.type == "boolean":
        words, bad = translate(values, BOOLEANS, None)
        return pc.equal(words, "true"), bad
    if column.type in {"date", "timestamp"}:
        plain = MONTH_FORMATS if month else DATE_FORMATS
        default = TIMESTAMP_FORMATS if column.type == "timestamp" else plain
        moments, bad = moments_of(values, tuple(formats) or default)
        if column.type == "timestamp":
            return moments, bad
        days = pc.floor_temporal(moments, unit="month") if month else moments
        return days.cast(pa.date32(), safe=False), bad
    return _numbers(values, column, factor, rounded=rounded)


def _numbers(
    values: pa.Array, column: Column, factor: Decimal | None, *, rounded: bool
) -> tuple[pa.Array, pa.Array | None]:
    if column.type == "int64":
        if factor is None and not rounded:
            return _integers(values)
        whole, bad = _scaled(values, _INTEGER, 0, factor or Decimal(1), rounded=rounded)
        return whole.cast(pa.int64()), bad
    kind = column.ibis_type
    if factor is not None:
        return _scaled(values, kind.precision, kind.scale, factor, rounded=rounded)
    return _decimals(values, kind.precision, kind.scale, rounded=rounded)


def _fitting(values: pa.Array, pattern: str) -> tuple[pa.Array, pa.Array | None]:
    """Null what does not match the whole pattern, and say where."""
    fits = pc.match_substring_regex(values, f"^(?:{pattern})$")
    if pc.all(fits).as_py() is not False:  # None: every value is null
        return values, None
    return pc.if_else(fits, values, pa.scalar(None, pa.string())), pc.invert(fits).fill_null(
        fill_value=False
    )


def _integers(values: pa.Array) -> tuple[pa.Array, pa.Array | None]:
    fitting, bad = _fitting(values, r"[+-]?\d{1,18}")
    return pc.utf8_ltrim(fitting, "+").cast(pa.int64()), bad


def _decimals(
    values: pa.Array, precision: int, scale: int, *, rounded: bool
) -> tuple[pa.Array, pa.Array | None]:
    whole = precision - scale - rounded  # rounding may carry into one more digit
    more = (
        rf"\d{{0,{_ROUNDED_FROM}}}" if rounded else rf"\d{{0,{scale}}}0{{0,{_WHOLE - precision}}}"
    )
    fitting, bad = _fitting(values, rf"[+-]?(?:0*\d{{1,{whole}}}(?:\.{more})?|\.\d{more})")
    if rounded:
        wide = fitting.cast(pa.decimal128(_WHOLE, _ROUNDED_FROM))
        return pc.round(wide, scale, "half_to_even").cast(pa.decimal128(precision, scale)), bad
    return fitting.cast(pa.decimal128(_WHOLE, scale)).cast(pa.decimal128(precision, scale)), bad


def _scaled(
    values: pa.Array, precision: int, scale: int, factor: Decimal, *, rounded: bool
) -> tuple[pa.Array, pa.Array | None]:
    """Multiply exactly; what then has more digits than are stored is rounded or refused."""
    more = rf"\d{{0,{_ROUNDED_FROM}}}"
    fitting, bad = _fitting(values, rf"[+-]?(?:0*\d{{1,{_INTEGER}}}(?:\.{more})?|\.\d{more})")
    exact = pc.multiply(
        fitting.cast(pa.decimal256(_WHOLE, _ROUNDED_FROM)),
        pa.scalar(factor, pa.decimal256(2 * DIGITS, DIGITS)),
    )
    near = pc.round(exact, scale, "half_to_even")
    limit = pa.scalar(Decimal(10) ** (precision - scale), pa.decimal256(_WHOLE + 1, 0))
    lost = pc.greater_equal(pc.abs(near), limit)
    if not rounded:
        lost = pc.or_(lost, pc.not_equal(near, exact))
    lost = lost.fill_null(fill_value=False)
    if pc.any(lost).as_py():
        near = pc.if_else(lost, pa.scalar(None, near.type), near)
        bad = lost if bad is None else pc.or_(lost, bad)
    return near.cast(pa.decimal128(precision, scale)), bad


def among(values: pa.Array, column: Column) -> tuple[pa.Array, pa.Array]:
    """Hold text to the column's vocabulary.

    Where a value may be several of it, case, blanks and repetition do not matter, and none of it
    is no value.

    Returns
    -------
    tuple of pa.Array
        The values, and where one is not of the vocabulary.
    """
    if not column.several:
        listed = pc.is_in(values, value_set=pa.array(column.allowed, pa.string()))
        return values, pc.and_(pc.invert(listed), pc.is_valid(values))
    encoded = values.dictionary_encode()
    sets = [_members(text) for text in encoded.dictionary.to_pylist()]
    joined = [";".join(w for w in column.allowed if w in words) or None for words in sets]
    strange = pa.array([not words <= set(column.allowed) for words in sets], pa.bool_())
    known = pa.array(joined, pa.string()).take(encoded.indices)
    return known, strange.take(encoded.indices).fill_null(fill_value=False)


def _members(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(";")} - {""}


def below(values: pa.Array, minimum: int) -> pa.Array:
    """Tell where a number is below the least it may be; null is not."""
    least = Decimal(minimum) if pa.types.is_decimal(values.type) else minimum
    return pc.less(values, pa.scalar(least, values.type)).fill_null(fill_value=False)


def as_mask(values: pa.Array) -> np.ndarray:
    """Return a boolean array without nulls as NumPy, shape (rows,)."""
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=bool)
