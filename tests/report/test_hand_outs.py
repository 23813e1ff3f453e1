"""The hand-outs: what stands in them, that they are harmless, and the same bytes on any day."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from churn.errors import SettingsError
from churn.evaluation.gates import gate
from churn.evaluation.intervals import Interval
from churn.evaluation.settings import EvaluationSettings
from churn.language import Text
from churn.learning.heads import HeadReport
from churn.report import sheet as sheets
from churn.report.columns import TARGETS
from churn.report.contacts import mask_name, mask_phone, with_masked_contacts, with_own_ids
from churn.report.flat import to_csv, to_parquet
from churn.report.inbound import HEADER as INBOUND
from churn.report.inbound import inbound
from churn.report.manifest import manifest
from churn.report.notes import gate_lines
from churn.report.parts import HandOut, Tonight
from churn.report.targets import WORKED, write_targets
from churn.targeting import TargetingSettings, plan
from churn.targeting.answers import ANSWERS, code_of
from churn.targeting.plan import TARGET_COLUMNS
from tests.report.conftest import notices

NIGHT = date(2025, 3, 1)
SETTINGS = TargetingSettings(control_share=0.3)
ATTACK = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def done():
    """Return the plan of a little night: 40 subscribers at risk, half of them passive."""
    n = 40
    ids = [f"s{place:02}" for place in range(n)]
    scores = pd.DataFrame(
        {
            "subscriber_id": ids,
            "p_active": [0.4 if place % 2 else 0.01 for place in range(n)],
            "p_passive": [float("nan") if place % 2 else 0.4 for place in range(n)],
            "reason_1": "拨打竞争对手号码占比 45%",
            "reason_2": ATTACK,
            "reason_3": None,
            "rule": "近90天竞争号码占比 > 0.31 且 无合约",
            "tree_disagrees": [place % 3 == 0 for place in range(n)],
        }
    )
    context = pd.DataFrame(
        {
            "subscriber_id": ids,
            "customer_id": [f"c{place:02}" for place in range(n)],
            "product": "mobile",
            "region": "城东区",
            "account_manager": None,
            "key_account_classes": None,
            "activated_on": date(2020, 1, 1),
            "opt_outs": "",
            "average_bill": 80.0,
            "yearly_spend": 900.0,
            "amount_overdue": 100.0,
            "recent_fault": False,
            "applied_to_port": False,
            "last_contact_on": None,
        }
    )
    return plan(scores, context, SETTINGS, NIGHT)


@pytest.fixture(scope="module")
def frame(done):
    """Return the list as it is handed out."""
    contacts = pd.DataFrame(
        {
            "subscriber_id": done.frame["subscriber_id"],
            "name": "张小明",
            "phone": "13812341234",
        }
    )
    listed = with_masked_contacts(done.frame, contacts)
    listed = listed.assign(contact_id=[f"k{n}" for n in range(len(listed))], warnings="silent")
    return listed.assign(movement="rose", decided_by="risk_active")


def workbook(done, frame, language="en"):
    """Return the bytes of a targets workbook."""
    notes = ("the audit was not run",)
    night = HandOut(NIGHT, language, notices([]), SETTINGS.value.currency, notes)
    return write_targets(night, Tonight(done, frame, SETTINGS), gate=["active: passed"])


def opened(content: bytes):
    """Read a workbook back with another library than the one that wrote it."""
    return openpyxl.load_workbook(io.BytesIO(content))


def test_the_list_has_the_agreed_columns_and_no_column_is_empty(done, frame):
    """Row 1 has the machine names in the agreed order, row 2 the labels, then every contact."""
    assert tuple(column.name for column in TARGETS) == TARGET_COLUMNS
    sheet = opened(workbook(done, frame))["Targets"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:-8] == TARGET_COLUMNS
    assert rows[0] == tuple(column.name for column in WORKED)
    assert rows[1][:4] == ("Rank", "Subscriber", "Customer", "Cause")
    assert len(rows) - 2 == len(frame) == done.totals["listed"] > 0
    assert all(cell not in (None, "") for row in rows for cell in row[:-1])
    assert sheet.freeze_panes == "C3"
    assert sheet.auto_filter.ref == f"A2:AB{len(rows)}"
    assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$1:$2", "landscape")


def test_the_summary_s_totals_are_those_of_the_manifest(done, frame):
    """What the analyst adds up is what the manifest counts."""
    content = workbook(done, frame)
    summary = {
        row[0]: row[1] for row in opened(content)["Summary"].iter_rows(values_only=True) if row[0]
    }
    counts = manifest(
        NIGHT,
        inputs=[],
        settings_fingerprint="f",
        bundle_hash="b",
        targets=done.totals,
        last_notices=notices([]).counts(),
        files={"targets.xlsx": content},
    )["counts"]["targets"]
    assert summary["Scored subscribers"] == counts["scored"] == 40
    assert summary["… on this list, to be contacted"] == counts["listed"]
    assert summary["… left alone as the control arm"] == counts["control"] > 0
    may_be = summary["… of those that may be withheld, 30 % are drawn"]
    assert counts["control"] < may_be <= counts["selected"]
    assert summary["Expected profit of the list"] == counts["expected_profit"]
    assert round(frame["expected_profit"].sum(), 2) == counts["expected_profit"]
    assert "the audit was not run" in summary
    assert "active: passed" in summary


def test_every_contact_stands_once_on_its_manager_s_or_its_region_s_sheet(done, frame):
    """The parts add up to the list; who was left out adds up to what was not selected."""
    manager = ["王/经理", *[None] * (len(frame) - 1)]
    book = opened(workbook(done, frame.assign(account_manager=manager)))
    parts = [sheet for sheet in book if sheet.title in {"王_经理", "城东区"}]
    ids = [row[1] for sheet in parts for row in list(sheet.iter_rows(values_only=True))[2:]]
    assert sorted(ids) == sorted(frame["subscriber_id"])
    assert book["王_经理"].max_row == 3
    left = list(book["Left out"].iter_rows(values_only=True))[2:]
    assert sum(row[2] for row in left) == sum(done.totals["not_selected"].values())


def test_a_contact_says_why_and_what_to_say_and_takes_an_answer(done, frame):
    """In one sentence with its arithmetic; answers are chosen from those that feedback reads."""
    book = opened(workbook(done, frame))
    header, _, first, *_ = book["Targets"].iter_rows(values_only=True)
    row = dict(zip(header, first, strict=True))
    assert re.fullmatch(
        r"Left alone, 40 % chance of (active|passive) churn; .* lowers it by \d+ % \(assumed\); "
        r"kept it is worth [\d,]+ CNY, so this contact is expected to earn [\d.,]+ CNY\.",
        row["why"],
    )
    assert row["warnings"] == "gone silent"
    assert row["script"].endswith(".")
    assert (row["contact_id"], row["answer"]) == ("k0", None)
    (rule,) = book["Targets"].data_validations.dataValidation
    assert "do not call" in rule.formula1
    assert {code_of(text) for text in rule.formula1.strip('"').split(",")} == set(ANSWERS)


def test_who_calls_is_offered_one_action_and_some_are_a_control_of_their_own(done):
    """Everyone scored stands once; who is left alone tonight is served as asked."""
    ids = pd.concat([done.frame, done.controls, done.left_out])["subscriber_id"]
    content, counts = inbound(done, {name: f"own-{name}" for name in ids}, SETTINGS, NIGHT, "en")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["subscriber_id"] for row in rows] == sorted(f"own-{name}" for name in ids)
    assert counts["rows"] == len(rows) == done.totals["scored"]
    assert sum(1 for row in rows if row["action"]) == counts["with_action"] > 0
    assert counts["control"] > 0
    assert counts["with_action"] + counts["control"] + counts["served_as_asked"] == len(rows)
    told = {row["subscriber_id"]: row for row in rows}
    for name in done.controls["subscriber_id"]:
        assert told[f"own-{name}"]["script"] == "Serve what is asked."
    assert set(rows[0]) == set(INBOUND)


def test_the_summary_draws_the_list_by_cause_action_and_region(done, frame):
    """Its bars rest on the cells beside them."""
    with zipfile.ZipFile(io.BytesIO(workbook(done, frame))) as parts:
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
        first = parts.read("xl/charts/chart1.xml").decode()
    assert len(charts) >= 2
    assert "Summary!$B$" in first


def test_the_summary_names_its_columns_and_tells_what_there_is_any_of(done, frame):
    """Profit and contacts of a region stand under their names; no reason of nobody is told."""
    rows = list(opened(workbook(done, frame))["Summary"].iter_rows(values_only=True))
    at = [row[0] for row in rows].index("Expected profit and contacts by region")
    assert rows[at + 1][:3] == ("Region", "Expected profit (CNY)", "Contacts")
    assert sum(row[2] for row in rows[at + 2 : at + 2 + frame["region"].nunique()]) == len(frame)
    assert sum(done.totals["not_selected"].values()) == 0
    assert "Not selected because" not in [row[0] for row in rows]


def test_a_chinese_label_breaks_before_its_bracket(done, frame):
    """Where its texts are no wider than it; a closing bracket never stands alone."""
    sheet = opened(workbook(done, frame, "zh"))["目标名单"]
    labels = [cell.value for cell in sheet[2]]
    assert "挽留价值\n（元）" in labels
    assert sheet.row_dimensions[2].height == 2 * sheets.LINE


def test_chinese_lists_speak_chinese_and_columns_are_wide_enough_for_it(done, frame):
    """Codes are worded; a Chinese character takes the width of two."""
    sheet = opened(workbook(done, frame, "zh"))["目标名单"]
    assert {cell.value for cell in sheet["D"][2:]} == {"主动", "被动"}
    assert sheet["E2"].value == "措施"
    assert sheet.column_dimensions["K"].width >= 2 * len("拨打竞争对手号码占比 45%") - 4
    assert sheet.column_dimensions["N"].width <= 40


def test_money_says_in_which_currency_it_is(done, frame):
    """In the label, in the language of the list; what is no money says nothing."""
    english, chinese = (opened(workbook(done, frame, to)).worksheets[0] for to in ("en", "zh"))
    labels = {name.value: label.value for name, label in zip(english[1], english[2], strict=True)}
    assert labels["value_if_saved"] == "Value if saved (CNY)"
    assert (labels["rank"], labels["p_active"]) == ("Rank", "P active")
    assert "预期收益\n（元）" in [cell.value for cell in chinese[2]]


def test_a_wide_list_is_printed_over_several_pages_that_say_whom_each_row_is_about(done, frame):
    """Nobody can read thirty columns on one sheet of paper; a narrow list keeps to one."""
    book = opened(workbook(done, frame))
    wide, narrow = book["Targets"], book["Left out"]
    assert wide.page_setup.fitToWidth > 1
    assert (wide.print_title_cols, wide.print_title_rows) == ("$A:$B", "$1:$2")
    assert (narrow.page_setup.fitToWidth or 1, narrow.print_title_cols) == (1, None)


def test_a_label_of_one_word_is_not_broken_within_it(done, frame):
    """Latin breaks between words only; Chinese may break anywhere."""
    sheet = opened(workbook(done, frame))["Left out"]
    assert sheet["C2"].value == "Subscribers"
    assert sheet.column_dimensions["C"].width >= len("Subscribers")


def test_a_long_rule_does_not_make_rows_tall(done, frame):
    """The rule keeps to one line, however long; the reasons decide how tall a row is."""
    long = frame.assign(rule="tenure ≤ 400 days and complaints > 1 and " * 9, reason_2="short")
    sheet = opened(workbook(done, long))["Targets"]
    rule, reason = sheet["N3"], sheet["K3"]
    assert sheet["N1"].value == "rule"
    assert rule.value == long["rule"][0]
    assert (rule.alignment.wrap_text, reason.alignment.wrap_text) == (None, True)
    assert sheet.column_dimensions["N"].width <= 33
    one_line = (None, sheets.LINE)
    assert all(sheet.row_dimensions[row].height in one_line for row in range(3, sheet.max_row + 1))
    tall = frame.assign(reason_2="a reason in so many words that it takes two lines")
    assert opened(workbook(done, tall))["Targets"].row_dimensions[3].height == 2 * sheets.LINE


def test_the_model_is_told_plainly_first_and_in_figures_after():
    """One sentence per head, then the figures; an audit that was not run is a note, once."""
    judged = gate(
        "active",
        average_precision=Interval(value=0.05, lower=0.03, upper=0.07),
        base_rate=0.01,
        test_churners=200,
        observed_expected=Interval(value=1.0, lower=0.9, upper=1.1),
        open_findings=None,
        settings=EvaluationSettings(),
    )
    reports = {
        "active": HeadReport(cause="active", verdict=judged),
        "passive": HeadReport(cause="passive", off=Text("3 training churners", "流失用户3户")),
    }
    english, chinese = gate_lines(reports, "en"), gate_lines(reports, "zh")
    assert english[:3] == [
        (
            "active: the model ranks clearly better than chance; "
            "expected and observed churn agree (1.00)"
        ),
        "passive: 3 training churners",
        "downgrade: off (no plan changes were delivered to learn from)",
    ]
    assert chinese[:3] == [
        "主动流失：模型排序明显优于随机；预期与实际流失相符（1.00）",
        "被动流失：流失用户3户",
        "降档：未启用（未交付可供学习的套餐变更数据）",
    ]
    assert english[4] == "    active: 200 test churners, at least 30 needed"
    assert len(english) == len(chinese) == 6
    assert "audit" not in "".join(english)


def test_no_text_cell_starts_a_formula(done, frame):
    """In the workbook such text is a string cell, in the CSV it stands behind an apostrophe."""
    sheet = opened(workbook(done, frame))["Targets"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet["L3"].value == ATTACK
    hostile = [ATTACK, "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "＝1", "fine"]
    rows = pd.concat([frame.head(1)] * len(hostile)).assign(region=hostile, expected_profit=-2.0)
    read = list(csv.DictReader(io.StringIO(to_csv(rows, TARGETS).decode("utf-8-sig"), newline="")))
    assert [row["region"] for row in read] == [*(f"'{text}" for text in hostile[:-1]), "fine"]
    assert {row["expected_profit"] for row in read} == {"-2.00"}


def test_csv_opens_in_spreadsheets_and_leaves_the_unknown_empty(frame):
    """UTF-8 with BOM; a head that is off is an empty cell, not a nought."""
    content = to_csv(frame, TARGETS)
    assert content.startswith(b"\xef\xbb\xbfrank,subscriber_id,")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert {row["p_passive"] for row in rows} == {"", "0.400000"}
    assert {row["tree_disagrees"] for row in rows} == {"true", "false"}


def test_a_list_has_the_same_bytes_however_many_rows_are_worded_at_once(frame, monkeypatch):
    """A base's cells never lie in memory together, and nothing shows where they were parted."""
    whole = to_csv(frame, TARGETS)
    monkeypatch.setattr("churn.report.flat._ROWS", 3)
    assert len(frame) > 3
    assert to_csv(frame, TARGETS) == whole


