"""Who only reads, beside a run that works in the same workspace."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from churn.store import Workspace
from pipelines.run import open_reader, open_run
from tests.deployments import deployment


def test_a_run_that_mends_takes_nothing_from_under_a_reader(tmp_path: Path) -> None:
    """What a reader has spilled stays until it ends, whoever comes meanwhile; then it goes."""
    place = deployment(tmp_path / "deployment", tmp_path)
    with open_run(place.settings):
        pass
    with open_reader(place.settings) as reader:
        spilled = reader.engine.computed(reader.engine.from_arrow(pa.table({"n": [1, 2]})))
        with open_run(place.settings) as run:
            run.engine.computed(run.engine.from_arrow(pa.table({"n": [3]})))
        assert reader.engine.to_arrow(spilled).num_rows == 2
    readers = place.workspace / "personal" / "readers"
    assert readers.stat().st_mode & 0o077 == 0
    assert list(readers.iterdir()) == []


def test_what_a_killed_reader_left_goes_with_the_next_run(tmp_path: Path) -> None:
    """Its folder is held by nobody; that of a living reader stays."""
    workspace = Workspace(tmp_path / "workspace").open()
    left = workspace.readers / "killed"
    left.mkdir(parents=True)
    (left / "spilled.parquet").write_bytes(b"rows")
    with workspace.reader() as living:
        workspace.mend()
        assert living.exists()
        assert not left.exists()
    assert not living.exists()
    workspace.mend()
