"""The page of the canonical tables is written from their declarations."""

from __future__ import annotations

from pathlib import Path

from churn.tables import TABLES
from churn.tables.dictionary import describe

PAGE = Path(__file__).parents[2] / "docs" / "canonical.md"


def test_the_page_is_what_the_declarations_render():
    """``docs/canonical.md`` is as true as the declarations are."""
    remedy = "render it anew: python -m churn.tables.dictionary > docs/canonical.md"
    assert PAGE.read_text("utf-8") == describe(), remedy


def test_every_column_is_listed_under_its_table():
    """A newcomer who maps an extract finds each column, with its values and what null means."""
    sections = dict(zip(TABLES, describe().split("\n## ")[1:], strict=True))
    for name, section in sections.items():
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        assert [row.split("`")[1] for row in rows] == list(TABLES[name].names)
    due = next(row for row in sections["bills"].splitlines() if "`paid_on`" in row and "|" in row)
    assert due == "| `paid_on` | a date |  |  | not paid | day of payment |"


def test_a_table_tells_when_it_occurs_how_it_comes_and_what_fills_late():
    """Bills: a month, in deliveries that add up, whose payment is known the day after it."""
    bills = describe([TABLES["bills"]])
    assert "Occurs on the last day of the month `bill_month`." in bills
    assert "Delivered *append*: each delivery adds rows." in bills
    assert "Fills late: `paid_on`, `amount_paid`, known from the day after `paid_on`." in bills
