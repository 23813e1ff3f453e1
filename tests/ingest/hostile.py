"""Files that nobody should deliver, made anew for each run: name, bytes, and what makes them so."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

NAMES = ("subscriber_id", "answered_on", "score")
HEADER = ",".join(NAMES) + "\n"
ROWS = "".join(f"u{i},2025-01-{1 + i % 28:02d},{i % 100}\n" for i in range(200))
GOOD = (HEADER + ROWS).encode()

Make = Callable[[Path], None]


def _zip(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def _link_in_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        member = zipfile.ZipInfo("link.csv")
        member.external_attr = 0o120777 << 16
        archive.writestr(member, "/etc/passwd")
    return out.getvalue()


def _locked_zip() -> bytes:
    packed = bytearray(_zip(("a.csv", GOOD)))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = packed.index(signature) + at
        packed[place : place + 2] = struct.pack("<H", 1)
    return bytes(packed)


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _rows(count: int = 50) -> dict[str, list[str]]:
    return {
        "subscriber_id": [f"u{i}" for i in range(count)],
        "answered_on": ["2025-01-02"] * count,
        "score": [str(i) for i in range(count)],
    }


def _column_twice() -> bytes:
    columns = [*_rows().values(), _rows()["score"]]
    return _parquet(pa.table([pa.array(c) for c in columns], names=[*NAMES, "score"]))


def _workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(book)
    book.close()
    return out.getvalue()


def _merged(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 2, "surveys of January")
    for place, name in enumerate(NAMES):
        sheet.write(1, place, name)
    sheet.merge_range(2, 0, 4, 0, "u1")
    for row in range(2, 5):
        sheet.write(row, 1, "2025-01-02")
        sheet.write(row, 2, row)


def _formulas(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    for place, name in enumerate(NAMES):
        sheet.write(0, place, name)
    for row in range(1, 20):
        sheet.write_formula(row, 0, '=HYPERLINK("http://example.org","u")', None, f"u{row}")
        sheet.write_formula(row, 1, "=TODAY()", None, "#REF!")
        sheet.write_formula(row, 2, "=1/0", None, "#DIV/0!")


def _blank(book: xlsxwriter.Workbook) -> None:
    book.add_worksheet()


def _noise(size: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - not for secrets


def _json(*rows: object) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


_RECORD = {"subscriber_id": "u1", "answered_on": "2025-01-02", "score": 1}
_LINES = GOOD.split(b"\n")

#: File name and content; every one is looked at as an extract and as a ready-made table.
FILES: dict[str, tuple[str, bytes]] = {
    # packing
    "gzip cut off": ("a.csv.gz", gzip.compress(GOOD)[:-40]),
    "gzip without content": ("a.csv.gz", gzip.compress(b"")[:10]),
    "gzip with a tail": ("a.csv.gz", gzip.compress(GOOD) + b"tail"),
    "gzip damaged in the middle": ("a.csv.gz", gzip.compress(GOOD)[:300] + b"\0" * 40
                                   + gzip.compress(GOOD)[340:]),
    "gzip in gzip": ("a.csv.gz", gzip.compress(gzip.compress(GOOD))),
    "gzip in name alone": ("a.csv.gz", GOOD),
    "gzip bomb": ("a.csv.gz", gzip.compress(b"\n" * (70 << 20), 9)),
    "zip cut off": ("a.csv.zip", _zip(("a.csv", GOOD))[:-30]),
    "zip of two": ("a.csv.zip", _zip(("a.csv", GOOD), ("b.csv", GOOD))),
    "zip of none": ("a.csv.zip", _zip()),
    "zip of a folder": ("a.csv.zip", _zip(("a/", b""))),
    "zip that climbs out": ("a.csv.zip", _zip(("../../../up.csv", GOOD))),
    "zip of an absolute path": ("a.csv.zip", _zip(("/tmp/up.csv", GOOD))),  # noqa: S108 - a name in an archive
    "zip of a link": ("a.csv.zip", _link_in_zip()),
    "zip locked": ("a.csv.zip", _locked_zip()),
    "zip without its first byte": ("a.csv.zip", _zip(("a.csv", GOOD))[1:]),
    "zip with another first byte": ("a.csv.zip", b"\0" + _zip(("a.csv", GOOD))[1:]),
    "zip with a hole": ("a.csv.zip", _zip(("a/", b""))[35:]),
    "zip with another hole": ("a.csv", b"\0" + _zip(("a/", b""))[35:]),
    "zip in zip": ("a.csv.zip", _zip(("a.csv.zip", _zip(("a.csv", GOOD))))),
    "zip bomb": ("a.csv.zip", _zip(("a.csv", b"0" * (70 << 20)))),
    "zstd cut off": ("a.csv.zst", pa.compress(GOOD, codec="zstd", asbytes=True)[:-9]),
    "zstd in name alone": ("a.csv.zst", _noise(500, 1)),
    # bytes
    "nothing": ("a.csv", b""),
    "line ends alone": ("a.csv", b"\n" * 500),
    "zero bytes alone": ("a.csv", b"\0" * 5000),
    "zero bytes in a field": ("a.csv", GOOD.replace(b"u7,", b"u\x007,")),
    "zero bytes behind": ("a.csv", GOOD + b"\0" * 300),
    "noise": ("a.csv", _noise(20_000, 2)),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n" + _noise(3000, 3)),
    "a page": ("a.csv", b"<!DOCTYPE html><html><body><table><tr><td>1</td></tr></table>\n" * 20),
    "a line of 40 MB": ("a.csv.gz", gzip.compress(GOOD + b"x" * (40 << 20), 1)),
    "a field of 2 MB": ("a.csv", GOOD + b"u1,2025-01-02," + b"9" * (2 << 20) + b"\n"),
    "UTF-8 and GB18030 by turns": ("a.csv", GOOD + "甲,2025-01-02,1\n".encode()
                                   + "乙,2025-01-02,1\n".encode("gb18030")),
    "surrogates": ("a.csv", GOOD + b"\xed\xa0\x80,2025-01-02,1\n"),
    "overlong UTF-8": ("a.csv", GOOD + b"\xc0\xaf,2025-01-02,1\n"),
    "a mark in the middle": ("a.csv", GOOD + b"\xef\xbb\xbfu9,2025-01-02,1\n"),
    "two marks": ("a.csv", b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD),
    "UTF-16 as UTF-8": ("a.csv", GOOD.decode().encode("utf-16")),
    "UTF-16 of an odd length": ("a.csv", GOOD.decode().encode("utf-16")[:-1]),
    "UTF-32": ("a.csv", GOOD.decode().encode("utf-32")),
    "end of file as DOS has it": ("a.csv", GOOD + b"\x1a"),
    "control characters": ("a.csv", GOOD.replace(b"u8,", b"u\x1b[31m8\x07,")),
    # lines and fields
    "line ends of all kinds": ("a.csv", b"\r\n".join(_LINES[:50]) + b"\n"
                               + b"\r".join(_LINES[50:99]) + b"\n" + b"\n".join(_LINES[99:])),
    "line ends of a Mac": ("a.csv", GOOD.replace(b"\n", b"\r")),
    "a quote that never closes": ("a.csv", GOOD.replace(b"u9,", b'"u9,')),
    "a quote in every line": ("a.csv", GOOD.replace(b"u", b'u"')),
    "quotes upon quotes": ("a.csv", GOOD + b'"""""""",""",2025-01-02,""\n'),
    "a header twice": ("a.csv", b"score," + GOOD),
    "a header of blanks": ("a.csv", b" , ,\n" + ROWS.encode()),
    "a header over lines": ("a.csv", b'"subscriber\n_id",answered_on,score\n' + ROWS.encode()),
    "a header on two lines": ("a.csv", b"subscriber_id,\nanswered_on,score\n" + ROWS.encode()),
    "a header that comes again": ("a.csv", GOOD + GOOD),
    "a header alone": ("a.csv", HEADER.encode()),
    "a header without an end": ("a.csv", HEADER.strip().encode()),
    "no header": ("a.csv", ROWS.encode()),
    "one column": ("a.csv", b"subscriber_id\n" + b"u1\n" * 20),
    "10,000 columns": ("a.csv", b",".join(b"c%d" % i for i in range(10_000)) + b"\n"
                       + (b"1," * 9_999 + b"1\n") * 3),
    "lines too short": ("a.csv", HEADER.encode() + b"u1,2025-01-02\n" * 50),
    "lines too long": ("a.csv", HEADER.encode() + b"u1,2025-01-02,1,2\n" * 50),
    "another delimiter": ("a.csv", GOOD.replace(b",", b";")),
    "blank lines": ("a.csv", GOOD.replace(b"\n", b"\n\n\n")),
    # values
    "formulas": ("a.csv", GOOD + b"=cmd|' /C calc'!A0,2025-01-02,1\n@SUM(1),2025-01-02,=1+1\n"),
    "1e400": ("a.csv", GOOD + b"u1,2025-01-02,1e400\nu1,2025-01-03,-1e400\n"),
    "no numbers": ("a.csv", GOOD + b"u1,2025-01-02,NaN\nu1,2025-01-03,inf\nu1,2025-01-04,0x1F\n"),
    "a number of 400 digits": ("a.csv", GOOD + b"u1,2025-01-02," + b"9" * 400 + b"\n"),
    "days that are none": ("a.csv", GOOD + b"u1,2025-02-30,1\nu1,0000-00-00,1\nu1,9999-99-99,1\n"),
    "a day before all calendars": ("a.csv", GOOD + b"u1,-4712-01-01,1\nu1,10000-01-01,1\n"),
    "digits of other scripts": ("a.csv", GOOD + "u1,２０２５-01-02,٣\n".encode()),
    "signs without width": ("a.csv", GOOD + "u\u200b1\u202e,2025-01-02,1\n".encode()),
    # other formats
    "JSON nested deep": ("a.jsonl", b"[" * 100_000 + b"\n" + _json(_RECORD)),
    "JSON nested deep in a record": ("a.jsonl", _json(_RECORD) + b'{"subscriber_id":'
                                     + b'{"a":' * 5000 + b"1" + b"}" * 5001 + b"\n"),
    "JSON as one list": ("a.jsonl", json.dumps([_RECORD] * 9, indent=1).encode()),
    "JSON with a name twice": ("a.jsonl", _json(_RECORD) + b'{"score": 1, "score": 2}\n'),
    "JSON cut off": ("a.jsonl", _json(*[_RECORD] * 9)[:-20]),
    "JSON of numbers without end": ("a.jsonl", _json(_RECORD) + b'{"subscriber_id": "u2", '
                                    b'"answered_on": "2025-01-02", "score": 1e999}\n'),
    "JSON of 20,000 digits": ("a.jsonl", _json(_RECORD) + b'{"subscriber_id": "u2", "score": '
                              + b"9" * 20_000 + b"}\n"),
    "JSON of half signs": ("a.jsonl", _json(_RECORD) + b'{"subscriber_id": "\\ud800"}\n'),
    "JSON of nothing": ("a.jsonl", b"null\n\n{}\n"),
    "Parquet cut off": ("a.parquet", _parquet(pa.table(_rows()))[:-30]),
    "Parquet damaged": ("a.parquet", _parquet(pa.table(_rows())).replace(b"u1", b"\xff\xfe", 1)
                        [:60] + b"\xff" * 60 + _parquet(pa.table(_rows()))[120:]),
    "Parquet in name alone": ("a.parquet", GOOD),
    "Parquet with a column twice": ("a.parquet", _column_twice()),
    "Parquet of lists": ("a.parquet", _parquet(pa.table({**_rows(9), "score": [[1, 2]] * 9}))),
    "Parquet of no rows": ("a.parquet", _parquet(pa.table(_rows(0)))),
    "Parquet of no columns": ("a.parquet", _parquet(pa.table({}))),
    "a workbook cut off": ("a.xlsx", _workbook(_merged)[:-300]),
    "a workbook in name alone": ("a.xlsx", GOOD),
    "a workbook of merged cells": ("a.xlsx", _workbook(_merged)),
    "a workbook of formulas": ("a.xlsx", _workbook(_formulas)),
    "a workbook of nothing": ("a.xlsx", _workbook(_blank)),
    "an archive as a workbook": ("a.xlsx", _zip(("xl/workbook.xml", b"<x/>"))),
}  # fmt: skip


def _folder(path: Path) -> None:
    path.mkdir()


def _dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere.csv"))


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _closed(path: Path) -> None:
    path.write_bytes(GOOD)
    path.chmod(0)


def _to_a_folder(path: Path) -> None:
    path.symlink_to(path.parent)


#: What lies where a file should.
PLACES: dict[str, Make] = {
    "a folder named like a file": _folder,
    "a link to nothing": _dangling,
    "a link to itself": _loop,
    "a link to the folder it is in": _to_a_folder,
    "a file that is closed to all": _closed,
}


def corpus() -> Iterator[tuple[str, str, Make]]:
    """Yield every hostile file: what it is, its name, and what makes it at a path."""
    for what, (name, content) in FILES.items():
        yield what, name, lambda path, content=content: path.write_bytes(content) and None
    for what, make in PLACES.items():
        yield what, "a.csv", make
