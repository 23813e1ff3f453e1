"""What one column leaves open, other columns tell; what would be read wrongly is asked, or left."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
import yaml

from churn.ingest.readers.encodings import Votes
from churn.ingest.suggestion.profiles import profile_of
from churn.ingest.suggestion.readings import Reading, reading
from churn.ingest.views import ViewMapping
from churn.states.recognition import state_of
from churn.tables import TABLES
from pipelines.suggestion import suggestion
from tests.ingest.layouts import write


def _read(header: str, values: list[str], column: str) -> Reading:
    """Return how a column of these values is read as one of a table."""
    rows = pa.table({"0": values, "file": np.zeros(len(values), dtype=np.int32)})
    table, _, name = column.partition(".")
    return reading(profile_of(header, 0, rows), TABLES[table], TABLES[table][name])


def _columns(text: str, table: str) -> dict[str, object]:
    (source,) = yaml.safe_load(text)["ingest"]["tables"][table]["sources"]
    columns: dict[str, object] = source["columns"]
    return columns


def test_an_order_of_days_that_is_open_is_that_of_the_columns_beside(tmp_path):
    """Due days all before the thirteenth fit both ways; the day of payment tells."""
    lines = [["line id", "activated"]]
    lines += [[1000 + n, f"2023-05-{n % 28 + 1:02}"] for n in range(60)]
    write(tmp_path / "lines_20240601.csv", lines, ",", "utf-8")
    bills = [["line id", "bill month", "amount due", "due date", "paid date"]]
    bills += [
        [1000 + n, "2024-04", "20.5", "05/12/2024", f"05/{n % 28 + 1:02}/2024"] for n in range(60)
    ]
    write(tmp_path / "bills_202404_20240601.csv", bills, ",", "utf-8")
    text = suggestion([tmp_path], None, "en")
    assert _columns(text, "bills")["due_on"] == {"from": "due date", "format": "%m/%d/%Y"}
    assert "in the order of paid date" in text
    assert "can be read as" not in text


def test_firsts_of_months_are_months():
    """01/01/2024 to 12/01/2024 are twelve months, not twelve days of a January."""
    months = [f"{m:02}/01/2024" for m in range(1, 13)]
    found = _read("Statement Month", months, "bills.bill_month")
    assert (found.how, found.doubtful) == ({"format": "%m/%d/%Y"}, ())


@pytest.mark.parametrize(
    ("values", "how"),
    [
        (["50.000", "100.000", "25.000"], {"decimal": ",", "thousands": "."}),
        (["50.000", "100.000", "900"], {"decimal": ",", "thousands": "."}),
        (["50.25", "100.000", "900"], {}),
        (["0.500", "10.250", "3.125"], {"round": True}),
    ],
)
def test_dots_before_three_digits_part_thousands_of_money(values, how):
    """Hardly a currency has three decimals; where one number shows decimals they are decimals."""
    assert _read("DENOMINATION", values, "recharges.amount").how == how


def test_signs_between_thousands_are_seen_though_only_few_numbers_have_one():
    """The longest values are looked at beside the most frequent."""
    values = [f"${n / 100:.2f}" for n in range(2000, 6000)] * 2 + ["$1,234.50"]
    assert _read("Total", values, "bills.amount_due").how == {"thousands": ",", "affix": "$"}


def test_prices_of_calls_are_counted_as_other_amounts_are(tmp_path):
    """Where bills are in fen, whole prices of calls are fen too."""
    lines = [["用户编号", "入网日期"], *([1000 + n, f"2023-05-{n % 28 + 1:02}"] for n in range(60))]
    write(tmp_path / "用户_20240601.csv", lines, ",", "gb18030")
    bills = [
        ["用户编号", "账期", "应收金额"],
        *([1000 + n, "202405", 3000 + 100 * n] for n in range(60)),
    ]
    write(tmp_path / "账单_202405_20240601.csv", bills, ",", "gb18030")
    calls = [["用户编号", "对端号码", "开始时间", "通话时长", "呼叫类型", "费用"]]
    calls += [
        [1000 + n, 77, f"2024-05-03 10:00:{n:02}", 60 + n, "主叫", 10 * (n % 9)] for n in range(60)
    ]
    write(tmp_path / "话单_202405_20240601.csv", calls, ",", "gb18030")
    text = suggestion([tmp_path], None)
    assert _columns(text, "calls")["charge"] == {"from": "费用", "unit": "hundredths"}


def test_states_in_the_subscribers_file_with_their_days_are_events(tmp_path):
    """Each file tells the newest state of a line; those before go on counting."""
    for month, cut in (("01", 0), ("02", 20)):
        after = f"20240{int(month) + 1}01"
        rows = [["MSISDN", "ACT_DATE", "SUBS_STATUS", "STATUS_DATE", "CONTRACT_END"]]
        for n in range(60):
            state = ("SUSPENDED", f"2024-{month}-09") if n < cut else ("ACTIVE", "2023-05-05")
            rows.append(
                [6281000 + n, "2023-05-05", *state, "9999-12-31" if n % 2 else "2025-01-01"]
            )
        write(tmp_path / f"SUBS_{after}.csv", rows, ",", "utf-8")
    text = suggestion([tmp_path], None, "en")
    tables = yaml.safe_load(text)["ingest"]["tables"]
    (events,) = tables["status_events"]["sources"]
    assert "mode" not in tables["status_events"]
    assert events["columns"]["status"] == "SUBS_STATUS"
    assert events["columns"]["effective_at"]["from"] == "STATUS_DATE"
    assert "SUBS_STATUS" not in str(tables["subscribers"])
    assert "9999-12-31" in tables["subscribers"]["sources"][0]["nulls"]


def test_a_day_beside_a_state_that_is_some_other_day_is_none_of_an_event(tmp_path):
    """A birthday is not since when a line is in service."""
    rows = [["MSISDN", "ACT_DATE", "SUBS_STATUS", "BIRTH_DAY"]]
    rows += [[6281000 + n, "2023-05-05", "ACTIVE", f"19{70 + n % 20}-03-05"] for n in range(60)]
    write(tmp_path / "SUBS_20240301.csv", rows, ",", "utf-8")
    assert "no file fills status_events" in suggestion([tmp_path], None, "en")


def test_a_column_whose_name_is_a_word_of_yaml_is_written_in_quotes(tmp_path):
    """`on` alone would be a truth value, and the file no settings."""
    lines = [["用户编号", "入网日期"], *([1000 + n, "2023-05-05"] for n in range(60))]
    write(tmp_path / "用户_20240601.csv", lines, ",", "gb18030")
    asked = [["用户编号", "查询日期", "类型"]]
    asked += [[1000 + n, f"2024-05-{n % 28 + 1:02}", "查询"] for n in range(40)]
    write(tmp_path / "携转查询_202405_20240601.csv", asked, ",", "gb18030")
    assert _columns(suggestion([tmp_path], None), "port_queries")["on"] == "查询日期"


def test_use_in_files_of_days_is_added_up_to_months(tmp_path):
    """The last day of a month is not its use: a view reads the files of a month together."""
    lines = [["line id", "activated"], *([1000 + n, "2023-05-05"] for n in range(60))]
    write(tmp_path / "lines_20240601.csv", lines, ";", "utf-8")
    for day in range(1, 10):
        use = [["line id", "date", "voice out minutes", "data mb"]]
        use += [[1000 + n, f"0{day}/05/2024", f"{n}3,5", f"1.{n:03},25"] for n in range(60)]
        write(tmp_path / f"use_2024050{day}.csv", use, ";", "utf-8")
    settings = yaml.safe_load(suggestion([tmp_path], None, "en"))["ingest"]
    (source,) = settings["tables"]["usage_monthly"]["sources"]
    assert source["name"] == "use_{day}.csv"
    assert source["delivered_on"] == {"days_after_period": 1}
    assert source["columns"]["voice_out_minutes"] == "voice out minutes"
    view = settings["views"][source["view"]]
    assert view["inputs"]["days"]["together"] is True
    assert "replace(replace(b.\"data mb\", '.', ''), ',', '.')" in view["query"]
    assert ViewMapping.model_validate(view).checked.outputs[:2] == ("line id", "month")


@pytest.mark.parametrize("prefix", ["55", "+91", "00"])
def test_numbers_with_a_countrys_code_are_those_of_the_books_without(tmp_path, prefix):
    """Both sides of calls are written so, though few of the others are on the books."""
    ids = [11_900_000_000 + 7919 * n for n in range(80)]
    lines = [["line id", "activated"], *([one, "2023-05-05"] for one in ids)]
    write(tmp_path / "lines_20240601.csv", lines, ",", "utf-8")
    calls = [["calling number", "called number", "start time", "duration"]]
    calls += [
        [f"{prefix}{one}", f"{prefix}{31_900_000_000 + n}", f"2024-05-{n % 28 + 1:02} 10:00:00", 60]
        for n, one in enumerate(ids)
    ]
    write(tmp_path / "calls_202405.csv", calls, ",", "utf-8")
    columns = _columns(suggestion([tmp_path], None, "en"), "calls")
    assert columns["subscriber_id"] == {"from": "calling number", "prefix": prefix}
    assert columns["peer_id"] == {"from": "called number", "prefix": prefix}


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("Do Not Call", {"Y": "call", "N": ""}),
        ("Marketing consent email", {"Y": "", "N": "email:marketing"}),
        ("同意短信营销", {"Y": "", "N": "sms:marketing"}),
    ],
)
def test_a_flag_of_opt_outs_refuses_and_a_consent_does_the_opposite(header, codes):
    """The header names the channels, and whether yes means no."""
    assert _read(header, ["Y", "N", "N"], "subscribers.opt_outs").how == {"codes": codes}


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("not active", None),
        ("非正常", None),
        ("in service", "in_service"),
        ("De-activated by customer", "left"),
        ("死亡销户", "deceased"),
        ("携号转网销户", "ported_out"),
        ("涉诈停机后复机", "in_service"),
        ("Non-Pay Disconnect", "removed"),
        ("NON-PAY SUSPEND", "suspended"),
        ("SOFT DISCONNECT - OUTGOING", "soft_suspended"),
        ("RESTORE", "in_service"),
    ],
)
def test_what_a_code_denies_or_gives_as_the_reason_decides(code, state):
    """An end by death is no churn, and what is not active is not in service."""
    assert state_of(code) == state


@pytest.mark.parametrize(
    ("line", "money"),
    [
        ("12;€ 20,00", True),
        ("12;20,00 €;x", True),
        ("£9.99", True),
        ("Zürich;£9", False),
        ("12", False),
    ],
)
def test_signs_of_money_alone_tell_the_encoding_of_windows(line, money):
    """A euro or a pound beside a number is no other sign's byte; with letters these decide."""
    assert Votes.of([(line + "\n").encode("cp1252") * 5]).of_money is money


def test_days_for_ever_are_no_days():
    """Contracts without an end, in whatever order the pieces stand."""
    values = ["20250131", "20991231", "20240930", "99991231"]
    rows = pa.table({"0": values, "file": np.zeros(4, dtype=np.int32)})
    assert profile_of("合约失效时间", 0, rows).missing == ("20991231", "99991231")
    assert date(2099, 12, 30).strftime("%Y%m%d") not in profile_of("x", 0, rows).missing


def test_numbers_that_would_be_far_days_are_numbers():
    """A telephone number is no day of the year 5255."""
    values = ["525512311236", "525512311237", "521299991231"]
    rows = pa.table({"0": values, "file": np.zeros(3, dtype=np.int32)})
    assert profile_of("numero_a", 0, rows).missing == ()


@pytest.mark.parametrize(
    ("header", "values", "column", "codes"),
    [
        ("sentido", ["S", "E"], "calls.direction", {"E": "in", "S": "out"}),
        ("servicio", ["MOVIL", "FIJO"], "subscribers.product",
         {"FIJO": "fixed", "MOVIL": "mobile"}),
        ("tipo", ["Prepago", "Pospago"], "subscribers.payment",
         {"Pospago": "postpaid", "Prepago": "prepaid"}),
    ],
)  # fmt: skip
def test_words_are_known_without_their_accents_and_by_their_initials(header, values, column, codes):
    """Where every letter begins a value of its own."""
    assert _read(header, values, column).how["codes"] == codes


