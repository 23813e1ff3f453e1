"""Lines: each is accepted or set aside, with its number and the rule it broke."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

HEADER = "subscriber_id,answered_on,score\n"
GOOD = "1,2025-01-02,85\n2,2025-01-03,70.5\n"
NAME = "surveys_202501_20250201.csv"


@pytest.mark.parametrize("name", [NAME, NAME + ".gz"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_plain_packed_bom_and_line_ends_read_alike(operator, name, bom, end):
    """A byte order mark, line ends of Windows or old Macs and gzip change nothing."""
    operator.map("surveys")
    operator.deliver(name, (bom + HEADER + GOOD).replace("\n", end))
    report = operator.ingest()
    assert sorted(operator.rows("surveys", "answered_on", "score")) == [
        (date(2025, 1, 2), Decimal("85.00")),
        (date(2025, 1, 3), Decimal("70.50")),
    ]
    assert (report.accepted, report.quarantined) == (2, 0)


def test_gb18030_headers_and_values(operator):
    """Chinese headers and codes are read in GB18030, rare characters included."""
    operator.map(
        "status_events",
        {
            "encoding": "GBK",
            "columns": {"subscriber_id": "用户编号", "effective_at": "时间", "status": "状态"},
        },
    )
    text = "用户编号,时间,状态\n1,2025-01-02 03:04:05,在用\n2,2025-01-02 03:04:05,㐀𠀀\n"
    operator.deliver("status_events_202501_20250201.csv.gz", text, "gb18030")
    operator.ingest()
    assert {row[0] for row in operator.rows("status_events", "status")} == {"在用", "㐀𠀀"}


@pytest.mark.parametrize("size", [8, 64, 1 << 20])
def test_lines_that_end_in_carriage_returns_have_their_numbers(operator, monkeypatch, size):
    """A bad line is set aside alone; in a file of line feeds a carriage return is a stray one."""
    monkeypatch.setattr("churn.ingest.readers.delimited.Delimited.blocks.__defaults__", (size,))
    operator.map("surveys", max_rejected=1.0)
    lines = [HEADER.strip(), "1,2025-01-02,85", "2,2025-01-02", "3,2025-01-02,70"]
    operator.deliver(NAME, "\r".join(lines))
    assert operator.check().files == 1
    report = operator.ingest()
    assert (report.accepted, report.quarantined) == (2, 1)
    assert operator.quarantined("surveys") == [(NAME, 3, "CSV004", b"2,2025-01-02")]


def test_a_missing_last_line_feed_loses_nothing(operator):
    """The last line counts whether or not it is ended."""
    operator.map("surveys")
    operator.deliver(NAME, (HEADER + GOOD).rstrip("\n"))
    assert operator.ingest().accepted == 2


def test_every_kind_of_bad_line_is_set_aside_with_its_rule(operator):
    """Bad lines go to quarantine as they came; their good neighbours are taken."""
    lines = [
        b"1,2025-01-02,85",
        b"\xff\xfe,2025-01-02,85",
        b"2,2025-01-\x0002,85",
        b'"3,2025-01-02,85',
        b"4,2025-01-02",
        b"5,2025-01-02,85,extra",
        b"subscriber_id,answered_on,score",
        b"",
        b'"6","2025-01-02","85"',
        b"7,2025-01-02,8\r5",
        b"8,2025-02-30,85",
        b"9,2025-01-02,many",
        b",2025-01-02,85",
        b"10,2025-01-02,-1",
        b"11,2025-01-02,85.125",
        b"12,2025-01-02,90",
    ]
    operator.map("surveys", max_rejected=1.0)
    operator.deliver(NAME, HEADER.encode() + b"\n".join(lines) + b"\n")
    report = operator.ingest()
    assert len(operator.rows("surveys", "score")) == report.accepted == 3
    expected = [
        (3, "CSV001"),  # not UTF-8
        (4, "CSV002"),  # NUL
        (5, "CSV003"),  # open quote
        (6, "CSV004"),  # too short
        (7, "CSV004"),  # too long
        (8, "CSV005"),  # the header again
        (9, "CSV006"),  # blank
        (11, "CSV002"),  # stray carriage return
        (12, "SURV003"),  # no such day
        (13, "SURV006"),  # no number
        (14, "SURV001"),  # no subscriber
        (15, "SURV008"),  # below the minimum
        (16, "SURV006"),  # more decimals than are stored
    ]
    found = operator.quarantined("surveys")
    assert [(line, rule) for _, line, rule, _ in found] == expected
    assert all(raw == lines[line - 2] and file == NAME for file, line, _, raw in found)
    entry = report.built[0]
    assert entry.delivered == entry.accepted + entry.quarantined == len(lines)
    assert sum(entry.rules.values()) == entry.quarantined


def test_quoted_fields_may_hold_the_delimiter(operator):
    """A quoted delimiter belongs to the field; a quote inside is doubled."""
    operator.map("visits")
    text = 'customer_id,visited_on,by,reason,outcome\n1,2025-01-02,"Li, Wei","said ""yes""",x\n'
    operator.deliver("visits_202501_20250201.csv", text)
    operator.ingest()
    assert operator.rows("visits", "by", "reason") == [("Li, Wei", 'said "yes"')]


def test_without_quoting_a_quote_is_a_character(operator):
    """`quote: null` reads quotes as they stand; another delimiter splits."""
    operator.map("visits", {"quote": None, "delimiter": "|"})
    operator.deliver("visits_202501_20250201.csv", 'customer_id|visited_on|by\n1|2025-01-02|6" x\n')
    operator.ingest()
    assert operator.rows("visits", "by") == [('6" x',)]


def test_a_delimiter_inside_a_gb18030_character_does_not_split(operator):
    """The second byte of a Chinese character may look like `|`: text is decoded first."""
    operator.map("visits", {"encoding": "gb18030", "delimiter": "|"})
    text = "customer_id|visited_on|by\n1|2025-01-02|亅\n"
    assert b"|" in "亅".encode("gb18030")
    operator.deliver("visits_202501_20250201.csv", text, "gb18030")
    operator.ingest()
    assert operator.rows("visits", "by") == [("亅",)]


def test_rows_across_blocks_keep_their_line_numbers(operator, monkeypatch):
    """A file larger than a block is read in pieces; numbers and counts do not notice."""
    monkeypatch.setattr("churn.ingest.readers.delimited.Delimited.blocks.__defaults__", (64,))
    rows = [f"{i},2025-01-02,{'x' if i == 270 else 50}" for i in range(300)]
    operator.map("surveys", max_rejected=1.0)
    operator.deliver(NAME, HEADER + "\n".join(rows))
    report = operator.ingest()
    assert (report.accepted, report.quarantined) == (299, 1)
    assert operator.quarantined("surveys") == [(NAME, 272, "SURV006", b"270,2025-01-02,x")]
