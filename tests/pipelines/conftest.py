"""A small generated operator and a deployment on it, made once for all tests of the application."""

from __future__ import annotations

import copy
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from churn.sample import generate
from churn.store.hashing import sha256_file
from tests.commands import CHURN, churn, churn_apart
from tests.learners import QUICK
from tests.once import Once

WITHOUT_LIST = {
    "last_notices.xlsx",
    "expiring.xlsx",
    "key_accounts.xlsx",
    "kpis.xlsx",
    "service.xlsx",
    "callbacks.csv",
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
SETTINGS = Path(__file__).parents[2] / "pipelines" / "settings"


@dataclass(frozen=True)
class Deployment:
    """One settings file with its workspace."""

    settings: Path
    workspace: Path

    def command(self, *words: str) -> list[str]:
        """Return the command line for this deployment."""
        return [str(CHURN), *words, "--settings", str(self.settings)]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a user would, in this process."""
        return churn(*words, "--settings", self.settings)

    def run_apart(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own, with other environment variables."""
        return churn_apart(*words, "--settings", self.settings, **variables)

    def change(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Edit the settings file."""
        settings = yaml.safe_load(self.settings.read_text(encoding="utf-8"))
        change(settings)
        self.settings.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")

    def exported(self) -> dict[str, str]:
        """Return the hash of every file that was handed over."""
        root = self.workspace / "exports"
        return {
            path.relative_to(root).as_posix(): sha256_file(path)
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }


@pytest.fixture(scope="session")
def small_world(once: Once) -> Path:
    """Return a generated operator, big enough for both heads to be judged."""

    def make(folder: Path) -> None:
        generate(folder, customers=3000, months=15, seed=7, calls_per_month=2)

    return once("small_world", make)


def _deploy(
    folder: Path, world: Path, change: Callable[[dict[str, Any]], None] | None = None
) -> Deployment:
    folder.mkdir()
    settings = yaml.safe_load((SETTINGS / "sample.yaml").read_text(encoding="utf-8"))
    settings["workspace"] = "workspace"
    settings["ingest"]["folder"] = str(world / "extracts")
    settings["panel"] = {"test": 2, "calibration": 2}
    settings["engine"] = {**settings.get("engine", {}), "threads": 1}  # workers fill the machine
    settings["learning"] = {"min_events": 20, **copy.deepcopy(QUICK)}
    if change is not None:
        change(settings)
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return Deployment(path, folder / "workspace")


@pytest.fixture(scope="session")
def deploy_in() -> Callable[..., Deployment]:
    """Write a settings file into a folder, on any world, changed as asked."""
    return _deploy


@pytest.fixture
def deploy(small_world: Path, tmp_path: Path) -> Callable[..., Deployment]:
    """Write a settings file on the small world, changed as asked; each call is a new workspace."""
    made = 0

    def write(change: Callable[[dict[str, Any]], None] | None = None) -> Deployment:
        nonlocal made
        made += 1
        return _deploy(tmp_path / f"deployment{made}", small_world, change)

    return write


@pytest.fixture(scope="session")
def finished(small_world: Path, once: Once) -> Deployment:
    """Return a deployment whose night is done, for tests that only look at it."""

    def make(folder: Path) -> None:
        done = _deploy(folder / "deployment", small_world).run("nightly")
        assert done.returncode == 0, done.stderr

    folder = once("finished", make) / "deployment"
    return Deployment(folder / "churn.yaml", folder / "workspace")


@pytest.fixture
def copied(finished: Deployment, tmp_path: Path) -> Deployment:
    """Return a copy of the finished night that a test may change."""
    folder = tmp_path / "copied"
    shutil.copytree(finished.settings.parent, folder)
    return Deployment(folder / finished.settings.name, folder / finished.workspace.name)
