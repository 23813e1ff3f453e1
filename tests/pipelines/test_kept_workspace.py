"""A night that an earlier program finished: today's opens it, and scores as it did."""

from __future__ import annotations

import csv
import json
import tarfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.pipelines.conftest import WITH_LIST, Deployment

KEPT = Path(__file__).parents[1] / "fixtures" / "workspace_77ecf1b" / "deployment.tar.xz"
NIGHT = "2024-05-01"


@pytest.fixture
def kept(tmp_path: Path) -> Deployment:
    """Unpack the workspace of commit 77ecf1b."""
    with tarfile.open(KEPT) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / "deployment"
    return Deployment(folder / "churn.yaml", folder / "workspace")


def _own_ids(deployment: Deployment) -> dict[str, str]:
    rows = pq.read_table(deployment.workspace / "personal" / "id_map.parquet").to_pylist()
    return {row["hash"]: row["id"] for row in rows if row["kind"] == "subscriber"}


def test_what_was_stored_can_be_read(kept: Deployment) -> None:
    """The ledger, a listed subscriber's reasons, outcomes and the models; no file is changed."""
    before = kept.exported()
    status = kept.run("status")
    assert status.returncode == 0, status.stderr
    assert "export" in status.stdout
    (manifest,) = (kept.workspace / "exports").rglob("manifest.json")
    counts = json.loads(manifest.read_text(encoding="utf-8"))["counts"]["targets"]
    listed = pq.read_table(manifest.with_name("targets.parquet"))["subscriber_id"].to_pylist()
    assert len(listed) == counts["listed"] == 11
    explained = kept.run("explain", listed[0])
    assert explained.returncode == 0, explained.stderr
    assert f"night {NIGHT}" in explained.stdout
    assert "rank 1," in explained.stdout
    assert kept.run("ingest").returncode == 0  # tables have more columns now: they are read anew
    outcome = kept.run("labels", "explain", listed[0], "--as-of", "2024-01-01")
    assert outcome.returncode == 0, outcome.stderr
    models = kept.run("models", "list")
    assert models.returncode == 0, models.stderr
    assert "champion" in models.stdout
    assert kept.exported() == before


@pytest.mark.slow
def test_its_champion_scores_as_it_did(kept: Deployment, tmp_path: Path) -> None:
    """From the tables stored then, everybody gets the chances of then."""
    place = kept.workspace / "stages" / "score" / NIGHT / "scores.parquet"
    own = _own_ids(kept)
    then = {own[row["subscriber_id"]]: row for row in pq.read_table(place).to_pylist()}
    assert kept.run("ingest").returncode == 0  # tables have more columns now: they are read anew
    done = kept.run("score", "--out", str(tmp_path / "scores.csv"))
    assert done.returncode == 0, done.stderr
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
        now = {row["subscriber_id"]: row for row in csv.DictReader(file)}
    assert set(now) == set(then)
    for name in ("p_active", "p_passive"):
        assert {key: float(row[name]) for key, row in now.items()} == pytest.approx(
            {key: row[name] for key, row in then.items()}
        )


@pytest.mark.acceptance
def test_migrated_it_gives_the_nights_exports(kept: Deployment) -> None:
    """Every file of today's night, from its own champion; the list of then stays as it was.

    Who is listed has the chances of then: what is selected follows from today's rules.
    """
    before = kept.exported()
    stored = pq.read_table(kept.workspace / "stages" / "score" / NIGHT / "scores.parquet")
    then = {row["subscriber_id"]: row for row in stored.to_pylist()}
    migrated = kept.run("workspace", "migrate")
    assert migrated.returncode == 0, migrated.stderr
    assert migrated.stdout.startswith(("1 nights now say", "nothing to migrate"))
    assert kept.run("ingest").returncode == 0
    done = kept.run("export", "--as-of", NIGHT)
    assert done.returncode == 0, done.stderr
    after = kept.exported()
    assert before.items() <= after.items(), "what was handed over is immutable"
    revision = kept.workspace / "exports" / NIGHT / "rev2"
    assert {path.name for path in revision.iterdir()} == {*WITH_LIST, "manifest.json"}
    own = {name: digest for digest, name in _own_ids(kept).items()}
    listed = pq.read_table(revision / "targets.parquet").to_pylist()
    assert listed
    for row in listed:
        said = then[own[row["subscriber_id"]]]["p_active"]
        assert row["p_active"] == pytest.approx(said, abs=5e-7), "lists round"


@pytest.mark.slow
def test_its_extracts_are_read_anew_into_the_same_rows(kept: Deployment) -> None:
    """Another program may read otherwise: every delivery is ingested again."""
    registry = kept.workspace / "tables" / "deliveries.json"
    then = json.loads(registry.read_text(encoding="utf-8"))["deliveries"]
    done = kept.run("ingest")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 deliveries ingested, 0 unchanged;"), done.stdout
    now = json.loads(registry.read_text(encoding="utf-8"))["deliveries"]
    counts = ("delivered", "accepted", "quarantined", "not_selected")
    for earlier, later in zip(then, now, strict=True):
        assert earlier["table"] == later["table"]
        for before, after in zip(earlier["files"], later["files"], strict=True):
            assert [before[name] for name in counts] == [after[name] for name in counts]
