"""``churn init``: a commented settings file and the folders it names."""

from __future__ import annotations

import secrets
from importlib.resources import files
from pathlib import Path

from churn.errors import SettingsError
from churn.store.atomic import storage_errors, write_bytes

KEY_PLACE = "WRITE-A-SECRET-HERE"
FOLDERS = ("extracts", "workspace")


def init(folder: Path) -> str:
    """Write ``churn.yaml`` and the folders ``extracts/`` and ``workspace/`` into ``folder``.

    The key of the pseudonyms is drawn anew: it is a secret of this deployment. A ``.gitignore``
    keeps it and the customers' data out of a checkout around the folder. SettingsError if a
    settings file is there already: it is never overwritten.
    """
    target = folder / "churn.yaml"
    if target.exists():
        raise SettingsError(
            "there is a settings file already",
            where=str(target),
            do="edit it, or name another folder",
        )
    template = files("pipelines.settings").joinpath("template.yaml").read_text(encoding="utf-8")
    with storage_errors(str(folder)):
        _ignore(folder)
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        text = template.replace(KEY_PLACE, secrets.token_hex(16))
        write_bytes(target, text.encode(), mode=0o600)
    return (
        f"{target}: name your extracts there, put them into {folder / 'extracts'}, "
        f"then run `churn check --settings {target}`"
    )


def _ignore(folder: Path) -> None:
    """Tell git to leave a new folder alone, or what is added here to a folder in use."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ".gitignore"
    if not any(folder.iterdir()):
        write_bytes(path, b"*\n")
        return
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    added = [f"/{name}" for name in ("churn.yaml", *FOLDERS)]
    lines += [line for line in added if line not in lines]
    write_bytes(path, "\n".join([*lines, ""]).encode())
