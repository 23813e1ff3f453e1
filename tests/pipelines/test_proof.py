"""A night made again from what is kept: the same bytes, or which are not and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from churn.store import Workspace
from pipelines.workspace.prove import differing, kept, why
from tests.pipelines.conftest import Deployment

NIGHT = date(2024, 4, 1)


@pytest.mark.slow
@pytest.mark.few_tables
def test_a_night_comes_out_byte_for_byte(copied: Deployment) -> None:
    """From tables, model and earlier nights; nothing of what was handed over is touched."""
    (night,) = (copied.workspace / "exports").iterdir()
    before = copied.exported()
    files = {path: path.stat().st_mtime_ns for path in _files(copied.workspace / "stages")}
    done = copied.run("workspace", "prove", "--as-of", night.name)
    assert done.returncode == 0, done.stderr
    assert f"revision 1: all {len(before) - 1} files come out byte for byte" in done.stdout
    assert copied.exported() == before
    assert {path: path.stat().st_mtime_ns for path in _files(copied.workspace / "stages")} == files
    assert not list((copied.workspace / "personal" / "spill").rglob("proof"))

    other = copied.run("workspace", "prove", "--as-of", "2024-03-01")
    assert other.returncode == 11, other.stderr
    (copied.workspace / "models" / "champion").rename(copied.workspace / "aside")
    (copied.workspace / "stages" / "train").rename(copied.workspace / "stages-aside")
    gone = copied.run("workspace", "prove", "--as-of", night.name)
    assert gone.returncode == 14, gone.stderr
    copied.change(lambda settings: settings.update(targeting={"cool_down_days": 5}))
    changed = copied.run("workspace", "prove", "--as-of", night.name)
    assert changed.returncode == 10, changed.stderr
    assert "settings_fingerprint" in changed.stderr
    with (night / "targets.csv").open("ab") as file:
        file.write(b"one more\r\n")
    altered = copied.run("workspace", "prove", "--as-of", night.name)
    assert altered.returncode == 15, altered.stderr
    assert f"1 of {len(before) - 1} files are not those that were handed over" in altered.stderr
    assert "targets.csv" in altered.stderr


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_a_revision_could_know(tmp_path: Path) -> None:
    """Earlier nights, its own training, earlier revisions; nothing that came with it or later."""
    known = {
        "tables/bills/1.parquet",
        "personal/id_map.parquet",
        "stages/score/2024-03-01/scores.parquet",
        "stages/train/2024-04-01/report.json",
        "stages/promotion/2024-04-01/decision.json",
        "handed_over/holdout.json",
        "handed_over/2024-03-01/rev001.parquet",
        "handed_over/2024-04-01/rev001.parquet",
        "exports/2024-04-01/manifest.json",
    }
    later = {
        "personal/spill/left.parquet",
        "stages/score/2024-04-01/scores.parquet",
        "stages/monitor/2024-05-01/monitor.json",
        "handed_over/2024-04-01/rev002.parquet",
        "handed_over/2024-04-01/lot002.parquet",
        "handed_over/2024-05-01/rev001.parquet",
        "exports/2024-04-01/rev2/manifest.json",
        "exports/2024-03-01/manifest.json",
        "models/champion/bundle.json",
    }
    for name in known | later:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = kept(Workspace(tmp_path), NIGHT, 2)
    assert {path.relative_to(tmp_path).as_posix() for path in found} == known


def test_what_differs_and_why() -> None:
    """By hash, absent files too; the first thing that is not as it was is the reason."""
    one, other = {"sha256": "1"}, {"sha256": "2"}
    assert differing({"a": one, "b": one}, {"a": one, "b": other, "c": one}) == ["b", "c"]
    then = {"inputs": [1], "made_of": "x"}
    assert "restore the tables" in why(then, {"inputs": [2], "made_of": "y"})
    assert "program of then" in why(then, {"inputs": [1], "made_of": "y"})
    assert "report it" in why(then, then)
    assert "taken back since" in why(then, {**then, "answers": "a"})
    assert "erased" in why({**then, "erased_rows": 2}, then)
