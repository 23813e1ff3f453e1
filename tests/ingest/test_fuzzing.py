"""Fuzzing of readers, recognition and mapping: a few examples here, thousands by `make fuzz`."""

from __future__ import annotations

import itertools
import os
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from churn.errors import ChurnError
from churn.ingest.readers import FileFormat, reader_of
from churn.ingest.registry import Registry
from churn.ingest.spelling import plain
from churn.ingest.whole import read_whole
from churn.ready_made.recognition import SetAside, recognise
from tests.ingest.hostile import FILES

#: Examples of each property; `make fuzz` sets many.
FUZZ = settings(
    max_examples=int(os.environ.get("CHURN_FUZZ", "12")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
SMALL = {
    what: file
    for what, file in FILES.items()
    if len(file[1]) < 100_000 and "bomb" not in what and "MB" not in what
}
BYTES = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([b"\n", b"\r", b'"', b",", b";", b"\0", b"\xef\xbb\xbf", b"\\N", b"{"]),
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 40), BYTES), min_size=1, max_size=6
)
CELLS = st.one_of(
    st.text(max_size=12),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.datetimes().map(str),
    st.sampled_from(
        ["", "NULL", "1,234.5", "1.234,5", "¥3万", "12%", "(7)", "0012", "3/4/21", "2021-W01",
         "1e5", "00:10:00", "TRUE", "是", "45000", "1700000000", "9" * 30, "٣", "-", "N/A"]
    ),
)  # fmt: skip


def _edited(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for place, cut, octets in edits:
        at = int(place * len(content))
        content = content[:at] + octets + content[at + cut :]
    return content


@pytest.fixture
def place(tmp_path_factory):
    """Return a new folder for each example that is tried."""
    base = tmp_path_factory.mktemp("examples")
    numbers = itertools.count()

    def make():
        folder = base / str(next(numbers))
        folder.mkdir()
        return folder

    return make


@given(what=st.sampled_from(sorted(SMALL)), edits=EDITS)
@FUZZ
def test_readers_account_for_every_record(place, what, edits):
    """Every record of a damaged file is readable or set aside, each under its own number."""
    name, content = SMALL[what]
    path = place() / name
    path.write_bytes(_edited(content, edits))
    try:
        reader = reader_of(path, FileFormat())
        width = len(reader.header())
        for block in reader.blocks():
            records = block.split(range(width))
            assert all(len(values) == len(records.numbers) for values in records.fields.values())
            numbers = [*records.numbers.tolist(), *records.rejects.numbers.tolist()]
            assert sorted(numbers) == list(range(block.first, block.first + len(block)))
            for number in records.rejects.numbers.tolist():
                assert isinstance(block.raw(number), bytes)
    except ChurnError:  # a damaged file may be refused as a whole
        return


@given(what=st.sampled_from(sorted(SMALL)), edits=EDITS)
@FUZZ
def test_tables_are_read_whole_or_refused(place, what, edits):
    """Whatever a ready-made table was before somebody damaged it."""
    name, content = SMALL[what]
    path = place() / name
    path.write_bytes(_edited(content, edits))
    try:
        table = read_whole(path)
    except ChurnError:
        return
    assert table.num_rows
    assert len(set(table.column_names)) == table.num_columns


@given(cells=st.lists(CELLS, min_size=1, max_size=60), again=st.integers(1, 4))
@FUZZ
def test_recognition_reads_as_many_values_as_there_are(cells, again):
    """A column is read, with what does not fit counted, or it is set aside with a reason."""
    values = plain(pa.chunked_array([pa.array([cell.strip() for cell in cells * again])]))
    found = recognise("x", values, "x")
    if isinstance(found, SetAside):
        assert found.why.en
        assert found.why.zh
        return
    read, misfits = found.read(values)
    assert len(read) == len(values)
    assert 0 <= misfits <= len(values)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12),
    delimiter=st.sampled_from([",", ";", "|", "\t", "||"]),
    decimal=st.sampled_from([{}, {"decimal": ","}, {"thousands": ","}]),
    form=st.sampled_from(["%Y-%m-%d", "%d/%m/%y", "%m/%d/%Y", "excel", "epoch"]),
)
@FUZZ
def test_mapping_accounts_for_every_line(operator, place, rows, delimiter, decimal, form):
    """Whatever stands in the cells, and however it is declared."""
    one = type(operator)(place(), operator.engine)
    source = {
        "files": "a.csv",
        "delivered_on": date(2025, 2, 1),
        "delimiter": delimiter,
        **decimal,
        "columns": {"answered_on": {"from": "answered_on", "format": form}},
    }
    one.map("surveys", source, max_rejected=1)
    lines = [delimiter.join(cells) for cells in (("subscriber_id", "answered_on", "score"), *rows)]
    one.deliver("a.csv", "\n".join(lines).encode("utf-8", "replace"))
    one.ingest()
    (entry,) = Registry(one.workspace).entries.values()
    assert entry.delivered == entry.accepted + entry.quarantined + entry.not_selected
    assert len(one.quarantined("surveys")) == entry.quarantined
