"""The canonical tables are declared once, completely and without contradiction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from churn.language import Text
from churn.tables import TABLES, Column, Table

DESIGN = {
    "subscribers": ("subscriber_id",),
    "contact_details": ("subscriber_id",),
    "bills": ("subscriber_id", "bill_month"),
    "calls": (),
    "usage_monthly": ("subscriber_id", "month"),
    "arrears": ("subscriber_id", "as_of"),
    "status_events": ("subscriber_id", "effective_at", "status"),
    "complaints": ("complaint_id",),
    "faults": ("fault_id",),
    "service_orders": ("order_id",),
    "campaign_contacts": ("subscriber_id", "contacted_on", "campaign_id"),
    "recharges": (),
    "plan_changes": ("subscriber_id", "changed_on"),
}


@pytest.mark.parametrize(("name", "key"), DESIGN.items())
def test_keys_identify_a_row_within_one_delivery(name, key):
    """Keys are those of the design, without the delivery day, which tells versions apart."""
    assert TABLES[name].key == key
    assert all(TABLES[name][column].required for column in key)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_column_says_what_it_means(table):
    """The dictionary is written from the declarations: none may be silent."""
    assert table.meaning
    assert all(column.meaning and column.null_means for column in table.columns)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_late_filled_columns_are_dated_by_a_date_that_masks_itself(table):
    """A date that reveals a later fact is as late as what it dates."""
    for column in table.columns:
        if column.known_from:
            assert table[column.known_from].known_from == column.known_from


def test_only_contact_details_are_personal():
    """Names and phones live in one table, which is stored apart."""
    assert [name for name, table in TABLES.items() if table.personal] == ["contact_details"]


def test_a_declaration_that_names_a_missing_column_is_refused():
    """Keys, dates of occurrence and masks must exist."""
    columns = (Column("id", "string", "id"), Column("value", "int64", "value", known_from="on"))
    with pytest.raises(ValueError, match=r"table t declares \['key', 'day', 'on'\]"):
        Table("t", "TABL", Text("t", "表"), "a table", columns, key=("key",), occurs_on="day")


def test_tables_are_told_apart_by_label_and_by_the_codes_of_their_rules():
    """Two tables under one name or one prefix could not be told apart in a report."""
    for language in ("en", "zh"):
        assert len({table.label.of(language) for table in TABLES.values()}) == len(TABLES)
    assert len({table.prefix for table in TABLES.values()}) == len(TABLES)
    assert all(table.label.zh != table.label.en for table in TABLES.values())


def test_words_for_people_do_not_have_extracts_read_anew():
    """What files become is told by ``repr``: a label, a prefix or a note leaves it as it is."""
    bills = TABLES["bills"]
    columns = tuple(replace(column, note="another") for column in bills.columns)
    worded = replace(bills, prefix="ANY", label=Text("any", "任意"), columns=columns)
    assert repr(worded) == repr(bills)
    assert repr(replace(bills, mode="full")) != repr(bills)
