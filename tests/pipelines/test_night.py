"""One night, as a user runs it: list, workbook, manifest; again; in another workspace."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from churn.store.hashing import sha256_file
from churn.targeting.plan import TARGET_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Deployment


def _night_folder(deployment: Deployment) -> Path:
    nights = sorted((deployment.workspace / "exports").iterdir())
    assert len(nights) == 1
    return nights[0]


@pytest.mark.slow
def test_a_night_makes_a_list_and_the_second_run_skips_every_stage(
    deploy: Callable[..., Deployment],
) -> None:
    """The files are there, agree with the manifest and each other; nothing is made twice."""
    deployment = deploy()
    first = deployment.run("nightly")
    assert first.returncode == 0, first.stderr
    folder = _night_folder(deployment)
    names = {path.name for path in folder.iterdir()}
    wanted = {"targets.csv", "targets.xlsx", "targets.parquet", "last_notices.xlsx"}
    assert wanted | {"manifest.json"} <= names
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name in wanted:
        assert manifest["files"][name] == sha256_file(folder / name)
    raw = (folder / "targets.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    table = pq.read_table(folder / "targets.parquet")
    assert tuple(table.column_names) == TARGET_COLUMNS
    assert len(rows) == table.num_rows > 0

    again = deployment.run("nightly")
    assert again.returncode == 0, again.stderr
    stages = [line.split()[:2] for line in again.stderr.splitlines() if line]
    assert {state for _, state in stages} == {"skipped"}, again.stderr
    status = deployment.run("status")
    assert status.returncode == 0
    assert "skipped" in status.stdout


@pytest.mark.slow
def test_two_workspaces_give_the_same_bytes(deploy: Callable[..., Deployment]) -> None:
    """Every file under exports, without an exception."""
    one, two = deploy(), deploy()
    assert one.run("nightly").returncode == 0
    assert two.run("nightly").returncode == 0
    assert one.exported() == two.exported() != {}
