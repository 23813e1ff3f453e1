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


Delimiter = Annotated[
    str | None,
    typer.Option(
        metavar="C", help="Between fields, \\t for a tab, \\001 for Hive; else recognised."
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(metavar="E", help="Such as utf-8, gb18030, cp1252; else recognised."),
]


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
    time: Annotated[
        str | None,
        typer.Option(metavar="COL", help="When a row was known: the past is asked about later."),
    ] = None,
    gap: Annotated[
        int | None,
        typer.Option(metavar="D", min=0, help="Days between what teaches and what is asked about."),
    ] = None,
    base_rate: Annotated[
        float | None,
        typer.Option(
            metavar="R",
            callback=_rate,
            help="The population's share, where the table was resampled by the target.",
        ),
    ] = None,
    read: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COL=KIND",
            help="What a column holds: number, flag, date, text; or how, as in date:%d/%m/%Y.",
        ),
    ] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option(metavar="COL", help="A column to learn nothing from.")
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE:COL", help="A finding of the leak audit that does not block."),
    ] = None,
    because: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Why it is no leak.")
    ] = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    time_budget: Annotated[
        float | None,
        typer.Option(metavar="S", min=0, help="Seconds to try things in; not reproducible."),
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", min=0, max=2**31 - 1)] = None,
) -> None:
    """Fit, calibrate and judge models on a ready-made table."""
    from pipelines import table as recipe
    from pipelines.table import options

    fitted = recipe.fit(
        train, out, target=target, positive=positive, negative=negative or (), id_column=id_,
        group_column=group, time_column=time, gap=gap, base_rate=base_rate,
        left_out=leave_out or (),
        kinds=options.kinds(read or []), accept=options.acceptances(accept or [], because or []),
        written=options.written(delimiter, encoding), time_budget=time_budget, seed=seed,
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
    delimiter: Delimiter = None,
    encoding: Encoding = None,
) -> None:
    """Score a table: id, score, reasons."""
    from pipelines import table as recipe
    from pipelines.table import options

    scored = recipe.predict(folder, new, out, written=options.written(delimiter, encoding))
    typer.echo(scored.summary())
