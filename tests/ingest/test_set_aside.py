"""What was set aside is shown as it was delivered, corrected by record, and read again."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.errors import ExtractError, UsageError
from churn.ingest.corrections import Corrections
from churn.ingest.registry import Registry
from churn.ingest.set_aside import (
    Correction,
    Selection,
    as_json_lines,
    corrected,
    read_corrections,
    records,
    set_aside,
)

NAME = "surveys_202501_20250201.csv"
HEADER = "subscriber_id,answered_on,score\n"
DIRTY = HEADER + "1,2025-01-02,85\n2,2025-01-02,很好\n3,2025-13-02,70\n\n"


@pytest.fixture
def surveys(operator):
    """Deliver surveys of which two records cannot be read, in GB18030."""
    operator.map("surveys", {"encoding": "gb18030"}, max_rejected=1)
    operator.deliver(NAME, DIRTY, "gb18030")
    operator.ingest()
    return operator


def _correct(operator, *given):
    """Take corrections as the command does; return how many are new."""
    personal = operator.workspace.personal
    kept, new = corrected(
        operator.settings(),
        operator.root,
        set_aside(operator.workspace),
        Corrections.read(personal),
        [Correction(*each) for each in given],
    )
    kept.write(personal)
    return new


def _books(operator):
    """Return delivered, accepted, set aside of each delivery."""
    entries = Registry(operator.workspace).entries.values()
    return [(e.delivered, e.accepted, e.quarantined) for e in entries]


def _counts(operator, **selection):
    return [(a.table, a.delivery, dict(a.counts)) for a in
            set_aside(operator.workspace, Selection(**selection))]  # fmt: skip


def test_records_are_selected_by_table_delivery_and_rule(surveys):
    """A delivery is named by its file, its period or its day."""
    every = _counts(surveys)
    assert every == [("surveys", "202501-20250201", {"CSV006": 1, "SURV003": 1, "SURV006": 1})]
    for name in ("202501-20250201", "202501", "20250201", "2025-02-01"):
        assert _counts(surveys, delivery=name) == every
    assert _counts(surveys, rule="surv006") == [("surveys", "202501-20250201", {"SURV006": 1})]
    with pytest.raises(UsageError, match="no such record") as caught:
        _counts(surveys, table="bills")
    assert "surveys 202501-20250201 (CSV006" in caught.value.do


def test_a_record_is_shown_as_text(surveys):
    """In the encoding of its file, with what cannot be seen escaped."""
    asides = set_aside(surveys.workspace)
    found = {r.line: r.text for r in records(surveys.settings(), surveys.root, asides)}
    assert found == {3: "2,2025-01-02,很好", 4: "3,2025-13-02,70", 5: ""}


def test_a_corrected_record_is_accepted_and_the_books_balance(surveys):
    """It is read as corrected, still so where everything is made again, and only once."""
    assert _books(surveys) == [(4, 1, 3)]
    assert _correct(surveys, (NAME, 3, "2,2025-01-02,90")) == 1
    report = surveys.ingest()
    assert (report.accepted, report.quarantined) == (2, 2)
    assert _books(surveys) == [(4, 2, 2)]
    before = surveys.stored_bytes()
    assert surveys.ingest().unchanged
    assert _correct(surveys, (NAME, 3, "2,2025-01-02,90")) == 0
    assert surveys.ingest().unchanged
    surveys.ingest(code_version="2")
    assert _books(surveys) == [(4, 2, 2)]
    tables = [name for name in before if name.startswith(("tables/surveys", "personal/quara"))]
    assert [surveys.stored_bytes()[name] for name in tables] == [before[name] for name in tables]


def test_it_is_as_if_it_had_been_delivered_so(surveys, operator):
    """The table has the bytes it would have from a file that was right at once."""
    _correct(surveys, (NAME, 3, "2,2025-01-02,90"), (NAME, 4, "3,2025-01-03,70"))
    surveys.ingest()
    (corrected_table,) = (surveys.workspace.tables / "surveys").glob("*.parquet")
    content = corrected_table.read_bytes()
    right = DIRTY.replace("很好", "90").replace("2025-13-02", "2025-01-03")
    operator.deliver(NAME, right, "gb18030")
    operator.ingest()
    (table,) = (operator.workspace.tables / "surveys").glob("*.parquet")
    assert (table.name, table.read_bytes()) == (corrected_table.name, content)


def test_a_record_still_wrong_is_set_aside_as_corrected(surveys):
    """And may be corrected again."""
    _correct(surveys, (NAME, 3, "2,2025-01-02,好"))
    surveys.ingest()
    assert ("2,2025-01-02,好".encode("gb18030")) in {
        raw for *_, raw in surveys.quarantined("surveys")
    }
    assert _correct(surveys, (NAME, 3, "2,2025-01-02,90")) == 1
    surveys.ingest()
    assert _books(surveys) == [(4, 2, 2)]


@pytest.mark.parametrize(
    ("line", "text", "words"),
    [
        (2, "1,2025-01-02,86", "1 of the records to be corrected are not set aside"),
        (3, "2,2025-01-02,90\n9,2025-01-02,90", "run over several lines"),
    ],
)
def test_only_records_set_aside_are_corrected(surveys, line, text, words):
    """A correction changes no record that was accepted, and adds none."""
    with pytest.raises(UsageError, match=words):
        _correct(surveys, (NAME, line, text))
    assert surveys.ingest().unchanged


def test_a_file_that_changed_is_not_corrected(surveys):
    """What was set aside came from another file then."""
    surveys.deliver(NAME, DIRTY.replace("很好", "不好"), "gb18030")
    with pytest.raises(ExtractError, match="no longer the one"):
        _correct(surveys, (NAME, 3, "2,2025-01-02,90"))
    (surveys.root / "extracts" / NAME).unlink()
    with pytest.raises(ExtractError, match="the file is not there"):
        _correct(surveys, (NAME, 3, "2,2025-01-02,90"))


def test_signs_that_the_encoding_lacks(operator):
    """A correction must be such that it could have been delivered."""
    operator.map("surveys", {"encoding": "cp1252"}, max_rejected=1)
    operator.deliver(NAME, HEADER + "1,2025-01-02,x\n2,2025-01-02,1\n")
    operator.ingest()
    with pytest.raises(ExtractError, match="signs that cp1252 does not have"):
        _correct(operator, (NAME, 2, "1,2025-01-02,很"))


def test_a_refused_delivery_is_corrected_too(operator):
    """Of a delivery that broke its contract everything is set aside until it keeps it."""
    operator.map("surveys")
    operator.deliver(NAME, HEADER + "1,2025-01-02,x\n2,2025-01-02,1\n")
    with pytest.raises(ExtractError, match="breaks its contract"):
        operator.ingest()
    (aside,) = set_aside(operator.workspace)
    assert not aside.ingested
    _correct(operator, (NAME, 2, "1,2025-01-02,2"))
    assert operator.ingest().accepted == 2
    assert set_aside(operator.workspace) == []


def test_corrections_travel_as_json_lines(surveys, tmp_path):
    """What is written out and read back unchanged corrects nothing."""
    path = tmp_path / "aside.jsonl"
    asides = set_aside(surveys.workspace)
    path.write_bytes(as_json_lines(records(surveys.settings(), surveys.root, asides)))
    given = read_corrections(path)
    assert [each.line for each in given] == [3, 4, 5]
    assert _correct(surveys, *((each.file, each.line, each.text) for each in given)) == 0
    path.write_text('{"file": "a", "line": 1}\n')
    with pytest.raises(UsageError, match="no corrected record") as caught:
        read_corrections(path)
    assert caught.value.where == "aside.jsonl, line 1"


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_records_of_other_formats_are_corrected_as_json(operator, ending):
    """A row of a typed file is shown, and corrected, as JSON."""
    name = f"surveys_202501_20250201.{ending}"
    operator.map("surveys", {"name": "surveys_{period}_{delivered_on}.*"}, max_rejected=1)
    rows = [
        {"subscriber_id": "1", "answered_on": "2025-01-02", "score": "1"},
        {"subscriber_id": "2", "answered_on": "2025-01-02", "score": "x"},
    ]
    path = operator.deliver(name, "".join(json.dumps(row) + "\n" for row in rows))
    if ending == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    operator.ingest()
    (record,) = records(operator.settings(), operator.root, set_aside(operator.workspace))
    assert json.loads(record.text) == rows[1]
    text = json.dumps({**rows[1], "score": "7"})
    assert _correct(operator, (name, record.line, text)) == 1
    operator.ingest()
    assert [score for (score,) in operator.rows("surveys", "score")] == [1, 7]
    assert _books(operator) == [(2, 2, 0)]


def test_a_corrected_file_is_hashed_as_delivered(surveys):
    """A copy of it that comes again is still the same file."""
    surveys.deliver("surveys_202501_20250205.csv", DIRTY, "gb18030")
    _correct(surveys, (NAME, 3, "2,2025-01-02,90"))
    report = surveys.ingest()
    assert report.repeated == ("surveys: surveys_202501_20250205.csv",)
    assert _books(surveys) == [(4, 2, 2)]
