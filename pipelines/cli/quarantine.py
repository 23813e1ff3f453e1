"""What was set aside: listed, shown, read again after a correction."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import LogOption, SettingsOption, console, read

quarantine = typer.Typer(help="Records that were set aside.", no_args_is_help=True)
TableOption = Annotated[str | None, typer.Option("--table", help="Of this canonical table alone.")]
DeliveryOption = Annotated[
    str | None, typer.Option("--delivery", help="Of this one: as listed, its period or its day.")
]
RuleOption = Annotated[str | None, typer.Option("--rule", help="That broke this rule (BILL003).")]


@quarantine.command("list")
def list_(
    settings: SettingsOption = None,
    table: TableOption = None,
    delivery: DeliveryOption = None,
    rule: RuleOption = None,
) -> None:
    """Count what is set aside, by table, delivery and rule."""
    from churn.ingest.set_aside import Selection

    read("quarantine.list_aside", settings, Selection(table, delivery, rule))


@quarantine.command()
def show(
    settings: SettingsOption = None,
    table: TableOption = None,
    delivery: DeliveryOption = None,
    rule: RuleOption = None,
    limit: Annotated[int, typer.Option(help="Records to show.", min=1)] = 20,
    out: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Write all of them here as JSON lines, to correct."),
    ] = None,
) -> None:
    """Show records as they were delivered: customers' data, on this terminal or in a file."""
    from churn.ingest.set_aside import Selection

    selection = Selection(table, delivery, rule)
    if out is not None:
        read("quarantine.write", settings, selection, out)
    else:
        read("quarantine.show", settings, selection, limit)


@quarantine.command()
def replay(
    settings: SettingsOption = None,
    table: TableOption = None,
    delivery: DeliveryOption = None,
    rule: RuleOption = None,
    corrected: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Corrected records: what `show --out` wrote, edited."),
    ] = None,
    log: LogOption = "text",
) -> None:
    """Read it again, after a correction of the settings or of the records."""
    from churn.ingest.set_aside import Selection
    from pipelines import quarantine as recipe
    from pipelines.run import open_run

    with open_run(settings, command="quarantine", console=console(log)) as run:
        typer.echo(recipe.replay(run, Selection(table, delivery, rule), corrected))
