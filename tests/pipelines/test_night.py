"""One night, as a user runs it: list, workbook, manifest; again; in another workspace."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from churn.store.hashing import sha256_file
from churn.targeting.plan import TARGET_COLUMNS
from churn.windows import add_months
from tests.deployments import few_tables
from tests.pipelines.conftest import WITH_LIST, Deployment

pytestmark = pytest.mark.slow(60)


def _night_folder(deployment: Deployment) -> Path:
    (night,) = (deployment.workspace / "exports").iterdir()
    return night


def test_the_files_agree_with_the_manifest_and_each_other(finished: Deployment) -> None:
    """Every file is there under its hash, the list has the promised columns, counts add up."""
    folder = _night_folder(finished)
    assert {path.name for path in folder.iterdir()} == WITH_LIST | {"manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name in WITH_LIST:
        assert manifest["files"][name]["sha256"] == sha256_file(folder / name)
    raw = (folder / "targets.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    table = pq.read_table(folder / "targets.parquet")
    assert tuple(table.column_names) == (*TARGET_COLUMNS, "warnings", "movement", "decided_by")
    counts = manifest["counts"]["targets"]
    assert len(rows) == table.num_rows == counts["listed"] > 0
    books = pq.read_table(finished.workspace / "personal" / "id_map.parquet")["id"].to_pylist()
    assert {row["subscriber_id"] for row in rows} <= set(books), "the operator's own ids"
    assert sum(counts["left_out"].values()) > 0


@pytest.mark.few_tables
def test_a_second_run_skips_every_stage_and_says_so(copied: Deployment) -> None:
    """Nothing is made twice, no byte changes, and the ledger tells."""
    before = copied.exported()
    again = copied.run("nightly")
    assert again.returncode == 0, again.stderr
    stages = [line.split()[:2] for line in again.stderr.splitlines() if line]
    assert {state for _, state in stages} == {"skipped"}, again.stderr
    made = ["ingest", "train", "score", "effects", "survival", "target", "monitor", "export"]
    assert [name for name, _ in stages] == made
    assert copied.exported() == before
    status = copied.run("status")
    assert status.returncode == 0
    assert "skipped" in status.stdout


@pytest.mark.few_tables
def test_a_past_night_says_that_it_could_not_have_had_the_model(copied: Deployment) -> None:
    """On the terminal, in the page and in the manifest's notes: trained later than the night."""
    trained = _night_folder(copied).name
    earlier = add_months(date.fromisoformat(trained), -1).isoformat()
    said = f"trained as of a later day ({trained}) than this night"
    assert said in copied.run("score", "--as-of", earlier).stdout
    exported = copied.run("export", "--as-of", earlier)
    assert exported.returncode == 0, exported.stderr
    assert said in exported.stdout
    folder = copied.workspace / "exports" / earlier
    notes = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["notes"]
    assert any(said in note for note in notes)
    assert said in (folder / "report.html").read_text(encoding="utf-8")
    assert said not in copied.run("score", "--as-of", trained).stdout


@pytest.mark.parametrize(
    ("night", "tables"),
    [
        pytest.param("few_finished", few_tables, id="few_tables"),
        pytest.param("finished", None, id="all_tables", marks=pytest.mark.acceptance),
    ],
)
def test_another_place_zone_and_hash_seed_give_the_same_bytes(
    request: pytest.FixtureRequest,
    night: str,
    tables: Callable[[dict[str, Any]], None] | None,
    deploy: Callable[..., Deployment],
    small_world: Path,
    tmp_path: Path,
) -> None:
    """Every file under exports, without an exception: only inputs and settings count."""
    finished: Deployment = request.getfixturevalue(night)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(small_world / "extracts", elsewhere)
    other = deploy(tables)
    other.change(lambda settings: settings["ingest"].update(folder=str(elsewhere)))
    done = other.run_apart("nightly", TZ="Asia/Shanghai", PYTHONHASHSEED="7", LC_ALL="C", LANG="C")
    assert done.returncode == 0, done.stderr
    assert other.exported() == finished.exported() != {}


@pytest.mark.few_tables
def test_machines_are_told_in_json_and_results_stand_alone(copied: Deployment) -> None:
    """Standard error is JSON line by line; standard output holds the result and nothing else."""
    done = copied.run("nightly", "--log", "json")
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert {entry["state"] for entry in told} == {"skipped"}
    assert done.stdout.splitlines()[-1] == str(_night_folder(copied))
