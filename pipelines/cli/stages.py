"""The night and its stages, one command each."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import (
    AsOfOption,
    LogOption,
    OutOption,
    SettingsOption,
    console,
    day,
)

stages = typer.Typer()


def _of_a_night(name: str, text: str, *required: str) -> None:
    """Add the command of a recipe that takes a night and prints its summary.

    The methods ``required`` of what it returns then end the command badly where they must.
    """

    def command(
        settings: SettingsOption = None, as_of: AsOfOption = None, log: LogOption = "text"
    ) -> None:
        from pipelines.run import open_run

        recipe = getattr(import_module(f"pipelines.{name}"), name)
        with open_run(settings, command=name, console=console(log)) as run:
            stored = recipe(run, day(as_of))
            typer.echo(stored.summary())
            for method in required:
                getattr(stored, method)()

    stages.command(name, help=text)(command)


_of_a_night(
    "train",
    "Fit, calibrate and judge the models on mature snapshots; put the winner in place.",
    "require_champion",
    "require_tracked",
)
_of_a_night(
    "audit",
    "Look for leaks in what a training as of the night would learn from.",
    "require_none_open",
)


@stages.command()
def score(
    settings: SettingsOption = None,
    as_of: AsOfOption = None,
    out: OutOption = None,
    log: LogOption = "text",
) -> None:
    """Score every eligible subscriber with reasons."""
    from pipelines import score as recipe
    from pipelines.run import open_run

    with open_run(settings, command="score", console=console(log)) as run:
        scores = recipe.score(run, day(as_of))
        if out is not None:
            recipe.write_scores(run, scores, out)
        typer.echo(scores.summary())


_of_a_night("target", "Choose whom to contact tonight, with what, inside the budget.")


_of_a_night("export", "Hand over the night's lists.")
_of_a_night(
    "nightly",
    "Run the whole night: ingest, score, target, monitor, export; trains first without a champion.",
)


@stages.command()
def monitor(
    settings: SettingsOption = None,
    as_of: AsOfOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", dir_okay=False, help="Also write the page to FILE.")
    ] = None,
    log: LogOption = "text",
) -> None:
    """Hold what past nights promised against what is known by now."""
    from churn.store.atomic import write_bytes
    from pipelines import monitor as recipe
    from pipelines.run import open_run

    with open_run(settings, command="monitor", console=console(log)) as run:
        watch = recipe.monitor(run, day(as_of))
        if html is not None:
            write_bytes(html, watch.page())
        typer.echo(watch.summary())


@stages.command()
def feedback(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or workbook with contact_id and answer.", dir_okay=False, metavar="FILE"
        ),
    ],
    settings: SettingsOption = None,
    log: LogOption = "text",
) -> None:
    """Take back what diallers and people filled in; what binds does so at once."""
    from pipelines import feedback as recipe
    from pipelines.run import open_run

    with open_run(settings, command="feedback", console=console(log)) as run:
        typer.echo(recipe.feedback(run, file).summary())
