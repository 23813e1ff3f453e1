"""The Python on the front page runs, on the notebooks' workspace."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.notebooks.conftest import Executed

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
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
