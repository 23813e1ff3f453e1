"""A bundle's folder, read and written whole."""

from __future__ import annotations

from pathlib import Path

from churn.errors import ModelError
from churn.learning import Bundle


def read_bundle(path: Path) -> Bundle:
    """Read a bundle from its folder; ModelError if a file is missing, foreign or was changed."""
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
