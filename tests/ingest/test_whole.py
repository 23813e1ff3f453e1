"""Ready-made tables: read by the readers of extracts; every line is a row, or refuses the file."""

from __future__ import annotations

import pytest

from churn.errors import ExtractError
from churn.ingest.whole import read_as, read_whole

HEADER = "months,churned,note\n"


def _read(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "table.csv"
    path.write_bytes(content.encode(encoding))
    return [tuple(row.values()) for row in read_whole(path).to_pylist()]


@pytest.mark.parametrize(
    ("lines", "said", "number"),
    [
        (["1,no,a", '2,no,"5 in', "3,yes,b", '4,no,6" x', "5,no,c"], "open a quote", 3),
        (["1,no,a", '2,no,"5 in', "3,yes,b", '4,no,6"', "5,no,c"], "open a quote", 3),
        (["1,no,a", '2,no,"5 in', '3,no,6"', "4,no,c"], "open a quote", 3),
        (["1,no,a", "2,no,b", '3,no,"5 in'], "open a quote", 4),
        (["1,no,a", '"2, twice",no,"5 in', '3,no,6"', "4,no,c"], "open a quote", 3),
        (['1,no,"5" in"', "2,no,b"], "open a quote", 2),
        (['1,no,"two\nlines",more', "2,no,b"], "do not have the 3 fields", 2),
        (["1,no,a", "2,no", "3"], "2 lines do not have the 3 fields", 3),
        (["1,no,a", "months,churned,note"], "repeat the header", 3),
        (["1,no,a\rb", "2,no,c"], "stray carriage return", 2),
    ],
)
def test_a_line_that_is_no_row_refuses_the_table_by_its_number(lines, said, number, tmp_path):
    """A stray quote would swallow the rows up to the next one, and shift the scores of all."""
    with pytest.raises(ExtractError, match=said) as refused:
        _read(tmp_path, HEADER + "\n".join(lines) + "\n")
    assert refused.value.what.endswith(f"the first is line {number}")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_field_in_quotes_may_run_over_lines(tmp_path, encoding, end):
    """In whatever column, with blank lines and doubled quotes inside; rows keep their order."""
    lines = [
        "",
        '"1',
        '2",no,a',
        "3,no,用户状态正常",
        '4,"no',
        "",
        '",b',
        '5,yes,"a ""b""',
        'c"',
        "6,no,",
    ]
    content = "months,churned,note\n" + "\n".join(lines) + "\n"
    assert _read(tmp_path, content.replace("\n", end), encoding) == [
        ("1\n2", "no", "a"),
        ("3", "no", "用户状态正常"),
        ("4", "no", "b"),
        ("5", "yes", 'a "b"\nc'),
        ("6", "no", ""),
    ]


def test_lines_that_end_in_carriage_returns_alone_are_lines(tmp_path):
    """As a spreadsheet on a Mac writes them."""
    content = HEADER + "1,no,a\n2,yes,b\n"
    assert _read(tmp_path, content.replace("\n", "\r")) == [("1", "no", "a"), ("2", "yes", "b")]


@pytest.mark.parametrize("end", ["\r\n", "\n", ""])
def test_a_few_line_feeds_make_no_file_of_line_feeds(tmp_path, end):
    """One stands inside a field, or ends the file that a program has added to."""
    content = 'months,churned,note\r1,no,"a\nb"\r2,yes,b\r3,yes,c' + end
    assert _read(tmp_path, content) == [("1", "no", "a\nb"), ("2", "yes", "b"), ("3", "yes", "c")]


def test_a_quote_inside_a_field_without_quotes_is_a_character(tmp_path):
    """Inches are no quotes, and their rows stay where they are."""
    lines = ['1,no,7" tablet', "2,no,phone", '3,yes,"x, y"', "4,no,phone"]
    rows = _read(tmp_path, "\n\n" + HEADER + "\n".join(lines))
    assert [row[0] for row in rows] == ["1", "2", "3", "4"]
    assert [row[2] for row in rows] == ['7" tablet', "phone", "x, y", "phone"]


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        ("a,b\n1,2\n3,4\n", "utf-8", "utf-8, parted by ','"),
        ("套餐;数量\n畅享;2\n无限;4\n移动宽带融合;5\n", "gb18030", "gb18030, parted by ';'"),
        ("a\tb\n1\t2\n3\t4\n", "utf-16", "utf-16, parted by tabs"),
        ('{"a": 1, "b": 2}\n', "utf-8", "JSON lines"),
    ],
)
def test_how_a_table_was_read_is_told(tmp_path, content, encoding, said):
    """What was recognised stands beside the rows: a wrong guess shows itself."""
    path = tmp_path / "table"
    path.write_bytes(content.encode(encoding))
    assert read_as(read_whole(path)) == said


@pytest.mark.parametrize("blanks", ["", "\n "])
def test_a_json_list_is_refused_with_what_is_read(tmp_path, blanks):
    """Its commas would part fields that are none."""
    with pytest.raises(ExtractError, match="one JSON list of objects") as refused:
        _read(tmp_path, f'[{blanks}{{"a": 1, "b": 2}},{blanks}{{"a": 3, "b": 4}}]')
    assert "JSON lines" in refused.value.do


def test_text_under_a_workbooks_name_is_text(tmp_path):
    """As programs export what spreadsheets open; a page of HTML is told to be one."""
    path = tmp_path / "export.xls"
    path.write_text("a\tb\n1\t2\n3\t4\n")
    assert read_as(read_whole(path)) == "utf-8, parted by tabs"
    path.write_text("<html><table><tr><td>a</td></tr></table></html>")
    with pytest.raises(ExtractError, match="a workbook in name alone") as refused:
        read_whole(path)
    assert "save it as xlsx" in refused.value.do
