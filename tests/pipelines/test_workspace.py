"""Keeping house: a person leaves for good, what is old goes, what is needed stays."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import tarfile
import zipfile
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from churn.ingest import hashed_id
from churn.store.erasing import Person, found
from churn.store.hashing import sha256_file
from pipelines.run import open_reader
from tests.pipelines.conftest import Deployment

pytestmark = pytest.mark.slow
KEEP = {"stages": 30, "exports": 300, "quarantine": None}
KEPT = Path(__file__).parents[1] / "fixtures" / "workspace_77ecf1b" / "deployment.tar.xz"


def _key(deployment: Deployment) -> str:
    with open_reader(deployment.settings) as run:
        return run.settings.ingest.key()


def _still(deployment: Deployment, *own: str) -> list[str]:
    """Return the files that still name somebody; tombstones are hashes, and meant to."""
    key = _key(deployment)
    person = Person(frozenset({*own, *(hashed_id(key, one) for one in own)}))
    return [
        path.relative_to(deployment.workspace).as_posix()
        for path in sorted(deployment.workspace.rglob("*"))
        if path.is_file()
        and path.name != "erased.json"
        and (found(path, person) or _says(path.name, path.read_bytes(), person.names))
    ]


def _says(name: str, content: bytes, names: frozenset[str]) -> bool:
    """Search by other means than the product's: all columns, parts and bytes, and the file's name.

    Short identifiers are figures elsewhere: they are the product's own search to find.
    """
    long = [each for each in names if len(each) >= 6]
    if content.startswith(b"PAR1"):
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
        content = "\n".join(str(cell) for row in rows for cell in row.values()).encode()
    elif content.startswith(b"\x1f\x8b"):
        return _says(name, gzip.decompress(content), names)
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(_says(each, archive.read(each), names) for each in archive.namelist())
    return any(each.encode() in content or each in name for each in long)


def _most_widely_told(night: Path) -> str:
    """Return whom most of the files of a night's list tell of, whatever their kind."""
    listed = pq.read_table(night / "targets.parquet")["subscriber_id"].to_pylist()
    texts = [_text(path) for path in sorted(night.iterdir())]
    return max(listed, key=lambda name: sum(name in text for text in texts))


def _text(path: Path) -> str:
    """Return all that a file says, the parts of an archive one after the other."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes().decode("utf-8", errors="ignore")
    with zipfile.ZipFile(path) as archive:
        return "".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())


def _forget(deployment: Deployment, *tables: str) -> None:
    """Let deliveries of some tables be ingested once more."""
    path = deployment.workspace / "tables" / "deliveries.json"
    content = json.loads(path.read_text("utf-8"))
    kept = [each for each in content["deliveries"] if each["table"] not in tables]
    assert len(kept) < len(content["deliveries"])
    path.write_text(json.dumps({**content, "deliveries": kept}), encoding="utf-8")


def test_the_erased_is_found_nowhere_and_does_not_come_back(copied: Deployment) -> None:
    """Tables, lists, pages, workbooks, stages, map; nor after everything is ingested anew."""
    (night,) = (copied.workspace / "exports").iterdir()
    rows = pq.read_table(night / "targets.parquet").num_rows
    who = _most_widely_told(night)
    assert copied.run("profile").returncode == 0
    stages = copied.workspace / "stages"
    shutil.copytree(stages / "score", stages / "shadow")  # of a challenger beside the champion
    told = {Path(place).name for place in _still(copied, who)}
    lists = {"targets.parquet", "targets.csv", "targets.xlsx", "handover.csv", "inbound.csv"}
    assert told >= lists | {"report.html", "scores.parquet", "id_map.parquet"}
    assert {"shadow", "score", "target"} <= {
        Path(place).parts[1] for place in _still(copied, who) if place.startswith("stages")
    }
    done = copied.run("workspace", "erase", who)
    assert done.returncode == 0, done.stderr
    assert "table bills" in done.stdout
    assert who not in done.stdout + done.stderr
    assert _still(copied, who) == []
    # what is left is whole: one row less, seals that hold, a workbook that opens
    assert pq.read_table(night / "targets.parquet").num_rows == rows - 1
    manifest = json.loads((night / "manifest.json").read_text("utf-8"))
    assert manifest["erased_rows"] >= 3
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == sha256_file(night / name), name
    assert openpyxl.load_workbook(night / "targets.xlsx").sheetnames
    for marker in (copied.workspace / "stages").rglob("stage.json"):
        for name, digest in json.loads(marker.read_text("utf-8"))["files"].items():
            assert digest == sha256_file(marker.parent / name)
    assert (copied.workspace / "personal" / "erased.json").stat().st_mode & 0o077 == 0
    (proof,) = (copied.workspace / "personal" / "erasures").iterdir()
    assert json.loads(proof.read_text("utf-8"))["lines"] == 1

    again = copied.run("workspace", "erase", who)
    assert again.returncode == 11
    assert "erased before" in again.stderr
    _forget(copied, "subscribers", "contact_details", "status_events")
    back = copied.run("ingest")
    assert back.returncode == 0, back.stderr
    assert "0 deliveries ingested" not in back.stdout
    assert _still(copied, who) == []
    nobody = copied.run("workspace", "erase", "nobody")
    assert nobody.returncode == 11


@pytest.mark.few_tables
def test_a_customer_leaves_with_all_its_lines(copied: Deployment) -> None:
    """By the customer's id: every line of it, and no line of another."""
    tables = copied.workspace / "tables" / "subscribers"
    held = pq.read_table(max(tables.glob("*.parquet"))).to_pandas()
    counts = held.groupby("customer_id")["subscriber_id"].nunique()
    customer = counts.index[counts.argmax()]
    mapped = pq.read_table(copied.workspace / "personal" / "id_map.parquet").to_pandas()
    lines = set(held.loc[held["customer_id"] == customer, "subscriber_id"])
    own = mapped.loc[(mapped["hash"] == customer) & (mapped["kind"] == "customer"), "id"].item()
    named = list(mapped.loc[mapped["hash"].isin(lines), "id"])
    assert len(lines) > 1
    done = copied.run("workspace", "erase", own)
    assert done.returncode == 0, done.stderr
    assert _still(copied, own, *named) == []
    after = pq.read_table(copied.workspace / "personal" / "id_map.parquet")
    assert len(mapped) - after.num_rows >= len(lines) + 1
    left = pq.read_table(max(tables.glob("*.parquet"))).num_rows
    assert len(held) - left == len(lines)


