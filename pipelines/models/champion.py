"""The bundle in place: what scoring reads, and how a winner gets there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from churn.errors import ModelError
from churn.learning import Bundle
from churn.store import Workspace
from churn.store.atomic import folder
from pipelines.bundles import read_bundle, write_bundle
from pipelines.models.succession import announce, announce_return
from pipelines.run import Run

NAME = "champion"


def has_champion(workspace: Workspace) -> bool:
    """Tell whether a bundle is in place."""
    return (workspace.models / NAME).is_dir()


def champion(workspace: Workspace) -> Bundle:
    """Return the bundle in place."""
    return read_bundle(workspace.models / NAME)


def fits_the_code(run: Run, bundle: Bundle) -> bool:
    """Tell whether a bundle was trained on today's feature definitions."""
    return bundle.meta.get("features") == run.feature_version


def require_features(bundle: Bundle, columns: Iterable[str]) -> None:
    """Refuse to score with a bundle that reads features which are not there."""
    gone = sorted(set(bundle.needed) - set(columns))
    if gone:
        raise ModelError(
            f"the model in place reads {len(gone)} features that are no longer defined",
            where=f"models/{NAME}: {gone[0]}",
            do="train a model that passes the gate, or go back to the version it was trained with",
        )


def passing(bundle: Bundle) -> Bundle | None:
    """Return the bundle with the heads that pass the gate: no other may send anyone anywhere.

    None where no head passes.
    """
    heads = {cause: bundle.heads[cause] for cause in bundle.heads if bundle.reports[cause].passed}
    return replace(bundle, heads=heads) if heads else None


def next_champion(bundle: Bundle, workspace: Workspace) -> Bundle | None:
    """Return the bundle that scores after a training: the challenger's, or the one in place.

    A champion goes on unless the challenger passes on every head that the champion has. None
    where there is neither.
    """
    challenger = passing(bundle)
    if not has_champion(workspace):
        return challenger
    held = champion(workspace)
    better = challenger is not None and set(held.heads) <= set(challenger.heads)
    return challenger if better else held


def promote_if_passed(bundle: Bundle, workspace: Workspace) -> None:
    """Put a bundle's passing heads in place, whole or not at all, if they may go there."""
    chosen = next_champion(bundle, workspace)
    if chosen is not None and chosen.fingerprint != in_place(workspace):
        put_in_place(chosen, workspace)


def in_place(workspace: Workspace) -> str | None:
    """Return the hash of the bundle that scores; None where there is none."""
    return champion(workspace).fingerprint if has_champion(workspace) else None


def put_in_place(bundle: Bundle, workspace: Workspace) -> None:
    """Let a bundle score from now on; the one before it can be brought back."""
    announce(workspace, in_place(workspace), bundle.fingerprint)
    _replace(bundle, workspace)


def bring_back(bundle: Bundle, workspace: Workspace) -> None:
    """Let the bundle before the one in place score again."""
    announce_return(workspace, in_place(workspace))
    _replace(bundle, workspace)


def _replace(bundle: Bundle, workspace: Workspace) -> None:
    with folder(workspace.models / NAME) as partial:
        write_bundle(bundle, partial)