def test_parquet_has_one_type_per_column_even_when_the_list_is_empty(frame):
    """A reader of many nights must not meet changing types."""
    full = pq.read_table(io.BytesIO(to_parquet(frame, TARGETS)))
    empty = pq.read_table(io.BytesIO(to_parquet(frame.iloc[:0], TARGETS)))
    assert full.schema == empty.schema
    assert tuple(full.column_names) == TARGET_COLUMNS
    assert full.column("subscriber_id").to_pylist() == frame["subscriber_id"].tolist()
    assert {None, 0.4} == set(full.column("p_passive").to_pylist())


def test_every_hand_out_has_the_same_bytes_whenever_it_is_written(done, frame):
    """A workbook's only date is the as-of date, and the entries of its archive have none."""

    def written() -> list[bytes]:
        return [
            workbook(done, frame),
            to_csv(frame, TARGETS),
            to_parquet(frame, TARGETS),
        ]

    once = written()
    assert written() == once
    with zipfile.ZipFile(io.BytesIO(once[0])) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = parts.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2025-03-01T00:00:00Z"}


def test_an_empty_list_still_opens_and_says_why(done, frame):
    """Headers, no rows, and the message on the summary."""
    book = opened(workbook(done, frame.iloc[:0], "zh"))
    assert book["目标名单"].max_row == 2
    assert book["汇总"]["A2"].value == done.message.zh


