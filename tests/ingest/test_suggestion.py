"""Settings for files that nobody has described: what had to be changed in them is counted."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import xlsxwriter
import yaml

from churn.errors import ExtractError, UsageError
from churn.ingest import IngestSettings
from churn.states.settings import SHIPPED_CODES
from pipelines import check
from pipelines.suggestion import suggestion
from tests.commands import churn
from tests.ingest.layouts import LAYOUTS, write

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample" / "extracts"
SHIPPED = ROOT / "pipelines" / "settings"
CHINESE = {
    "subscriber_id": "用户号码", "customer_id": "客户编号", "account_id": "付费账户",
    "group_id": "归属集团", "product": "产品类型", "customer_type": "客户类别", "region": "区县",
    "plan": "主套餐名称", "activated_on": "入网时间", "contract_ends_on": "协议到期日期",
    "bundle": "融合产品", "name": "客户姓名", "key_account_classes": "大客户分类",
    "account_manager": "客户经理", "opt_outs": "拒绝渠道", "phone": "联系电话",
    "alternate_phone": "备用号码", "email": "电子邮箱", "bill_month": "出账月份",
    "amount_due": "账单金额", "recurring": "月租", "usage": "语音费", "data": "流量费用",
    "value_added": "增值业务费", "discount": "减免金额", "due_on": "缴费截止日期",
    "paid_on": "缴费时间", "amount_paid": "实收金额", "peer_id": "对方号码",
    "started_at": "通话开始时间", "seconds": "时长（秒）", "megabytes": "流量（MB）",
    "direction": "呼叫方向", "kind": "类型", "network": "对端运营商", "charge": "费用",
    "fault_id": "障碍单号", "opened_at": "申告时间", "restored_at": "修复时间",
    "category": "故障类别", "order_id": "订单编号", "ordered_on": "下单日期",
    "done_on": "竣工时间", "answered_on": "回访日期", "score": "满意度得分",
    "visited_on": "拜访日期", "by": "走访人员", "reason": "走访事由", "outcome": "走访结果",
    "notified_on": "通知日期", "channel": "渠道", "contacted_on": "外呼日期",
    "campaign_id": "活动编码", "arm": "分组", "action": "维系措施", "assigned_to": "坐席",
    "answer": "客户反馈", "checked": "是否核查", "cost": "接触成本",
    "control_share": "对照组比例",
}  # fmt: skip
FILES = {
    "subscribers": "用户档案", "contact_details": "联系信息", "bills": "月账",
    "calls": "通话详单", "arrears": "欠费", "status_events": "停复机", "complaints": "投诉",
    "faults": "障碍", "notices": "催费", "service_orders": "装移机工单", "surveys": "满意度调查",
    "visits": "走访记录", "campaign_contacts": "维系接触",
}  # fmt: skip


RIGHT: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "balkan": (
        {
            "subscribers.subscriber_id": "MSISDN",
            "subscribers.customer_id": "CUST_NO",
            "subscribers.product": "SVC_TYPE",
            "subscribers.activated_on": "ACT_DT",
            "status_events.effective_at": "CHG_TIME",
            "status_events.status": "ST",
            "bills.due_on": "PMT_DUE_DT",
            "bills.paid_on": "PAID_DT",
        },
        {"A": "in_service", "S": "suspended", "D": "removed", "T": "left"},
    ),
    "hanse": (
        {
            "subscribers.subscriber_id": "Rufnummer",
            "subscribers.customer_id": "Kundennummer",
            "subscribers.payment": "Zahlungsart",
            "subscribers.plan": "Tarif",
            "subscribers.plan_fee": "Grundgebühr",
            "subscribers.activated_on": "Vertragsbeginn",
            "status_events.effective_at": "Gültig ab",
            "bills.bill_month": "Abrechnungsmonat",
            "bills.amount_due": "Rechnungsbetrag",
            "complaints.complaint_id": "Ticketnummer",
            "complaints.escalated": "Eskaliert",
        },
        {
            "Gesperrt": "suspended",
            "Aktiv": "in_service",
            "Gekündigt durch Anbieter": "removed",
            "Gekündigt durch Kunde": "left",
        },
    ),
    "huabei": (
        {
            "subscribers.role": "主副卡标识",
            "subscribers.payment": "付费方式",
            "subscribers.plan_fee": "套餐月费",
            "subscribers.service_level": "客户星级",
            "subscribers.acquired_through": "发展渠道",
            "recharges.at": "充值时间",
            "recharges.amount": "充值金额",
            "recharges.balance_after": "充值后余额",
            "plan_changes.changed_on": "办理时间",
            "plan_changes.from_plan": "原套餐",
            "plan_changes.to_plan": "新套餐",
            "plan_changes.fee_change": "月费差额",
            "plan_changes.reason": "变更原因",
            "complaints.complaint_id": "工单流水",
            "complaints.opened_at": "受理时刻",
            "complaints.answered_at": "首次回复时间",
            "complaints.closed_at": "办结时刻",
            "complaints.level": "投诉级别",
            "complaints.satisfied": "客户是否满意",
        },
        {"欠费双停": "suspended", "缴费复机": "in_service", "欠费销户": "removed"},
    ),
    "jiangnan": (
        {
            "subscribers.customer_id": "客户标识",
            "subscribers.contract_ends_on": "协议到期时间",
            "status_events.status": "变更后状态",
            "calls.direction": "主被叫标志",
            "calls.peer_id": "对方号码",
        },
        {
            "开户": "in_service",
            "复机": "in_service",
            "欠费停机": "suspended",
            "欠费销户": "removed",
        },
    ),
    "shu": (
        {
            "subscribers.subscriber_id": "YHBH",
            "subscribers.customer_id": "KHBH",
            "subscribers.product": "CPLX",
            "subscribers.payment": "FFFS",
            "subscribers.plan_fee": "TCYF",
            "subscribers.activated_on": "RWSJ",
            "subscribers.contract_ends_on": "XYDQR",
            "status_events.effective_at": "BDSJ",
            "status_events.status": "YHZT",
            "bills.bill_month": "ZQ",
            "bills.amount_due": "YSJE",
            "bills.due_on": "JFJZR",
            "usage_monthly.voice_out_minutes": "ZJSC",
            "usage_monthly.sms": "DXTS",
        },
        {"27": "suspended", "41": "in_service", "55": "removed", "97": "left"},
    ),
    "tirol": (
        {
            "subscribers.subscriber_id": "Vertragsnr.",
            "subscribers.customer_id": "Kundennr.",
            "subscribers.product": "Produktart",
            "subscribers.plan": "Tarifbezeichnung",
            "subscribers.plan_fee": "Grundpreis",
            "subscribers.activated_on": "Produktbeginn",
            "subscribers.contract_ends_on": "Mindestlaufzeit bis",
            "status_events.effective_at": "Zeitpunkt",
            "status_events.status": "Vorgang",
            "calls.charge": "Entgelt",
        },
        {"Vollsperre": "suspended", "Entsperrt": "in_service"},
    ),
    "ruritania": (
        {
            "subscribers.customer_id": "Holder",
            "subscribers.product": "Line of business",
            "subscribers.contract_ends_on": "Min. term until",
            "subscribers.opt_outs": "Contact ban",
            "status_events.effective_at": "From",
            "complaints.category": "Issue",
            "complaints.closed_at": "Solved",
            "usage_monthly.sms": "Texts",
            "usage_monthly.recharge_amount": "Top-up value",
        },
        {"ACT": "in_service", "SUS": "suspended", "REA": "in_service", "DIS": "removed"},
    ),
    "lingnan": (
        {
            "subscribers.subscriber_id": "USER_ID",
            "subscribers.plan": "PRODUCT_NAME",
            "subscribers.region": "EPARCHY_NAME",
            "subscribers.contract_ends_on": "PRODUCT_END_DATE",
            "status_events.status": "STATE_NAME",
            "bills.bill_month": "CYCLE_ID",
            "bills.amount_due": "FEE_TOTAL",
            "bills.usage": "FEE_VOICE",
        },
        {"开通": "in_service", "欠费双停": "suspended", "欠费销号": "removed", "主动销号": "left"},
    ),
}


def _suggested(folder: Path, out: Path, **options: Any) -> dict[str, Any]:
    """Return the settings that a folder suggests, once they have passed the check."""
    said = suggestion([folder], out, **options)
    assert str(out) in said
    assert "sound" in check.check(out)
    content: dict[str, Any] = yaml.safe_load(out.read_text(encoding="utf-8"))
    return content


def _values(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every value that decides what is read, by its place; columns as files name them."""
    ingest = IngestSettings.model_validate(settings["ingest"])
    for name, table in ingest.tables.items():
        yield f"{name}.mode", table.mode
        for source in table.sources:
            columns = dict(source.columns)
            for join in source.join:
                columns |= join.columns
            place = f"{name} {source.only} {source.files}"
            yield f"{place} encoding", (source.encoding, source.delimiter)
            for target, how in columns.items():
                if how is not None:
                    read = (how.from_, how.constant, how.format, dict(how.codes), how.unit)
                    yield f"{place}.{target}", read
    codes = settings.get("states", {}).get("codes", {})
    yield from ((f"states.{code}", state) for code, state in codes.items())


