"""JSON lines, Parquet and workbooks: every record read, exactly, or set aside with its rule."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from churn.errors import ExtractError, SettingsError
from churn.ingest.readers import FileFormat, reader_of
from churn.ingest.whole import read_whole


def _read(path, **how):
    """Return header, rows, numbers and rejects of a file, as its ending or ``how`` says."""
    reader = reader_of(path, FileFormat(**how))
    header = reader.header()
    blocks = list(reader.records(range(len(header))))
    rows = [
        row
        for records in blocks
        for row in zip(*(field.to_pylist() for field in records.fields.values()), strict=True)
    ]
    numbers = [number for records in blocks for number in records.numbers.tolist()]
    rejects = [
        pair
        for records in blocks
        for pair in zip(records.rejects.numbers.tolist(), records.rejects.codes, strict=True)
    ]
    return header, rows, numbers, rejects


LINES = [
    b'{"id": 12345678901234567890, "fee": 21.50, "a": {"b": "x", "c": {"d": null}}}',
    b'{"id": "007", "late": true, "classes": ["key", "vip"]}',
    b"",
    b'{"id": 1, "id": 2}',
    b'{"id": 1',
    b'["id", 1]',
    b"\xff",
    b'{"a.b": 1, "a": {"b": 2}}',
    b'{"id": NaN, "fee": 1e2, "classes": [{"deep": 1}]}',
    b"[" * 100_000,
]


def test_json_lines_have_the_names_of_all_records(tmp_path):
    """Numbers stand as they are written, nested names are joined by a dot; bad lines are told."""
    path = tmp_path / "extract.jsonl"
    path.write_bytes(b"\n".join(LINES))
    header, rows, numbers, rejects = _read(path)
    assert header == ("id", "fee", "a.b", "a.c.d", "late", "classes")
    assert rows == [
        ("12345678901234567890", "21.50", "x", None, None, None),
        ("007", None, None, None, "true", "key;vip"),
        (None, "1e2", None, None, None, '[{"deep": "1"}]'),
    ]
    assert numbers == [1, 2, 9]
    assert rejects == [
        (3, "CSV006"),
        *[(number, "JSON001") for number in (4, 5, 6)],
        (7, "CSV001"),
        *[(number, "JSON001") for number in (8, 10)],
    ]
    assert reader_of(path, FileFormat()).raw([2]) == {2: LINES[1]}


def test_a_list_of_all_is_no_json_lines(tmp_path):
    """It would have to be held as a whole; what to deliver instead is told."""
    path = tmp_path / "extract.json"
    path.write_text(json.dumps([{"a": 1}]))
    with pytest.raises(ExtractError, match="none of the 1 lines is a JSON object") as refused:
        _read(path)
    assert "on each line one object" in refused.value.do


def test_parquet_is_read_exactly_whatever_its_types(tmp_path):
    """Long ids and decimals in full, dates and times as text, no row numbers of pandas."""
    table = pa.table(
        {
            "id": pa.array([2**64 - 1, 0], pa.uint64()),
            "sum": pa.array([Decimal("0.0000001"), Decimal("-1234567890123456789.1")]),
            "day": pa.array([date(2024, 1, 2), None]),
            "at": pa.array([datetime(2024, 1, 2, 3, 4, 5), datetime(2024, 1, 2, 3, 4, 5, 120000)]),
            "zoned": pa.array([datetime(2024, 1, 2, 3), None], pa.timestamp("ms", "Asia/Shanghai")),
            "share": pa.array([1e-9, float("nan")]),
            "whole": pa.array([4.9e17, 5.0]),
            "late": pa.array([True, None]),
            "word": pa.array(["用户 ", "x"]).dictionary_encode(),
            "octets": pa.array(["用户".encode(), b"\xff"], pa.binary()),
            "nothing": pa.nulls(2),
            "__index_level_0__": pa.array([7, 8]),
        }
    )  # fmt: skip
    path = tmp_path / "extract.parquet"
    pq.write_table(table, path)
    header, rows, numbers, rejects = _read(path)
    assert header == tuple(table.column_names[:-1])
    assert rows == [
        ("18446744073709551615", "0.0000001", "2024-01-02", "2024-01-02 03:04:05",
         "2024-01-02 11:00:00", "0.000000001", "490000000000000000", "true", "用户", "用户", None),
        ("0", "-1234567890123456789.1000000", None, "2024-01-02 03:04:05.12", None, None, "5", None,
         "x", "\ufffd", None),
    ]  # fmt: skip
    assert (numbers, rejects) == ([1, 2], [])


def test_parquet_of_pandas_leaves_its_index_out(tmp_path):
    """An index with a name is a column that somebody wanted."""
    frame = pd.DataFrame({"a": [1, 2], "k": ["x", "y"]}, index=[5, 9])
    frame.to_parquet(tmp_path / "numbers.parquet")
    frame.set_index("k").to_parquet(tmp_path / "named.parquet")
    assert read_whole(tmp_path / "numbers.parquet").column_names == ["a", "k"]
    assert read_whole(tmp_path / "named.parquet").column_names == ["a", "k"]


def test_nested_columns_are_refused_where_they_are_asked_for(tmp_path):
    """Others of the file are read."""
    path = tmp_path / "extract.parquet"
    pq.write_table(pa.table({"a": [1], "b": [[1, 2]]}), path)
    reader = reader_of(path, FileFormat())
    (records,) = reader.records([0])
    assert records.fields[0].to_pylist() == ["1"]
    with pytest.raises(ExtractError, match="column b holds no single values"):
        list(reader.records([1]))


@pytest.fixture
def workbook(tmp_path):
    """Return a workbook with a title, a sheet of customers and another."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Customers of March"],
        [],
        ["id", "since", "last call", "line\nfee", "zip", "note"],
        [8613800000000000, date(2024, 1, 2), datetime(2024, 1, 2, 3, 4, 5), 21.5, "00123", " a "],
        [],
        [460001234567891, date(2024, 1, 3), None, 1e-7, 7, "#DIV/0!"],
    ):
        sheet.append(row)
    book.create_sheet("二").append(["x"])
    path = tmp_path / "customers.xlsx"
    book.save(path)
    return path


