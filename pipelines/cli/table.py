"""``churn table``: ready-made feature tables, without extracts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import table_file

table = typer.Typer(help="Ready-made feature tables, without extracts.", no_args_is_help=True)


def _rate(value: float | None) -> float | None:
    if value is not None and not 0 < value < 1:
        raise typer.BadParameter("a share lies between 0 and 1")
    return value


TableFile = Annotated[Path, typer.Argument(dir_okay=False, help="CSV (.gz too) or Parquet.")]


@table.command("fit")
def table_fit(  # noqa: PLR0917 - one parameter per option, as typer wants
    train: TableFile,
    target: Annotated[str, typer.Option(metavar="COL", help="The column to predict.")],
    out: Annotated[Path, typer.Option(metavar="DIR", file_okay=False, help="Bundle and report.")],
    positive: Annotated[
        str | None, typer.Option(metavar="V", help="Its value that counts, unless it is a yes.")
    ] = None,
    negative: Annotated[
        list[str] | None,
        typer.Option(metavar="V", help="Each that does not, where there are several."),
    ] = None,
    id_: Annotated[
        str | None, typer.Option("--id", metavar="COL", help="The column that names a row.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(metavar="COL", help="Rows that are split together.")
    ] = None,
    base_rate: Annotated[
        float | None,
        typer.Option(
            metavar="R",
            callback=_rate,
            help="The population's share, where the table was resampled by the target.",
        ),
    ] = None,
    time_budget: Annotated[
        float | None,
        typer.Option(metavar="S", min=0, help="Seconds to try things in; not reproducible."),
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", min=0, max=2**31 - 1)] = None,
) -> None:
    """Fit, calibrate and judge models on a ready-made table."""
    from pipelines import table as recipe

    fitted = recipe.fit(
        train, out, target=target, positive=positive, negative=negative or (), id_column=id_,
        group_column=group, base_rate=base_rate, time_budget=time_budget, seed=seed,
    )  # fmt: skip
    typer.echo(fitted.summary())
    fitted.require_passed()


@table.command("predict")
def table_predict(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", file_okay=False, help="What `table fit` wrote.")
    ],
    new: TableFile,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE", dir_okay=False, callback=table_file, help="A .csv or .parquet file."
        ),
    ],
) -> None:
    """Score a table: id, score, reasons."""
    from pipelines import table as recipe

    typer.echo(recipe.predict(folder, new, out).summary())
