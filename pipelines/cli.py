"""The ``churn`` command: one sub-command per recipe, errors as three lines and an exit code.

Recipes are imported when their command runs, so that ``churn --help`` answers at once.
"""

from __future__ import annotations

import signal
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from pipelines.defects import as_user_error

if TYPE_CHECKING:
    from types import FrameType

    from pipelines.console import Console

app = typer.Typer(
    help="Telecom churn and retention: from dirty extracts to tonight's target list.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
labels_app = typer.Typer(help="Outcomes of single subscribers.", no_args_is_help=True)
app.add_typer(labels_app, name="labels")
table_app = typer.Typer(help="Ready-made feature tables, without extracts.", no_args_is_help=True)
app.add_typer(table_app, name="table")

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="Settings file; else CHURN_SETTINGS, else churn.yaml here."),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help="The night to work for; default: the latest that deliveries cover.",
    ),
]
LogOption = Annotated[str, typer.Option("--log", help="text for people, json for machines.")]


def _table_file(out: Path | None) -> Path | None:
    if out is not None and out.suffix not in {".csv", ".parquet"}:
        raise typer.BadParameter("the file's name ends in .csv or .parquet")
    return out


OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        dir_okay=False,
        callback=_table_file,
        help="Also write the scores to FILE (.csv or .parquet).",
    ),
]


_said_by: list[Console] = []  # the console of the command that runs: errors go the same way


class Stopped(SystemExit):
    """A signal asked the run to stop; the code is 128 and the signal's number."""


def _console(log: str) -> Console:
    from pipelines.console import Console  # noqa: PLC0415 - loaded when a command runs

    if log not in {"text", "json"}:
        raise typer.BadParameter("--log is text or json")
    _said_by.append(Console("json" if log == "json" else "text"))
    return _said_by[-1]


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="To set up.", file_okay=False)],
) -> None:
    """Write a commented settings file and the folders it names."""
    from pipelines import init as recipe  # noqa: PLC0415 - loaded when the command runs

    typer.echo(recipe.init(folder))


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Where extracts and truth go.", file_okay=False)],
    customers: Annotated[int, typer.Option(help="Subscribers at the start.", min=1)] = 5000,
    months: Annotated[int, typer.Option(help="Months of deliveries.", min=1)] = 24,
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 1,
    calls: Annotated[
        float, typer.Option("--calls-per-month", help="Calls per subscriber and month.", min=0)
    ] = 10,
) -> None:
    """Write the extracts of a synthetic operator, and the truth behind them."""
    from pipelines import sample as recipe  # noqa: PLC0415 - loaded when the command runs

    typer.echo(
        recipe.sample(folder, customers=customers, months=months, seed=seed, calls_per_month=calls)
    )


@app.command()
def check(settings: SettingsOption = None) -> None:
    """Validate the settings and the head of every extract; write nothing."""
    from pipelines import check as recipe  # noqa: PLC0415 - loaded when the command runs

    typer.echo(recipe.check(settings))


@app.command()
def ingest(settings: SettingsOption = None, log: LogOption = "text") -> None:
    """Read the extracts into the canonical tables; set aside what breaks its contract."""
    from pipelines import ingest as recipe  # noqa: PLC0415 - loaded when the command runs
    from pipelines.run import open_run  # noqa: PLC0415 - loaded when the command runs

    with open_run(settings, command="ingest", console=_console(log)) as run:
        typer.echo(recipe.ingest(run).summary())


@app.command()
def train(
    settings: SettingsOption = None, as_of: AsOfOption = None, log: LogOption = "text"
) -> None:
    """Fit, calibrate and judge the models on mature snapshots; put the winner in place."""
    from pipelines import train as recipe  # noqa: PLC0415 - loaded when the command runs
    from pipelines.run import open_run  # noqa: PLC0415 - loaded when the command runs

    with open_run(settings, command="train", console=_console(log)) as run:
        training = recipe.train(run, _day(as_of))
        typer.echo(training.summary())
        training.require_champion()


@app.command()
def score(
    settings: SettingsOption = None,
    as_of: AsOfOption = None,
    out: OutOption = None,
    log: LogOption = "text",
) -> None:
    """Score every eligible subscriber with reasons."""
    from pipelines import score as recipe  # noqa: PLC0415 - loaded when the command runs
    from pipelines.run import open_run  # noqa: PLC0415 - loaded when the command runs

    with open_run(settings, command="score", console=_console(log)) as run:
        scores = recipe.score(run, _day(as_of))
        if out is not None:
            recipe.write_scores(run, scores, out)
        typer.echo(scores.summary())


