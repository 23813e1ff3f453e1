"""Killed at any moment, the next run finishes with the same bytes as an undisturbed one."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Deployment

KILLS = 30


@pytest.mark.acceptance
def test_a_killed_night_resumes_to_the_same_bytes(deploy: Callable[..., Deployment]) -> None:
    """Thirty kills at random moments, each in a workspace of its own, then one run to the end."""
    undisturbed = deploy()
    started = time.monotonic()
    assert undisturbed.run("nightly").returncode == 0
    length = time.monotonic() - started
    expected = undisturbed.exported()
    moments = random.Random(30)  # noqa: S311 - the moments only have to be spread
    landed = 0
    for _ in range(KILLS):
        night = deploy()
        process = subprocess.Popen(
            night.command("nightly"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.2, length))
        process.send_signal(signal.SIGKILL)
        landed += process.wait() == -signal.SIGKILL
        done = night.run("nightly")
        assert done.returncode == 0, done.stderr
        assert night.exported() == expected
    # A kill after the end proves nothing; most must have hit a working night.
    assert landed >= KILLS * 2 // 3
