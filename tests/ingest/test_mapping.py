"""The mapping language: headers, formats, codes, constants, selections, joins."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from churn.errors import ExtractError
from churn.ingest import hashed_id


def test_headers_formats_codes_and_constants(operator):
    """Each column is read as its mapping says; unlisted ones by their canonical header."""
    operator.map(
        "complaints",
        {
            "columns": {
                "complaint_id": "no",
                "opened_at": {"from": "opened", "format": ["%Y%m%d%H%M%S", "%d/%m/%Y %H:%M"]},
                "category": {"from": "cat", "codes": {1: "network", "S": "service"}},
                "escalated": {"constant": "否"},
            }
        },
    )
    operator.deliver(
        "complaints_202501_20250201.csv",
        "no,subscriber_id,opened,cat,unused\n"
        "a,1,20250102030405,1,x\n"
        "b,1,02/01/2025 07:08,S,x\n"
        "c,1,02/01/2025 07:09,NULL,x\n",
    )
    operator.ingest()
    columns = ("complaint_id", "opened_at", "closed_at", "category", "escalated")
    assert operator.rows("complaints", *columns) == [
        ("a", datetime(2025, 1, 2, 3, 4, 5), None, "network", False),
        ("b", datetime(2025, 1, 2, 7, 8), None, "service", False),
        ("c", datetime(2025, 1, 2, 7, 9), None, None, False),
    ]


def test_a_code_may_mean_no_value_and_is_then_none_where_one_is_required(operator):
    """Listed as null it is no unknown code; a row that cannot do without it is set aside."""
    codes = {"M": "treated", "K": "control", "?": None}
    columns = {"arm": {"from": "g", "codes": codes}, "checked": {"from": "c", "codes": {"x": None}}}
    operator.map("campaign_contacts", {"columns": columns}, max_rejected=0.5)
    operator.deliver(
        "campaign_contacts_202501_20250201.csv",
        "subscriber_id,contacted_on,campaign_id,g,c\n"
        "1,2025-01-02,a,M,x\n2,2025-01-02,a,K,x\n3,2025-01-02,a,?,x\n",
    )
    operator.ingest()
    rows = operator.rows("campaign_contacts", "campaign_id", "arm", "checked")
    assert rows == [("a", "treated", None), ("a", "control", None)]
    assert [line for _, line, _, _ in operator.quarantined("campaign_contacts")] == [4]


def test_amounts_stay_exact_and_are_rounded_only_on_request(operator):
    """More decimals than are stored are refused, or rounded half to even where asked."""
    columns = {"amount_overdue": {"from": "sum", "round": True}}
    operator.map("arrears", {"columns": columns})
    text = "subscriber_id,as_of,sum\n" + "".join(
        f"{i},2025-01-31,{amount}\n"
        for i, amount in enumerate(["1.005", "1.015", "-0.10", ".5", "+7", "12345678901234.560"])
    )
    operator.deliver("arrears_202501_20250201.csv", text)
    operator.ingest()
    amounts = {amount for (amount,) in operator.rows("arrears", "amount_overdue")}
    exact = ["1.00", "1.02", "-0.10", "0.50", "7.00", "12345678901234.56"]
    assert amounts == {Decimal(text) for text in exact}


def test_months_become_their_first_day(operator):
    """A month may be given as any of its days, or as YYYYMM."""
    operator.map("bills", mode="append")
    operator.deliver(
        "bills_202501_20250201.csv",
        "subscriber_id,bill_month,amount_due\n1,2025-01-31,1\n2,202501,1\n3,2025-01,1\n",
    )
    operator.ingest()
    assert operator.rows("bills", "bill_month") == [(date(2025, 1, 1),)] * 3


def test_a_code_nobody_listed_is_set_aside_and_named(operator):
    """Codes are named, but nothing that looks like somebody's number is."""
    operator.map(
        "complaints", {"columns": {"category": {"from": "cat", "codes": {"a": "network"}}}}
    )
    operator.deliver(
        "complaints_202501_20250201.csv",
        "complaint_id,subscriber_id,opened_at,cat\n"
        "1,1,2025-01-02 00:00:00,b\n2,1,2025-01-02 00:00:00,13800000000\n",
    )
    with pytest.raises(ExtractError) as caught:
        operator.ingest()
    assert "category=b (1)" in str(caught.value)
    assert "COMP009" in str(caught.value)
    assert "13800000000" not in str(caught.value)


