"""Delimiters, titles and headers: found from all lines; what names no column is told."""

from __future__ import annotations

import pytest

from churn.errors import ExtractError
from churn.ingest.readers.delimited import Delimited
from churn.ingest.readers.dialects import dialect_of
from churn.ingest.readers.text import TextFormat
from churn.ingest.recognition import Written
from churn.ingest.whole import read_whole

ROWS = [["k", "tarif", "preis", "note"]] + [
    [f"{at}", "ABC"[at % 3], f"{at * 3},50", "x" if at % 4 else ""] for at in range(1, 30)
]


@pytest.mark.parametrize(
    "sign", [";", "\t", "|", "~", "^", "\x01", "\x1f", "||", "~|~", "|^|", "::", "¦", "§"]
)
def test_what_parts_all_lines_is_the_delimiter(tmp_path, sign):
    """Whatever it is, decimal commas notwithstanding; a second reading needs no telling."""
    path = tmp_path / "table.csv"
    path.write_text("".join(sign.join(row) + "\n" for row in ROWS))
    table = read_whole(path)
    assert table.column_names == ROWS[0]
    assert [list(row.values()) for row in table.to_pylist()] == ROWS[1:]
    assert read_whole(path, Written(delimiter=sign)) == table


def test_commas_in_headers_and_numbers_part_no_fields():
    """Units behind a comma tie with semicolons in the header; the rows decide."""
    lines = ["tenure, months;bill, EUR;minutes, total;churn", *["34,0;58,87;172,3;No"] * 5]
    assert dialect_of(lines) == (";", '"', 0, 4)


def test_an_apostrophe_in_a_name_is_no_quote():
    """Fields in quotes hold the delimiter; what is cut inside its quotes counts as no value."""
    rows = [f'{n},"Newark, NY",2024-01-{n}' for n in range(10, 28)]
    assert dialect_of(["id,city,day", *rows, "28,O'Fallon,2024-01-28"]) == (",", '"', 0, 3)


@pytest.mark.parametrize(
    ("before", "skip"),
    [
        ("", 0),
        ("\n", 0),
        ("Customers of March 2024\n\n", 1),
        ("Customers of March 2024;;;\nAll regions;;;\n", 2),
        ("sep=;\n", 0),
        ("sep=;\nCustomers of March 2024\n", 2),
    ],
)
def test_titles_and_what_spreadsheets_put_before_the_header_are_no_rows(tmp_path, before, skip):
    """A title has one field, however many delimiters follow it; `sep=` names the delimiter."""
    text = before + "".join(";".join(row) + "\n" for row in ROWS)
    assert dialect_of(text.split("\n")[:-1]).skip == skip
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert read_whole(path).column_names == ROWS[0]
    assert read_whole(path).num_rows == len(ROWS) - 1


def test_a_header_short_of_a_field_is_no_title(tmp_path):
    """Its rows would be read under the next line as their names."""
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,2,3\n4,5,6\n")
    with pytest.raises(ExtractError, match="2 lines do not have the 2 fields of the header"):
        read_whole(path)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["1,12,No", "2,14,Yes", "3,9,No", "4,2,No", "5,3,Yes"], True),
        (["KS,128,3", "OH,107,26", "NJ,137,11", "OH,84,7"], True),
        (["0,1,2", "5,4,No", "6,5,Yes", "8,5,Yes"], False),  # numbered by a program
        (["region,2019,2020", "a,5,7", "b,6,5", "a,7,7", "a,1,2"], False),
        (["months,churned,note", "1,no,a", "2,no,b", "3,yes,c"], False),
        (["a,b", "x,y", "z,w", "v,u"], False),
    ],
)
def test_a_file_without_a_header_is_told_as_such(tmp_path, lines, told):
    """Its first row would be lost as names; numbers as names are names where they run on."""
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines) + "\n")
    if not told:
        assert read_whole(path).num_rows == len(lines) - 1
        return
    with pytest.raises(ExtractError, match="has no header") as refused:
        read_whole(path)
    assert lines[0].split(",")[0] not in str(refused.value)


