"""Ingest, killed at any moment: the next run ends with the tables of an undisturbed one."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from churn.sample import generate
from pipelines import ingest
from pipelines.run import open_run

SAMPLE = Path(__file__).parents[2] / "pipelines" / "settings" / "sample.yaml"
KILLS = 60
KEPT = ("tables", "personal")


@pytest.fixture(scope="module")
def extracts(tmp_path_factory):
    """Return dirty deliveries of four months."""
    folder = tmp_path_factory.mktemp("operator")
    generate(folder, customers=600, months=4, seed=11, calls_per_month=8)
    return folder / "extracts"


def settings_in(folder, extracts):
    """Write settings with a workspace of their own."""
    content = yaml.safe_load(SAMPLE.read_text("utf-8"))
    content["workspace"] = "workspace"
    content["ingest"]["folder"] = str(extracts)
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return path


def started(settings):
    """Start `churn ingest` in a process of its own."""
    program = "from pipelines.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program, "ingest", "--settings", settings],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def stored(folder):
    """Return every file of the tables and of what is kept beside them, by its name."""
    root = folder / "workspace"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for kept in KEPT
        for path in sorted((root / kept).rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, extracts):
    """Return what an undisturbed run stores, when it begins to write, and when it ends."""
    folder = tmp_path_factory.mktemp("undisturbed")
    since = time.monotonic()
    process = started(settings_in(folder, extracts))
    while not (folder / "workspace" / "personal").exists():
        assert process.poll() is None
        time.sleep(0.01)
    begun = time.monotonic() - since
    assert process.wait() == 0
    return stored(folder), begun, time.monotonic() - since


@pytest.fixture(scope="module")
def landed():
    """Count the kills, and those that hit a run at work."""
    return []


@pytest.mark.acceptance
@pytest.mark.parametrize("kill", range(KILLS))
def test_a_killed_ingest_is_finished_to_the_same_bytes(
    kill, tmp_path, extracts, undisturbed, landed
):
    """Tables, id map and quarantine; a kill after the end proves nothing, so few may be such."""
    expected, begun, ended = undisturbed
    assert any(name.startswith("tables/calls/") for name in expected)
    assert any("quarantine" in name for name in expected)
    settings = settings_in(tmp_path, extracts)
    process = started(settings)
    moment = random.Random(kill).uniform(begun, ended)  # noqa: S311 - only has to be spread
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    landed.append(process.wait() == -signal.SIGKILL)
    with open_run(settings, command="ingest") as run:
        ingest.take_in(run)
    assert stored(tmp_path) == expected
    if len(landed) == KILLS:
        assert sum(landed) >= KILLS * 2 // 3
