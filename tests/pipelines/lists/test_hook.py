"""What is called once a night's files are handed over, and that it ends nothing."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from pipelines import hook
from pipelines.export import export_notices
from pipelines.run import open_run
from tests.commands import churn
from tests.pipelines.lists.world import NIGHT
from tests.pipelines.tiny import changed

TAKES = "import os, sys; print('secret'); open('taken', 'a').write(sys.argv[1] + chr(10)); "
SAME = "sys.exit(os.environ['CHURN_MANIFEST'] != sys.argv[1])"


@pytest.fixture
def own(settings: Path, tmp_path: Path) -> Path:
    """Return a copy of the operator's folder that a test may change; its settings file."""
    shutil.copytree(settings.parent, tmp_path / "operator")
    return tmp_path / "operator" / settings.name


def called(settings: Path, *command: str, **more: Any) -> str | None:
    """Hand over the night's notices and call a hook; return what is said of it."""
    with changed(settings, hook={"command": list(command), **more}), open_run(settings) as run:
        return hook.told(run, export_notices(run, NIGHT))


def test_the_hook_gets_the_manifest_once(own: Path) -> None:
    """As its last word and in its environment, in the settings' folder; what it prints is kept."""
    assert called(own, sys.executable, "-c", TAKES + SAME) is None
    assert called(own, sys.executable, "-c", TAKES + SAME) is None
    (line,) = (own.parent / "taken").read_text("utf-8").splitlines()
    assert json.loads(Path(line).read_text("utf-8"))["as_of"] == NIGHT.isoformat()
    log = own.parent / "workspace" / "personal" / "hook.log"
    assert log.read_text("utf-8") == "secret\n"
    assert log.stat().st_mode & 0o077 == 0


def test_a_hook_that_fails_is_told_and_tried_again(own: Path) -> None:
    """By its exit code; or that it could not be started, or did not end."""
    said = called(own, sys.executable, "-c", TAKES + "sys.exit(3)")
    assert said is not None
    assert "exit code 3" in said
    assert "secret" not in said
    assert "cannot be started (FileNotFoundError)" in str(called(own, "no-such-program"))
    asleep = called(own, sys.executable, "-c", "import time; time.sleep(60)", timeout=1)
    assert "no end within 1 seconds" in str(asleep)
    assert called(own, sys.executable, "-c", TAKES + SAME) is None
    assert len((own.parent / "taken").read_text("utf-8").splitlines()) == 2


def test_a_night_without_a_list_calls_it_too_and_keeps_its_exit_code(own: Path) -> None:
    """The notices are handed over, the hook fails, and the night ends as it would have."""
    with changed(own, hook={"command": [sys.executable, "-c", TAKES + "sys.exit(3)"]}):
        done = churn("nightly", "--settings", own, "--as-of", NIGHT.isoformat())
    assert done.returncode in {11, 13}, done.stderr
    assert "hook     failed   exit code 3" in done.stderr
    (line,) = (own.parent / "taken").read_text("utf-8").splitlines()
    assert json.loads(Path(line).read_text("utf-8"))["counts"]["targets"] is None
