"""Names and values as the SQL of a proposed view writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SPELT = frozenset({"decimal", "thousands", "affix"})
"""How numbers are written that a view cannot cast as they stand: it reads these signs itself."""


def quoted(header: str) -> str:
    """Return a header as the name of a column, always in quotes: it may be a word of SQL.

    Examples
    --------
    >>> quoted("Order"), quoted('12" pipe')
    ('"Order"', '"12"" pipe"')
    """
    return '"' + header.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as a value.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def number_of(column: str, how: Mapping[str, Any], kind: str = "DECIMAL(18, 4)") -> str:
    """Return the number that a text of a known spelling is.

    Examples
    --------
    >>> number_of("b.fee", {"decimal": ","})
    "CAST(replace(b.fee, ',', '.') AS DECIMAL(18, 4))"
    """
    text = column
    for mark in (how.get("affix"), how.get("thousands")):
        if mark:
            text = f"replace({text}, {literal(mark)}, '')"
    if "decimal" in how:
        text = f"replace({text}, {literal(how['decimal'])}, '.')"
    return f"CAST({f'trim({text})' if 'affix' in how else text} AS {kind})"
