"""Deployments on the small operator, and copies of its finished night."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.deployments import Deployment, deployment

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
def copied(finished: Deployment, tmp_path: Path) -> Deployment:
    """Return a copy of the finished night that a test may change."""
    folder = tmp_path / "copied"
    shutil.copytree(finished.settings.parent, folder)
    return Deployment(folder / finished.settings.name, folder / finished.workspace.name)
