"""The ``churn`` command: one sub-command per recipe, errors as three lines and an exit code.

Recipes are imported when their command runs, so that ``churn --help`` answers at once.
"""

from __future__ import annotations

import gc
import signal
import sys

import typer

from churn.store import stops
from pipelines.cli.deliveries import deliveries
from pipelines.cli.models import models
from pipelines.cli.options import console, said_by
from pipelines.cli.quarantine import quarantine
from pipelines.cli.questions import labels, questions
from pipelines.cli.stages import stages
from pipelines.cli.table import table
from pipelines.cli.workspace import workspace
from pipelines.defects import as_user_error

app = typer.Typer(
    help="Telecom churn and retention: from dirty extracts to tonight's target list.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(deliveries)
app.add_typer(stages)
app.add_typer(questions)
app.add_typer(labels, name="labels")
app.add_typer(models, name="models")
app.add_typer(quarantine, name="quarantine")
app.add_typer(table, name="table")
app.add_typer(workspace, name="workspace")


def main() -> None:
    """Run the command line; every outcome has its exit code (usage errors exit with 2)."""
    # Queries are built of many small objects that live on: looking through all of them so often for
    # what could go took an eighth of a night.
    gc.set_threshold(50_000, 20, 100)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stops.stop)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character must not stop a night.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # text streams
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the one place that gives any defect its exit code
        if stops.asked:  # a library has turned the stop into an error of its own
            sys.exit(128 + stops.asked[0])
        known = as_user_error(error)
        (said_by[-1] if said_by else console("text")).error(known)
        sys.exit(known.exit_code)
