"""Numbers as they are written elsewhere, brought to the one spelling that is cast."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from churn.tables import Column

DECIMALS = (".", ",", "'")
THOUSANDS = (".", ",", "'", " ", "_")
#: Signs that are written for another: blanks of other widths, and typographers' apostrophes.
_ALSO = {" ": " \u00a0\u202f\u2009", "'": "'’"}
#: Units of durations on a clock, with the patterns of their hours, minutes and seconds.
CLOCKS = {
    "hh:mm:ss": r"^(?P<h>\d{1,6}):(?P<m>[0-5]\d):(?P<s>[0-5]\d)$",
    "mm:ss": r"^(?P<m>\d{1,6}):(?P<s>[0-5]\d)$",
}
_SECONDS = {"h": 3600, "m": 60, "s": 1}
UNREAD = "?"  # stands for what is not written as declared: no number


def check_signs(decimal: str | None, thousands: str | None) -> None:
    """Refuse signs that numbers are not written with, or one sign for both.

    Raises
    ------
    ValueError
        Naming those that may be used.
    """
    if decimal is not None and decimal not in DECIMALS:
        raise ValueError(f"`decimal:` is one of {' '.join(DECIMALS)}")
    if thousands is not None and thousands not in THOUSANDS:
        raise ValueError(f"`thousands:` is one of {' '.join(THOUSANDS)} or a blank in quotes")
    if thousands is not None and thousands == (decimal or "."):
        raise ValueError(f"{thousands!r} cannot both part thousands and begin decimals")


def respelt(
    values: pa.Array,
    column: Column,
    *,
    decimal: str | None = None,
    thousands: str | None = None,
    unit: str | None = None,
    affix: str | None = None,
) -> pa.Array:
    """Write numbers with a decimal point and without separators, durations in seconds.

    What is not written as declared becomes a text that is no number, so that it is set aside.
    """
    if column.type != "int64" and not column.type.startswith("decimal"):
        return values
    if affix is not None:
        values = _bare(values, re.escape(affix.strip()))
    if unit in CLOCKS:
        return _seconds(values, CLOCKS[unit])
    if decimal is None and thousands is None:
        return values
    point = re.escape(decimal or ".")
    whole = r"\d+"
    if thousands is not None:
        sign = f"[{re.escape(_ALSO.get(thousands, thousands))}]"
        group = r"\d{2,3}" if thousands == "," else r"\d{3}"  # lakhs and crores have two digits
        whole = rf"\d{{1,3}}(?:{sign}{group})*{sign}\d{{3}}|\d+"
        fits = _fits(values, whole, point)
        values = pc.replace_substring_regex(pc.if_else(fits, values, UNREAD), sign, "")
    else:
        values = pc.if_else(_fits(values, whole, point), values, UNREAD)
    return pc.replace_substring(values, decimal, ".") if decimal else values


def _bare(values: pa.Array, affix: str) -> pa.Array:
    """Drop what stands before a number, or behind it: once, the sign of the number kept."""
    before = pc.replace_substring_regex(values, rf"^([+-]?)\s*{affix}\s*([+-]?[\d.,])", r"\1\2")
    behind = pc.replace_substring_regex(values, rf"([\d.,])\s*{affix}$", r"\1")
    return pc.if_else(pc.equal(before, values), behind, before)


def _fits(values: pa.Array, whole: str, point: str) -> pa.Array:
    return pc.match_substring_regex(values, rf"^[+-]?(?:(?:{whole})(?:{point}\d*)?|{point}\d+)$")


def _seconds(values: pa.Array, pattern: str) -> pa.Array:
    parts = pc.extract_regex(values, pattern)
    seconds = pa.scalar(0, pa.int64())
    for field in parts.type:
        count = pc.struct_field(parts, field.name).cast(pa.int64())
        seconds = pc.add(seconds, pc.multiply(count, _SECONDS[field.name]))
    unread = pc.and_(pc.is_valid(values), pc.is_null(parts))
    return pc.if_else(unread, UNREAD, seconds.cast(pa.string()))