SUBSCRIBERS = "subscriber_id,opt_outs,key_account_classes\n"


def test_several_values_of_a_vocabulary_stand_in_one_order(operator):
    """Channels and classes may stand in any order, case and number; none of them is no value."""
    operator.map("subscribers")
    operator.deliver(
        "subscribers_202501_20250201.csv",
        SUBSCRIBERS + "a,SMS; call,\nb,visit;visit;,strategic;important\nc,;,group\n",
    )
    operator.ingest()
    assert set(operator.rows("subscribers", "opt_outs", "key_account_classes")) == {
        ("call;sms", None),
        ("visit", "important;strategic"),
        (None, "group"),
    }


@pytest.mark.parametrize(
    ("row", "named"),
    [("a,1,", "opt_outs=1"), ("a,call;fax,", "opt_outs=call;fax"), ("a,,vip", "classes=vip")],
)
def test_a_refusal_of_no_channel_there_is_is_set_aside_and_named(operator, row, named):
    """A flag, or a channel that nobody can refuse, must not pass for no refusal at all."""
    operator.map("subscribers")
    operator.deliver("subscribers_202501_20250201.csv", SUBSCRIBERS + row + "\nb,call,group\n")
    with pytest.raises(ExtractError, match=r"any of .*, joined by ';'") as caught:
        operator.ingest()
    assert named in str(caught.value)


def test_a_flag_becomes_several_channels_or_none_by_codes(operator):
    """Do not disturb, as one flag, refuses the channels that the settings say."""
    codes = {"1": "call;sms", "0": ""}
    operator.map("subscribers", {"columns": {"opt_outs": {"from": "opt_outs", "codes": codes}}})
    operator.deliver("subscribers_202501_20250201.csv", SUBSCRIBERS + "a,1,\nb,0,\n")
    operator.ingest()
    assert set(operator.rows("subscribers", "opt_outs")) == {("call;sms",), (None,)}


def test_several_values_in_one_field_are_parted_and_translated_each(operator):
    """Any combination, also one not seen before; a part that is not listed is named alone."""
    classes = {
        "from": "类别",
        "separator": "|",
        "codes": {"重要": "important", "战略": "strategic"},
    }
    operator.map("subscribers", {"columns": {"key_account_classes": classes}})
    lines = "subscriber_id,opt_outs,类别\na,,重要|战略\nb,,战略\nc,,战略 | 重要|\nd,,\n"
    operator.deliver("subscribers_202501_20250201.csv", lines)
    operator.ingest()
    assert sorted(operator.rows("subscribers", "key_account_classes"), key=str) == [
        ("important;strategic",), ("important;strategic",), ("strategic",), (None,),
    ]  # fmt: skip
    (way,) = (c.how for c in operator.check().columns if c.column == "key_account_classes")
    assert way.en == "parted at |, codes 重要 -> important, 战略 -> strategic"
    operator.deliver("subscribers_202501_20250201.csv", lines + "e,,战略|贵宾\n")
    with pytest.raises(ExtractError, match=r"codes not listed: key_account_classes=贵宾 .1."):
        operator.ingest()


