"""The notebooks, executed once for all tests that look at the result."""

from __future__ import annotations

import os
import shutil
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
def executed(request: pytest.FixtureRequest, once: Once) -> Executed:
    """Run the three in order, each in a fresh kernel, all on one deployment.

    It is a copy of the finished night on the small operator, where nothing is trained anew; or the
    sample's settings as shipped, with a workspace that was not there.
    """

    def make(folder: Path) -> None:
        if request.param == "small":
            done = request.getfixturevalue("finished")
            shutil.copytree(done.settings.parent, folder, dirs_exist_ok=True)
            settings = folder / done.settings.name
        else:
            settings = sample_settings(folder)
        script = str(FOLDER / "execute.py")
        executing = subprocess.run(
            [sys.executable, script, "--settings", str(settings), "--to", str(folder)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert executing.returncode == 0, executing.stderr

    folder = once(f"notebooks_{request.param}", make)
    found = {path.name: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")}
    return Executed(found, folder / "churn.yaml")