def test_a_line_end_inside_a_quoted_header_is_a_blank(tmp_path):
    """Spreadsheets break long headers; line numbers go on counting lines."""
    path = tmp_path / "extract.csv"
    path.write_text('id,"paper\r\nless",x\r\n1,yes\r\n2,no,a\r\n', newline="")
    reader = Delimited(path, TextFormat())
    assert reader.header() == ("id", "paper less", "x")
    (records,) = reader.records([1])
    assert records.fields[1].to_pylist() == ["no"]
    assert (records.numbers.tolist(), records.rejects.numbers.tolist()) == ([4], [3])


@pytest.mark.parametrize("size", [4, 1 << 20])
def test_columns_named_by_the_settings_leave_every_line_a_record(tmp_path, size):
    """Files of mediation systems have no header; lines to skip are none of the records."""
    path = tmp_path / "extract.csv"
    path.write_text("made by a switch\n1\x012\n\\N\x01\n")
    how = TextFormat(delimiter=r"\001", header=("a", "b"), skip=1)
    reader = Delimited(path, how)
    assert reader.header() == ("a", "b")
    blocks = list(reader.blocks(size))
    values = [value for block in blocks for value in block.split([0]).fields[0].to_pylist()]
    assert values == ["1", None]  # as Hive writes no value
    assert reader.raw([2, 3]) == {2: b"1\x012", 3: b"\\N\x01"}
    path.write_bytes(b"")
    assert not Delimited(path, how).has_records()


def test_delimiters_of_several_characters_stand_apart_from_quotes(tmp_path):
    """A field in quotes may hold them, and half of one is a character."""
    path = tmp_path / "extract.csv"
    path.write_text('a||b\n1|x||"2||3"\n"4""5"||6\n7||8||9\n')
    (records,) = Delimited(path, TextFormat(delimiter="||")).records([0, 1])
    order = records.numbers.argsort()
    assert records.fields[0].take(order).to_pylist() == ["1|x", '4"5']
    assert records.fields[1].take(order).to_pylist() == ["2||3", "6"]
    assert records.rejects.codes.tolist() == ["CSV004"]


def test_a_file_may_name_its_delimiter_unless_the_settings_do(tmp_path):
    """`sep=` is no header either way."""
    path = tmp_path / "extract.csv"
    path.write_text("sep=;\na;b\n1;2\n")
    assert Delimited(path, TextFormat()).header() == ("a", "b")
    assert Delimited(path, TextFormat(delimiter=",")).header() == ("a;b",)


def test_more_lines_to_skip_than_there_are_are_told(tmp_path):
    """Not taken for an empty file."""
    path = tmp_path / "extract.csv"
    path.write_text("a;b\n")
    with pytest.raises(ExtractError, match="no header behind its first 1 lines"):
        Delimited(path, TextFormat(skip=3)).header()


def test_single_blanks_part_fields_where_nothing_else_does(tmp_path):
    """In all lines the same number of them, three fields at least; sentences are one field."""
    path = tmp_path / "table.csv"
    path.write_text("months churned plan\n1 no A\n2 yes B\n3 no A\n")
    assert read_whole(path).column_names == ["months", "churned", "plan"]
    path.write_text("what was said\nnothing\nthat it costs too much\nno answer given\n")
    assert read_whole(path).column_names == ["what was said"]


def test_a_header_that_names_few_of_its_columns_is_no_title():
    """Values stand below it; below a title of two fields stands the header."""
    assert dialect_of(["id,plan,,,", "4,D,q,w,e", "5,E,q,w,e", "6,F,q,w,e"]).skip == 0
    titled = ["As at: 2025/05/31;;Run: 06:40;;", "account;name;province;30 days;total",
              "7;Adams;EC;1,5;2,5", "8;Zulu;EC;1,5;2,5"]  # fmt: skip
    assert dialect_of(titled).skip == 1
