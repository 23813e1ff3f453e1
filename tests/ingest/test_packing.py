"""Packed files: read like plain ones; archives of several, bombs and damage are refused."""

from __future__ import annotations

import gzip
import io
import zipfile

import pyarrow as pa
import pytest

from churn.errors import ExtractError
from churn.ingest.readers import FileFormat, reader_of
from churn.ingest.readers.packing import opened

TEXT = b"a,b\n" + b"1,2\n" * 1000


def _zipped(content, *names, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name in names:
            archive.writestr(name, content)
    return packed.getvalue()


PACKED = {
    "t.csv.gz": gzip.compress(TEXT, mtime=0),
    "t.csv.zst": pa.compress(TEXT, codec="zstd", asbytes=True),
    "t.csv.zip": _zipped(TEXT, "t.csv"),
    "t.zip": _zipped(TEXT, "../../up/t.csv", "__MACOSX/t.csv", "folder/"),
    "t.csv": gzip.compress(TEXT, mtime=0),  # named as if it were not packed
    "t": pa.compress(TEXT, codec="zstd", asbytes=True),
}


@pytest.mark.parametrize("name", PACKED)
def test_packed_files_are_read_like_plain_ones(tmp_path, name):
    """By ending or by what they begin with; of one content they are one delivery."""
    if name == "t.zip":
        (tmp_path / "up").mkdir()
    path = tmp_path / name
    path.write_bytes(PACKED[name])
    reader = reader_of(path, FileFormat())
    assert reader.header() == ("a", "b")
    assert sum(len(block) for block in reader.blocks()) == 1000
    plain = tmp_path / "plain.csv"
    plain.write_bytes(TEXT)
    assert reader.sha256_of_content() == reader_of(plain, FileFormat()).sha256_of_content()
    assert sorted(each.name for each in tmp_path.rglob("*.csv")) in (
        ["plain.csv"], ["plain.csv", "t.csv"],
    )  # fmt: skip


def test_gzip_and_zip_of_one_content_end_alike(tmp_path):
    """So a file delivered again, packed in another way, counts once."""
    names = ("t.csv.gz", "t.csv.zip")
    for name in names:
        (tmp_path / name).write_bytes(PACKED[name])
    first, second = (reader_of(tmp_path / name, FileFormat()).trailer() for name in names)
    assert first == second
    assert first is not None


def _encrypted():
    octets = bytearray(PACKED["t.csv.zip"])
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        octets[octets.index(mark) + at] |= 1
    return bytes(octets)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv.gz", PACKED["t.csv.gz"][:-12], "gzip file is damaged or cut off"),
        ("t.csv.gz", b"no gzip at all", "gzip file is damaged or cut off"),
        ("t.csv.zst", PACKED["t.csv.zst"][:-3], "zstd file is damaged or cut off"),
        ("t.zip", PACKED["t.csv.zip"][:-30], "zip file is damaged or cut off"),
        ("t.zip", _zipped(TEXT, "a.csv", "b.csv"), "holds 2 files"),
        ("t.zip", _zipped(TEXT), "holds 0 files"),
        ("t.zip", _encrypted(), "is encrypted"),
    ],
    ids=["gzip cut", "no gzip", "zstd cut", "zip cut", "two members", "no member", "encrypted"],
)
def test_damage_and_archives_of_several_are_refused(tmp_path, name, content, said):
    """With the file's name, and what to deliver instead."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ExtractError, match=said) as refused, opened(path) as stream:
        stream.read()
    assert refused.value.where == name


def test_a_member_that_fails_its_checksum_is_refused(tmp_path):
    """Found at its end; nothing of it is taken."""
    octets = _zipped(TEXT, "t.csv", method=zipfile.ZIP_STORED).replace(b"1,2\n", b"1,3\n", 1)
    (tmp_path / "t.zip").write_bytes(octets)
    with pytest.raises(ExtractError, match="damaged"), opened(tmp_path / "t.zip") as stream:
        stream.read()


@pytest.mark.parametrize("pack", [gzip.compress, lambda text: _zipped(text, "t.csv")])
def test_what_unpacks_without_end_is_refused(tmp_path, monkeypatch, pack):
    """A bomb is no table: unpacking stops where it has become plain."""
    monkeypatch.setattr("churn.ingest.readers.packing.HARMLESS", 1 << 16)
    path = tmp_path / "t.csv.gz" if pack is gzip.compress else tmp_path / "t.zip"
    path.write_bytes(pack(b"0,0\n" * (1 << 20)))
    with pytest.raises(ExtractError, match="more than 500 times its size"), opened(path) as stream:
        while stream.read(1 << 12):
            pass
