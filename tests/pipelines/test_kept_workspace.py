"""A night that an earlier program finished: today's opens it, and scores as it did."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.pipelines.conftest import WITH_LIST, Deployment
from tests.pipelines.kept import NIGHT, SCORES, unpacked


@pytest.fixture
def kept(tmp_path: Path) -> Deployment:
    """Return the workspace of commit 77ecf1b as that program left it."""
    return unpacked(tmp_path)


def _own_ids(deployment: Deployment) -> dict[str, str]:
    rows = pq.read_table(deployment.workspace / "personal" / "id_map.parquet").to_pylist()
    return {row["hash"]: row["id"] for row in rows if row["kind"] == "subscriber"}


def test_what_was_stored_can_be_read(kept: Deployment, kept_scored: Deployment) -> None:
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
    outcome = kept_scored.run("labels", "explain", listed[0], "--as-of", "2024-01-01")
    assert outcome.returncode == 0, outcome.stderr
    models = kept.run("models", "list")
    assert models.returncode == 0, models.stderr
    assert "champion" in models.stdout
    assert kept.exported() == before


@pytest.mark.slow
def test_its_champion_scores_as_it_did(kept: Deployment, kept_scored: Deployment) -> None:
    """From the tables stored then, everybody gets the chances of then."""
    then, now = (_chances(deployment) for deployment in (kept, kept_scored))
    assert set(now) == set(then)
    for name in ("p_active", "p_passive"):
        assert {key: row[name] for key, row in now.items()} == pytest.approx(
            {key: row[name] for key, row in then.items()}
        )


def _chances(deployment: Deployment) -> dict[str, dict[str, float]]:
    """Return a night's chances by the operator's own ids."""
    own = _own_ids(deployment)
    rows = pq.read_table(deployment.workspace / SCORES).to_pylist()
    return {own[row["subscriber_id"]]: row for row in rows}


@pytest.mark.acceptance
def test_migrated_it_gives_the_nights_exports(kept: Deployment) -> None:
    """Every file of today's night, from its own champion; the list of then stays as it was.

    Who is listed has the chances of then: what is selected follows from today's rules.
    """
    before = kept.exported()
    stored = pq.read_table(kept.workspace / SCORES)
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
def test_its_extracts_are_read_anew_into_the_same_rows(
    kept: Deployment, kept_scored: Deployment
) -> None:
    """Another program may read otherwise: every delivery is ingested again."""
    told = (kept_scored.settings.parents[1] / "ingest.txt").read_text(encoding="utf-8")
    assert told.startswith("3 deliveries ingested, 0 unchanged;"), told
    then, now = (
        json.loads((of.workspace / "tables" / "deliveries.json").read_text("utf-8"))["deliveries"]
        for of in (kept, kept_scored)
    )
    counts = ("delivered", "accepted", "quarantined", "not_selected")
    for earlier, later in zip(then, now, strict=True):
        assert earlier["table"] == later["table"]
        for before, after in zip(earlier["files"], later["files"], strict=True):
            assert [before[name] for name in counts] == [after[name] for name in counts]
