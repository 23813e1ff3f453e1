"""A person leaves files of every kind; everybody else's rows stay as they were."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from churn.language import Text
from churn.report.page.explained import write_explained
from churn.store.erasing import Person, erase, found

WHO = "10000003391"
HASH = "98556297432338df"
PERSON = Person(frozenset({WHO, HASH, "13800138000", "anna@example.org"}))


def test_rows_of_parquet_go_and_numbers_stay(tmp_path: Path) -> None:
    """By identifying columns alone: a plan of the same name is nobody; types stay."""
    path = tmp_path / "rows.parquet"
    table = pa.table(
        {
            "subscriber_id": ["a", HASH, "b", None],
            "peer_id": pa.array(["x", "y", HASH, "z"]).dictionary_encode(),
            "plan": [WHO, "p", "q", WHO],
            "n": [1, 2, 3, 4],
        }
    )
    pq.write_table(table, path, row_group_size=2)
    assert found(path, PERSON) == 2
    assert erase(path, PERSON) == 2
    kept = pq.read_table(path)
    assert kept["n"].to_pylist() == [1, 4]
    assert kept.schema.equals(table.schema)
    assert found(path, PERSON) == 0
    assert erase(path, PERSON) == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_records_of_csv_go_and_all_others_keep_their_bytes(tmp_path: Path, encoding: str) -> None:
    """A record over two lines is one; a number in another column is no identifier."""
    path = tmp_path / "list.csv"
    head = "rank,subscriber_id,备注\r\n"
    stays = f'1,a,"张\r\n李"\r\n{WHO},b,\r\n'
    path.write_bytes((head + f'2,{WHO},"x\r\ny"\r\n' + stays).encode(encoding))
    assert erase(path, PERSON) == 1
    assert path.read_bytes() == (head + stays).encode(encoding)


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_a_copy_saved_with_another_sign_loses_its_row(tmp_path: Path, sign: str) -> None:
    """Who opens a list in another office program saves it so; notes beside it are searched."""
    path = tmp_path / "copy.csv"
    head, own, other = ("rank", "subscriber_id"), ("1", WHO), ("2", "b")
    path.write_text("".join(f"{sign.join(row)}\n" for row in (head, own, other)))
    assert found(path, PERSON) == 1
    assert erase(path, PERSON) == 1
    assert path.read_text() == f"{sign.join(head)}\n{sign.join(other)}\n"
    path.write_text(f"{sign.join(head)}\n2{sign}b called by {WHO}\n")
    assert found(path, PERSON) == 1


def test_names_of_files_and_databases_are_searched(tmp_path: Path) -> None:
    """A file called after the person; a cell between other bytes; a date is not an identifier."""
    called, kept = tmp_path / f"call of {WHO}.txt", tmp_path / "bills_20240401.txt"
    for path in (called, kept):
        path.write_text("nothing")
    assert found(called, PERSON) == 1
    assert found(kept, Person(frozenset({"20240401"}))) == 0
    ledger = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(ledger)) as base:
        base.execute("CREATE TABLE notes (who TEXT, what TEXT)")
        base.execute("INSERT INTO notes VALUES (?, 'asked')", (WHO,))
        base.commit()
    before = ledger.read_bytes()
    assert found(ledger, PERSON) == 1
    assert found(ledger, Person(frozenset({"20000000001"}))) == 0
    assert ledger.read_bytes() == before


def test_rows_of_a_workbook_go_with_their_texts(tmp_path: Path) -> None:
    """The row is empty, its texts are no longer in the archive, shared ones and the rest are."""
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("one", "two"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["subscriber_id", "name"])
            sheet.write_row(1, 0, [WHO, f"Anna {name}", "shared"])
            sheet.write_row(2, 0, ["20000000001", "Bert", "shared", 5.5])
    assert found(path, PERSON) == 1
    assert erase(path, PERSON) == 2
    sheet = openpyxl.load_workbook(path)["two"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1] == (None,) * 4
    assert rows[2] == ("20000000001", "Bert", "shared", 5.5)
    with zipfile.ZipFile(path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Anna" not in everything
    assert found(path, PERSON) == 0


def test_a_short_identifier_is_found_where_it_is_a_whole_cell(tmp_path: Path) -> None:
    """In a workbook and in a page's table; a figure inside a sentence is nobody."""
    short = Person(frozenset({"1234"}))
    book, page = tmp_path / "list.xlsx", tmp_path / "page.html"
    with xlsxwriter.Workbook(str(book)) as written:
        written.add_worksheet("one").write_row(0, 0, ["1234", "a", "in 1234 of all"])
    page.write_text("<p>of 1234 lines</p><table><tr><td>1234</td></tr></table>", encoding="utf-8")
    for path in (book, page):
        assert found(path, short) == 1
        assert erase(path, short) == 1
        assert found(path, short) == 0
    assert "of 1234 lines" in page.read_text("utf-8")


