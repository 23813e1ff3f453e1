"""Whatever is delivered: records set aside or one clear error, never a traceback or a loss."""

from __future__ import annotations

from datetime import date

import pyarrow.parquet as pq
import pytest

from churn.errors import ChurnError
from churn.ingest.registry import Registry
from churn.ingest.staging import stage
from churn.ingest.whole import read_whole
from tests.ingest.hostile import GOOD, corpus

CORPUS = list(corpus())
IDS = [what for what, _, _ in CORPUS]


def _unless_refused(attempt, *arguments):
    """Return what an attempt gives; None if it is refused with a clear error, any other goes on."""
    result = error = None
    try:
        result = attempt(*arguments)
    except ChurnError as told:
        error = told
    if error is not None:
        assert error.exit_code in {10, 11, 15}, error
        assert error.where, error
        assert error.do, error
    return result


def test_there_are_enough_of_them():
    """Of every kind that was met, and no two are called alike."""
    assert len(set(IDS)) == len(IDS) >= 60


@pytest.mark.parametrize(("what", "name", "make"), CORPUS, ids=IDS)
def test_as_an_extract(operator, what, name, make):
    """The books balance to the record, or an error names the place and what to do."""
    operator.map("surveys", {"files": "a.*", "delivered_on": date(2025, 2, 1)}, max_rejected=1)
    make(operator.root / "extracts" / name)
    operator.check()
    if _unless_refused(operator.ingest) is None:
        assert not list(operator.workspace.tables.glob("surveys/*"))
        return
    (entry,) = Registry(operator.workspace).entries.values()
    assert entry.delivered == entry.accepted + entry.quarantined + entry.not_selected
    assert len(operator.quarantined("surveys")) == entry.quarantined
    assert pq.read_table(operator.workspace.root / entry.path).num_rows == entry.accepted
    assert not (operator.root / "up.csv").exists()


@pytest.mark.parametrize(("what", "name", "make"), CORPUS, ids=IDS)
def test_as_a_ready_made_table(tmp_path, what, name, make):
    """It is read whole, every column as long as the others, or refused whole."""
    path = tmp_path / name
    make(path)
    table = _unless_refused(read_whole, path)
    if table is None:
        return
    assert table.num_rows > 0
    assert len(set(table.column_names)) == table.num_columns


def test_a_file_that_grows_while_it_is_read(operator, monkeypatch):
    """It is refused: what was counted is not what lies there; the next run reads it whole."""
    operator.map("surveys", {"files": "a.*", "delivered_on": date(2025, 2, 1)})
    path = operator.deliver("a.csv", GOOD)

    def growing(*arguments):
        with path.open("ab") as file:
            file.write(b"u1,2025-01-31,1\n")
        return stage(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("churn.ingest.building.stage", growing)
        with pytest.raises(ChurnError, match="changed while it was read") as caught:
            operator.ingest()
    assert caught.value.where == "a.csv"
    assert operator.ingest().accepted == 201
