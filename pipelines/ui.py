"""``make mlflow``: MLflow's own pages on a deployment's trainings, for this machine only."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from churn.errors import ChurnError, LockedError
from churn.store.lock import exclusive
from churn.store.stops import stop
from pipelines.models.track import watched
from pipelines.run import open_reader

PORT = 5000


def main(words: Sequence[str] | None = None) -> int:
    """Serve until interrupted; print where to look."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.ui", description=__doc__)
    parser.add_argument("--settings", type=Path, help="else CHURN_SETTINGS, else churn.yaml here")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one")
    given = parser.parse_args(words)
    signal.signal(signal.SIGTERM, stop)  # so that the server's processes are stopped, too
    try:
        serve(given.settings, given.port)
    except KeyboardInterrupt:
        return 0
    except ChurnError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


def serve(settings: Path | None, port: int) -> None:
    """Serve the trainings of a deployment until the process is stopped.

    ModelError if nothing was tracked yet, or the port is taken.
    """
    from churn.tracking.nights import record_nights, unrecorded  # noqa: PLC0415 - MLflow takes seconds
    from churn.tracking.server import free_port, served  # noqa: PLC0415 - as above
    from churn.tracking.store import Store  # noqa: PLC0415 - as above
    from churn.tracking.views import address  # noqa: PLC0415 - as above

    with open_reader(settings) as run:
        store = Store(run.workspace.tracking)
        experiment = store.experiment.experiment_id
        nights = watched(run)
        if store.moved:
            with exclusive(run.workspace.root):
                store.open_to_write()
        if unrecorded(store, nights):
            with suppress(LockedError), exclusive(run.workspace.root):  # else the next time
                record_nights(store.open_to_write(), nights)
        with served(store, port or free_port()) as base:
            lines = [
                f"trainings        {base}/{address(experiment, 'trainings', 'TABLE')}",
                f"active churn     {base}/{address(experiment, 'active')}",
                f"passive churn    {base}/{address(experiment, 'passive')}",
                f"models           {base}/#/models/churn",
                f"nights           {base}/{address(experiment, 'nights')}",
                "stop with Ctrl-C",
            ]
            sys.stdout.write("\n".join(lines) + "\n")
            sys.stdout.flush()
            signal.pause()


if __name__ == "__main__":
    sys.exit(main())
