"""Rows that are parts, or name lines by a number: the proposed view makes them the table's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
import xlsxwriter
import yaml

from pipelines import ingest
from pipelines.identities import own_ids
from pipelines.run import open_run
from pipelines.suggestion import suggestion
from tests.ingest.layouts import write

LINES = 60


def _lines(folder: Path, phones: dict[int, int] | None = None) -> None:
    phones = phones or {}
    lines: list[list[object]] = [["line id", "phone", "activated", "ended on"]]
    lines += [
        [1000 + n, phones.get(n, 34600000 + n), f"2023-05-{n % 28 + 1:02}", ""]
        for n in range(LINES)
    ]
    lines += [[2000, 34600000, "2021-03-05", "2022-06-30"]] if phones else []
    write(folder / "lines_20240601.csv", lines, ",", "utf-8")
    states = [["line id", "date", "status"]]
    states += [[1000 + n, f"2024-05-{n % 28 + 1:02}", "suspended"] for n in range(LINES)]
    write(folder / "states_20240601.csv", states, ",", "utf-8")


def _read(folder: Path, table: str) -> tuple[str, list[dict[str, Any]]]:
    """Ingest what is suggested; return the settings and the table's rows with their own ids."""
    text = suggestion([folder], None, "en")
    path = folder.parent / "churn.yaml"
    path.write_text(text.replace(f"folder: {folder.name}", f"folder: {folder}"), encoding="utf-8")
    path.write_text(_with_folder(path.read_text(encoding="utf-8"), folder), encoding="utf-8")
    with open_run(path) as run:
        ingest.ingest(run)
        ids = own_ids(run)
    rows = ds.dataset(folder.parent / "workspace" / "tables" / table).to_table().to_pylist()
    mine = [name for name in ("subscriber_id", "peer_id") if rows and name in rows[0]]
    return text, [{**row, **{name: ids.get(row[name], row[name]) for name in mine}} for row in rows]


def _with_folder(text: str, folder: Path) -> str:
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("  folder:"))
    lines[at] = f"  folder: {folder}"
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the operator's files lie."""
    place = tmp_path / "in"
    place.mkdir()
    return place


def test_the_items_of_a_bill_are_added_up(folder):
    """Money adds up, what all items agree about stays, and what they do not is left out."""
    _lines(folder)
    bills = [["line id", "bill month", "item", "amount due", "due date", "paid date"]]
    for n in range(LINES):
        bills += [
            [1000 + n, "2024-05", "rent", f"{20 + n},50", "2024-06-11", f"2024-06-{n % 9 + 11}"],
            [1000 + n, "2024-05", "discount", "-5,25", "2024-06-11", "2024-06-20"],
        ]
    write(folder / "bills_202405_20240602.csv", bills, ";", "utf-8")
    text, rows = _read(folder, "bills")
    assert "several rows have the same subscriber_id, bill_month: are they parts" in text
    assert len(rows) == LINES
    assert {row["subscriber_id"]: float(row["amount_due"]) for row in rows} == {
        str(1000 + n): 15.25 + n for n in range(LINES)
    }
    assert {str(row["due_on"]) for row in rows} == {"2024-06-11"}
    assert {row["paid_on"] for row in rows} == {None}


def test_the_open_invoices_of_a_debt_are_added_up_and_counted(folder):
    """The oldest one's days are the debt's."""
    _lines(folder)
    debts = [["line id", "as of", "invoice", "amount overdue", "days overdue"]]
    debts += [
        [1000 + n, "2024-05-31", k, 7 + n, 30 * k + 9] for n in range(LINES) for k in (0, 1, 2)
    ]
    write(folder / "arrears_20240601.csv", debts, ",", "utf-8")
    _, rows = _read(folder, "arrears")
    told = ("amount_overdue", "days_overdue", "bills_overdue")
    assert {row["subscriber_id"]: tuple(float(row[name]) for name in told) for row in rows} == {
        str(1000 + n): (3.0 * (7 + n), 69, 3) for n in range(LINES)
    }


