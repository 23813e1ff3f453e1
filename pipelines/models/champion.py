"""The bundle in place: what scoring reads, and how a winner gets there."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace

from churn.errors import ModelError
from churn.learning import Bundle
from churn.store import Workspace
from churn.store.atomic import folder
from pipelines.bundles import read_bundle, write_bundle
from pipelines.models.succession import announce, announce_return
from pipelines.run import Run

NAME, SHADOW = "champion", "shadow"
MAPPING = "mapping"
"""What a bundle notes the mapping under which it learned by."""


def has_champion(workspace: Workspace) -> bool:
    """Tell whether a bundle is in place."""
    return (workspace.models / NAME).is_dir()


def champion(workspace: Workspace) -> Bundle:
    """Return the bundle in place."""
    return read_bundle(workspace.models / NAME)


def fits_the_code(run: Run, bundle: Bundle) -> bool:
    """Tell whether a bundle was trained on today's feature definitions."""
    return bundle.meta.get("features") == run.feature_version


def fits_the_mapping(run: Run, bundle: Bundle) -> bool:
    """Tell whether a bundle was trained under today's mapping; one that does not say so does."""
    return bundle.meta.get(MAPPING, run.mapping_version) == run.mapping_version


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


def has_shadow(workspace: Workspace) -> bool:
    """Tell whether a challenger scores beside the champion."""
    return (workspace.models / SHADOW).is_dir()


def shadow(workspace: Workspace) -> Bundle:
    """Return the challenger that scores beside the champion."""
    return read_bundle(workspace.models / SHADOW)


def let_shadow(bundle: Bundle, workspace: Workspace) -> None:
    """Let a challenger score beside the champion: its chances send nobody anywhere."""
    with folder(workspace.models / SHADOW) as partial:
        write_bundle(bundle, partial)


def drop_shadow(workspace: Workspace) -> None:
    """Let no challenger score beside the champion any more."""
    if has_shadow(workspace):
        aside = workspace.models / f".{SHADOW}.partial"  # a kill leaves it there, to be mended
        shutil.rmtree(aside, ignore_errors=True)
        (workspace.models / SHADOW).rename(aside)
        shutil.rmtree(aside)


def _replace(bundle: Bundle, workspace: Workspace) -> None:
    drop_shadow(workspace)  # it was held against another champion
    with folder(workspace.models / NAME) as partial:
        write_bundle(bundle, partial)
