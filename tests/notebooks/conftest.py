"""The notebooks, executed once from a clean state for all tests that look at the result."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from tests.once import Once

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"


@dataclass(frozen=True)
class Executed:
    """What a run of the notebooks left: the notebooks, and the deployment they ran on."""

    notebooks: dict[str, Any]
    settings: Path


def sample_settings(folder: Path) -> Path:
    """Write the sample's settings as shipped, with a workspace in ``folder``."""
    shipped = ROOT / "pipelines" / "settings" / "sample.yaml"
    settings = yaml.safe_load(shipped.read_text(encoding="utf-8"))
    settings["workspace"] = "workspace"
    settings["ingest"]["folder"] = str(ROOT / "data" / "sample" / "extracts")
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def executed(once: Once) -> Executed:
    """Run the three in order, each in a fresh kernel, in one workspace that was not there."""

    def make(folder: Path) -> None:
        script = str(FOLDER / "execute.py")
        settings = str(sample_settings(folder))
        done = subprocess.run(
            [sys.executable, script, "--settings", settings, "--to", str(folder)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 0, done.stderr

    folder = once("notebooks", make)
    found = {path.name: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")}
    return Executed(found, folder / "churn.yaml")
