"""Names and values as the SQL of a proposed view writes them."""

from __future__ import annotations


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
