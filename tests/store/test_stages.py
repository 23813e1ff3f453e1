"""A stage runs when something it depends on changed, and only then."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from churn.errors import LockedError, StorageError, VersionError
from churn.store import Workspace, stops
from churn.store.ledger import Ledger
from churn.store.lock import exclusive
from churn.store.stages import Stages


def _stages(root: Path, code: str = "1", said: list[str] | None = None) -> Stages:
    ledger = Ledger(root / "ledger.sqlite", "test")
    return Stages(
        root, ledger, code, lambda *words: (said if said is not None else []).append(words[1])
    )


def _write(text: str):
    def make(folder: Path) -> str:
        (folder / "out.txt").write_text(text)
        return "1 file"

    return make


def test_the_same_inputs_are_skipped_and_say_so(tmp_path: Path) -> None:
    """The second run makes nothing and hands over the same content hash."""
    said: list[str] = []
    first = _stages(tmp_path, said=said).run("score", "2025-01-01", {"a": 1}, _write("x"))
    again = _stages(tmp_path, said=said).run("score", "2025-01-01", {"a": 1}, _write("never"))
    assert (first.skipped, again.skipped) == (False, True)
    assert first.content == again.content
    assert (again.folder / "out.txt").read_text() == "x"
    assert said == ["running", "done", "skipped"]


def test_what_a_stage_left_behind_is_found_by_its_name_and_night(tmp_path: Path) -> None:
    """Whole folders only, the latest night first; another code version finds them too."""
    stages = _stages(tmp_path)
    made = [stages.run("score", night, {}, _write(night)) for night in ("2025-01-01", "2025-02-01")]
    later = _stages(tmp_path, code="2")
    stored = later.stored("score", date(2025, 2, 1))
    assert stored is not None
    assert (stored.folder, stored.content) == (made[1].folder, made[1].content)
    assert [stage.folder.name for stage in later.nights("score")] == ["2025-02-01", "2025-01-01"]
    (made[1].folder / "out.txt").unlink()
    assert later.stored("score", "2025-02-01") is None
    assert [stage.folder.name for stage in later.nights("score")] == ["2025-01-01"]
    assert later.nights("target") == []


@pytest.mark.parametrize(("inputs", "code"), [({"a": 2}, "1"), ({"a": 1}, "2")])
def test_changed_inputs_or_code_run_again(
    tmp_path: Path, inputs: dict[str, int], code: str
) -> None:
    """A changed input, setting or code version makes the stage anew."""
    _stages(tmp_path).run("score", "2025-01-01", {"a": 1}, _write("old"))
    again = _stages(tmp_path, code).run("score", "2025-01-01", inputs, _write("new"))
    assert not again.skipped
    assert (again.folder / "out.txt").read_text() == "new"


def test_a_failed_stage_is_noted_and_runs_again(tmp_path: Path) -> None:
    """An error leaves no output, its name in the ledger, and the way free."""

    def fail(folder: Path) -> str:
        (folder / "half.txt").write_text("half")
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        _stages(tmp_path).run("score", "2025-01-01", {}, fail)
    assert not _stages(tmp_path).run("score", "2025-01-01", {}, _write("x")).skipped
    states = [entry.state for entry in Ledger(tmp_path / "ledger.sqlite", "test").entries()]
    assert states == ["failed", "done"]


def test_an_error_after_a_stop_is_the_stops_doing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that turns the stop into an error of its own has not failed."""
    monkeypatch.setattr(stops, "asked", [])

    def interrupted(_folder: Path) -> str:
        try:
            stops.stop(15, None)
        except stops.Stopped as stopped:
            raise RuntimeError("interrupted") from stopped

    with pytest.raises(RuntimeError):
        _stages(tmp_path).run("panel", "2025-01-01", {}, interrupted)
    assert [entry.state for entry in Ledger(tmp_path / "ledger.sqlite", "test").entries()] == [
        "stopped"
    ]