def test_a_list_longer_than_a_sheet_is_refused(done, frame, monkeypatch):
    """Rows must not be lost in silence."""
    monkeypatch.setattr(sheets, "MOST_ROWS", 5)
    with pytest.raises(SettingsError, match="does not fit a worksheet"):
        workbook(done, frame)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("+86 138 1234 1234", "861****1234"),
        ("85550001", "8****01"),
        ("10086", "****"),
        ("unknown", "****"),
        ("", None),
    ],
)
def test_phones_are_masked(phone, shown):
    """Enough to recognise, too little to dial."""
    assert mask_phone(phone) == shown


def test_masking_keeps_no_more_of_a_name_than_its_first_character():
    """And not even its length."""
    assert mask_name("欧阳娜娜") == mask_name("欧文") == "欧**"


def test_own_ids_come_back_or_the_list_is_not_handed_out(frame):
    """A hash nobody can read is a defect, and the message does not name it."""
    own = {key: f"own-{key}" for key in [*frame["subscriber_id"], *frame["customer_id"]]}
    back = with_own_ids(frame, own)
    assert back["subscriber_id"].str.startswith("own-s").all()
    del own[frame["subscriber_id"][0]]
    with pytest.raises(ValueError, match=r"^1 ids of the list are not in the id map$"):
        with_own_ids(frame, own)


