"""``churn labels``: outcomes of single subscribers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from pipelines.cli.options import SettingsOption

labels = typer.Typer(help="Outcomes of single subscribers.", no_args_is_help=True)


@labels.command("explain")
def labels_explain(
    subscriber: Annotated[str, typer.Argument(metavar="ID", help="The operator's own id.")],
    as_of: Annotated[
        datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The snapshot to explain.")
    ],
    settings: SettingsOption = None,
) -> None:
    """Tell one subscriber's outcome at a snapshot in words, with dates."""
    from pipelines import labels as recipe
    from pipelines.run import open_reader

    with open_reader(settings) as run:
        typer.echo(recipe.explain(run, subscriber, as_of.date()))