def test_a_list_of_debts_without_a_day_is_of_the_day_in_its_name(folder):
    """The last day of the period, not the day on which the list came."""
    _lines(folder)
    for month, day in (("202404", "20240506"), ("202405", "20240603")):
        debts = [["line id", "amount overdue", "months owed"]]
        debts += [[1000 + n, int(month[-1]) + n, 1 + n % 3] for n in range(LINES)]
        write(folder / f"arrears_{month}_{day}.csv", debts, ",", "utf-8")
    _, rows = _read(folder, "arrears")
    assert {(str(row["delivered_on"]), str(row["as_of"])) for row in rows} == {
        ("2024-05-06", "2024-04-30"), ("2024-06-03", "2024-05-31"),
    }  # fmt: skip
    assert len(rows) == 2 * LINES


def test_calls_by_telephone_number_are_those_of_its_lines(folder):
    """Both sides get the ids of the books; who is not on them keeps the number."""
    _lines(folder)
    calls = [["calling number", "called number", "start time", "duration"]]
    calls += [
        [34600000 + n, 34600001 + n, f"2024-05-{n % 28 + 1:02} 10:00:00", 60 + n]
        for n in range(LINES)
    ]
    write(folder / "calls_202405_20240602.csv", calls, ",", "utf-8")
    text, rows = _read(folder, "calls")
    assert "its rows name lines by phone: the id on the books takes its place" in text
    assert {row["subscriber_id"]: row["seconds"] for row in rows} == {
        str(1000 + n): 60 + n for n in range(LINES)
    }
    peers = {row["subscriber_id"]: row["peer_id"] for row in rows}
    assert peers["1000"] == "1001"
    assert peers[str(999 + LINES)] not in {str(1000 + n) for n in range(LINES)}


def test_a_number_that_two_lines_had_in_turn_is_that_of_the_one_then(folder):
    """Who had it before has ended, and nothing of today is his."""
    _lines(folder, {0: 34600000})
    bills = [["phone", "bill month", "item", "amount due", "issued"]]
    bills += [
        [34600000 + n, "2024-05", item, 20 + n, "2024-06-01"] for n in range(LINES) for item in "ab"
    ]
    write(folder / "bills_202405_20240602.csv", bills, ",", "utf-8")
    write(folder / "use_202405_20240602.csv",
          [["phone", "month", "voice out minutes", "data mb"],
           *([34600000 + n, "2024-05", 7, 9] for n in range(LINES))], ",", "utf-8")  # fmt: skip
    _, rows = _read(folder, "bills")
    got = {row["subscriber_id"]: float(row["amount_due"]) for row in rows}
    assert got == {str(1000 + n): 2.0 * (20 + n) for n in range(LINES)}


def test_use_of_days_by_telephone_number_is_added_up_for_its_line(folder):
    """One view does both."""
    _lines(folder)
    for day in range(1, 10):
        use = [["phone", "date", "voice out minutes", "data mb"]]
        use += [[34600000 + n, f"2024-05-0{day}", n, 3] for n in range(LINES)]
        write(folder / f"use_2024050{day}.csv", use, ",", "utf-8")
    _, rows = _read(folder, "usage_monthly")
    assert {row["subscriber_id"]: float(row["voice_out_minutes"]) for row in rows} == {
        str(1000 + n): 9.0 * n for n in range(LINES)
    }


