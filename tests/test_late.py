"""What takes long to load is loaded by those who use it, and by no one else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from scipy import special

from churn.late import Late

LOADED = """
import sys
from pipelines import check, ingest, init, quarantine, status
print([name for name in ("catboost", "lightgbm", "scipy", "sklearn") if name in sys.modules])
"""


def test_what_is_asked_of_a_library_is_its_own() -> None:
    """Names are those of the library, one it lacks is an AttributeError as ever."""
    late = Late("scipy.special")
    assert late.expit is special.expit
    with pytest.raises(AttributeError, match="no_such_function"):
        _ = late.no_such_function


def test_what_reads_and_tells_loads_no_learner() -> None:
    """Checking, reading and telling the state start without the libraries that learn."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert done.stdout.splitlines() == ["[]"]
