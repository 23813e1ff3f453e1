"""A deployment that moves to Spark changes `engine:` and nothing else, and scores to the byte."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from churn.engines import EngineSettings
from churn.store import Workspace
from churn.store.hashing import sha256_file
from pipelines.audit import SCORED
from pipelines.export import MANIFEST, latest_revision
from tests.pipelines.conftest import WITH_LIST, Deployment
from tests.pipelines.kept import NIGHT, SCORES

TREE = Path(__file__).parents[2]


def _moved(kept: Deployment, folder: Path, engine: EngineSettings) -> Deployment:
    """Move a copy of the workspace, as it lies there, to another engine; nobody is scored yet."""
    deployment = kept.copied(folder)
    deployment.change(lambda s: s.update(engine=engine.model_dump(exclude={"spill"})))
    shutil.rmtree((deployment.workspace / SCORES).parent)  # or there would be nothing to do
    return deployment


def _scored(kept: Deployment, folder: Path, engine: EngineSettings) -> list[bytes]:
    """Return the scores, and the features of some of those scored, as files."""
    deployment = _moved(kept, folder, engine)
    for verb in ("ingest", "score"):
        done = deployment.run_apart(verb, PYTHONPATH=str(TREE))
        assert done.returncode == 0, done.stderr
    return _of_night(deployment)


def _of_night(deployment: Deployment) -> list[bytes]:
    scores = deployment.workspace / SCORES
    return [path.read_bytes() for path in (scores, scores.with_name(SCORED))]


def _handed_over(kept: Deployment, folder: Path, engine: EngineSettings) -> dict[str, Any]:
    """Return what a night with its champion in place hands over: each file's hash by name.

    The manifest is without the two hashes of the settings, which name the engine.
    """
    deployment = _moved(kept, folder, engine)
    done = deployment.run_apart("export", PYTHONPATH=str(TREE))
    assert done.returncode == 0, done.stderr
    number, handed = latest_revision(Workspace(deployment.workspace), date.fromisoformat(NIGHT))
    assert number == 2, "the first revision is the kept one"
    files: dict[str, Any] = {path.name: sha256_file(path) for path in handed.iterdir()}
    assert set(files) == WITH_LIST | {MANIFEST}
    told = json.loads((handed / MANIFEST).read_text(encoding="utf-8"))
    del told["settings_fingerprint"], told["made_of"]
    return files | {MANIFEST: told, "scores": sha256_file(deployment.workspace / SCORES)}


@pytest.fixture(scope="session")
def by_duckdb(kept_scored: Deployment, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the night hands over on DuckDB."""
    folder = tmp_path_factory.mktemp("duckdb") / "deployed"
    return _handed_over(kept_scored, folder, EngineSettings(threads=1))


@pytest.fixture
def cluster(spark: EngineSettings, tmp_path: Path) -> Iterator[EngineSettings]:
    """Start a master and two workers from the installed package, and stop them afterwards."""
    found = find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    spark_class = Path(found.origin).parent / "bin" / "spark-class"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    master = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    here = ("--host", "127.0.0.1", "--webui-port", "0")
    worker = (f"{deploy}.worker.Worker", *here, "--cores", "1", "--memory", "600m", master)
    commands = [(f"{deploy}.master.Master", *here, "--port", str(port)), worker, worker]
    environment = {
        **os.environ,
        "PYTHONPATH": str(TREE),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_WORKER_DIR": str(tmp_path / "work"),
        "SPARK_LOCAL_DIRS": str(tmp_path / "local"),
    }
    logs = [tmp_path / f"{number}.log" for number in range(len(commands))]
    with ExitStack() as stack:
        for command, log in zip(commands, logs, strict=True):
            process = subprocess.Popen(
                [spark_class, *command],
                env=environment,
                stdout=stack.enter_context(log.open("wb")),
                stderr=subprocess.STDOUT,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
        _until("I have been elected leader", logs[:1])
        _until("Successfully registered with master", logs[1:])
        yield spark.model_copy(
            update={
                "master": master,
                "memory": "512MB",
                "conf": {**spark.conf, "spark.driver.host": "127.0.0.1"},
            }
        )


def _until(words: str, logs: list[Path], seconds: int = 180) -> None:
    """Wait until each log says so."""
    last = time.monotonic() + seconds
    while not all(words in log.read_text(encoding="utf-8") for log in logs):
        assert time.monotonic() < last, [log.read_text(encoding="utf-8")[-2000:] for log in logs]
        time.sleep(0.2)


def assert_both_worked(folder: Path) -> None:
    """Check that each of the workers was given an executor."""
    logs = [path.read_text(encoding="utf-8") for path in folder.glob("[12].log")]
    assert len(logs) == 2
    assert all("Launching executor" in log or "Asked to launch executor" in log for log in logs)


@pytest.mark.slow(40)
def test_scores_are_the_same_bytes(
    spark: EngineSettings, kept_scored: Deployment, tmp_path: Path
) -> None:
    """Population, every family of features, and what the champion makes of them."""
    expected = _of_night(kept_scored)
    assert _scored(kept_scored, tmp_path / "moved", spark) == expected


@pytest.mark.acceptance
def test_a_night_hands_over_the_same_bytes(
    spark: EngineSettings,
    kept_scored: Deployment,
    by_duckdb: dict[str, Any],
    tmp_path: Path,
) -> None:
    """Scores, effects, survival, list, every file, and a manifest that agrees."""
    assert _handed_over(kept_scored, tmp_path / "deployed", spark) == by_duckdb


@pytest.mark.acceptance
def test_a_cluster_scores_the_same_bytes(
    cluster: EngineSettings, kept_scored: Deployment, tmp_path: Path
) -> None:
    """A master and two workers, with the workspace on a folder that all of them reach."""
    expected = _of_night(kept_scored)
    assert _scored(kept_scored, tmp_path / "deployed", cluster) == expected
    assert_both_worked(tmp_path)


@pytest.mark.acceptance
def test_a_cluster_hands_over_the_same_bytes(
    cluster: EngineSettings,
    kept_scored: Deployment,
    by_duckdb: dict[str, Any],
    tmp_path: Path,
) -> None:
    """On the cluster, too: effects, survival, list, every file, and a manifest that agrees."""
    assert _handed_over(kept_scored, tmp_path / "deployed", cluster) == by_duckdb
    assert_both_worked(tmp_path)