def test_an_event_and_its_reason_tell_the_state_together(folder):
    """A list of codes with gaps names the reasons; a change of plan is no state, and is asked."""
    _lines(folder)
    (folder / "states_20240601.csv").unlink()
    codes = {
        ("SUS", "S1"): "Suspend - non payment, full", ("SUS", "S9"): "Suspend - customer request",
        ("RSP", "R1"): "Restore - payment received", ("CAN", "C1"): "Cancel - non payment",
        ("CAN", "C2"): "Cancel - relocation", ("CAN", "C3"): "Port out - other network",
        ("CPP", "P1"): "Change price plan",
    }  # fmt: skip
    listed = [["EVT", "RSN_CODE", "RSN_DESC"], *([*key, name] for key, name in codes.items())]
    write(folder / "ref_reason.csv", listed, ";", "utf-8")
    events = [["line id", "EVT_CODE", "EVT_RSN_CODE", "EVT_DATE"]]
    pairs = [*codes, ("CAN", "C4")]
    events += [
        [1000 + n, *pairs[k], f"2024-05-{(n + 3 * k) % 28 + 1:02}"]
        for n in range(LINES)
        for k in range(len(pairs))
        if (n + k) % 3 == 0 or pairs[k][1] in {"S1", "R1"}
    ]
    events = [row for row in events if row[2] != "C4" or row[0] == 1005]
    write(folder / "activity_202405_20240602.csv", events, ";", "utf-8")
    text, rows = _read(folder, "status_events")
    states = yaml.safe_load(text)["states"]["codes"]
    assert {
        "SUS S1": "suspended", "SUS S9": "on_hold", "RSP R1": "in_service", "CAN C1": "removed",
        "CAN C2": "left", "CAN C3": "ported_out",
    }.items() <= states.items()  # fmt: skip
    assert "CPP P1" not in states
    assert "are left out: CPP Change price plan" in text
    assert len(rows) == sum(row[1] != "CPP" for row in events[1:])


def test_the_state_before_is_no_reason_of_the_one_after(folder):
    """A log of changes holds both; months of two digits are read, and a debt is no bill."""
    _lines(folder)
    (folder / "states_20240601.csv").unlink()
    names = {
        "1000": "在网正常",
        "1201": "欠费单向停机",
        "1202": "欠费双向停机",
        "2100": "用户申请拆机",
    }
    listed = [["STAT", "NAME"], *map(list, names.items())]
    write(folder / "STAT_LIST.csv", listed, ",", "utf-8")
    log = [["line id", "old STAT", "STAT", "change time"]]
    steps = [("1000", "1201"), ("1201", "1202"), ("1202", "1000"), ("1000", "2100")]
    log += [
        [1000 + n, *steps[k], f"2024-05-{1 + 7 * k + n % 7:02} 10:00:00"]
        for n in range(LINES)
        for k in range(3 + n % 2)
    ]
    write(folder / "log_202405_20240602.csv", log, ",", "utf-8")
    use = [["line id", "usage month", "texts", "data gb"]]
    use += [[1000 + n, "May-24", 7 + n % 5, f"{n % 9}.25"] for n in range(LINES)]
    write(folder / "usage_202405_20240602.csv", use, ",", "utf-8")
    debts = [["run_date", "line id", "od_total", "oldest_due", "days_overdue"]]
    debts += [["2024-05-31", 1000 + n, 7 + n, "2024-05-02", 29] for n in range(LINES)]
    write(folder / "billing_overdue_202405_20240602.csv", debts, ",", "utf-8")
    found = yaml.safe_load(suggestion([folder], None, "en"))
    assert found["states"]["codes"] == {
        "1000": "in_service", "1201": "soft_suspended", "1202": "suspended", "2100": "left",
    }  # fmt: skip
    assert found["ingest"]["tables"].keys() >= {"usage_monthly", "arrears", "status_events"}
    assert "bills" not in found["ingest"]["tables"]


