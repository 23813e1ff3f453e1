"""What the declarations share: types of amounts, and the column that says whom a row is about."""

from __future__ import annotations

from churn.tables.schema import Column

MONEY = "decimal(18, 2)"
CHARGE = "decimal(18, 4)"
VOLUME = "decimal(18, 3)"
CHANNELS = ("call", "sms", "email", "visit", "app", "letter")
PURPOSES = ("marketing", "profiling")


def subscriber(*, meaning: str = "the line or service the row is about") -> Column:
    """Return the key of most tables."""
    return Column("subscriber_id", "string", meaning, "id", required=True, identifier=True)


def one_of(
    name: str, meaning: str, *allowed: str, required: bool = False, note: str = ""
) -> Column:
    """Return a column of a closed vocabulary."""
    return Column(name, "string", meaning, "class", required=required, allowed=allowed, note=note)


def ended(name: str, kind: str, meaning: str, null_means: str) -> Column:
    """Return the day or time at which something ended, known from then on."""
    return Column(name, kind, meaning, null_means=null_means, known_from=name)


def satisfied() -> Column:
    """Return whether the customer was content with how a case ended, asked afterwards."""
    return Column(
        "satisfied",
        "boolean",
        "whether the customer was content with it, asked afterwards",
        null_means="not asked, or not yet",
        filled_later=True,
    )


def handled_by() -> Column:
    """Return which part of the operator worked on a case; it may be handed on until it ends."""
    return Column("unit", "string", "the unit that handled it", filled_later=True)
