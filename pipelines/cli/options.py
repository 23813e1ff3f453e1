"""Options that commands share, and the console that each of them speaks through."""

from __future__ import annotations

from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from pipelines.console import Console

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="Settings file; else CHURN_SETTINGS, else churn.yaml here."),
]
DAYS = ["%Y-%m-%d"]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        formats=DAYS, help="The night to work for; default: the latest that deliveries cover."
    ),
]
LogOption = Annotated[str, typer.Option("--log", help="text for people, json for machines.")]


def table_file(out: Path | None) -> Path | None:
    """Take a name that ends as a table's does."""
    if out is not None and out.suffix not in {".csv", ".parquet"}:
        raise typer.BadParameter("the file's name ends in .csv or .parquet")
    return out


OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        dir_okay=False,
        callback=table_file,
        help="Also write the scores to FILE (.csv or .parquet).",
    ),
]


said_by: list[Console] = []
"""The console of the command that runs: errors go the same way."""


def console(log: str) -> Console:
    """Open the console that ``--log`` asks for."""
    if log not in {"text", "json"}:
        raise typer.BadParameter("--log is text or json")
    said_by.append(Console("json" if log == "json" else "text"))
    return said_by[-1]


def read(recipe: str, settings: Path | None, *words: object) -> None:
    """Print what a recipe, ``module.function``, reads in the deployment; nothing is written."""
    from pipelines.run import open_reader

    module, _, name = recipe.rpartition(".")
    function = getattr(import_module(f"pipelines.{module}"), name)
    with open_reader(settings) as run:
        typer.echo(function(run, *words))


def day(moment: datetime | None) -> date | None:
    """Return the day that an option gave."""
    return moment.date() if moment else None