@app.command()
def target(
    settings: SettingsOption = None, as_of: AsOfOption = None, log: LogOption = "text"
) -> None:
    """Choose whom to contact tonight, with what, inside the budget."""
    from pipelines import target as recipe  # noqa: PLC0415 - loaded when the command runs
    from pipelines.run import open_run  # noqa: PLC0415 - loaded when the command runs

    with open_run(settings, command="target", console=_console(log)) as run:
        typer.echo(recipe.target(run, _day(as_of)).summary())


@app.command()
def export(
    settings: SettingsOption = None, as_of: AsOfOption = None, log: LogOption = "text"
) -> None:
    """Hand over the night's lists."""
    from pipelines import export as recipe  # noqa: PLC0415 - loaded when the command runs
    from pipelines.run import open_run  # noqa: PLC0415 - loaded when the command runs

    with open_run(settings, command="export", console=_console(log)) as run:
        typer.echo(recipe.export(run, _day(as_of)).summary())


@app.command()
def nightly(
    settings: SettingsOption = None, as_of: AsOfOption = None, log: LogOption = "text"
) -> None:
    """Run the whole night: ingest, score, target, export; trains first without a champion."""
    from pipelines import nightly as recipe  # noqa: PLC0415 - loaded when the command runs
    from pipelines.run import open_run  # noqa: PLC0415 - loaded when the command runs

    with open_run(settings, command="nightly", console=_console(log)) as run:
        typer.echo(recipe.nightly(run, _day(as_of)).summary())


@app.command()
def status(
    settings: SettingsOption = None,
    last: Annotated[int, typer.Option(help="How many stages to show.", min=1)] = 20,
) -> None:
    """Show the ledger: which stage ran for which night, and how it ended."""
    from pipelines import status as recipe  # noqa: PLC0415 - loaded when the command runs

    typer.echo(recipe.status(settings, last))


@app.command()
def explain(
    subscriber: Annotated[str, typer.Argument(metavar="ID", help="The operator's own id.")],
    settings: SettingsOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Tell what was stored about one subscriber's score; nothing is recomputed."""
    from pipelines import explain as recipe  # noqa: PLC0415 - loaded when the command runs
    from pipelines.run import open_reader  # noqa: PLC0415 - loaded when the command runs

    with open_reader(settings) as run:
        typer.echo(recipe.explain(run, subscriber, _day(as_of)))


@labels_app.command("explain")
def labels_explain(
    subscriber: Annotated[str, typer.Argument(metavar="ID", help="The operator's own id.")],
    as_of: Annotated[
        datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The snapshot to explain.")
    ],
    settings: SettingsOption = None,
) -> None:
    """Tell one subscriber's outcome at a snapshot in words, with dates."""
    from pipelines import labels as recipe  # noqa: PLC0415 - loaded when the command runs
    from pipelines.run import open_reader  # noqa: PLC0415 - loaded when the command runs

    with open_reader(settings) as run:
        typer.echo(recipe.explain(run, subscriber, as_of.date()))


def _rate(value: float | None) -> float | None:
    if value is not None and not 0 < value < 1:
        raise typer.BadParameter("a share lies between 0 and 1")
    return value


TableFile = Annotated[Path, typer.Argument(dir_okay=False, help="CSV (.gz too) or Parquet.")]


@table_app.command("fit")
def table_fit(  # noqa: PLR0917 - one parameter per option, as typer wants
    train: TableFile,
    target: Annotated[str, typer.Option(metavar="COL", help="The column to predict.")],
    out: Annotated[Path, typer.Option(metavar="DIR", file_okay=False, help="Bundle and report.")],
    positive: Annotated[
        str | None, typer.Option(metavar="V", help="Its value that counts, unless it is a yes.")
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
    from pipelines import table as recipe  # noqa: PLC0415 - loaded when the command runs

    fitted = recipe.fit(
        train, out, target=target, positive=positive, id_column=id_, group_column=group,
        base_rate=base_rate, time_budget=time_budget, seed=seed,
    )  # fmt: skip
    typer.echo(fitted.summary())
    fitted.require_passed()


@table_app.command("predict")
def table_predict(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", file_okay=False, help="What `table fit` wrote.")
    ],
    new: TableFile,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE", dir_okay=False, callback=_table_file, help="A .csv or .parquet file."
        ),
    ],
) -> None:
    """Score a table: id, score, reasons."""
    from pipelines import table as recipe  # noqa: PLC0415 - loaded when the command runs

    typer.echo(recipe.predict(folder, new, out).summary())


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    _stops.append(number)
    raise Stopped(128 + number)


_stops: list[int] = []


def main() -> None:
    """Run the command line; every outcome has its exit code (usage errors exit with 2)."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character must not stop a night.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # text streams
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the one place that gives any defect its exit code
        if _stops:  # a library has turned the stop into an error of its own
            sys.exit(128 + _stops[0])
        known = as_user_error(error)
        (_said_by[-1] if _said_by else _console("text")).error(known)
        sys.exit(known.exit_code)
