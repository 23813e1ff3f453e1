"""The notebooks run, and what is committed of them can be shown to anybody.

So does the Python on the front page, on their workspace. Here they find a night that is done;
`make acceptance` runs them from a clean state, on the sample as shipped.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.commands import churn
from tests.notebooks.conftest import Executed

ROOT = Path(__file__).parents[2]
COMMITTED = tuple(sorted((ROOT / "notebooks").glob("*.ipynb")))
NAMES = ["01_first_look.ipynb", "02_train_and_read.ipynb", "03_tonight.ipynb"]
MAX_BYTES = 500_000
ENGINES = re.compile(r"duckdb|spark", re.IGNORECASE)
OF_A_MACHINE = {
    "a path": re.compile(r"(?<![\w<:/.])/(?:home|root|tmp|usr|work|var|opt|Users|private)/"),
    "a file's address": re.compile(r"file://|site-packages|ipykernel_"),
    "a wall time": re.compile(r"\b\d{1,2}:\d{2}:\d{2}\b|Wall time|\d{4}-\d{2}-\d{2}T\d{2}"),
    "an object's address": re.compile(r"0x[0-9a-f]{6,}"),
    "a mail address": re.compile(r"[\w.]+@[\w.]+\.\w{2,}"),
}

each = pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.name)
as_shipped = pytest.param("shipped", marks=pytest.mark.acceptance)
run_once = pytest.mark.parametrize("executed", ["small", as_shipped], indirect=True)


def _code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _outputs(notebook: Any) -> Iterator[Any]:
    for cell in _code(notebook):
        yield from cell.outputs


def _texts(notebook: Any) -> Iterator[str]:
    """Yield everything an output says, pictures left out."""
    for output in _outputs(notebook):
        if output.output_type == "stream":
            yield output.text
        else:
            yield from (text for kind, text in output.data.items() if kind.startswith("text/"))


def _kinds(notebook: Any) -> list[list[str]]:
    """Return per code cell what kinds of output it has."""
    return [
        [
            output.name if output.output_type == "stream" else "+".join(sorted(output.data))
            for output in cell.outputs
        ]
        for cell in _code(notebook)
    ]


def test_all_three_are_there() -> None:
    """The reading order is in the names."""
    assert [path.name for path in COMMITTED] == NAMES


@pytest.mark.slow(60)
@run_once
def test_they_run_and_say_nothing_wrong(executed: Executed) -> None:
    """No error, no warning, nothing on standard error."""
    assert sorted(executed.notebooks) == NAMES
    for name, notebook in executed.notebooks.items():
        for output in _outputs(notebook):
            assert output.output_type != "error", name
            assert output.get("name") != "stderr", f"{name}: {output.get('text')}"
        assert not [text for text in _texts(notebook) if "Warning" in text], name


@pytest.mark.slow
@run_once
def test_a_new_run_shows_what_is_committed(executed: Executed) -> None:
    """Same cells, same kinds of output; figures may move with the models."""
    for path in COMMITTED:
        committed, new = nbformat.read(path, as_version=4), executed.notebooks[path.name]
        assert [cell.source for cell in committed.cells] == [cell.source for cell in new.cells]
        assert _kinds(committed) == _kinds(new), f"{path.name}: run `make notebooks`"


@pytest.mark.parametrize("executed", [as_shipped], indirect=True)
def test_the_audit_of_the_sample_is_clean(executed: Executed) -> None:
    """The committed operator, on which they run, raises nothing at all."""
    done = churn("audit", "--settings", executed.settings)
    assert done.returncode == 0, done.stderr
    workspace = executed.settings.with_name("workspace")
    (path,) = (workspace / "stages" / "audit").glob("*/audit.json")
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "open": [],
        "warnings": [],
        "accepted": [],
        "unmatched": [],
        "not_checked": [],
    }


@each
def test_it_is_committed_executed_from_top_to_bottom(path: Path) -> None:
    """Every cell was run once, in order."""
    counts = [cell.execution_count for cell in _code(nbformat.read(path, as_version=4))]
    assert counts == list(range(1, len(counts) + 1))


@each
def test_it_says_nothing_of_the_machine_it_ran_on(path: Path) -> None:
    """No path, wall time, address or name stands in outputs and metadata."""
    notebook = nbformat.read(path, as_version=4)
    told = [*_texts(notebook), json.dumps(notebook.metadata)]
    told += [json.dumps(cell.metadata) for cell in notebook.cells]
    for what, pattern in OF_A_MACHINE.items():
        found = [match.group() for text in told for match in pattern.finditer(text)]
        assert not found, f"{what}: {found[0]}"
    assert notebook.metadata.kernelspec.display_name == "Python 3"
    assert not any(cell.metadata for cell in notebook.cells)


@each
def test_it_is_small(path: Path) -> None:
    """It can be read on a slow line and reviewed."""
    assert path.stat().st_size < MAX_BYTES


@each
def test_it_uses_public_names_of_our_packages_only(path: Path) -> None:
    """No underscore is reached behind, no engine is named, no other package of ours is used."""
    for cell in _code(nbformat.read(path, as_version=4)):
        assert not ENGINES.search(cell.source), cell.source
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith("_"), node.attr
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = getattr(node, "module", None) or ""
                parts = [*module.split("."), *(p for a in node.names for p in a.name.split("."))]
                assert not [part for part in parts if part.startswith("_")], parts
                assert not {"engines", "store"} & set(parts), parts


@pytest.mark.slow
@run_once
def test_the_python_of_the_readme_runs(executed: Executed) -> None:
    """Each block as it stands, from the repository's folder, without a warning."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        done = subprocess.run(
            [sys.executable, "-c", block],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "CHURN_SETTINGS": str(executed.settings), "PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr, done.stderr