def test_a_separator_without_codes_parts_the_words_of_the_vocabulary(operator):
    """Channels that are named as here, parted by another sign."""
    how = {"opt_outs": {"from": "opt_outs", "separator": "/"}}
    operator.map("subscribers", {"columns": how})
    operator.deliver("subscribers_202501_20250201.csv", SUBSCRIBERS + "a,sms/call:marketing,\n")
    operator.ingest()
    assert operator.rows("subscribers", "opt_outs") == [("sms;call:marketing",)]
    operator.map("subscribers", {"columns": {"plan": {"from": "plan", "separator": "/"}}})
    with pytest.raises(
        ValidationError, match=r"takes one value.*\(key_account_classes, opt_outs\)"
    ):
        operator.settings()


def test_otherwise_takes_every_other_code(operator):
    """`otherwise:` says what the codes not listed mean; an empty field stays empty."""
    kind = {"from": "k", "codes": {"装": "install"}, "otherwise": "other"}
    operator.map("service_orders", {"columns": {"kind": kind}})
    operator.deliver(
        "service_orders_202501_20250201.csv",
        "order_id,subscriber_id,ordered_on,k\n"
        "1,1,2025-01-02,装\n2,1,2025-01-02,?\n3,1,2025-01-02,\n",
    )
    operator.ingest()
    assert operator.rows("service_orders", "kind") == [("install",), ("other",), (None,)]


def test_a_column_mapped_to_null_is_left_out(operator):
    """`column: null` ignores a header of the canonical name."""
    operator.map("visits", {"columns": {"by": None}})
    operator.deliver("visits_202501_20250201.csv", "customer_id,visited_on,by\n1,2025-01-02,me\n")
    operator.ingest()
    assert operator.rows("visits", "by") == [(None,)]


def test_two_sources_select_rows_of_one_file_into_one_delivery(operator):
    """Rows a source does not take are counted by source, and are no rejects."""
    ends = {"delivered_on": "2025-02-01", "period": "202501", "files": "contracts.csv"}
    operator.map(
        "status_events",
        {
            **ends,
            "columns": {
                "effective_at": {"from": "begin", "format": "%Y-%m-%d"},
                "status": {"constant": "in"},
            },
        },
        {
            **ends,
            "only": {"end": {"not": ["No"]}},
            "columns": {
                "effective_at": {"from": "end", "format": "%Y-%m-%d"},
                "status": {"constant": "out"},
            },
        },
    )
    operator.deliver(
        "contracts.csv", "subscriber_id,begin,end\n1,2025-01-02,No\n2,2025-01-03,2025-01-20\n"
    )
    report = operator.ingest()
    assert sorted(operator.rows("status_events", "status", "effective_at")) == [
        ("in", datetime(2025, 1, 2)),
        ("in", datetime(2025, 1, 3)),
        ("out", datetime(2025, 1, 20)),
    ]
    (entry,) = report.built
    assert (entry.delivered, entry.accepted, entry.not_selected) == (4, 3, 1)
    assert [file.not_selected for file in entry.files] == [0, 1]


def test_joined_files_add_columns_and_account_for_their_lines(operator):
    """A row without a partner has nulls; a key met twice in the joined file is set aside."""
    join = {
        "files": "nets.csv",
        "key": "id",
        "columns": {
            "product": {"from": "net", "codes": {"dsl": "broadband", "-": "fixed"}, "missing": "-"}
        },
    }
    operator.map(
        "subscribers", {"columns": {"subscriber_id": "id"}, "join": [join]}, max_rejected=0.5
    )
    operator.deliver("subscribers_202501_20250201.csv", "id,plan\n1,a\n2,b\n")
    operator.deliver("nets.csv", "id,net\n1,dsl\n1,fibre\n9,dsl\n\n")
    (entry,) = operator.ingest().built
    assert sorted(operator.rows("subscribers", "plan", "product")) == [
        ("a", "broadband"),
        ("b", "fixed"),
    ]
    joined = next(file for file in entry.files if file.role == "joined")
    assert (joined.delivered, joined.accepted, joined.quarantined) == (4, 2, 2)
    assert operator.quarantined("subscribers") == [
        ("nets.csv", 3, "CSV007", b"1,fibre"),
        ("nets.csv", 5, "CSV006", b""),
    ]