@pytest.mark.few_tables
def test_erased_under_another_key(copied: Deployment) -> None:
    """A new id_key would let the erased come back: refused before anything is read."""
    path = copied.workspace / "personal" / "erased.json"
    path.write_text(json.dumps({"version": 1, "key": "other", "ids": ["1"]}), encoding="utf-8")
    _forget(copied, "subscribers")
    done = copied.run("ingest")
    assert done.returncode == 10
    assert "id_key" in done.stderr


@pytest.mark.few_tables
def test_what_law_keeps_is_kept_and_said(copied: Deployment) -> None:
    """Lists stay where the settings say so; the erasure says that they do."""
    copied.change(lambda settings: settings.update(retention={"law_keeps": ["exports"]}))
    (night,) = (copied.workspace / "exports").iterdir()
    before = copied.exported()
    who = pq.read_table(night / "targets.parquet")["subscriber_id"].to_pylist()[0]
    done = copied.run("workspace", "erase", who)
    assert done.returncode == 0, done.stderr
    assert "retention.law_keeps" in done.stdout
    assert copied.exported() == before
    assert {place.split("/")[0] for place in _still(copied, who)} == {"exports"}


@pytest.mark.few_tables
def test_old_results_go_and_what_is_needed_stays(copied: Deployment) -> None:
    """What is older than the settings keep goes; the latest night, its model, and draws stay."""
    stages = copied.workspace / "stages"
    (night,) = (copied.workspace / "exports").iterdir()
    for stage in ("score", "target", "panel"):
        shutil.copytree(stages / stage / night.name, stages / stage / "2022-01-01")
    shutil.copytree(stages / "score" / night.name, stages / "score" / "2024-02-01")  # watched
    shutil.copytree(night, night.with_name("2022-01-01"))
    copied.change(lambda settings: settings.update(retention=KEEP))
    before = {path for path in copied.workspace.rglob("*") if path.is_file()}
    asked = copied.run("workspace", "prune", "--dry-run")
    assert asked.returncode == 0, asked.stderr
    assert "would be removed" in asked.stdout
    assert {path for path in copied.workspace.rglob("*") if path.is_file()} == before
    done = copied.run("workspace", "prune")
    assert done.returncode == 0, done.stderr
    gone = before - {path for path in copied.workspace.rglob("*") if path.is_file()}
    tops = {path.relative_to(copied.workspace).parts[:3] for path in gone}
    assert tops == {
        ("exports", "2022-01-01", name.name) for name in night.iterdir()
    } | {("stages", stage, "2022-01-01") for stage in ("score", "target", "panel")}  # fmt: skip
    assert "nothing is older" in copied.run("workspace", "prune").stdout
    skipped = copied.run("nightly")
    assert skipped.returncode == 0, skipped.stderr
    assert "running" not in skipped.stderr
    status = copied.run("status")
    assert "canonical tables" in status.stdout


def test_an_older_workspace_is_completed(tmp_path: Path) -> None:
    """Its night's scores then say which model gave them; once more finds nothing to do."""
    with tarfile.open(KEPT) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / "deployment"
    kept = Deployment(folder / "churn.yaml", folder / "workspace")
    before = kept.exported()
    done = kept.run("workspace", "migrate")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 nights now say")
    path = kept.workspace / "stages" / "score" / "2024-05-01" / "model.json"
    assert json.loads(path.read_text("utf-8"))["trained_as_of"] == "2024-05-01"
    assert "nothing to migrate" in kept.run("workspace", "migrate").stdout
    assert kept.exported() == before