def test_a_workspace_of_another_version_is_refused(tmp_path: Path) -> None:
    """The version is read before anything is touched."""
    (tmp_path / "workspace.json").write_text('{"version": 99}')
    with pytest.raises(VersionError, match="99") as caught:
        Workspace(tmp_path).open()
    assert caught.value.exit_code == 17
    assert [path.name for path in tmp_path.iterdir()] == ["workspace.json"]


def test_the_personal_folder_is_closed_to_others(tmp_path: Path) -> None:
    """Contact details, the map of identifiers and raw lines are for this user alone."""
    assert Workspace(tmp_path).open().personal.stat().st_mode & 0o077 == 0


def test_one_of_two_runs_works_and_the_other_says_so(tmp_path: Path) -> None:
    """The lock names its holder, and is free again when the holder is gone."""
    with (
        exclusive(tmp_path),
        pytest.raises(LockedError, match="process") as caught,
        exclusive(tmp_path),
    ):
        pass
    assert caught.value.exit_code == 16
    with exclusive(tmp_path):
        pass


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    """A kill leaves no lock behind that someone would have to remove by hand."""
    code = (
        "import os, pathlib, signal\n"
        "from churn.store.lock import exclusive\n"
        f"with exclusive(pathlib.Path({str(tmp_path)!r})):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with exclusive(tmp_path):
        pass


def test_a_stage_whose_file_is_gone_is_made_again(tmp_path: Path) -> None:
    """What was removed by hand does not count as done."""
    first = _stages(tmp_path).run("score", "2025-01-01", {}, _write("x"))
    (first.folder / "out.txt").unlink()
    assert not _stages(tmp_path).run("score", "2025-01-01", {}, _write("x")).skipped


def test_a_marker_nobody_can_read_counts_as_none(tmp_path: Path) -> None:
    """A damaged marker makes the stage again."""
    first = _stages(tmp_path).run("score", "2025-01-01", {}, _write("x"))
    (first.folder / "stage.json").write_text("{")
    assert not _stages(tmp_path).run("score", "2025-01-01", {}, _write("x")).skipped


def test_a_stage_that_is_stopped_is_no_failure(tmp_path: Path) -> None:
    """The ledger tells a stop from a failure; a kill is told by the next run."""

    def stop(folder: Path) -> str:
        raise KeyboardInterrupt

    ledger = Ledger(tmp_path / "ledger.sqlite", "test")
    with pytest.raises(KeyboardInterrupt):
        _stages(tmp_path).run("score", "2025-01-01", {}, stop)
    ledger.start("target", "2025-01-01")
    ledger.close_stopped()
    told = [(entry.stage, entry.state, entry.note) for entry in ledger.entries()]
    assert told == [("score", "stopped", "KeyboardInterrupt"), ("target", "stopped", "killed")]
    assert [entry.stage for entry in ledger.entries(stage="target")] == ["target"]
    assert ledger.entries(stage="promotion") == []


def test_a_ledger_that_cannot_be_used_is_a_storage_error(tmp_path: Path) -> None:
    """A damaged ledger is told with its remedy."""
    (tmp_path / "ledger.sqlite").write_bytes(b"no database at all, but longer than its header")
    with pytest.raises(StorageError, match="ledger") as caught:
        Ledger(tmp_path / "ledger.sqlite", "test").start("score", None)
    assert caught.value.exit_code == 15


def test_reading_the_ledger_makes_none(tmp_path: Path) -> None:
    """Looking at a workspace where nothing ran leaves it as it is."""
    assert Ledger(tmp_path / "ledger.sqlite", "status").entries() == []
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_mended(tmp_path: Path) -> None:
    """Half-written lists and spilled rows go, a champion being replaced comes back."""
    workspace = Workspace(tmp_path).open()
    (workspace.exports / ".2025-01-01.partial").mkdir()
    (workspace.spill / "1").mkdir(parents=True)
    (workspace.models / ".champion.old").mkdir()
    workspace.mend()
    assert list(workspace.exports.iterdir()) == []
    assert not workspace.spill.exists()
    assert [path.name for path in workspace.models.iterdir()] == ["champion"]