def test_a_workbook_is_read_as_it_is_shown(workbook):
    """Dates as dates, long numbers in full, leading zeros kept, errors as no value."""
    header, rows, numbers, rejects = _read(workbook, skip=2)
    assert header == ("id", "since", "last call", "line fee", "zip", "note")
    assert rows == [
        ("8613800000000000", "2024-01-02 00:00:00", "2024-01-02 03:04:05", "21.5", "00123", "a"),
        ("460001234567891", "2024-01-03 00:00:00", None, "0.0000001", "7", None),
    ]
    assert (numbers, rejects) == ([4, 6], [(5, "CSV006")])
    assert b"8613800000000000" in reader_of(workbook, FileFormat(skip=2)).raw([4])[4]
    assert _read(workbook, sheet="二")[0] == ("x",)
    assert _read(workbook, sheet="二", header=["a"])[1] == [("x",)]
    with pytest.raises(ExtractError, match="no sheet 三"):
        _read(workbook, sheet="三")


def test_days_of_a_workbook_are_dates_of_a_table(operator, workbook):
    """Through check and ingest, by the file's ending."""
    source = {"files": "customers.xlsx", "delivered_on": "2024-02-01", "skip": 2}
    columns = {"subscriber_id": "id", "activated_on": "since"}
    operator.map("subscribers", {**source, "columns": columns})
    operator.deliver("customers.xlsx", workbook.read_bytes())
    assert operator.check().ok
    assert operator.ingest().accepted == 2
    days = sorted(operator.rows("subscribers", "activated_on"))
    assert days == [(date(2024, 1, 2),), (date(2024, 1, 3),)]


def test_a_workbook_adds_rows_to_a_table_and_counts_once(operator, workbook):
    """It is an archive itself, not a file that is packed; delivered again it brings nothing."""
    columns = {"subscriber_id": "id", "answered_on": "since", "score": {"constant": "7"}}
    source = {"files": "*.xlsx", "delivered_on": "2024-02-01", "skip": 2, "columns": columns}
    operator.map("surveys", source)
    operator.deliver("customers.xlsx", workbook.read_bytes())
    operator.deliver("copy.xlsx", workbook.read_bytes())
    assert operator.check().ok
    assert operator.ingest().accepted == 2


@pytest.mark.parametrize("name", ["t.xlsx", "t.xls"])
def test_a_damaged_workbook_is_refused(tmp_path, workbook, name):
    """Cut off, or none at all."""
    path = tmp_path / name
    for content in (workbook.read_bytes()[:-200], b"", b"a,b\n1,2\n"):
        path.write_bytes(content)
        with pytest.raises(ExtractError, match="damaged, cut off or locked"):
            _read(path)


def test_ready_made_tables_are_read_in_every_format(tmp_path, workbook):
    """By what the file holds, whatever it is called; titles are no rows."""
    table = read_whole(workbook)
    assert table.column_names[:2] == ["id", "since"]
    assert table.num_rows == 2
    (tmp_path / "called.csv").write_bytes(workbook.read_bytes())
    assert read_whole(tmp_path / "called.csv") == table
    lines = "".join(json.dumps({"id": at, "n": {"x": "a"}}) + "\n" for at in range(3))
    (tmp_path / "called.txt").write_text(lines)
    assert read_whole(tmp_path / "called.txt").to_pylist()[2] == {"id": "2", "n.x": "a"}
    (tmp_path / "called.txt").write_text(lines + "{\n")
    with pytest.raises(ExtractError, match="1 lines are no JSON object"):
        read_whole(tmp_path / "called.txt")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"format": "parquet", "quote": None}, "format parquet have no `quote:`"),
        ({"format": "json", "delimiter": ";"}, "format json have no `delimiter:`"),
        ({"format": "delimited", "sheet": "x"}, "format delimited have no `sheet:`"),
        ({"format": "excel", "encoding": "gbk"}, "format excel have no `encoding:`"),
    ],
)
def test_options_of_other_formats_are_refused(tmp_path, how, told):
    """By the settings where they name the format, else with the file whose ending does."""
    with pytest.raises(ValidationError, match=told):
        FileFormat(**how)
    ending = {"parquet": "parquet", "json": "jsonl", "delimited": "csv", "excel": "xls"}
    path = tmp_path / f"extract.{ending[how.pop('format')]}"
    with pytest.raises(SettingsError, match=told):
        reader_of(path, FileFormat(**how))
