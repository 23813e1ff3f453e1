"""Groups beside each other: what is planted is told, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churn.evaluation import EvaluationSettings
from churn.monitoring.fairness import Disparity, disparities

EVALUATION = EvaluationSettings(replicates=100, list_size=400, min_test_churners=30)


def _rows(seed: int, **planted: float) -> pd.DataFrame:
    """Draw 6,000 subscribers in two regions; in ``south`` chances are said or true otherwise."""
    draw = np.random.default_rng(seed)
    south = draw.random(6000) < 0.4
    true = 1 / (1 + np.exp(-draw.normal(-3, 1, 6000)))
    true = np.where(south, np.minimum(true * planted.get("risk", 1), 1), true)
    return pd.DataFrame(
        {
            "customer_id": np.arange(6000),
            "weight": 1.0,
            "region": np.where(south, "south", "north"),
            "chance": np.where(south, true * planted.get("said", 1), true),
            "churned": draw.random(6000) < true,
        }
    )


def _south(rows: pd.DataFrame) -> Disparity:
    found = disparities(rows, "region", EVALUATION)
    assert [each.value for each in found] == ["north", "south"], "the largest first"
    return found[1]


def test_alike_groups_are_told_alike() -> None:
    """Of twenty operators without a difference, few intervals leave parity out."""
    shown = [_south(_rows(seed)).shown for seed in range(20)]
    assert sum(shown) <= 6, "three intervals of 95 % each"


def test_a_group_that_is_told_half_its_risk() -> None:
    """It is selected less, its churners are missed, and more of it leave than was said."""
    south = _south(_rows(1, said=0.5))
    assert south.selected.upper < 1
    assert south.caught is not None
    assert south.caught.upper < 0
    assert south.ratio is not None
    assert south.ratio.lower > 1
    assert south.shown


def test_a_group_of_more_risk_is_selected_more_and_its_chances_hold() -> None:
    """A difference that is true: selection moves, calibration does not."""
    south = _south(_rows(2, risk=1.8))
    assert south.selected.lower > 1
    assert south.ratio is not None
    assert south.ratio.meets(1, 1)


def test_small_groups_and_single_values_tell_nothing() -> None:
    """Missing values are a group; of few churners only the selection is told."""
    rows = _rows(3)
    rows.loc[:19, "region"] = "islet"
    rows.loc[20:79, "region"] = None
    found = {each.value: each for each in disparities(rows, "region", EVALUATION)}
    assert set(found) == {"north", "south", ""}
    assert found[""].caught is None
    assert found[""].ratio is None
    assert disparities(rows.assign(region="one"), "region", EVALUATION) == ()


def test_rows_of_equal_chance_share_the_list() -> None:
    """Whatever their order: nobody is taken for standing first."""
    rows = _rows(4).assign(chance=0.05)
    south = _south(rows)
    assert south.selected.value == pytest.approx(1)
    turned = _south(rows.iloc[::-1])
    assert turned.selected.value == pytest.approx(1)
