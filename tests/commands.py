"""``churn`` as a user runs it: in this process, or in one of its own where that is the matter."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from churn.store.stops import Stopped
from pipelines import cli
from pipelines.cli import options

CHURN = Path(sys.executable).with_name("churn")


def churn(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in this process; return its exit code and what it said.

    It is the command's own ``main``: exit codes, errors and both streams are those of a user. What
    a process of its own decides (signals, limits, locks, hash seed, what is imported) is not.
    """
    command = [str(CHURN), *map(str, words)]
    said = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2)]
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    options.said_by.clear()
    code: object = 0
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(said[0]),
        contextlib.redirect_stderr(said[1]),
    ):
        patch.setattr(sys, "argv", command)
        if cwd is not None:
            patch.chdir(cwd)
        try:
            cli.main()
        except Stopped as stopped:
            raise KeyboardInterrupt from stopped  # whoever stops the tests means all of them
        except SystemExit as ended:
            code = ended.code or 0
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    assert isinstance(code, int), code
    texts = []
    for stream in said:
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return subprocess.CompletedProcess(command, code, *texts)


def churn_apart(
    *words: str | Path, cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, with other environment variables."""
    return subprocess.run(
        [CHURN, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )
