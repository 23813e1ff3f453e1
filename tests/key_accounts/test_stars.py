"""Star levels by value and need."""

from __future__ import annotations

import pandas as pd
import pytest

from churn.key_accounts import KeyAccountSettings
from churn.key_accounts.summary import stars


def test_each_bound_reached_and_a_need_bring_a_star() -> None:
    """A bound that is met counts; who needs nothing has what its revenue brings, and no more."""
    accounts = pd.DataFrame(
        [
            (999.99, False, 1),
            (999.99, True, 2),
            (1_000.0, False, 2),
            (3_000.0, True, 4),
            (50_000.0, False, 4),
            (50_000.0, True, 5),
        ],
        columns=["revenue", "calls", "star"],
    )
    told = stars(accounts["revenue"], accounts["calls"], KeyAccountSettings().star_revenue)
    assert told.tolist() == accounts["star"].tolist()


@pytest.mark.parametrize("bounds", [(2, 1), (1, 1), (1, 2, 3, 4)])
def test_bounds_that_give_no_five_stars_are_refused(bounds: tuple[float, ...]) -> None:
    """They must rise, and be three at most."""
    with pytest.raises(ValueError, match="bounds of stars"):
        KeyAccountSettings(star_revenue=bounds)
