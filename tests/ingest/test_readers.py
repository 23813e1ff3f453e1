"""Readers: one seam, and what a new format has to give, whatever its records are."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from churn.errors import ExtractError
from churn.ingest import readers
from churn.ingest.planning import mapping_fingerprint
from churn.ingest.readers import Block, FileFormat, Parquet, Reader, Records, Rejects, reader_of
from churn.ingest.readers.delimited import Delimited
from churn.ingest.readers.packing import opened

NAME = "surveys_{period}_{delivered_on}.lst*"


class _Listed(Block):
    """JSON lists, one after the other; not one of them has a line."""

    first = 1

    def __init__(self, rows: list[list[str]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def raw(self, number: int) -> bytes:
        return json.dumps(self._rows[number - 1]).encode()

    def split(self, columns) -> Records:
        fields = {i: pa.array([row[i] for row in self._rows], pa.string()) for i in columns}
        return Records(fields, np.arange(1, len(self) + 1), Rejects.joined([]))


class _Lists(Reader):
    """A format invented here: a JSON list of lists, the first of which is the header."""

    def _rows(self) -> list[list[str]]:
        with opened(self.path) as stream:
            rows: list[list[str]] = json.loads(stream.read())
        return rows

    def header(self) -> tuple[str, ...]:
        return tuple(self._rows()[0])

    def blocks(self, size: int = 0):  # noqa: ARG002 - all at once
        if self._rows()[1:]:
            yield _Listed(self._rows()[1:])


@pytest.fixture
def listed(monkeypatch):
    """List one more format; the one place to do so."""
    more = {"lists": readers.Format(lambda path, _: _Lists(path), (".lst",))}
    monkeypatch.setattr(readers, "READERS", {**readers.READERS, **more})


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("source", [{}, {"format": "lists", "files": "surveys_*"}])
def test_a_format_of_its_own_is_one_reader_and_its_line(listed, operator, ending, source):
    """Chosen by ending or by `format:`; checked, staged, compared by key, set aside as JSON."""
    operator.map("surveys", {"name": NAME, **source}, max_rejected=1.0)
    rows = [
        ["subscriber_id", "answered_on", "score"],
        ["1", "2025-01-02", "85"],
        ["", "2025-01-02", "85"],
        ["2", "2025-01-02", "70.5"],
    ]
    operator.deliver(f"surveys_202501_20250201.lst{ending}", json.dumps(rows))
    assert operator.check().ok
    (entry,) = operator.ingest().built
    assert (entry.delivered, entry.accepted, entry.quarantined) == (3, 2, 1)
    assert sorted(operator.rows("surveys", "score")) == [(Decimal("70.50"),), (Decimal("85.00"),)]
    (aside,) = operator.quarantined("surveys")
    assert aside[1:] == (2, "SURV001", b'["", "2025-01-02", "85"]')


def test_a_format_of_its_own_is_joined_viewed_and_counted_once(listed, operator):
    """Keys that repeat are fetched by number; a file delivered twice, once packed, counts once."""
    rows = [["subscriber_id", "as_of"], ["1", "2025-01-02"], ["1", "2025-01-02"]]
    source = {"files": "arrears_*", "name": "arrears_{period}_{delivered_on}.lst*"}
    join = [{"files": "more.lst", "key": "subscriber_id", "columns": {"amount_overdue": "sum"}}]
    operator.map("arrears", {**source, "join": join}, max_rejected=1.0)
    operator.deliver("more.lst", json.dumps([["subscriber_id", "sum"], ["1", "5"], ["1", "6"]]))
    for name in ("arrears_202501_20250201.lst.gz", "arrears_202501_20250202.lst.gz"):
        operator.deliver(name, json.dumps(rows))
    report = operator.ingest()
    assert report.repeated == ("arrears: arrears_202501_20250202.lst.gz",)
    assert operator.rows("arrears", "amount_overdue") == [(Decimal("5.00"),)]
    assert [(number, raw) for _, number, _, raw in operator.quarantined("arrears")] == [
        (2, b'["1", "6"]'),
        (2, b'["1", "2025-01-02"]'),
    ]


@pytest.mark.parametrize("name", ["a.csv", "a.CSV.gz", "a.dat", "a"])
def test_what_no_format_claims_is_delimited_text(name):
    """So it was before there were formats."""
    assert isinstance(reader_of(Path(name), FileFormat()), Delimited)


def test_an_unknown_format_is_refused_with_those_there_are():
    """By name, in the settings."""
    with pytest.raises(ValidationError, match="format 'csv' is not read: use delimited, json"):
        FileFormat(format="csv")


def test_a_mapping_that_names_no_format_is_the_mapping_it_was(operator):
    """What was ingested before there were formats stays; naming one reads the files anew."""
    operator.map("surveys")
    before = operator.settings()
    assert "format" not in before.tables["surveys"].sources[0].model_dump()
    operator.map("surveys", {"format": "delimited"})
    prints = [mapping_fingerprint(each, "surveys", {0}) for each in (before, operator.settings())]
    assert prints[0] != prints[1]


def test_rows_of_parquet_have_numbers_across_blocks(tmp_path):
    """In file order, typed as they are, each fetched again by its number."""
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"a": range(10), "b": ["用户"] * 10}), path, row_group_size=4)
    reader = Parquet(path)
    assert reader.header() == ("a", "b")
    blocks = list(reader.blocks(1))
    assert [(block.first, len(block)) for block in blocks[:2]] == [(1, 1), (2, 1)]
    records = [block.split([0]) for block in blocks]
    assert [number for block in records for number in block.numbers.tolist()] == [*range(1, 11)]
    assert [value for block in records for value in block.fields[0].to_pylist()] == [*range(10)]
    assert reader.raw([10, 3]) == {
        3: '{"a": 2, "b": "用户"}'.encode(),
        10: '{"a": 9, "b": "用户"}'.encode(),
    }


@pytest.mark.parametrize("content", [b"", b"PAR1nothing", b"PAR1" * 9])
def test_damaged_parquet_is_refused(tmp_path, content):
    """By the file's name."""
    path = tmp_path / "rows.parquet"
    path.write_bytes(content)
    with pytest.raises(ExtractError, match="Parquet file is damaged"):
        Parquet(path).header()
