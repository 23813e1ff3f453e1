"""Stages: a unit of work whose output folder is whole or absent, and is not made twice.

A stage is skipped when the folder it would write is there with the fingerprint it would carry: the
same inputs, the settings it uses, and the version of the code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from churn.errors import StorageError
from churn.store import stops
from churn.store.atomic import folder, write_json
from churn.store.hashing import fingerprint, sha256_file
from churn.store.ledger import Ledger

MARKER = "stage.json"


@dataclass(frozen=True)
class Stage:
    """What a stage left behind.

    Parameters
    ----------
    content
        One hash over the output's bytes: what later stages name as their input.
    skipped
        Whether it was already there.
    """

    name: str
    folder: Path
    content: str
    skipped: bool


@dataclass
class Note:
    """What a stage says of itself when it has ended."""

    state: str = "done"
    text: str = ""

    def skip(self, text: str = "nothing it depends on changed") -> None:
        """Say that there was nothing to do."""
        self.state, self.text = "skipped", text


class Stages:
    """Runs stages of one workspace and notes them in the ledger.

    ``tell`` is called with the stage's name, its state as the ledger has it, and a note.
    """

    def __init__(
        self,
        root: Path,
        ledger: Ledger,
        code_version: str,
        tell: Callable[[str, str, str], None],
    ) -> None:
        self._root = root
        self._ledger = ledger
        self._code_version = code_version
        self._tell = tell

    def run(
        self,
        name: str,
        as_of: str,
        inputs: Mapping[str, Any],
        make: Callable[[Path], str],
        *,
        final: Path | None = None,
    ) -> Stage:
        """Make the stage's folder, or skip it when nothing it depends on changed.

        Parameters
        ----------
        inputs
            All that the output depends on: hashes of earlier stages and the settings used.
        make
            Writes the files into the folder it is given; returns a note of counts for people.
        final
            Where the output goes, if not into the folder of stages.
        """
        final = final or self._root / name / as_of
        wanted = self.fingerprint(inputs, as_of)
        with self.noted(name, as_of) as note:
            done = _marker(final)
            if done is not None and done["fingerprint"] == wanted:
                note.skip()
                return Stage(name, final, done["content"], skipped=True)
            self._tell(name, "running", "")
            with folder(final) as partial:
                note.text = make(partial)
                files = _hashes(partial)
                content = fingerprint(files)
                marker = {"fingerprint": wanted, "content": content, "files": files}
                write_json(partial / MARKER, marker)
            return Stage(name, final, content, skipped=False)

    def stored(self, name: str, night: date | str) -> Stage | None:
        """Return what a stage left behind for a night; None where there is no whole folder."""
        return _stored(name, self._root / name / str(night))

    def nights(self, name: str) -> list[Stage]:
        """Return what a stage left behind for each night, the latest first."""
        root = self._root / name
        folders = sorted(root.iterdir(), reverse=True) if root.is_dir() else []
        return [stage for folder in folders if (stage := _stored(name, folder)) is not None]

    def fingerprint(self, inputs: Mapping[str, Any], as_of: str) -> str:
        """Return one hash over all that a stage's output depends on, the code included."""
        return fingerprint({"inputs": inputs, "code": self._code_version, "as_of": as_of})

    @contextmanager
    def noted(self, name: str, as_of: str | None) -> Iterator[Note]:
        """Note a stage in the ledger and on the console, however it ends."""
        number = self._ledger.start(name, as_of)
        note = Note()
        try:
            yield note
        except BaseException as error:  # however it ends, the ledger says so; it is raised again
            stopped = stops.asked or not isinstance(error, Exception)
            state = "stopped" if stopped else "failed"
            self._tell(name, state, "")
            with suppress(StorageError):  # a full disk must not hide what went wrong
                self._ledger.finish(number, state, type(error).__name__)
            raise
        self._ledger.finish(number, note.state, note.text)
        self._tell(name, note.state, note.text)


def _stored(name: str, path: Path) -> Stage | None:
    marker = _marker(path)
    return None if marker is None else Stage(name, path, marker["content"], skipped=True)


def _marker(path: Path) -> dict[str, Any] | None:
    """Return the marker of a stage's folder; None where there is no whole one."""
    marker = path / MARKER
    if not marker.exists():
        return None
    try:
        content: dict[str, Any] = json.loads(marker.read_text(encoding="utf-8"))
    except ValueError:
        return None
    if not all((path / name).is_file() for name in content.get("files", ())):
        return None
    return content


def reseal(path: Path) -> None:
    """Let the marker of a stage's folder tell what is in it now: somebody was erased from it.

    What it was made of stays as it is: the folder still stands for it.
    """
    marker = json.loads((path / MARKER).read_text(encoding="utf-8"))
    files = {name: digest for name, digest in _hashes(path).items() if name != MARKER}
    write_json(path / MARKER, {**marker, "files": files, "content": fingerprint(files)})


def _hashes(path: Path) -> dict[str, str]:
    return {
        file.relative_to(path).as_posix(): sha256_file(file)
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }
