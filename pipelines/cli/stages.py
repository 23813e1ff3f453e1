"""The night and its stages, one command each, and the outcomes of single subscribers."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from churn.language import LANGUAGES
from pipelines.cli.options import (
    DAYS,
    AsOfOption,
    LogOption,
    OutOption,
    SettingsOption,
    console,
    day,
    read,
)

stages = typer.Typer()
labels = typer.Typer(help="Outcomes of single subscribers.", no_args_is_help=True)
SubscriberArgument = Annotated[str, typer.Argument(metavar="ID", help="The operator's own id.")]


@stages.command()
def init(
    folder: Annotated[Path, typer.Argument(help="To set up.", file_okay=False)],
) -> None:
    """Write a commented settings file and the folders it names."""
    from pipelines import init as recipe

    typer.echo(recipe.init(folder))


@stages.command()
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
    )
    rows = ", ".join(f"{name} {count:,}" for name, count in sorted(report.rows.items()))
    typer.echo(f"{folder}: {rows}")


@stages.command()
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


@stages.command()
def ingest(settings: SettingsOption = None, log: LogOption = "text") -> None:
    """Read the extracts into the canonical tables; set aside what breaks its contract."""
    from pipelines import ingest as recipe
    from pipelines.run import open_run

    with open_run(settings, command="ingest", console=console(log)) as run:
        typer.echo(recipe.ingest(run).summary())


@stages.command()
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


@stages.command()
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


@stages.command()
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


@stages.command()
def kpis(settings: SettingsOption = None, as_of: AsOfOption = None) -> None:
    """Tell the operator's indicators against last month and the same weeks of last year."""
    read("kpis.kpis", settings, day(as_of))


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


@stages.command()
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


@stages.command()
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
