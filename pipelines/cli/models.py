"""``churn models``: the registered versions and which of them scores."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.options import LogOption, SettingsOption, console, read

models = typer.Typer(
    help="Registered models: what each is worth, and which of them scores.", no_args_is_help=True
)
VersionName = Annotated[
    str, typer.Argument(metavar="VERSION", help="A number, champion or challenger.")
]
ModelName = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A version, or a learner of it (3:tree, champion:network), or a run of MLflow.",
    ),
]


@models.command("list")
def models_list(settings: SettingsOption = None) -> None:
    """List the versions with gate, average precision and ROC AUC of each head."""
    read("models.versions.list_versions", settings)


@models.command("show")
def models_show(version: VersionName, settings: SettingsOption = None) -> None:
    """Show one version: its verdict, and every learner's figures."""
    read("models.versions.show", settings, version)


@models.command("compare")
def models_compare(first: ModelName, second: ModelName, settings: SettingsOption = None) -> None:
    """Compare two models, each on its own test part and both on the rows they share."""
    read("models.versions.compare", settings, first, second)


@models.command("promote")
def models_promote(
    version: VersionName, settings: SettingsOption = None, log: LogOption = "text"
) -> None:
    """Let a version score from now on."""
    from pipelines.models import versions as recipe
    from pipelines.run import open_run

    with open_run(settings, command="models promote", console=console(log)) as run:
        typer.echo(recipe.promote(run, version))


@models.command("rollback")
def models_rollback(settings: SettingsOption = None, log: LogOption = "text") -> None:
    """Let the champion before the one in place score again."""
    from pipelines.models import versions as recipe
    from pipelines.run import open_run

    with open_run(settings, command="models rollback", console=console(log)) as run:
        typer.echo(recipe.rollback(run))
