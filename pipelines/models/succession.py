"""Which bundles have scored, one after the other: what a rollback goes back by.

The line is written before the bundle is put in place, as what is and what is meant to be; the
bundle in place then tells which of the two holds, whenever a kill came. A way back is noted until
it is told done, so that a rollback run again after a kill ends the first and is no second one.
"""

from __future__ import annotations

import json
from pathlib import Path

from churn.errors import ModelError
from churn.store import Workspace
from churn.store.atomic import write_json

KEPT = 100
"""Bundles remembered."""
RETURNING = "returning"


def line(workspace: Workspace, scoring: str | None) -> list[str]:
    """Return the hashes of the bundles that have scored, the one in place (``scoring``) last.

    ModelError if the file that holds them was changed.
    """
    path = _file(workspace)
    is_, meant = _read(path) if path.exists() else ([], [])
    for known in (meant, is_):
        if (known[-1] if known else None) == scoring:
            return known
    return [*is_, scoring] if scoring is not None else is_


def announce(workspace: Workspace, scoring: str | None, following: str) -> None:
    """Note that another bundle is about to be put in place."""
    known = line(workspace, scoring)
    _write(workspace, known, [*known, following][-KEPT:])


def announce_return(workspace: Workspace, scoring: str | None) -> None:
    """Note that the bundle before the one in place is about to return."""
    known = line(workspace, scoring)
    _write(workspace, known, known[:-1], returning=True)


def returned(workspace: Workspace, scoring: str | None) -> bool:
    """Tell whether the bundle in place has returned, and nobody was told."""
    path = _file(workspace)
    if not path.exists():
        return False
    _, meant = _read(path)  # refuses a file that was changed
    returning: bool = json.loads(path.read_bytes()).get(RETURNING, False)
    return returning and (meant[-1] if meant else None) == scoring


def settle_return(workspace: Workspace, scoring: str | None) -> None:
    """Note that a return is done and told."""
    known = line(workspace, scoring)
    _write(workspace, known, known)


def _file(workspace: Workspace) -> Path:
    return workspace.models / "succession.json"


def _write(
    workspace: Workspace, is_: list[str], meant: list[str], *, returning: bool = False
) -> None:
    content = {"version": 1, "is": is_, "meant": meant, RETURNING: returning}
    write_json(_file(workspace), content)


def _read(path: Path) -> tuple[list[str], list[str]]:
    try:
        content = json.loads(path.read_bytes())
        is_, meant = ([str(bundle) for bundle in content[key]] for key in ("is", "meant"))
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the line of champions cannot be read ({type(error).__name__})",
            where=f"models/{path.name}",
            do="restore the file, or remove it: only the way back to earlier champions is lost",
        ) from error
    return is_, meant
