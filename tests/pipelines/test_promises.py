"""A finished night: readers wait for nobody, lists never change, people stay hidden."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from churn.errors import ModelError
from churn.ingest.registry import Registry
from churn.panel import REASONS
from churn.report.notes import OLDER
from churn.store.lock import exclusive
from pipelines.models.champion import champion, require_features
from pipelines.nightly import nightly
from pipelines.run import open_reader, open_run
from tests.pipelines.conftest import WITHOUT_LIST, Deployment, nobody_passes

pytestmark = [pytest.mark.slow(70), pytest.mark.few_tables]


def _ids(deployment: Deployment, kind: str) -> list[str]:
    table = pq.read_table(deployment.workspace / "personal" / "id_map.parquet")
    rows = table.to_pylist()
    return [row["id"] for row in rows if row["kind"] == kind]


def _manifests(deployment: Deployment) -> dict[int, dict[str, Any]]:
    files = (deployment.workspace / "exports").rglob("manifest.json")
    found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {manifest["revision"]: manifest for manifest in found}


def test_readers_work_while_another_run_holds_the_lock(copied: Deployment) -> None:
    """Status and both explanations answer; a second run says who works there."""
    one = _ids(copied, "subscriber")[0]
    with exclusive(copied.workspace):
        assert copied.run("status").returncode == 0
        told = copied.run("explain", one)
        assert told.returncode == 0, told.stderr
        assert copied.run("labels", "explain", one, "--as-of", "2023-09-01").returncode == 0
        assert copied.run_apart("score").returncode == 16


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("explain", "nobody"), "no delivery names this subscriber"),
        (("explain", "{customer}"), "no delivery names this subscriber"),
        (("explain", "{subscriber}", "--as-of", "2023-09-01"), "was not scored"),
        (("labels", "explain", "nobody", "--as-of", "2023-09-01"), "no delivery names"),
        (("labels", "explain", "{subscriber}", "--as-of", "2020-01-01"), "no delivery of"),
    ],
)
def test_what_cannot_be_explained(finished: Deployment, words: tuple[str, ...], told: str) -> None:
    """An unknown id, a customer's id, a night that was not scored, a day before any data."""
    known = {kind: _ids(finished, kind)[0] for kind in ("subscriber", "customer")}
    done = finished.run(*(word.format(**known) for word in words))
    assert done.returncode == 11, done.stderr
    assert told in done.stderr
    assert not any(one in done.stderr for one in known.values())


def test_who_was_not_scored_is_told_why(finished: Deployment) -> None:
    """Why a customer is not on the list has an answer for those who could not be on it, too."""
    (night,) = (finished.workspace / "exports").iterdir()
    rows = csv.DictReader((night / "inbound.csv").read_text("utf-8-sig").splitlines())
    scored = {row["subscriber_id"] for row in rows}
    (left_out, *_) = [one for one in _ids(finished, "subscriber") if one not in scored]
    done = finished.run("explain", left_out)
    assert done.returncode == 0, done.stderr
    told, why = done.stdout.splitlines()[0].split(" list: ")
    assert told == f"{night.name}: not scored, so on no"
    assert why in {reason.en for reason in REASONS.values()} | {"not on the books yet that night"}


def test_scores_go_to_a_file_under_the_operators_ids(copied: Deployment, tmp_path: Path) -> None:
    """CSV and Parquet hold the same rows, sorted; another ending is a usage error before work."""
    for name in ("scores.csv", "scores.parquet"):
        done = copied.run("score", "--out", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((tmp_path / "scores.csv").read_text(encoding="utf-8").splitlines()))
    table = pq.read_table(tmp_path / "scores.parquet").to_pylist()
    assert [row["subscriber_id"] for row in rows] == [row["subscriber_id"] for row in table]
    assert list(rows[0]) == ["subscriber_id", "p_active", "p_passive"]
    ids = [row["subscriber_id"] for row in rows]
    assert ids == sorted(set(ids))
    assert set(ids) <= set(_ids(copied, "subscriber"))
    assert float(rows[0]["p_active"]) == table[0]["p_active"]
    assert copied.run("score", "--out", str(tmp_path / "scores.xlsx")).returncode == 2


