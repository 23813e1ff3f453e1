"""Files and folders are whole or absent."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from churn.errors import StorageError
from churn.store.atomic import folder, json_bytes, mend, storage_errors, write_bytes


def test_a_file_replaces_the_older_one(tmp_path: Path) -> None:
    """The last content stands, and nothing is left beside it."""
    write_bytes(tmp_path / "a.json", b"old")
    write_bytes(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_that_fails_half_way_leaves_the_older_one(tmp_path: Path) -> None:
    """An error inside the block keeps what stood there."""
    final = tmp_path / "night"
    with folder(final) as partial:
        (partial / "list.csv").write_text("old")
    with pytest.raises(RuntimeError, match="half-way"), folder(final) as partial:
        (partial / "list.csv").write_text("new")
        raise RuntimeError("half-way")
    assert (final / "list.csv").read_text() == "old"


def test_leftovers_of_a_killed_run_are_cleared(tmp_path: Path) -> None:
    """What a kill left in the temporary folder never reaches the final one."""
    left = tmp_path / ".night.partial"
    left.mkdir()
    (left / "half.csv").write_text("half")
    with folder(tmp_path / "night") as partial:
        (partial / "list.csv").write_text("whole")
    assert [path.name for path in (tmp_path / "night").iterdir()] == ["list.csv"]


def test_json_bytes_do_not_depend_on_the_order_of_keys() -> None:
    """Equal content gives equal bytes; a number that is no number is refused."""
    assert json_bytes({"b": 1, "a": "流失"}) == json_bytes({"a": "流失", "b": 1})
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"a": float("nan")})


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "no space"), (errno.EACCES, "cannot be written")]
)
def test_a_disk_that_refuses_is_a_storage_error(code: int, words: str) -> None:
    """A full or closed disk is the storage's error, with its remedy."""
    with pytest.raises(StorageError, match=words) as caught, storage_errors("exports"):
        raise OSError(code, "refused")
    assert caught.value.exit_code == 15
    assert caught.value.do


def test_another_error_of_the_system_passes_through() -> None:
    """Only what the user can mend is reworded."""
    with pytest.raises(FileNotFoundError), storage_errors("exports"):
        raise FileNotFoundError(errno.ENOENT, "gone")


@pytest.mark.parametrize("before", ["replaced", "new"])
def test_a_kill_between_the_two_renames_keeps_the_older_folder(tmp_path: Path, before: str) -> None:
    """The older one comes back whole, whether it is mended at once or by the next write."""
    old = tmp_path / "models" / ".champion.old"
    old.mkdir(parents=True)
    (old / "bundle.json").write_text("old")
    half = tmp_path / "models" / ".champion.partial"
    half.mkdir()
    (half / "bundle.json").write_text("half")
    final = tmp_path / "models" / "champion"
    if before == "replaced":
        with pytest.raises(RuntimeError, match="again"), folder(final):
            raise RuntimeError("again")
        assert (final / "bundle.json").read_text() == "old"
    mend(tmp_path)
    assert (final / "bundle.json").read_text() == "old"
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["champion"]


def test_mending_removes_files_half_written_and_nothing_else(tmp_path: Path) -> None:
    """A partial file goes; finished files and folders stay."""
    (tmp_path / "a.json").write_text("whole")
    (tmp_path / "a.json.partial").write_text("half")
    mend(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_secret_is_never_readable_by_others(tmp_path: Path) -> None:
    """The file has its mode before it has its content."""
    write_bytes(tmp_path / "key", b"secret", mode=0o600)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_file_in_the_way_of_a_folder_is_a_storage_error(tmp_path: Path) -> None:
    """A workspace named like a file is told, not a defect."""
    (tmp_path / "workspace").write_text("a file")
    with pytest.raises(StorageError, match="a file stands"):
        write_bytes(tmp_path / "workspace" / "a.json", b"")
