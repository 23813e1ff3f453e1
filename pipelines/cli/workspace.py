"""``churn workspace``: keeping house."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.options import AsOfOption, LogOption, SettingsOption, console, day

workspace = typer.Typer(
    help="Keep house: remove what is old, erase a person, prove a night, migrate.",
    no_args_is_help=True,
)


@workspace.command("prune")
def workspace_prune(
    settings: SettingsOption = None,
    *,
    only_ask: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be removed.")
    ] = False,
    log: LogOption = "text",
) -> None:
    """Remove what is older than `retention` keeps it, and nothing needs any more."""
    from pipelines.run import open_run
    from pipelines.workspace.prune import prune

    with open_run(settings, command="workspace prune", console=console(log)) as run:
        typer.echo(prune(run, only_ask=only_ask).summary())


@workspace.command("erase")
def workspace_erase(
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="The operator's own id of a subscriber or customer.")
    ],
    settings: SettingsOption = None,
    log: LogOption = "text",
) -> None:
    """Erase a person from everything, for good: later deliveries do not bring it back."""
    from pipelines.run import open_run
    from pipelines.workspace.erase import erase_person

    with open_run(settings, command="workspace erase", console=console(log)) as run:
        typer.echo(erase_person(run, identifier).summary())


@workspace.command("prove")
def workspace_prove(
    settings: SettingsOption = None, as_of: AsOfOption = None, log: LogOption = "text"
) -> None:
    """Make a night's list again from what is kept, and compare it byte for byte."""
    from pipelines.run import open_run
    from pipelines.workspace.prove import prove

    with open_run(settings, command="workspace prove", console=console(log)) as run:
        typer.echo(prove(run, day(as_of)).summary())


@workspace.command("migrate")
def workspace_migrate(settings: SettingsOption = None, log: LogOption = "text") -> None:
    """Complete what an earlier program left in the workspace."""
    from pipelines.run import open_run
    from pipelines.workspace.migrate import migrate

    with open_run(settings, command="workspace migrate", console=console(log)) as run:
        typer.echo(migrate(run).summary())
