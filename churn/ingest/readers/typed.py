"""Values that have types already, written as the text that the mapping reads."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from churn.errors import ExtractError

NO_TEXT = pa.scalar(None, pa.string())


def as_text(values: pa.Array) -> pa.Array | None:
    """Write values as text, each exactly; None where a column holds more than single values.

    Dates are ``YYYY-MM-DD``, times ``YYYY-MM-DD HH:MM:SS`` with what there is of a fraction, by the
    clock of the zone that the column names; numbers have no exponent, and one that is none (NaN) is
    no value. Bytes are UTF-8; what is not becomes U+FFFD.
    """
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if pa.types.is_null(kind):
        return pa.nulls(len(values), pa.string())
    if pa.types.is_nested(kind) or pa.types.is_duration(kind):
        return None
    if pa.types.is_timestamp(kind):
        local = pc.local_timestamp(values) if kind.tz else values
        return _without_zeros(local.cast(pa.string()))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _plain(values.cast(pa.string()))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        octets = values.to_pylist()
        text = [None if item is None else item.decode(errors="replace") for item in octets]
        return pa.array(text, pa.string())
    return pc.utf8_trim_whitespace(values.cast(pa.string()))


def single_values(values: pa.Array, column: str, file: str) -> pa.Array:
    """Return a column as text, or refuse what holds more than single values."""
    text = as_text(values)
    if text is None:
        raise ExtractError(
            f"column {column} holds no single values ({values.type})",
            where=file,
            do="deliver it in columns of single values, or map it to nothing",
        )
    return text


def _without_zeros(times: pa.Array) -> pa.Array:
    """Leave out the zeros behind a fraction of a second, and a fraction of nothing."""
    fractions = pc.replace_substring_regex(times, r"(\.\d*[1-9]|\.)0+$", r"\1")
    return pc.utf8_rtrim(fractions, ".")


def _plain(numbers: pa.Array) -> pa.Array:
    """Write numbers out that have an exponent; no number is no value."""
    numbers = pc.if_else(pc.equal(numbers, "nan"), NO_TEXT, numbers)
    if not pc.any(pc.match_substring_regex(numbers, r"\d[eE]")).as_py():
        return numbers
    written = (
        format(Decimal(text), "f") if text is not None and "E" in text.upper() else text
        for text in numbers.to_pylist()
    )
    return pa.array(written, pa.string())
