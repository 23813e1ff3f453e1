"""Files and folders are whole or absent."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from churn.errors import StorageError
from churn.store.atomic import folder, json_bytes, storage_errors, write_bytes

if TYPE_CHECKING:
    from pathlib import Path


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
