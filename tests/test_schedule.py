"""The files that run a night: each is held to what it is for, as far as this machine allows."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCHEDULE = ROOT / "pipelines" / "schedule"


def test_the_cron_line_starts_a_night_in_a_bare_environment(tmp_path: Path) -> None:
    """Five fields, a user, a command that needs nothing of a login; its log is its owner's alone.

    Nothing is delivered yet, so the night ends at once, and says so as JSON.
    """
    (line,) = re.findall(r"^\d.*$", (SCHEDULE / "churn.cron").read_text("utf-8"), re.MULTILINE)
    *fields, user, command = line.split(maxsplit=6)
    assert all(re.fullmatch(r"[\d*/,-]+", field) for field in fields)
    assert user == "churn"
    assert "%" not in command, "cron would read it as a line break"
    churn = Path(sys.executable).with_name("churn")
    subprocess.run([churn, "init", tmp_path / "company"], check=True, capture_output=True)
    paths = {
        "/etc/churn/churn.yaml": tmp_path / "company" / "churn.yaml",
        "/opt/churn/bin/churn": churn,
        "/var/log/churn/nightly.log": tmp_path / "nightly.log",
    }
    for shipped, own in paths.items():
        assert command.count(shipped) == 1
        command = command.replace(shipped, shlex.quote(str(own)))
    bare = {"SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "HOME": "/", "CHURN_ID_KEY": "key"}
    bare |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    done = subprocess.run(["/bin/sh", "-c", command], env=bare, cwd="/", check=False)
    assert done.returncode == 11
    log = tmp_path / "nightly.log"
    last = json.loads(log.read_text("utf-8").splitlines()[-1])
    assert last["exit_code"] == 11
    assert log.stat().st_mode & 0o077 == 0


def test_the_units_are_what_systemd_reads(tmp_path: Path) -> None:
    """Without a complaint; every exit code that wants somebody to look ends the tries."""
    service = (SCHEDULE / "churn-nightly.service").read_text("utf-8")
    prevented = re.search(r"^RestartPreventExitStatus=(.*)$", service, re.MULTILINE)
    assert prevented is not None
    assert {int(code) for code in prevented[1].split()} == {1, 2, 10, 11, 12, 13, 14, 17}
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here: the units were not read")
    # The program is not installed here.
    here = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", service)
    (tmp_path / "churn-nightly.service").write_text(here, encoding="utf-8")
    shutil.copy(SCHEDULE / "churn-nightly.timer", tmp_path)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "churn" not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr


def test_the_container_is_made_of_what_there_is() -> None:
    """It installs from the wheelhouse that `make wheelhouse` fills, and runs as nobody's root."""
    file = (SCHEDULE / "Containerfile").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (house,) = re.findall(r"^COPY (\S+) /wheelhouse$", file, re.MULTILINE)
    assert f"WHEELHOUSE := {house}" in makefile
    assert "--no-index" in file
    user = re.search(r"^USER (\d+)$", file, re.MULTILINE)
    assert user is not None
    assert int(user[1]) > 0