def _changes(suggested: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    """Return the places where somebody had to correct what was suggested."""
    mine = dict(_values(suggested))
    return [place for place, value in _values(right) if place in mine and mine[place] != value]


def _without(settings: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the places that only the first settings have."""
    theirs = dict(_values(other))
    return [place for place, _ in _values(settings) if place not in theirs]


def test_an_own_delivery_needs_no_change(tmp_path):
    """The worked example: what is suggested says what its settings say, value by value."""
    found = _suggested(ROOT / "docs" / "own-delivery", tmp_path / "churn.yaml")
    right = yaml.safe_load((ROOT / "docs/own-delivery/churn.yaml").read_text(encoding="utf-8"))
    assert _changes(found, right) == []
    assert _without(right, found) == []
    subscribers = found["ingest"]["tables"]["subscribers"]["sources"][0]
    assert subscribers["delivered_on"] == date(2025, 1, 1)
    load = subscribers["initial_load"]
    assert set(load["constant"]) == {"product", "customer_id"}
    assert set(load["current_state"]) == {"plan", "contract_ends_on"}


def test_the_sample_under_chinese_headers_needs_no_change(tmp_path):
    """Other headers, other names of files: every column of every table is found again."""
    for table in sorted(SAMPLE.iterdir()):
        for path in sorted(table.glob("*_2024*.csv.gz"))[-2:]:
            encoding = (
                "gb18030" if table.name in {"arrears", "status_events", "complaints"} else "utf-8"
            )
            head, _, rows = gzip.decompress(path.read_bytes()).decode(encoding).partition("\n")
            header = ",".join(CHINESE.get(name, name) for name in head.strip().split(","))
            _, period, day = path.name.removesuffix(".csv.gz").rsplit("_", 2)
            name = f"{FILES[table.name]}{period}-{day}.csv.gz"
            content = f"{header}\n{rows}".encode(encoding)
            (tmp_path / "in").mkdir(exist_ok=True)
            (tmp_path / "in" / name).write_bytes(gzip.compress(content, 1, mtime=0))
    found = _suggested(tmp_path / "in", tmp_path / "churn.yaml")
    assert found["language"] == "zh"
    right = yaml.safe_load((SHIPPED / "sample.yaml").read_text(encoding="utf-8"))
    tables = found["ingest"]["tables"]
    assert set(tables) == set(FILES)
    wrong = []
    for name, table in right["ingest"]["tables"].items():
        (mine,) = tables[name]["sources"]
        if "columns" in table["sources"][0]:
            wanted = dict(table["sources"][0]["columns"])
        else:
            head = next(iter(sorted((SAMPLE / name).iterdir())))
            names = (
                gzip.decompress(head.read_bytes()).split(b"\n", 1)[0].decode().strip().split(",")
            )
            wanted = {column: CHINESE[column] for column in names}
        for column, how in wanted.items():
            got = mine["columns"].get(column)
            got = got["from"] if isinstance(got, dict) else got
            if got != (how["from"] if isinstance(how, dict) else how):
                wrong.append(f"{name}.{column}")
        if mine.get("encoding") != table["sources"][0].get("encoding"):
            wrong.append(f"{name}.encoding")
        own = None if name == "subscribers" else table.get("mode")  # full is its own way
        if tables[name].get("mode") != own:
            wrong.append(f"{name}.mode")
    assert len(wrong) <= 3, wrong


@pytest.mark.skipif(not os.environ.get("CHURN_PUBLIC_DATA"), reason="CHURN_PUBLIC_DATA is not set")
@pytest.mark.parametrize(
    ("folder", "shipped"),
    [("interconnect", "interconnect.yaml"), ("megaline_events", "megaline.yaml")],
)
def test_real_deliveries_need_three_changes_at_most(tmp_path, folder, shipped):
    """Contracts with their ends, and users with theirs: events come from the register."""
    data = Path(os.environ["CHURN_PUBLIC_DATA"]) / folder
    found = _suggested(data, tmp_path / "churn.yaml")
    right = yaml.safe_load((SHIPPED / shipped).read_text(encoding="utf-8"))
    tables = found["ingest"]["tables"]
    changes = []
    for name in {"subscribers", "status_events", "calls"} & set(right["ingest"]["tables"]):
        for theirs in right["ingest"]["tables"][name]["sources"]:
            wanted = theirs["columns"]
            (mine,) = (
                source
                for source in tables[name]["sources"]
                if source["files"] == theirs["files"]
                and source.get("only", {}).keys() == theirs.get("only", {}).keys()
            )
            changes += [f"{name}.{c}" for c in wanted if c not in mine["columns"]]
            assert mine["initial_load"]["assumed_lag"] == theirs["initial_load"]["assumed_lag"]
    assert len(changes) <= 3, changes
    assert len(tables["status_events"]["sources"]) == 2
    firsts = {"lead": 0, "outcome": 28} if folder == "interconnect" else {}
    assert found["time"] == {"grace": 0, "win_back": 0, **firsts}
    if firsts:  # six years without an end teach nothing of the four months
        assert tables["subscribers"]["sources"][0]["delivered_on"] == date(2020, 2, 1)
        assert found["panel"] == {"train": 2, "calibration": 1, "test": 1}


@pytest.mark.parametrize("layout", sorted(RIGHT))
def test_layouts_made_afresh_pass_the_check_as_they_are_suggested(tmp_path, layout):
    """Pipes, decimal commas, GBK, folders a month, days after a period, codes of one letter."""
    LAYOUTS[layout](tmp_path / "in")
    found = _suggested(tmp_path / "in", tmp_path / "churn.yaml")
    columns, codes = RIGHT[layout]
    states = {**SHIPPED_CODES, **found["states"]["codes"]}
    assert {code: states[code] for code in codes} == codes
    tables = found["ingest"]["tables"]
    got = {
        f"{name}.{column}": how["from"] if isinstance(how, dict) and "from" in how else how
        for name in tables
        for column, how in tables[name]["sources"][0]["columns"].items()
    }
    assert {name: got.get(name) for name in columns} == columns


def test_how_values_are_written_and_files_named_is_read_off_them(tmp_path):
    """Decimal commas, empty days like those beside; folders and rules; units and separators."""
    for layout in ("balkan", "jiangnan"):
        LAYOUTS[layout](tmp_path / layout)
    found = _suggested(tmp_path / "balkan", tmp_path / "balkan.yaml")
    bills = found["ingest"]["tables"]["bills"]["sources"][0]
    assert bills["name"] == "INV_{period}_{delivered_on}.txt.gz"
    how = bills["columns"]
    assert how["amount_due"] == {"from": "TOTAL_AMT", "decimal": ",", "thousands": "."}
    assert how["paid_on"] == {"from": "PAID_DT", "format": "%d.%m.%Y"}
    found = _suggested(tmp_path / "jiangnan", tmp_path / "jiangnan.yaml")
    calls = found["ingest"]["tables"]["calls"]["sources"][0]
    assert calls["name"] == "{period}/语音详单.txt"
    assert calls["delivered_on"] == {"days_after_period": 1}
    assert calls["columns"]["seconds"]["unit"] == "minutes"
    opt_outs = found["ingest"]["tables"]["subscribers"]["sources"][0]["columns"]["opt_outs"]
    assert opt_outs["separator"] == "|"
    assert opt_outs["codes"] == {"短信": "sms", "电话": "call"}


def test_a_folder_a_region_code_lists_and_sums_of_days_make_one_delivery(tmp_path):
    """Lists say what digits mean; totals are left out; days add up to months; amounts are fen."""
    LAYOUTS["shu"](tmp_path / "in")
    found = _suggested(tmp_path / "in", tmp_path / "churn.yaml")
    ingest = found["ingest"]
    (lines,) = ingest["tables"]["subscribers"]["sources"]
    assert (lines["files"], lines["name"]) == ("*/YHZL_*_*.TXT", "YHZL_{part}_{period}.TXT")
    assert lines["only"] == {"YHBH": {"not": ["合计"]}}
    assert lines["columns"]["product"]["codes"] == {"01": "mobile", "03": "broadband"}
    assert lines["columns"]["payment"]["codes"] == {"1": "prepaid", "2": "postpaid"}
    assert lines["columns"]["plan_fee"] == {"from": "TCYF", "unit": "hundredths"}
    (use,) = ingest["tables"]["usage_monthly"]["sources"]
    assert use["columns"]["month"] == {"from": "month", "format": "%Y%m"}
    assert use["columns"]["voice_out_minutes"]["unit"] == "seconds"
    assert 'sum(CAST(b."ZJSC" AS BIGINT)) AS "ZJSC"' in ingest["views"][use["view"]]["query"]
    assert found["language"] == "zh"
    text = (tmp_path / "churn.yaml").read_text("utf-8")
    assert "YHZT各代码的含义" in text
    assert "应收金额的拼音首字母" in text
    run = churn("ingest", "--settings", tmp_path / "churn.yaml")
    assert run.returncode == 0, run.stderr
    months = pq.read_table(tmp_path / "workspace" / "tables" / "usage_monthly").to_pylist()
    assert {row["sms"] for row in months} == {3}
    assert {row["megabytes"] for row in months} == {Decimal("30.500000")}


def test_what_customers_do_is_told_of_each_of_their_lines(tmp_path):
    """A complaint of a customer is one of each line; both have an id of their own."""
    rows = [["line", "customer", "start_date", "product"]]
    rows += [[f"L{n}", f"C{n // 2}", "2024-01-05", "mobile"] for n in range(80)]
    write(tmp_path / "lines.csv", rows, ",", "utf-8")
    cases = [["customer", "complaint id", "opened at", "category"]]
    cases += [[f"C{n}", f"K{n}", "2024-03-05 10:00:00", "billing"] for n in range(40)]
    write(tmp_path / "complaints.csv", cases, ",", "utf-8")
    ingest = yaml.safe_load(suggestion([tmp_path], None, "en"))["ingest"]
    view = ingest["views"][ingest["tables"]["complaints"]["sources"][0]["view"]]
    assert """b."complaint id" || '-' || l."line" AS "complaint id\"""" in view["query"]


@pytest.mark.parametrize(
    ("header", "times", "asked"),
    [("voice out", 30, True), ("voice out minutes", 30, False), ("voice out", 1, False)],
)
def test_the_unit_of_days_is_asked_where_nothing_tells_it(tmp_path, header, times, asked):
    """Hundreds a day may be minutes or seconds; a few, or a header that names the unit, tell."""
    rows = [["line", "start_date", "product"]]
    rows += [[f"L{n}", "2024-01-05", "mobile"] for n in range(60)]
    write(tmp_path / "lines.csv", rows, ",", "utf-8")
    use = [["line", "day", header, "sms"]]
    days = [(n, day) for n in range(60) for day in range(1, 10)]
    use += [[f"L{n}", f"2024-03-{day:02}", times * (day + n % 5), n % 7] for n, day in days]
    write(tmp_path / "usage.csv", use, ",", "utf-8")
    text = suggestion([tmp_path], None, "en")
    assert "sum(CAST" in text
    assert ("minutes, or seconds?" in text) is asked


def test_months_of_one_file_are_not_taken_for_days(tmp_path):
    """Many rows of a subscriber, each another month: they stand as they are."""
    rows = [["line", "start_date", "product"]]
    rows += [[f"L{n}", "2024-01-05", "mobile"] for n in range(60)]
    write(tmp_path / "in" / "lines.csv", rows, ",", "utf-8")
    for name, month in (("plain", "2024{:02}"), ("dated", "2024-{:02}-01")):
        use = [["line", "month", "voice out minutes", "sms"]]
        use += [[f"L{n}", month.format(m), 10 * m, n % 7] for n in range(60) for m in range(1, 7)]
        folder = tmp_path / name
        write(folder / "usage.csv", use, ",", "utf-8")
        text = suggestion([tmp_path / "in", folder], None, "en")
        ingest = yaml.safe_load(text)["ingest"]
        assert "views" not in ingest
        (source,) = ingest["tables"]["usage_monthly"]["sources"]
        assert source["columns"]["month"] == "month"


def test_a_list_of_many_fields_names_the_codes_of_each(tmp_path):
    """Of a list with field, code and name each column takes its own part."""
    rows = [["line", "product_cd", "pay_cd", "start_date"]]
    rows += [[f"L{n}", 1 + n % 2, 1 + n % 3 // 2, "2024-01-05"] for n in range(60)]
    write(tmp_path / "in" / "lines.csv", rows, ",", "utf-8")
    codes = [["field", "code", "text"], ["PRODUCT_CD", 1, "DSL"], ["PRODUCT_CD", 2, "Mobile"]]
    codes += [["PAY_CD", 1, "Prepaid"], ["PAY_CD", 2, "Contract"]]
    write(tmp_path / "in" / "codes.csv", codes, ",", "utf-8")
    text = suggestion([tmp_path / "in"], None, "en", date(2025, 1, 1))
    columns = yaml.safe_load(text)["ingest"]["tables"]["subscribers"]["sources"][0]["columns"]
    assert columns["product"]["codes"] == {"1": "broadband", "2": "mobile"}
    assert columns["payment"]["codes"] == {"1": "prepaid", "2": "postpaid"}
    assert "codes.csv (1 files): a code list: it names the codes of product_cd, pay_cd" in text


def test_an_end_beside_its_reason_is_added_to_what_other_files_tell(tmp_path):
    """Barrings stand in one file, ends in that of the products: who ended it is the reason's."""
    LAYOUTS["tirol"](tmp_path / "in")
    found = _suggested(tmp_path / "in", tmp_path / "churn.yaml")
    tables = found["ingest"]["tables"]
    barred, ended = tables["status_events"]["sources"]
    assert barred["columns"]["status"] == "Vorgang"
    assert ended["only"] == {"Produktende": {"not": [""]}}
    assert ended["columns"]["effective_at"] == {"from": "Produktende", "format": "%d.%m.%Y"}
    assert ended["columns"]["status"] == {
        "from": "Beendigungsgrund",
        "missing": "left",
        "codes": {
            "Kündigung durch Anbieter": "removed",
            "Kündigung durch Kunde": "left",
            "left": "left",
        },
        "otherwise": "left",
    }
    assert found["states"]["initial_state"] == "in_service"
    (lines,) = tables["subscribers"]["sources"]
    assert lines["only"] == {"Vertragsnr.": {"not": ["Summe"]}}
    how = tables["calls"]["sources"][0]["columns"]["charge"]
    assert how == {"from": "Entgelt", "decimal": ",", "thousands": ".", "affix": "€"}


def test_every_sheet_with_a_table_is_looked_at_and_a_cover_is_not(tmp_path):
    """Sheets are named; titles above and totals below the rows are left out."""
    (tmp_path / "in").mkdir()
    with xlsxwriter.Workbook(str(tmp_path / "in" / "export.xlsx")) as workbook:
        cover = workbook.add_worksheet("Cover")
        cover.write_column(0, 0, ["Confidential", "Prepared by BI"])
        base = workbook.add_worksheet("Base")
        base.write(0, 0, "Services as at 31 March 2025")
        base.write_row(2, 0, ["Service no", "Party ID", "LOB", "Go-live date", "MRC"])
        log = workbook.add_worksheet("Status log")
        log.write_row(0, 0, ["Service no", "Status", "Effective date"])
        for n in range(60):
            base.write_row(3 + n, 0, [61_400_000 + n, f"P{n}", ("PSTN", "Wireless")[n % 2]])
            base.write_row(3 + n, 3, [f"2024-01-{1 + n % 28:02}", 19.5 + n])
            log.write_row(1 + n, 0, [61_400_000 + n, "ACTIVATED", f"2024-01-{1 + n % 28:02} 10:00"])
        base.write_row(64, 0, ["Total", 60])
    found = _suggested(tmp_path / "in", tmp_path / "churn.yaml")
    (lines,) = found["ingest"]["tables"]["subscribers"]["sources"]
    assert (lines["sheet"], lines["skip"]) == ("Base", 2)
    assert lines["only"] == {"Service no": {"not": ["Total"]}}
    assert lines["columns"]["plan_fee"] == "MRC"
    (events,) = found["ingest"]["tables"]["status_events"]["sources"]
    assert events["sheet"] == "Status log"
    assert events["columns"]["status"] == "Status"


def test_months_side_by_side_become_rows_and_a_flag_the_outcome(tmp_path):
    """Headers that count months go back from the extraction; who is flagged went after it."""
    header = ["ID", *(f"BILL_AMT{n}" for n in range(1, 5)), *(f"PAY_AMT{n}" for n in range(1, 5))]
    rows = [[*header, "default.payment.next.month"]]
    rows += [[n, *(n * m for m in range(1, 9)), int(n % 4 == 0)] for n in range(1, 61)]
    write(tmp_path / "in" / "cards.csv", rows, ",", "utf-8")
    day = date(2024, 3, 1)
    found = _suggested(tmp_path / "in", tmp_path / "churn.yaml", extracted_on=day)
    tables = found["ingest"]["tables"]
    (bills,) = tables["bills"]["sources"]
    assert [group["columns"] for group in bills["unpivot"]] == [
        {
            "bill_month": {"constant": month},
            "amount_due": f"BILL_AMT{n}",
            "amount_paid": f"PAY_AMT{n}",
        }
        for n, month in enumerate(("2024-02", "2024-01", "2023-12", "2023-11"), 1)
    ]
    begun, gone = tables["status_events"]["sources"]
    assert begun["columns"]["effective_at"] == {"constant": "2023-11-01 00:00:00"}
    assert gone["only"] == {"default.payment.next.month": {"in": ["1"]}}
    assert gone["columns"]["status"] == {"constant": "removed"}
    assert gone["delivered_on"] == date(2024, 4, 1)
    assert found["learning"] == {"heads": ["passive"]}
    without = suggestion([tmp_path / "in"], None, "en")
    assert "# ? no file tells a day: give that of the extraction, `--delivered-on`" in without


def test_workbooks_and_json_lines_are_looked_at_alike(tmp_path):
    """A title above the header, days as cells; epochs in milliseconds; a name is no id."""
    (tmp_path / "in").mkdir()
    with xlsxwriter.Workbook(str(tmp_path / "in" / "用户清单_20250301.xlsx")) as workbook:
        sheet = workbook.add_worksheet()
        form = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write(0, 0, "2025年2月用户清单")
        sheet.write_row(1, 0, ["用户号码", "客户名称", "业务类型", "入网日期"])
        for n in range(60):
            sheet.write_row(2 + n, 0, [f"1890000{n:04}", f"张{n}", ("移动", "宽带")[n % 2]])
            sheet.write_datetime(2 + n, 3, datetime(2024, 1, 1 + n % 28), form)
    moment = 1_706_000_000_000
    rows = (
        {"msisdn": f"1890000{n:04}", "ts": moment + 86_400_000 * n, "new_state": "ACTIVE"}
        for n in range(60)
    )
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "in" / "events_202502.jsonl").write_text(text, encoding="utf-8")
    tables = _suggested(tmp_path / "in", tmp_path / "churn.yaml")["ingest"]["tables"]
    (lines,) = tables["subscribers"]["sources"]
    assert lines["skip"] == 1
    assert "customer_id" not in lines["columns"]
    (events,) = tables["status_events"]["sources"]
    assert events["columns"]["effective_at"] == {"from": "ts", "format": "epoch_ms"}


def test_headers_that_name_months_need_no_day(tmp_path):
    """Each month stands in its header, whatever was extracted when."""
    header = ["用户编号", "入网日期", *(f"账单金额2024{m:02}" for m in (10, 11, 12))]
    rows = [header, *([n, "2024-01-05", n, 2 * n, 3 * n] for n in range(1, 61))]
    write(tmp_path / "in" / "用户宽表.csv", rows, ",", "gb18030")
    text = suggestion([tmp_path / "in"], None)
    (bills,) = yaml.safe_load(text)["ingest"]["tables"]["bills"]["sources"]
    assert [group["columns"] for group in bills["unpivot"]] == [
        {"bill_month": {"constant": f"2024-{m}"}, "amount_due": f"账单金额2024{m}"}
        for m in (12, 11, 10)
    ]


def test_changes_alone_ask_for_an_initial_state(tmp_path):
    """Where most have no event, every subscriber begins in service on its activation."""
    lines = [["line id", "activated"], *([1000 + n, f"2024-01-{n % 28 + 1:02}"] for n in range(60))]
    write(tmp_path / "in" / "lines_20250301.csv", lines, ",", "utf-8")
    events = [["line id", "changed at", "status"]]
    events += [[1000 + n, f"2025-02-{n + 1:02} 10:00:00", "suspended"] for n in range(20)]
    write(tmp_path / "in" / "status_202502_20250301.csv", events, ",", "utf-8")
    found = _suggested(tmp_path / "in", tmp_path / "churn.yaml")
    assert found["states"] == {"initial_state": "in_service"}


def test_days_of_which_order_cannot_be_told_are_asked(tmp_path):
    """Where no day is above the twelfth both orders fit: one is written, the other asked for."""
    rows = [["line id", "activated", "plan"]]
    rows += [[1000 + n, f"{n % 12 + 1:02}/{n % 11 + 1:02}/2024", "A"] for n in range(60)]
    write(tmp_path / "in" / "lines_20250301.csv", rows, ",", "utf-8")
    text = suggestion([tmp_path / "in"], None, "en")
    assert "# ? every value can be read as %m/%d/%Y as well: which is it?" in text
    assert "# ? no file fills status_events, which is required: which one holds it?" in text


def test_codes_that_say_nothing_are_asked_and_mean_no_value(tmp_path):
    """A vocabulary without `other`: known codes are translated, the rest is null and asked for."""
    write(
        tmp_path / "in" / "lines_20250301.csv",
        [["line id", "activated"], *([1000 + n, f"2024-01-{n % 28 + 1:02}"] for n in range(60))],
        ",",
        "utf-8",
    )
    calls = [["line id", "start time", "duration", "direction"]]
    calls += [
        [1000 + n % 60, f"2025-02-{n % 28 + 1:02} 10:00:00", n, ("MO", "MT", "ZZ")[n % 3]]
        for n in range(90)
    ]
    write(tmp_path / "in" / "cdr_202502_20250301.csv", calls, ",", "utf-8")
    text = suggestion([tmp_path / "in"], None, "en")
    assert "# ? 1 codes on 30 rows say nothing known: what do they mean?" in text
    columns = yaml.safe_load(text)["ingest"]["tables"]["calls"]["sources"][0]["columns"]
    assert columns["direction"]["codes"] == {"MO": "out", "MT": "in", "ZZ": None}


def test_the_command_writes_a_file_and_never_over_one(tmp_path):
    """It goes to standard output, or to a new file that only its owner reads."""
    LAYOUTS["balkan"](tmp_path / "in")
    out = tmp_path / "churn.yaml"
    done = churn("check", "--suggest", tmp_path / "in", "--out", out)
    assert done.returncode == 0, done.stderr
    assert out.stat().st_mode & 0o077 == 0
    again = churn("check", "--suggest", tmp_path / "in", "--out", out)
    assert again.returncode == 10
    assert "there is a settings file already" in again.stderr
    assert churn("check", tmp_path / "in").returncode == 2
    assert churn("check", "--suggest").returncode == 2
    assert churn("check", "--suggest", tmp_path / "none").returncode == 2


def test_what_cannot_be_read_is_told_and_where_nothing_can_refused(tmp_path):
    """An encoding that nobody can tell; no table among the files."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "odd.csv").write_bytes(
        "номер;город\n".encode("cp1251") + "1;Москва\n2;Тверь\n".encode("cp1251") * 40
    )
    with pytest.raises(ExtractError, match="encoding of the file cannot be told"):
        suggestion([folder], None)
    write(folder / "notes.csv", [["a", "b"], *([n, n] for n in range(9))], ",", "utf-8")
    with pytest.raises(UsageError, match="looks like a canonical table"):
        suggestion([folder], None)
    lines = [["line id", "activated", "plan"], *([n, "2024-01-05", "A"] for n in range(60))]
    write(folder / "lines_20250301.csv", lines, ",", "utf-8")
    text = suggestion([folder], None)
    assert "# ? not used: odd.csv (1 files): the encoding of the file cannot be told" in text
    assert "# not used: notes.csv (1 files): " in text
