"""What is asked of what is there: effects, plans, past nights, indicators, single subscribers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import (
    DAYS,
    AsOfOption,
    LogOption,
    SettingsOption,
    console,
    day,
    read,
)

questions = typer.Typer()
labels = typer.Typer(help="Outcomes of single subscribers.", no_args_is_help=True)
SubscriberArgument = Annotated[str, typer.Argument(metavar="ID", help="The operator's own id.")]


@questions.command()
def uplift(
    settings: SettingsOption = None,
    as_of: AsOfOption = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Also tell by cause, channel, time or segment; may be given again."),
    ] = None,
    log: LogOption = "text",
) -> None:
    """Measure what contacts changed, from every randomised arm on record."""
    from churn.targeting.effects import PARTS
    from pipelines import uplift as recipe
    from pipelines.run import open_run

    asked = [part for part in PARTS if part in (by or ())]
    if unknown := sorted(set(by or ()) - set(PARTS)):
        raise typer.BadParameter(f"--by is {', '.join(PARTS)}, not {', '.join(unknown)}")
    with open_run(settings, command="uplift", console=console(log)) as run:
        typer.echo(recipe.tell(run, day(as_of), asked))


@questions.command()
def plan(
    settings: SettingsOption = None,
    as_of: AsOfOption = None,
    budget: Annotated[
        list[float] | None,
        typer.Option(help="Money for the month; each time it is given, a scenario.", min=0),
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A key below `targeting`, several parted by `;`: "
            '"budget.month=500; actions.offer.effect=0.2". Each time it is given, a scenario.',
        ),
    ] = None,
    scenarios: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="YAML: by name, the sections of `targeting` that it changes."
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Also write the scenarios as a page.")
    ] = None,
) -> None:
    """Compare what other budgets, capacities or effects would list and earn; touch nothing."""
    from pipelines import plan as recipe
    from pipelines.run import open_reader

    with open_reader(settings) as run:
        compared = recipe.plan(
            run, day(as_of), budgets=budget or (), changes=change or (), scenarios=scenarios
        )
        if html is not None:
            compared.write(html)
        typer.echo(compared.summary())


@questions.command()
def backtest(
    settings: SettingsOption = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=DAYS, help="The day up to which outcomes are known; default: the latest night."
        ),
    ] = None,
    nights: Annotated[
        int | None, typer.Option(help="How many nights, a month apart; default: settings.", min=1)
    ] = None,
    every: Annotated[
        int | None, typer.Option(help="Train on every so many nights; default: settings.", min=1)
    ] = None,
    night: Annotated[
        list[datetime] | None,
        typer.Option(formats=DAYS, help="Replay this night; may be given several times."),
    ] = None,
    log: LogOption = "text",
) -> None:
    """Replay past nights with what was delivered then, and judge them by what came after."""
    if night and nights is not None:
        raise typer.BadParameter("--night names nights, --nights counts them: give one of both")
    from pipelines import backtest as recipe
    from pipelines.run import open_run

    with open_run(settings, command="backtest", console=console(log)) as run:
        named = [moment.date() for moment in night or ()]
        done = recipe.backtest(run, day(as_of), nights=nights, every=every, named=named)
        typer.echo(done.summary())


@questions.command()
def kpis(settings: SettingsOption = None, as_of: AsOfOption = None) -> None:
    """Tell the operator's indicators against last month and the same weeks of last year."""
    read("kpis.kpis", settings, day(as_of))


@questions.command()
def status(
    settings: SettingsOption = None,
    last: Annotated[int, typer.Option(help="How many stages to show.", min=1)] = 20,
    stage: Annotated[
        str | None, typer.Option(help="Of this stage alone: promotion tells who scores, and why.")
    ] = None,
) -> None:
    """Show the ledger: which stage ran for which night, and how it ended."""
    from pipelines import status as recipe

    typer.echo(recipe.status(settings, last, stage))


@questions.command()
def explain(
    subscriber: SubscriberArgument,
    settings: SettingsOption = None,
    as_of: AsOfOption = None,
    html: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Also write it to this page.")
    ] = None,
) -> None:
    """Tell what was stored about one subscriber's score; nothing is recomputed."""
    read("explain.explain", settings, subscriber, day(as_of), html)


@labels.command("explain")
def labels_explain(
    subscriber: SubscriberArgument,
    as_of: Annotated[datetime, typer.Option(formats=DAYS, help="The snapshot to explain.")],
    settings: SettingsOption = None,
) -> None:
    """Tell one subscriber's outcome at a snapshot in words, with dates."""
    read("labels.explain", settings, subscriber, as_of.date())
