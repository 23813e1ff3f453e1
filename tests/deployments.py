"""A deployment: one settings file with its workspace, and a small one to run commands on."""

from __future__ import annotations

import copy
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from churn.store.hashing import sha256_file
from tests.commands import CHURN, churn, churn_apart
from tests.learners import QUICK

SETTINGS = Path(__file__).parents[1] / "pipelines" / "settings"
FEW_TABLES = (
    "subscribers",
    "contact_details",
    "status_events",
    "bills",
    "arrears",
    "complaints",
    "campaign_contacts",
)
"""What a night needs to pass its gate and hand over every file: half the time of all tables."""


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

    def copied(self, folder: Path) -> Deployment:
        """Return a copy of it in a new folder."""
        shutil.copytree(self.settings.parent, folder)
        return Deployment(folder / self.settings.name, folder / self.workspace.name)

    def exported(self) -> dict[str, str]:
        """Return the hash of every file that was handed over."""
        root = self.workspace / "exports"
        return {
            path.relative_to(root).as_posix(): sha256_file(path)
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }


def deployment(
    folder: Path, world: Path, change: Callable[[dict[str, Any]], None] | None = None
) -> Deployment:
    """Write the sample's settings into a new folder, on another world, with quick learners."""
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


def few_tables(settings: dict[str, Any]) -> None:
    """Let the operator deliver no other tables."""
    tables = settings["ingest"]["tables"]
    settings["ingest"]["tables"] = {name: tables[name] for name in FEW_TABLES}
