"""How columns were read, told by the mapping and the ledger of ingest."""

from __future__ import annotations

from churn.ingest.interpretation import of_deliveries
from churn.ingest.registry import Registry

HEAD = "line;month;amount;due\n"


def test_the_ledger_tells_how_each_column_was_read(operator):
    """Filled in the newest delivery, set aside in all of them; unmapped columns are not told."""
    columns = {
        "subscriber_id": "line",
        "bill_month": {"from": "month", "format": "%Y%m"},
        "amount_due": {"from": "amount", "decimal": ",", "affix": "€"},
        "due_on": {"from": "due", "format": "%d.%m.%Y"},
    }
    operator.map("bills", {"delimiter": ";", "columns": columns}, max_rejected=1.0)
    operator.deliver("bills_202401_20240201.csv", HEAD + "1;202401;5,5 €;\n2;202401;x;1.2.2024\n")
    rows = "1;202402;5,5 €;01.03.2024\n2;202402;7 €;\n3;202402;8 €;\n4;202402;9 €;2.3.2024\n"
    operator.deliver("bills_202402_20240301.csv", HEAD + rows)
    operator.ingest()
    mappings = operator.settings().mappings
    entries = list(Registry(operator.workspace).entries.values())
    found = {
        each.column: each for each in of_deliveries(mappings, entries, operator.workspace.root)
    }
    assert set(found) == set(columns)
    assert [found[name].header for name in columns] == ["line", "month", "amount", "due"]
    assert found["amount_due"].how.en == "as 1234,5 € -> 1234.5"
    assert found["due_on"].how.en == "as %d.%m.%Y (31.12.2024 -> 2024-12-31)"
    assert (found["amount_due"].filled, found["amount_due"].unread) == (1.0, 1)
    assert (found["due_on"].filled, found["due_on"].unread) == (0.5, 0)
    assert of_deliveries(mappings, [], operator.workspace.root) == ()
