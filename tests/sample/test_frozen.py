"""The synthetic operator is frozen: what it writes does not change unnoticed."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import churn.sample
from churn.errors import SettingsError
from churn.sample import generate
from tests.sample.freezing import content_hash

ROOT = Path(__file__).parents[2]
FROZEN = json.loads(Path(churn.sample.__file__).with_name("frozen.json").read_text())


def _bytes(folder: Path, *, months: int = 99) -> dict[str, bytes]:
    """Return the files whose delivery is among the first ``months`` of 2023."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.csv.gz"))
        if int(path.name[-11:-9]) <= months + 1
    }


def test_the_tiny_world_is_frozen(tmp_path: Path) -> None:
    """300 customers over 6 months hash as recorded; a change needs a decision record."""
    generate(tmp_path, customers=300, months=6, seed=1)
    assert content_hash(tmp_path) == FROZEN["tiny"]


def test_the_committed_world_is_frozen() -> None:
    """``data/sample`` is the world that was frozen, small enough to be kept."""
    folder = ROOT / "data" / "sample"
    assert content_hash(folder) == FROZEN["data/sample"]
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    assert sum(sizes) <= 15_000_000
    assert max(sizes) <= 1_050_000


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    """Two runs write identical files, packing included; another seed does not."""
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        generate(tmp_path / name, customers=200, months=2, seed=seed)
    first, again, other = (content_hash(tmp_path / name) for name in "abc")
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")
    assert first == again != other


def test_packed_files_carry_no_clock(tmp_path: Path) -> None:
    """The gzip header holds no time and no name."""
    generate(tmp_path, customers=50, months=1, seed=3)
    for packed in _bytes(tmp_path).values():
        assert packed[3:8] == bytes(5)
        assert gzip.decompress(packed)


def test_the_past_does_not_know_how_long_the_world_lasts(tmp_path: Path) -> None:
    """The first deliveries of a longer world are those of a shorter one."""
    generate(tmp_path / "short", customers=200, months=3, seed=3)
    generate(tmp_path / "long", customers=200, months=5, seed=3)
    assert _bytes(tmp_path / "long", months=3) == _bytes(tmp_path / "short")


def test_older_worlds_are_replaced(tmp_path: Path) -> None:
    """A second world in the same folder leaves nothing of the first; other files stay."""
    (tmp_path / "README.md").write_text("kept")
    generate(tmp_path, customers=60, months=3, seed=3)
    generate(tmp_path, customers=60, months=1, seed=3)
    assert len(list((tmp_path / "extracts" / "calls").iterdir())) == 1
    assert (tmp_path / "README.md").read_text() == "kept"


@pytest.mark.parametrize("wrong", [{"customers": 0}, {"months": 0}, {"calls_per_month": 0}])
def test_impossible_worlds_are_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    """Nothing is written for a world without customers, months or calls."""
    with pytest.raises(SettingsError, match="at least one customer"):
        generate(
            tmp_path,
            customers=wrong.get("customers", 5),
            months=wrong.get("months", 1),
            seed=1,
            calls_per_month=wrong.get("calls_per_month", 10),
        )
    assert not list(tmp_path.iterdir())
