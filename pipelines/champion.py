"""The bundle in place: what scoring reads, and how a winner gets there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from churn.errors import ModelError
from churn.learning import Bundle
from churn.panel import NOT_OUT_OF_TIME
from churn.store.atomic import folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from churn.language import Text
    from churn.store import Workspace
    from pipelines.run import Run

NAME = "champion"


def read_bundle(path: Path) -> Bundle:
    """Read a bundle from its folder.

    Raises
    ------
    ModelError
        If a file is missing, foreign or was changed.
    """
    if not path.is_dir():
        raise ModelError(
            "there is no model in place",
            where=f"models/{path.name}",
            do="run `churn train`; `churn nightly` does it by itself",
        )
    return Bundle.from_files(
        {
            file.relative_to(path).as_posix(): file.read_bytes()
            for file in sorted(path.rglob("*"))
            if file.is_file()
        }
    )


def write_bundle(bundle: Bundle, path: Path) -> None:
    """Write a bundle's files below ``path``."""
    for name, content in bundle.to_files().items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def has_champion(workspace: Workspace) -> bool:
    """Tell whether a bundle is in place."""
    return (workspace.models / NAME).is_dir()


def champion(workspace: Workspace) -> Bundle:
    """Return the bundle in place."""
    return read_bundle(workspace.models / NAME)


def fits_the_code(run: Run, bundle: Bundle) -> bool:
    """Tell whether a bundle was trained on today's feature definitions."""
    return bundle.meta.get("features") == run.feature_version


def split_note(bundle: Bundle) -> Text:
    """Return what a reader must know of a bundle that was not judged wholly out of time."""
    return NOT_OUT_OF_TIME[bundle.meta.get("split", "customer")]


def learned_from_assumed(bundle: Bundle) -> set[str]:
    """Return the tables of which the training assumed when their history had been available."""
    return set(filter(None, bundle.meta.get("availability_assumed", "").split(",")))


def require_features(bundle: Bundle, columns: Iterable[str]) -> None:
    """Refuse to score with a bundle that reads features which are not there.

    Raises
    ------
    ModelError
        Naming how many there are, and one of them.
    """
    gone = sorted(set(bundle.needed) - set(columns))
    if gone:
        raise ModelError(
            f"the model in place reads {len(gone)} features that are no longer defined",
            where=f"models/{NAME}: {gone[0]}",
            do="train a model that passes the gate, or go back to the version it was trained with",
        )


def promote_if_passed(bundle: Bundle, workspace: Workspace) -> None:
    """Put a bundle's passing heads in place, whole or not at all.

    Heads that fail the gate are taken out: they must not send anyone anywhere. A champion goes on
    unless the challenger passes on every head that the champion has.
    """
    passing = {cause: bundle.heads[cause] for cause in bundle.heads if bundle.reports[cause].passed}
    in_place = set(champion(workspace).heads) if has_champion(workspace) else set()
    if not passing or not in_place <= set(passing):
        return
    with folder(workspace.models / NAME) as partial:
        write_bundle(replace(bundle, heads=passing), partial)
