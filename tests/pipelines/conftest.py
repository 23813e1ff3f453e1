"""Deployments on the small operator, and copies of its finished night."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.deployments import Deployment, deployment
from tests.once import Once
from tests.pipelines.kept import unpacked

WITHOUT_LIST = {
    "last_notices.xlsx",
    "expiring.xlsx",
    "key_accounts.xlsx",
    "kpis.xlsx",
    "service.xlsx",
    "callbacks.csv",
    "loyalty.xlsx",
    "loyalty.csv",
    "report.html",
}
"""What a night hands over besides its manifest, whether or not anybody can be scored."""
WITH_LIST = WITHOUT_LIST | {
    "targets.csv",
    "targets.xlsx",
    "targets.parquet",
    "handover.csv",
    "inbound.csv",
    "suppress.csv",
}


@pytest.fixture(scope="session")
def deploy_in() -> Callable[..., Deployment]:
    """Write a settings file into a folder, on any world, changed as asked."""
    return deployment


@pytest.fixture
def deploy(small_world: Path, tmp_path: Path) -> Callable[..., Deployment]:
    """Write a settings file on the small world, changed as asked; each call is a new workspace."""
    made = 0

    def write(change: Callable[[dict[str, Any]], None] | None = None) -> Deployment:
        nonlocal made
        made += 1
        return deployment(tmp_path / f"deployment{made}", small_world, change)

    return write


@pytest.fixture
def copied(request: pytest.FixtureRequest, tmp_path: Path) -> Deployment:
    """Return a copy of the finished night that a test may change; of few tables if marked so."""
    few = request.node.get_closest_marker("few_tables")
    night: Deployment = request.getfixturevalue("few_finished" if few else "finished")
    return night.copied(tmp_path / "copied")


def nobody_passes(settings: dict[str, Any]) -> None:
    """Ask for more churners than there are customers."""
    settings["evaluation"] = {"min_test_churners": 1_000_000}


@pytest.fixture(scope="session")
def refused(few_finished: Deployment, once: Once) -> Deployment:
    """Return a night, told in Chinese, that no model passes, none having been in place."""

    def make(folder: Path) -> None:
        night = few_finished.copied(folder / "deployment")
        night.change(nobody_passes)
        night.change(lambda s: s.update(language="zh"))
        for made in ("models", "exports"):
            (night.workspace / made).rename(night.workspace / f"{made}-away")
        done = night.run("nightly")
        assert done.returncode == 13, done.stderr
        assert "last notices either" not in done.stderr

    folder = once("refused", make) / "deployment"
    return Deployment(folder / "churn.yaml", folder / "workspace")


@pytest.fixture(scope="session")
def kept_scored(once: Once) -> Deployment:
    """Return the workspace of commit 77ecf1b, its extracts read and everybody scored anew.

    Beside it lies what ingest said.
    """

    def make(folder: Path) -> None:
        night = unpacked(folder)
        told = night.run("ingest")  # tables have more columns now
        assert told.returncode == 0, told.stderr
        (folder / "ingest.txt").write_text(told.stdout, encoding="utf-8")
        done = night.run("score")
        assert done.returncode == 0, done.stderr

    folder = once("kept_scored", make) / "deployment"
    return Deployment(folder / "churn.yaml", folder / "workspace")
