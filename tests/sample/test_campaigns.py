"""Larger campaigns: an option that leaves the usual world as it was."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from churn.errors import SettingsError
from churn.sample import generate
from churn.sample.campaigns import USUAL
from tests.sample.freezing import content_hash


def lines(path: Path) -> list[str]:
    """Return the rows of a file, without its header."""
    return gzip.decompress(path.read_bytes()).decode().splitlines()[1:]


@pytest.mark.parametrize(("share", "least", "most"), [(0.2, 0.15, 0.2), (0, 0, 0)])
def test_campaigns_select_the_share_asked_for(
    tmp_path: Path, share: float, least: float, most: float
) -> None:
    """Of the base, controls included; those refused, new or suspended are left alone."""
    generate(tmp_path, customers=1500, months=9, seed=2, calls_per_month=1, campaign_share=share)
    extracts = tmp_path / "extracts"
    latest = max((extracts / "campaign_contacts").iterdir())
    base = len(lines(max((extracts / "subscribers").iterdir())))
    assert least * base <= len(lines(latest)) <= most * base


def test_the_usual_share_is_the_usual_world(tmp_path: Path) -> None:
    """Naming it changes no byte."""
    for name, share in (("default", None), ("named", USUAL)):
        generate(tmp_path / name, customers=200, months=9, seed=2, campaign_share=share)
    assert content_hash(tmp_path / "default") == content_hash(tmp_path / "named")


def test_half_is_held_out_and_nothing_changes_where_it_is_told(tmp_path: Path) -> None:
    """Half of every list is control, on record as such; by the truth no contact does a thing.

    Named as shipped, effects change no byte.
    """
    world = {"customers": 1500, "months": 9, "seed": 2, "calls_per_month": 1, "campaign_share": 0.2}
    generate(tmp_path / "told", **world, control_share=0.5, effect=0)
    contacts = tmp_path / "told" / "extracts" / "campaign_contacts"
    rows = [line.split(",") for file in contacts.iterdir() for line in lines(file)]
    assert {row[-1] for row in rows} == {"0.5"}
    assert 0.45 < sum(row[3] == "control" for row in rows) / len(rows) < 0.55
    gamma = pq.read_table(tmp_path / "told" / "truth" / "effects.parquet")["gamma"]
    assert set(gamma.to_pylist()) == {0.0}
    small = {"customers": 200, "months": 9, "seed": 2}
    generate(tmp_path / "default", **small)
    generate(tmp_path / "named", **small, effect=1.0)
    assert content_hash(tmp_path / "default") == content_hash(tmp_path / "named")


@pytest.mark.parametrize("told", [{"control_share": 0}, {"control_share": 1}, {"effect": 3}])
def test_impossible_programmes_are_refused(tmp_path: Path, told: dict[str, float]) -> None:
    """Nobody left alone, everybody, or effects beyond reason."""
    with pytest.raises(SettingsError, match="effects are at most doubled"):
        generate(tmp_path, customers=5, months=1, seed=1, **told)


@pytest.mark.parametrize("share", [-0.1, 0.6])
def test_impossible_shares_are_refused(tmp_path: Path, share: float) -> None:
    """Nothing is written; the error says what may be asked for."""
    with pytest.raises(SettingsError, match="campaigns cannot select") as caught:
        generate(tmp_path, customers=5, months=1, seed=1, campaign_share=share)
    assert "between 0 and 0.5" in caught.value.do
    assert not list(tmp_path.iterdir())
