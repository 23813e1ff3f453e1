"""What is delivered: settings and a sample to begin with, extracts checked, taken in, described."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from churn.language import LANGUAGES
from pipelines.cli.options import (
    DAYS,
    LogOption,
    SettingsOption,
    console,
    day,
)

deliveries = typer.Typer()


@deliveries.command()
def init(
    folder: Annotated[Path, typer.Argument(help="To set up.", file_okay=False)],
) -> None:
    """Write a commented settings file and the folders it names."""
    from pipelines import init as recipe

    typer.echo(recipe.init(folder))


@deliveries.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Where extracts and truth go.", file_okay=False)],
    customers: Annotated[int, typer.Option(help="Subscribers at the start.", min=1)] = 5000,
    months: Annotated[int, typer.Option(help="Months of deliveries.", min=1)] = 24,
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 1,
    calls: Annotated[
        float, typer.Option("--calls-per-month", help="Calls per subscriber and month.", min=0)
    ] = 10,
    campaign_share: Annotated[
        float | None,
        typer.Option(help="Share of the base that campaigns select a month; default: 0.038."),
    ] = None,
    control_share: Annotated[
        float | None,
        typer.Option(help="Share of their lists that is left alone; default: .1 to .25."),
    ] = None,
    effect: Annotated[
        float, typer.Option(help="What the effects of contacts are multiplied by; 0: none.")
    ] = 1.0,
    *,
    additions: Annotated[
        bool,
        typer.Option("--additions", help="Deliver the optional columns and tables as well."),
    ] = False,
    downgrades: Annotated[
        bool,
        typer.Option("--downgrades", help="Let lines move to cheaper plans; with --additions."),
    ] = False,
    re_entries: Annotated[
        float,
        typer.Option(help="Share of mobile leavers who begin anew under another number."),
    ] = 0.0,
) -> None:
    """Write the extracts of a synthetic operator, and the truth behind them."""
    from churn.sample import generate

    report = generate(
        folder,
        customers=customers,
        months=months,
        seed=seed,
        calls_per_month=calls,
        campaign_share=campaign_share,
        control_share=control_share,
        effect=effect,
        additions=additions,
        downgrades=downgrades,
        re_entries=re_entries,
    )
    rows = ", ".join(f"{name} {count:,}" for name, count in sorted(report.rows.items()))
    typer.echo(f"{folder}: {rows}")


@deliveries.command()
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]…", help="With --suggest: what to look at."),
    ] = None,
    *,
    settings: SettingsOption = None,
    columns: Annotated[
        bool, typer.Option("--columns", help="Also tell how each column was read.")
    ] = False,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Write settings for files nobody has described.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="With --suggest: write them to this file.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="With --suggest: en or zh; default: as most headers.")
    ] = None,
    delivered_on: Annotated[
        datetime | None,
        typer.Option(formats=DAYS, help="With --suggest: when files without a day were extracted."),
    ] = None,
) -> None:
    """Validate the settings and the head of every extract, or suggest settings for files."""
    if suggest != bool(files):
        raise typer.BadParameter("--suggest takes the files to look at, and only it does")
    if not suggest:
        if out is not None or language is not None or delivered_on is not None:
            raise typer.BadParameter("--out, --language and --delivered-on go with --suggest")
        from pipelines import check as recipe

        typer.echo(recipe.check(settings, columns=columns))
        return
    if language not in {None, *LANGUAGES}:
        raise typer.BadParameter("--language is en or zh")
    from pipelines.suggestion import suggestion

    spoken = next((each for each in LANGUAGES if each == language), None)
    typer.echo(suggestion(files or [], out, spoken, day(delivered_on)))


@deliveries.command()
def ingest(settings: SettingsOption = None, log: LogOption = "text") -> None:
    """Read the extracts into the canonical tables; set aside what breaks its contract."""
    from pipelines import ingest as recipe
    from pipelines.run import open_run

    with open_run(settings, command="ingest", console=console(log)) as run:
        typer.echo(recipe.ingest(run).summary())


@deliveries.command()
def profile(
    settings: SettingsOption = None,
    table: Annotated[str | None, typer.Option(help="Of this canonical table alone.")] = None,
    delivery: Annotated[
        str | None, typer.Option(help="This one, by period or day; default: each table's newest.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="en or zh; default: settings.")] = None,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder; default: in the workspace.")
    ] = None,
    log: LogOption = "text",
) -> None:
    """Show deliveries in pictures: one HTML page for each."""
    spoken = next((each for each in LANGUAGES if each == language), None)
    if spoken is None and language is not None:
        raise typer.BadParameter(f"--language is {' or '.join(LANGUAGES)}")
    from churn.ingest.set_aside import Selection
    from pipelines import profile as recipe
    from pipelines.run import open_run

    with open_run(settings, command="profile", console=console(log)) as run:
        for page in recipe.profile(run, Selection(table, delivery), spoken, out):
            typer.echo(page)
