"""MLflow's own pages on this machine, and nothing left running when they close."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from churn.errors import ModelError
from churn.tracking.library import QUIET
from churn.tracking.store import Store

HOST = "127.0.0.1"
_WAIT, _STEP = 120.0, 0.2
_ENVIRONMENT = {
    **QUIET,
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    # Nothing that a browser or a worker asks for leaves this machine.
    "NO_PROXY": HOST,
}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(store: Store, port: int) -> Iterator[str]:
    """Serve the store for as long as the block lasts; give the address when it answers.

    MLflow's workers and helpers form a process group of their own: all of it is stopped.

    Raises
    ------
    ModelError
        If the port is taken or the server does not come up.
    """
    address = f"http://{HOST}:{port}"
    _require_free(port)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
        [
            *(sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port)),
            *("--workers", "1", "--backend-store-uri", store.uri),
            *("--artifacts-destination", store.artifacts.as_uri()),
            *("--default-artifact-root", store.artifacts.as_uri()),
        ],
        cwd=store.root,
        env={**os.environ, **_ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_until_up(process, address)
        yield address
    finally:
        _stop(process)


def _require_free(port: int) -> None:
    """Refuse a port on which another program would answer for us."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ModelError(
                f"port {port} cannot be taken: {error.strerror}",
                where=HOST,
                do="choose another port, or 0 for a free one",
            ) from error


def _wait_until_up(process: subprocess.Popen[bytes], address: str) -> None:
    loopback = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + _WAIT
    while time.monotonic() < until and process.poll() is None:
        with (
            suppress(OSError),  # nobody answers yet
            loopback.open(f"{address}/health", timeout=5),
        ):
            return
        time.sleep(_STEP)
    raise ModelError(
        "MLflow's server did not come up",
        where=address,
        do="run it again; if it stays so, see what `python -m mlflow server` says",
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the whole group, and wait until it is gone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):  # gone by itself
            os.killpg(process.pid, number)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            process.poll()  # takes the parent's ending in, so that the group can end
            try:
                os.killpg(process.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(_STEP)