def test_letters_that_begin_two_values_tell_none():
    """P is prepaid as well as postpaid."""
    assert "codes" not in _read("tipo", ["P", "Q"], "subscribers.payment").how


def _with_bills(folder, bills: list[list[object]]) -> str:
    lines = [["line id", "phone", "activated"]]
    lines += [[1000 + n, 34600000 + n, f"2023-05-{n % 28 + 1:02}"] for n in range(60)]
    write(folder / "lines_20240601.csv", lines, ",", "utf-8")
    header = ["line id", "bill month", "amount due", "due date"]
    write(folder / "bills_202405_20240601.csv", [header, *bills], ",", "utf-8")
    return suggestion([folder], None, "en")


def test_a_day_that_is_read_of_few_rows_is_left_out(tmp_path):
    """Nobody sets bills aside for the sake of a day that is not needed."""
    due = ["2024-06-11", "2024-06-12", "soon"]
    text = _with_bills(tmp_path, [[1000 + n, "2024-05", 20 + n, due[n % 3]] for n in range(60)])
    assert "due_on" not in _columns(text, "bills")


def test_names_with_the_day_first_are_in_the_order_of_their_days(tmp_path):
    """The newest file is the latest day's, not the last by name; each is all lines that are."""
    for day, count in (("31012024", 60), ("29022024", 61), ("05032024", 62)):
        lines = [["line id", "activated"], *([1000 + n, "2023-05-05"] for n in range(count))]
        write(tmp_path / f"lines_{day}.csv", lines, ",", "utf-8")
    text = suggestion([tmp_path], None, "en")
    source = yaml.safe_load(text)["ingest"]["tables"]["subscribers"]["sources"][0]
    assert source["name"] == "lines_{delivered_on}.csv"
    assert "initial_load" not in source
    assert "each once in a file: 62 ids" in text