def test_identifiers_share_one_namespace_of_hashes(operator):
    """The hash of a call's other side is that of the subscriber it is; ids never reach tables."""
    operator.map("calls")
    operator.map("subscribers")
    operator.deliver(
        "calls_202501_20250201.csv",
        "subscriber_id,peer_id,started_at\n1001,1002,2025-01-02 00:00:00\n",
    )
    operator.deliver(
        "subscribers_202501_20250201.csv", "subscriber_id,customer_id\n1001,C7\n1002,C7\n"
    )
    operator.ingest()
    assert operator.rows("calls", "subscriber_id", "peer_id") == [
        (hashed_id(operator.id_key, "1001"), hashed_id(operator.id_key, "1002"))
    ]
    stored = operator.stored_bytes()
    kept = [path for path, data in stored.items() if b"1001" in data]
    assert kept == ["personal/id_map.parquet"]
    assert operator.workspace.personal.stat().st_mode & 0o777 == 0o700


def test_the_map_leads_back_to_the_operators_own_ids(operator):
    """The map holds subscribers and customers once each, whatever number of tables names them."""
    operator.map("subscribers")
    operator.map("visits")
    operator.deliver("subscribers_202501_20250201.csv", "subscriber_id,customer_id\n1,C7\n2,C7\n")
    operator.deliver("visits_202501_20250201.csv", "customer_id,visited_on\nC8,2025-01-02\n")
    operator.ingest()
    rows = operator.id_map()
    assert {(row["kind"], row["id"]) for row in rows} == {
        ("customer", "C7"),
        ("customer", "C8"),
        ("subscriber", "1"),
        ("subscriber", "2"),
    }
    assert all(row["hash"] == hashed_id(operator.id_key, row["id"]) for row in rows)


def test_a_successor_is_an_identifier_too(operator):
    """Who goes on as whom is told in hashes; the map leads back from the successor."""
    operator.map("status_events")
    operator.deliver(
        "status_events_202501_20250201.csv",
        "subscriber_id,effective_at,status,successor_id\n1001,2025-01-02 00:00:00,过户,1002\n",
    )
    operator.ingest()
    assert operator.rows("status_events", "subscriber_id", "successor_id") == [
        (hashed_id(operator.id_key, "1001"), hashed_id(operator.id_key, "1002"))
    ]
    assert {row["id"] for row in operator.id_map()} == {"1001", "1002"}
    assert [p for p, data in operator.stored_bytes().items() if b"1002" in data] == [
        "personal/id_map.parquet"
    ]


def test_personal_tables_are_stored_apart(operator):
    """Contact details lie in the personal folder alone."""
    operator.map("contact_details")
    operator.deliver("contact_details_202501_20250201.csv", "subscriber_id,name\n1,Li\n")
    operator.ingest()
    assert operator.rows("contact_details", "name") == [("Li",)]
    assert [p for p in operator.stored_bytes() if "contact_details/" in p and p[0] == "t"] == []


def test_a_prefix_is_no_part_of_an_identifier(operator):
    """Numbers with a country's code are those without it; what is all prefix stays."""
    operator.map(
        "surveys",
        {"columns": {"subscriber_id": {"from": "subscriber_id", "prefix": "+55"}}},
    )
    operator.deliver(
        "surveys_202501_20250201.csv",
        "subscriber_id,answered_on,score\n+5511,2025-01-02,8\n12,2025-01-02,7\n+55,2025-01-03,6\n",
    )
    operator.ingest()
    assert {row["id"] for row in operator.id_map()} == {"11", "12", "+55"}


def test_a_prefix_is_for_identifiers_alone(operator):
    """Of an amount it would change the value."""
    operator.map("surveys", {"columns": {"score": {"from": "score", "prefix": "1"}}})
    with pytest.raises(ValidationError, match="score identifies nobody"):
        operator.settings()
