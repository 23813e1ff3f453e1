"""What comes per account is divided among its lines: proposed as a view, and read so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow.parquet as pq
import pytest
import yaml
from pydantic import ValidationError

from churn.errors import ExtractError, SettingsError
from churn.ingest import IngestSettings
from pipelines.suggestion import suggestion
from tests.commands import churn
from tests.ingest.layouts import write

MONTHS = ((date(2024, 1, 1), date(2024, 2, 1)), (date(2024, 2, 1), date(2024, 3, 1)))


def _lines(month):
    """Return 60 lines of 30 accounts; in February the last line of account 0 has gone."""
    return [n for n in range(60) if month.month == 1 or n != 30]


def test_bills_of_accounts_are_divided_among_the_lines_of_their_month(tmp_path):
    """Each file of bills goes with the lines of its own period, also where it comes again."""
    for month, after in MONTHS:
        ends = f"{month:%Y%m}_{after:%Y%m%d}.csv"
        lines = [["line id", "account", "product", "activated"]]
        lines += [[f"L{n}", f"A{n % 30}", "mobile", "2023-01-05"] for n in _lines(month)]
        write(tmp_path / "in" / f"lines_{ends}", lines, ";", "utf-8")
        events = [["line id", "changed at", "status"]]
        events += [[f"L{n}", "2023-01-05 10:00:00", "active"] for n in range(60)]
        write(
            tmp_path / "in" / f"states_{ends}", events[: 1 + 60 * (month.month == 1)], ";", "utf-8"
        )
    again = ((MONTHS[0][0], MONTHS[1][1]), *MONTHS)
    for month, after in again:
        paid = "5,00" if month.month < after.month - 1 else ""
        bills = [["account", "bill month", "total due", "paid amount"]]
        bills += [[f"A{n}", f"{month:%Y-%m}", f"1.{100 + n},5{n % 10}", paid] for n in range(30)]
        write(tmp_path / "in" / f"bills_{month:%Y%m}_{after:%Y%m%d}.csv", bills, ";", "utf-8")
    said = suggestion([tmp_path / "in"], tmp_path / "churn.yaml")
    assert "0 questions" in said
    ingest = yaml.safe_load((tmp_path / "churn.yaml").read_text("utf-8"))["ingest"]
    assert ingest["views"]["bills_of_lines"]["inputs"]["lines"] == {
        "files": "lines_*_*.csv", "name": "lines_{period}_{delivered_on}.csv", "delimiter": ";",
        "once": ["line id", "account"],
    }  # fmt: skip
    run = churn("ingest", "--settings", tmp_path / "churn.yaml")
    assert run.returncode == 0, run.stderr
    rows = pq.read_table(tmp_path / "workspace" / "tables" / "bills").to_pylist()
    amounts = {}
    for row in rows:
        amounts.setdefault((row["delivered_on"], row["bill_month"]), []).append(row["amount_due"])
    assert {key: len(each) for key, each in amounts.items()} == {
        (date(2024, 2, 1), date(2024, 1, 1)): 60,
        (date(2024, 3, 1), date(2024, 1, 1)): 60,
        (date(2024, 3, 1), date(2024, 2, 1)): 59,
    }
    total = sum(Decimal(f"{1100 + n}.5{n % 10}") for n in range(30))
    assert all(abs(sum(each) - total) <= Decimal("0.30") for each in amounts.values())
    assert max(amounts[date(2024, 3, 1), date(2024, 2, 1)]) == Decimal("1100.5")


def test_of_history_lines_bear_a_part_while_they_are_there(tmp_path):
    """One extract holds who has left: the month of a bill tells whose it is."""
    lines = [["line id", "account", "product", "connect date", "disconnect date"]]
    gone = {30: "01/20/2024"}
    lines += [[f"L{n}", f"A{n % 30}", "mobile", "12/25/2023", gone.get(n, "")] for n in range(60)]
    write(tmp_path / "in" / "lines.csv", lines, ",", "utf-8")
    bills = [["account", "month", "total due"]]
    bills += [[f"A{n}", f"0{m}/2024", '"$1,250.50"'] for n in range(30) for m in (1, 2)]
    write(tmp_path / "in" / "bills.csv", bills, ",", "utf-8")
    suggestion([tmp_path / "in"], tmp_path / "churn.yaml", "en")
    text = (tmp_path / "churn.yaml").read_text("utf-8")
    assert "came per account: amounts are divided among its lines" in text
    query = yaml.safe_load(text)["ingest"]["views"]["bills_of_lines"]["query"]
    assert "replace(replace(b.\"total due\", '$', ''), ',', '')" in query
    run = churn("ingest", "--settings", tmp_path / "churn.yaml")
    assert run.returncode == 0, run.stderr
    rows = pq.read_table(tmp_path / "workspace" / "tables" / "bills").to_pylist()
    amounts = sorted((row["bill_month"].month, row["amount_due"]) for row in rows)
    assert len(amounts) == 119
    assert amounts[-1] == (2, Decimal("1250.5"))


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (["account", "bill month", "total due"], False),  # two bills of one account and month
        (["unknown", "bill month", "total due"], False),  # ids that nobody on the books has
    ],
)
def test_what_cannot_be_divided_by_account_and_month_is_not(tmp_path, columns, told):
    """Without one row for an account and month, or without the account, no view is proposed."""
    lines = [["line id", "account", "product", "activated"]]
    lines += [[f"L{n}", f"A{n % 30}", "mobile", "2023-01-05"] for n in range(60)]
    write(tmp_path / "lines_20240201.csv", lines, ",", "utf-8")
    sign = columns[0][0].upper()
    bills = [columns, *([f"{sign}{n % 30}", "2024-01", 20 + n] for n in range(60))]
    write(tmp_path / "bills_202401_20240201.csv", bills, ",", "utf-8")
    assert ("bills_of_lines" in suggestion([tmp_path], None, "en")) is told


def _viewed(operator, rule):
    """Return an operator whose bills are divided among the lines of many files."""
    columns = {"subscriber_id": "line", "bill_month": "month", "amount_due": "total"}
    name = "bills_{period}_{delivered_on}.csv"
    operator.tables["bills"] = {"sources": [{"view": "each", "name": name, "columns": columns}]}
    lines = {"files": "lines_*.csv", **rule}
    query = "SELECT l.line, b.month, b.total FROM bills b JOIN lines l ON b.account = l.account"
    views = {"each": {"query": query, "inputs": {"bills": "bills_*.csv", "lines": lines}}}
    operator.settings = lambda: IngestSettings.model_validate(
        {"folder": "extracts", "id_key": operator.id_key, "tables": operator.tables, "views": views}
    )
    operator.deliver("bills_202401_20240201.csv", "account,month,total\nA,2024-01,1\n")
    operator.deliver("bills_202401_20240301.csv", "account,month,total\nA,2024-01,3\n")
    operator.deliver("bills_202402_20240301.csv", "account,month,total\nA,2024-02,2\n")
    return operator


def test_an_input_of_many_files_goes_with_its_own_period_else_the_newest_by_then(operator):
    """A file delivered later never changes what an earlier delivery was read with."""
    one = _viewed(operator, {"name": "lines_{period}_{delivered_on}.csv"})
    one.deliver("lines_202401_20240201.csv", "line,account\n1,A\n2,A\n")
    one.deliver("lines_202402_20240301.csv", "line,account\n1,A\n")
    one.ingest()
    counted = sorted(row for row in one.rows("bills", "delivered_on", "bill_month"))
    first, second = date(2024, 1, 1), date(2024, 2, 1)
    assert counted == [
        *[(date(2024, 2, 1), first)] * 2, *[(date(2024, 3, 1), first)] * 2,
        (date(2024, 3, 1), second),
    ]  # fmt: skip


def test_an_input_of_many_files_that_tells_days_alone_is_the_newest_by_then(operator):
    """Without a period in the names, the file that was there when the first came."""
    one = _viewed(operator, {"name": "lines_{delivered_on}.csv"})
    one.deliver("lines_20240115.csv", "line,account\n1,A\n2,A\n")
    one.deliver("lines_20240215.csv", "line,account\n1,A\n")
    one.ingest()
    assert len(one.rows("bills", "bill_month")) == 2 + 1 + 1


def test_what_came_days_before_the_first_file_goes_with_it(operator):
    """At the beginning of all, bills come on the first and the lines on the fifth."""
    one = _viewed(operator, {"name": "lines_{delivered_on}.csv", "once": ["line", "account"]})
    one.deliver("lines_20240205.csv", "line,account\n1,A\n2,A\n")
    one.ingest()
    assert len(one.rows("bills", "bill_month")) == 2 + 2 + 2


def test_where_no_file_was_there_for_a_month_it_is_one_error(operator):
    """Nothing of a far later day is taken for an earlier one."""
    one = _viewed(operator, {"name": "lines_{delivered_on}.csv"})
    one.deliver("lines_20240315.csv", "line,account\n1,A\n")
    with pytest.raises(ExtractError, match=r"0 files of lines_.* go with what was delivered on"):
        one.ingest()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"name": "lines_{period}.csv"}, "say once when a file was delivered"),
        ({"name": "lines_{part}.csv", "delivered_on": {"days_after_period": 1}}, "counts from a"),
    ],
)
def test_names_of_a_views_files_tell_when_they_came(operator, rule, message):
    """A pattern without a day, and a rule without a period, are refused."""
    with pytest.raises(ValueError, match=message):
        _viewed(operator, rule).settings()


def test_who_ended_is_in_the_register_before_alone(operator):
    """That of the month before is read with it, whatever columns it has; a line counts once."""
    one = _viewed(
        operator, {"name": "lines_{delivered_on}.csv", "before": 1, "once": ["line", "account"]}
    )
    one.deliver("lines_20240115.csv", "line,account\n1,A\n1,A\n2,A\n")
    one.deliver("lines_20240215.csv", "line,region,account\n1,north,A\n")
    one.ingest()
    counted = sorted(row for row in one.rows("bills", "delivered_on", "bill_month"))
    assert len([row for row in counted if row[0] == date(2024, 3, 1)]) == 4


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"before": 1}, "say in `name:` when they were made"),
        ({"name": "lines_{delivered_on}.csv", "once": ["nobody"]}, "there is no column nobody"),
    ],
)
def test_what_cannot_be_read_before_or_once_is_refused(operator, given, message):
    """Before what, and alike in what, must be told."""
    with pytest.raises((ExtractError, SettingsError, ValidationError), match=message):
        one = _viewed(operator, given)
        one.deliver("lines_20240115.csv", "line,account\n1,A\n")
        one.ingest()
