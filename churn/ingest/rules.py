"""The rules a record must keep, each with a code, generated from the canonical declarations.

Codes ``CSV…`` are about reading a line, the others (``BILL003``) about one table's columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from churn.tables import TABLES, Column, Table

Kind = Literal["reading", "required", "type", "vocabulary", "minimum", "contradiction", "duplicate"]

PREFIXES = {
    "subscribers": "SUBS",
    "attributes": "ATTR",
    "contact_details": "CONT",
    "bills": "BILL",
    "calls": "CALL",
    "usage_monthly": "USAG",
    "arrears": "ARRE",
    "status_events": "STAT",
    "complaints": "COMP",
    "faults": "FAUL",
    "service_orders": "ORDE",
    "surveys": "SURV",
    "visits": "VISI",
    "notices": "NOTI",
    "campaign_contacts": "CAMP",
}


@dataclass(frozen=True)
class Rule:
    """One rule, worded as what holds for a good record.

    Parameters
    ----------
    harmless
        Whether setting such a record aside loses nothing, so that it does not count towards
        ``max_rejected``.
    """

    code: str
    text: str
    kind: Kind
    column: str = ""
    harmless: bool = False

    def __str__(self) -> str:
        """Render code and wording, as errors and reports show it."""
        return f"{self.code} ({self.text})"


DECODES = Rule("CSV001", "the line can be decoded", "reading")
CLEAN = Rule("CSV002", "the line holds no NUL and no stray carriage return", "reading")
QUOTED = Rule("CSV003", "quotes are closed on their line", "reading")
WIDTH = Rule("CSV004", "the line has as many fields as the header", "reading")
HEADER = Rule("CSV005", "the header is not repeated", "reading", harmless=True)
BLANK = Rule("CSV006", "the line is not blank", "reading", harmless=True)
JOINED_KEY = Rule("CSV007", "the key of a joined file is filled and unique", "reading")
READING = (DECODES, CLEAN, QUOTED, WIDTH, HEADER, BLANK, JOINED_KEY)

_TYPE_WORDS = {
    "date": "a date",
    "timestamp": "a date and time",
    "int64": "a whole number",
    "boolean": "true or false",
}


@cache
def rules_of(table: Table) -> tuple[Rule, ...]:
    """Return the rules of a table, in the order in which a record is judged."""
    prefix = PREFIXES[table.name]
    found: list[tuple[Kind, str, str]] = []
    for column in table.columns:
        if column.name != "delivered_on":
            found += [(kind, text, column.name) for kind, text in _column_rules(column)]
    if table.key:
        key = ", ".join(table.key)
        found.append(("contradiction", f"{key} stands for one record in a delivery", ""))
        found.append(("duplicate", f"{key} is delivered once", ""))
    return tuple(
        Rule(f"{prefix}{i:03d}", text, kind, column, harmless=kind == "duplicate")
        for i, (kind, text, column) in enumerate(found, start=1)
    )


def _column_rules(column: Column) -> list[tuple[Kind, str]]:
    name = column.name
    rules: list[tuple[Kind, str]] = []
    if column.required:
        rules.append(("required", f"{name} is given"))
    if column.type.startswith("decimal"):
        scale = column.ibis_type.scale
        rules.append(("type", f"{name} is a number of at most {scale} decimals"))
    elif column.type != "string":
        rules.append(("type", f"{name} is {_TYPE_WORDS[column.type]}"))
    if column.allowed:
        rules.append(("vocabulary", f"{name} is one of {', '.join(column.allowed)}"))
    elif not column.identifier:
        rules.append(("vocabulary", f"{name} is a code listed in the settings"))
    if column.minimum is not None:
        rules.append(("minimum", f"{name} is at least {column.minimum}"))
    return rules


@cache
def rule(table: Table, kind: Kind, column: str = "") -> Rule:
    """Return the rule of that kind for that column."""
    return next(r for r in rules_of(table) if r.kind == kind and r.column == column)


@cache
def by_code() -> Mapping[str, Rule]:
    """Return every rule there is by its code."""
    tables = [r for table in TABLES.values() for r in rules_of(table)]
    return {r.code: r for r in [*READING, *tables]}
