"""Runs the notebooks in order from a clean state and rewrites them: ``make notebooks``.

The three share one fresh workspace, so what the first makes the next ones find. What is written
holds no wall time, no path and nobody's name, so that a second run writes the same again.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib.font_manager  # noqa: F401 - lists the fonts once, which would else be told as a warning in a notebook
import nbformat
import yaml
from nbclient import NotebookClient

HERE = Path(__file__).parent
NOTEBOOKS = tuple(sorted(HERE.glob("[0-9]*.ipynb")))
SETTINGS = HERE.parent / "pipelines" / "settings" / "sample.yaml"
CELL_SECONDS = 3600
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def deploy(folder: Path) -> Path:
    """Write the sample's settings with a workspace of their own."""
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    extracts = (SETTINGS.parent / settings["ingest"]["folder"]).resolve()
    settings["workspace"] = "workspace"
    settings["ingest"]["folder"] = str(extracts)
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def execute(notebooks: Iterable[Path], settings: Path, to: Path) -> None:
    """Run each notebook in a fresh kernel, in its own folder, and write it to ``to``."""
    environment = {**os.environ, "CHURN_SETTINGS": str(settings.resolve())}
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        client = NotebookClient(
            notebook,
            kernel_name=KERNEL["name"],
            timeout=CELL_SECONDS,
            resources={"metadata": {"path": str(HERE)}},
            record_timing=False,
            coalesce_streams=True,
        )
        client.execute(env=environment)
        nbformat.write(_plain(notebook), to / path.name)
        print(path.name)


def _plain(notebook: Any) -> Any:
    """Leave only what is the same on every machine."""
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def main() -> None:
    """Run all notebooks; by default in a fresh workspace, and in place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=Path, help="a deployment to run them on")
    parser.add_argument("--to", type=Path, default=HERE, help="where they are written")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        execute(NOTEBOOKS, given.settings or deploy(Path(folder)), given.to)


if __name__ == "__main__":
    main()