def test_personal_data_stays_in_its_folder_and_in_the_lists(finished: Deployment) -> None:
    """No name, number or operator's id in tables, stages, models, logs or ledger."""
    workspace = finished.workspace
    details = [
        pq.read_table(path, columns=["name", "phone"]).to_pylist()
        for path in sorted((workspace / "personal" / "tables").rglob("*.parquet"))
    ]
    secrets = {row["phone"] for rows in details for row in rows if row["phone"]}
    secrets |= set(_ids(finished, "subscriber")) | set(_ids(finished, "customer"))
    names = {row["name"] for rows in details for row in rows if row["name"]}
    assert secrets
    assert names
    assert workspace.joinpath("personal").stat().st_mode & 0o077 == 0
    for path in sorted(workspace.rglob("*")):
        place = path.relative_to(workspace).parts[0]
        if not path.is_file() or place in {"personal", "exports"}:
            continue
        if path.suffix == ".parquet":
            columns = pq.read_table(path).to_pydict().values()
            cells = {str(value) for column in columns for value in column}
        else:
            text = path.read_bytes().decode("utf-8", errors="ignore")
            cells = set(re.split(r"[^\w.+-]+", text))
        assert not cells & (secrets | names), path.name
    (listed,) = (workspace / "exports").rglob("targets.parquet")
    rows = pq.read_table(listed).to_pylist()
    assert not {row["phone"] for row in rows} & secrets
    assert not {row["name"] for row in rows} & names


def test_a_later_run_writes_a_revision_beside_the_list(copied: Deployment) -> None:
    """What was handed over stays; a removed revision's number is not given again."""
    before = copied.exported()
    copied.change(lambda s: s.update(language="zh"))
    assert copied.run("export").returncode == 0
    after = copied.exported()
    assert {name: after[name] for name in before} == before
    assert sorted(_manifests(copied)) == [1, 2]
    copied.change(lambda s: s.update(language="en"))
    (night,) = (copied.workspace / "exports").iterdir()
    (night / "rev2" / "manifest.json").unlink()
    kept = copied.exported()
    assert copied.run("export").returncode == 0
    assert {name: digest for name, digest in copied.exported().items() if name in kept} == kept
    assert sorted(_manifests(copied)) == [1, 3]
    half = night / ".rev4.partial"
    half.mkdir()
    assert "skipped" in copied.run("export").stderr.splitlines()[-1]
    assert not half.exists(), "what a killed run left goes, even if nothing is written"


def test_what_is_delivered_later_changes_nothing_a_night_decides(finished: Deployment) -> None:
    """The night's inputs are the deliveries it may know; a later one makes no revision of it."""
    with open_reader(finished.settings) as run:
        registry = Registry(run.workspace)
        days = sorted({entry.delivered_on for entry in registry.entries.values()})
        night = date.fromisoformat(days[-2])
        knew = run.known_hash(night)
        registry.entries = {s: e for s, e in registry.entries.items() if e.delivered_on < days[-1]}
        assert run.known_hash(date.fromisoformat(days[-1])) != knew
        later = [e for e in Registry(run.workspace).entries.values() if e.delivered_on == days[-1]]
        assert later
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipelines.run.Registry", lambda _: registry)
            assert run.known_hash(night) == knew


def test_without_any_model_the_last_notices_are_written(
    refused: Deployment, tmp_path: Path
) -> None:
    """No target list, and a manifest that says so; the same notices are not handed over twice."""
    (manifest,) = _manifests(refused).values()
    assert set(manifest["files"]) == WITHOUT_LIST
    assert manifest["counts"]["targets"] is None
    again = refused.copied(tmp_path / "again")
    assert again.run("export").returncode == 14
    assert list(_manifests(again)) == [1]


def test_the_champion_goes_on_when_the_challenger_fails(copied: Deployment) -> None:
    """New feature definitions ask for a training; it passes no gate, and the night still works."""
    copied.change(nobody_passes)
    copied.change(lambda s: s.update(panel={"test": 1, "calibration": 1, "train": 1}))
    with open_run(copied.settings) as run:
        held = champion(run.workspace).fingerprint
        run.__dict__["feature_version"] = "changed"
        nightly(run)
        assert champion(run.workspace).fingerprint == held
    newest = _manifests(copied)[2]
    assert newest["bundle_hash"] == held
    assert newest["counts"]["targets"]["listed"] > 0
    assert OLDER.en in newest["notes"]


def test_a_model_without_its_features_is_refused(finished: Deployment) -> None:
    """Columns that the code no longer has are named, nothing is guessed."""
    with open_reader(finished.settings) as run:
        bundle = champion(run.workspace)
    require_features(bundle, bundle.needed)
    with pytest.raises(ModelError, match="1 features") as caught:
        require_features(bundle, bundle.needed[1:])
    assert bundle.needed[0] in caught.value.where


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_says_so_and_frees_the_workspace(
    copied: Deployment, number: int, code: int
) -> None:
    """The exit code tells the signal, the ledger tells the stop, the next run may begin."""
    copied.change(lambda s: s["panel"].update(test=1))
    (copied.workspace / "models").rename(copied.workspace / "away")
    with subprocess.Popen(
        copied.command("nightly"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        while "panel    running" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(number)
        told = process.stderr.read()
    assert process.returncode == code
    assert "Traceback" not in told
    assert "stopped" in copied.run("status").stdout
    assert list((copied.workspace / "personal").glob("spill/*")) == []
    with exclusive(copied.workspace):
        pass