def test_orders_that_were_done_are_the_events_of_the_lines_of_their_account(folder):
    """What was called off is left out; who ended is in the register before alone."""
    for month, last in ((5, LINES), (6, LINES - 10)):
        lines = [["line id", "account", "install date"]]
        lines += [[f"L{n}", f"A{n // 2}", f"2023-01-{n % 28 + 1:02}"] for n in range(last)]
        write(folder / f"services_2024{month + 1:02}02.tsv", lines, "\t", "utf-8")
        bills = [["account", "statement date", "current charge amount", "past due amount"]]
        bills += [[f"A{n}", f"2024-{month:02}-05", 40 + n, 0] for n in range(last // 2)]
        write(folder / f"statements_2024{month + 1:02}02.tsv", bills, "\t", "utf-8")
        orders = [["order id", "account", "order type", "order status", "complete date"]]
        kinds = ["Non-pay suspend", "Restart", "Disconnect", "Change of service"]
        orders += [
            [f"O{month}{n}{k}", f"A{n}", kinds[k], "Pending" if n % 9 == 0 else "Completed",
             f"2024-{month:02}-{5 + 3 * k:02}"]
            for n in range(LINES // 2) for k in range(4)
            if kinds[k] != "Disconnect" or (month == 6 and n >= last // 2)
        ]  # fmt: skip
        write(folder / f"orders_2024{month + 1:02}02.tsv", orders, "\t", "utf-8")
    text, rows = _read(folder, "status_events")
    found = yaml.safe_load(text)
    assert found["states"]["codes"] == {
        "Non-pay suspend": "suspended", "Restart": "in_service", "Disconnect": "left",
    }  # fmt: skip
    (bills,) = found["ingest"]["tables"]["bills"]["sources"]
    assert bills["columns"]["amount_due"] == "current charge amount"
    ended = {row["subscriber_id"] for row in rows if row["status"] == "Disconnect"}
    assert ended == {f"L{n}" for n in range(50, 60) if n // 2 % 9}


def test_tickets_of_all_kinds_are_complaints_where_they_say_so(folder):
    """Questions stand beside; a sheet has two titles, of which one fills two cells."""
    _lines(folder)
    rows: list[list[str]] = [
        ["某客服中心工单明细"],
        ["制表日期：2024年6月1日", "", "", "制表部门：质检组"],
    ]
    rows += [["工单编号", "业务号码", "受理时间", "工单类型", "问题分类"]]
    rows += [
        [f"GD{n}", str(1000 + n), f"2024/5/{n % 28 + 1} 8:33", "投诉" if n % 3 else "咨询", "资费"]
        for n in range(LINES)
    ]
    with xlsxwriter.Workbook(folder / "工单_202405_20240602.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    text, found = _read(folder, "complaints")
    assert "67% are complaints by 工单类型" in text
    assert len(found) == sum(n % 3 > 0 for n in range(LINES))


def test_months_of_names_rows_delivered_twice_and_units_are_told(folder):
    """Seconds and kilobytes by what is usual in a month."""
    lines = [["line id", "activated"], *([1000 + n, "2023-05-05"] for n in range(1000))]
    write(folder / "Lines May 2024.csv", [*lines, lines[-1]], ",", "utf-8")
    use = [["line id", "month", "voice out", "data volume"]]
    use += [[1000 + n, "2024-05", 3000 + n, 4_000_000 + n] for n in range(1000)]
    write(folder / "Lines use May 2024.csv", use, ",", "utf-8")
    found = yaml.safe_load(suggestion([folder], None, "en"))["ingest"]["tables"]
    (register,) = found["subscribers"]["sources"]
    assert (register["name"], register["delivered_on"]) == (
        "Lines {period}.csv", {"days_after_period": 1},
    )  # fmt: skip
    (use_,) = found["usage_monthly"]["sources"]
    assert use_["columns"]["voice_out_minutes"]["unit"] == "seconds"
    assert use_["columns"]["megabytes"]["unit"] == "KB"


def test_days_in_the_register_are_cuts_returns_and_ends(folder):
    """Each kind of cut is its own state; the number beside the ids is none."""
    lines = [["SERV_ID", "ACC_NBR", "PROD_NAME", "OPEN_DATE", "STOP_TYPE", "STOP_DATE",
              "REOPEN_DATE", "REMOVE_DATE", "REMOVE_REASON"]]  # fmt: skip
    kinds = {0: "欠费停机", 1: "申请停机"}
    for n in range(100):
        stop = [kinds[n % 2], f"202404{n % 28 + 1:02}"] if n % 5 == 0 else ["", ""]
        back = f"202405{n % 28 + 1:02}" if n % 15 == 0 else ""
        end = [f"202405{n % 28 + 1:02}", "欠费拆机" if n % 20 == 5 else "携号转出"]
        lines.append([9000 + n, 13300000000 + n - (n == 7), "移动电话" if n % 3 else "宽带",
                      "20230505", *stop, back, *(end if n % 10 == 5 else ["", ""])])  # fmt: skip
    write(folder / "SERV_202405_20240602.txt", lines, "|", "utf-8")
    for name in ("BILL", "USE"):
        header = {"BILL": ["账期", "SERV_ID", "应收合计"], "USE": ["月份", "SERV_ID", "FLUX_MB"]}
        rows = [header[name], *(["202405", 9000 + n, 10 + n] for n in range(100))]
        write(folder / f"{name}_202405_20240602.txt", rows, "|", "utf-8")
    calls = [["工单编号", "业务号码", "受理时间", "投诉分类"]]
    calls += [[f"G{n}", 13300000000 + n, f"2024-05-{n % 28 + 1:02} 08:00:00", "资费"]
              for n in range(60)]  # fmt: skip
    write(folder / "投诉_202405_20240602.csv", calls, ",", "utf-8")
    text, rows = _read(folder, "status_events")
    codes = yaml.safe_load(text)["ingest"]["tables"]["subscribers"]["sources"][0]["columns"]
    assert codes["subscriber_id"] == "SERV_ID"
    assert codes["product"]["codes"] == {"宽带": "broadband", "移动电话": "mobile"}
    states = {(row["subscriber_id"], row["status"]) for row in rows}
    for n in range(0, 100, 5):
        assert (str(9000 + n), "suspended" if n % 2 == 0 else "on_hold") in states
        if n % 15 == 0:
            assert (str(9000 + n), "in_service") in states
        if n % 10 == 5:
            assert (str(9000 + n), "removed" if n % 20 == 5 else "ported_out") in states
    found = yaml.safe_load(text)
    assert found.get("time", {}).get("grace") != 0


def test_numbers_are_known_by_their_last_digits_and_days_by_the_folder(folder):
    """0736… and 07xxx xxxxxx are 44736… of the books; all came out on the day of the folder."""
    place = folder / "export_2024-10-03"
    lines = [["subscription_id", "msisdn", "activated_at"]]
    lines += [[f"SUB-{n}", 447360000000 + 7919 * n, "2023-05-05"] for n in range(LINES)]
    write(place / "subscriptions.csv", lines, ",", "utf-8")
    states = [["subscription_id", "status", "reason", "valid_from"]]
    states += [[f"SUB-{n}", "ACTIVE", "NEW", "05/05/2023 10:00"] for n in range(LINES)]
    states += [[f"SUB-{n}", "SUSPENDED", "PAYFAIL", f"{n % 28 + 1:02}/09/2024 10:00"]
               for n in range(30)]  # fmt: skip
    write(place / "status_history.csv", states, ",", "utf-8")
    dunning = [["event_id", "type", "occurred_at", "subscription"]]
    kinds = ["payment.failed", "service.suspended", "dunning.sms"]
    dunning += [
        [f"evt_{n}", kinds[n % 3], f"2024-09-{n % 28 + 1:02}T10:00:00Z", f"SUB-{n}"]
        for n in range(LINES)
    ]
    write(place / "dunning_events.csv", dunning, ",", "utf-8")
    asked = [["request_type", "mobile_number", "requested_at"]]
    numbers = [f"0{7360000000 + 7919 * n}" for n in range(40)]
    asked += [
        ["PAC", f"{number[:5]} {number[5:]}", f"{n % 28 + 1:02}/09/2024 18:37"]
        for n, number in enumerate(numbers)
    ]
    write(place / "pac_requests.csv", asked, ",", "utf-8")
    text, rows = _read(place, "port_queries")
    found = yaml.safe_load(text)["ingest"]["tables"]
    assert str(found["subscribers"]["sources"][0]["delivered_on"]) == "2024-10-03"
    assert len(found["status_events"]["sources"]) == 1
    assert {row["subscriber_id"] for row in rows} == {f"SUB-{n}" for n in range(40)}