@pytest.mark.parametrize(
    ("change", "equation"),
    [
        ({"scored": 41}, "scored = selected"),
        ({"listed": 1}, "selected = listed"),
        ({"planned_spend": 1e9}, "within the budget"),
    ],
)
def test_a_manifest_that_does_not_add_up_is_refused(done, change, equation):
    """Each equation is checked."""
    with pytest.raises(ValueError, match=equation):
        manifest(
            NIGHT,
            inputs=[],
            settings_fingerprint="f",
            bundle_hash=None,
            targets={**done.totals, **change},
            last_notices={},
            files={},
        )


def test_the_manifest_names_inputs_in_order_and_files_by_their_hash():
    """A night without a list still has a manifest; the order of inputs given does not matter."""
    inputs = [{"table": "bills", "sha256": "2"}, {"table": "arrears", "sha256": "1"}]
    made = [
        manifest(
            NIGHT,
            inputs=given,
            settings_fingerprint="f",
            bundle_hash=None,
            targets=None,
            last_notices=notices([True, float("nan")]).counts(),
            files={"b": b"x", "a": b""},
        )
        for given in (inputs, inputs[::-1])
    ]
    assert made[0] == made[1]
    assert made[0]["files"]["a"] == {
        "bytes": 0,
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
    assert made[0]["counts"]["last_notices"]["unknown"] == 1
    assert made[0]["as_of"] == "2025-03-01"
