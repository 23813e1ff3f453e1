"""Units an extract may count in, and what brings each to the unit of the canonical column."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from churn.ingest.figures import CLOCKS
from churn.tables import Column

DIGITS = 12  # of a factor, before and behind its point

# Canonical unit: the units that can be brought to it, each with how many of it one is.
UNITS: dict[str, dict[str, Decimal]] = {
    "seconds": {
        "seconds": Decimal(1),
        "minutes": Decimal(60),
        "hours": Decimal(3600),
        "milliseconds": Decimal("0.001"),
        **dict.fromkeys(CLOCKS, Decimal(1)),  # read as seconds
    },
    "minutes": {"minutes": Decimal(1), "hours": Decimal(60), "seconds": Decimal("0.016666666667")},
    "MB": {
        "MB": Decimal(1),
        "bytes": Decimal("0.000001"),
        "KB": Decimal("0.001"),
        "GB": Decimal(1000),
    },
    "days": {"days": Decimal(1), "weeks": Decimal(7)},
    "currency": {"currency": Decimal(1), "hundredths": Decimal("0.01")},
}
KNOWN_UNITS = tuple(sorted({unit for units in UNITS.values() for unit in units}))


def check_scale(text: str) -> str:
    """Return a factor as it is; refuse what is no plain decimal, 0, or too long to be exact."""
    try:
        factor = Decimal(text)
    except InvalidOperation:
        factor = Decimal(0)
    whole = factor.is_finite() and abs(factor) < Decimal(10) ** DIGITS
    if not whole or factor == 0 or round(factor, DIGITS) != factor:
        raise ValueError(f"`scale: {text}` is no number other than 0 of at most {DIGITS} decimals")
    return text


def factor_into(column: Column, unit: str | None, scale: str | None) -> Decimal | None:
    """Return what a file's number is multiplied by to be in the column's unit; None for nothing.

    Raises
    ------
    ValueError
        If the column holds no number, or the unit cannot be brought to the column's.
    """
    if unit is None and scale is None:
        return None
    if column.type != "int64" and not column.type.startswith("decimal"):
        raise ValueError(f"{column.name} holds no number: it has neither `unit:` nor `scale:`")
    if scale is not None:
        return Decimal(scale)
    units = UNITS.get(column.unit, {})
    if unit not in units:
        known = (
            f"units that become {column.unit}: {', '.join(units)}" if units else "it has no unit"
        )
        raise ValueError(
            f"{column.name} cannot be read from {unit} ({known}); `scale:` takes any factor"
        )
    return units[unit]
