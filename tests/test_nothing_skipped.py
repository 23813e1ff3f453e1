"""Where everything has to run, a skip is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPS = {
    "in the test": "import pytest\ndef test_it():\n    pytest.skip('no data')\n",
    "by a mark": "import pytest\n@pytest.mark.skip(reason='no data')\ndef test_it(): ...\n",
    "in a fixture": (
        "import pytest\n@pytest.fixture\ndef it():\n    pytest.skip('no data')\n"
        "def test_it(it): ...\n"
    ),
    "as a whole file": "import pytest\npytest.skip('no data', allow_module_level=True)\n",
    "by a missing library": "import pytest\npytest.importorskip('no_such_library')\n",
    "by an expected failure": "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False\n",
}


@pytest.mark.parametrize(("required", "summary"), [("0", "skipped"), ("1", "failed")])
def test_a_skip_is_a_failure_where_everything_is_required(
    required: str, summary: str, tmp_path: Path
) -> None:
    """Without the variable the same skips are skips."""
    conftest = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8")
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    for number, text in enumerate(SKIPS.values()):
        (tmp_path / f"test_{number}.py").write_text(text, encoding="utf-8")
    words = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-rA")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "--continue-on-collection-errors"],
        cwd=tmp_path,
        env={**os.environ, "CHURN_REQUIRE_ALL": required},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.split() for line in done.stdout.splitlines() if line]
    told = [line[0] for line in lines if line[0] in {"SKIPPED", "XFAIL", "FAILED", "ERROR"}]
    wanted = {"skipped": {"SKIPPED", "XFAIL"}, "failed": {"FAILED", "ERROR"}}[summary]
    assert set(told) == wanted, done.stdout
    assert len(told) == len(SKIPS)
    assert (done.returncode == 0) == (summary == "skipped")