def test_a_page_loses_its_row_and_json_its_record(tmp_path: Path) -> None:
    """The table's row with the identifier goes; elsewhere the identifier alone."""
    page = tmp_path / "report.html"
    page.write_text(
        f"<table><tr><td>{WHO}<small>A</small></td></tr>"
        f"<tr><td>b</td></tr></table><p>see {HASH}</p>"
    )
    assert erase(page, PERSON) == 2
    assert page.read_text() == "<table><tr><td>b</td></tr></table><p>see –</p>"
    content = tmp_path / "totals.json"
    content.write_text(
        json.dumps({"n": 5, WHO: 1, "rows": [{"id": HASH, "p": 1}, {"id": "b"}], "t": f"of {WHO}."})
    )
    assert erase(content, PERSON) == 3
    assert json.loads(content.read_text()) == {"n": 5, "rows": [{"id": "b"}], "t": "of –."}


def test_a_page_about_the_person_goes_altogether(tmp_path: Path) -> None:
    """Everything on it tells of the person, also where no identifier stands; another's stays."""
    own, other = tmp_path / "own.html", tmp_path / "other.html"
    told = [(Text("On record", "在册"), [Text("  plan  L, since 2019", "  套餐  L")])]
    own.write_bytes(write_explained("42", "2024-04-01", told, "en"))
    other.write_bytes(write_explained("43", "2024-04-01", told, "zh"))
    short = Person(frozenset({"42"}))
    assert found(own, short) == 1
    assert erase(own, short) == 1
    assert not own.exists()
    assert found(other, short) == erase(other, short) == 0
    assert other.exists()


def test_short_identifiers_are_no_numbers_in_text(tmp_path: Path) -> None:
    """Subscriber 42 leaves lists, but no figure of a page is taken for it."""
    short = Person(frozenset({"42"}))
    path = tmp_path / "report.html"
    path.write_text("<p>42 contacts, 42 %</p>")
    assert erase(path, short) == 0
    table = tmp_path / "list.csv"
    table.write_text("rank,subscriber_id\n42,7\n1,42\n")
    assert erase(table, short) == 1
    assert table.read_text() == "rank,subscriber_id\n42,7\n"


def test_what_is_packed_is_found(tmp_path: Path) -> None:
    """Archives and raw cells are looked into; longer numbers that hold the id are not it."""
    packed, zipped = tmp_path / "log.gz", tmp_path / "a.bin"
    packed.write_bytes(gzip.compress(f"x {WHO} y {WHO}9".encode()))
    assert found(packed, PERSON) == 1
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("inner.txt", f"{HASH};{HASH}")
    assert found(zipped, PERSON) == 2
    nested = tmp_path / "lists.tar.xz"
    lists = {"rows.parquet": io.BytesIO(), "page.html.gz": io.BytesIO()}
    pq.write_table(pa.table({"subscriber_id": [HASH, "b"]}), lists["rows.parquet"])
    lists["page.html.gz"].write(gzip.compress(f"<td>{WHO}</td>".encode()))
    with tarfile.open(nested, "w:xz") as archive:
        for name, content in lists.items():
            entry = tarfile.TarInfo(name)
            entry.size = content.tell()
            content.seek(0)
            archive.addfile(entry, content)
    assert found(nested, PERSON) == 2
    raw = tmp_path / "raw.parquet"
    pq.write_table(pa.table({"raw": [f"{WHO},5".encode(), b"other", None]}), raw)
    assert found(raw, PERSON) == 1


@given(rows=st.lists(st.sampled_from(["a", "b", WHO, f"{WHO}1", "'" + WHO]), max_size=30))
def test_exactly_the_persons_rows(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    """Whatever the order: all rows of the person, in text made harmless too, and no other."""
    path = tmp_path_factory.mktemp("lists") / "list.csv"
    path.write_text("".join(f"{row}\n" for row in ["subscriber_id", *rows]))
    stays = [row for row in rows if row.lstrip("'") != WHO]
    assert erase(path, PERSON) == len(rows) - len(stays)
    assert path.read_text().split() == ["subscriber_id", *stays]
