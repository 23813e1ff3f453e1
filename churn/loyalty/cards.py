"""One row per household of the mass market: its points, its card, and what the next one takes."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.targeting.people import DAYS_PER_YEAR, points
from churn.targeting.settings import TierSettings

CARDS = ("gold", "silver", "standard")
CARD_COLUMNS = (
    "customer_id",
    "card",
    "points",
    "points_tenure",
    "points_spend",
    "points_lines",
    "points_mobile",
    "next_card",
    "points_missing",
    "tenure_point_on",
    "spend_to_point",
    "lines_to_point",
    "mobile_would_add",
)


def cards(households: pd.DataFrame, settings: TierSettings, as_of: date) -> pd.DataFrame:
    """Return the card of each household, and how far each measure is from its next point.

    Parameters
    ----------
    households
        ``customer_id, activated_on`` (of the oldest line in service; missing: no tenure),
        ``yearly_spend`` (currency; missing: none), ``lines`` (in service), ``has_mobile``.

    Returns
    -------
    DataFrame
        ``CARD_COLUMNS``, a row per household in the order given. ``next_card`` and
        ``points_missing`` are null of gold; ``tenure_point_on`` is the day on which years in
        service bring the next point, ``spend_to_point`` how much more a year (currency) and
        ``lines_to_point`` how many more lines do, null where no bound is left;
        ``mobile_would_add`` the points that the mobile product would.
    """
    told = points(households, settings, as_of)
    total = told.sum(axis=1)
    gold, silver = total >= settings.gold, total >= settings.silver
    rows = pd.DataFrame(
        {
            "customer_id": households["customer_id"],
            "card": np.select([gold, silver], ["gold", "silver"], "standard"),
            "points": total,
            **{f"points_{name}": told[name] for name in told},
            "next_card": pd.Series(
                np.select([gold, silver], ["", "gold"], "silver"), households.index, dtype="str"
            ),
        }
    )
    wanted = np.where(silver, settings.gold, settings.silver)
    rows["points_missing"] = pd.Series(wanted - total, households.index).where(~gold)
    rows["next_card"] = rows["next_card"].where(~gold)
    since = pd.to_datetime(households["activated_on"])
    years = _next(told["tenure"].to_numpy(), settings.tenure_years)
    reached_on = since + pd.to_timedelta(np.ceil(years * DAYS_PER_YEAR), unit="D")
    rows["tenure_point_on"] = reached_on.dt.date.where(reached_on.notna())
    spend = households["yearly_spend"].astype("float64").fillna(0.0).to_numpy()
    rows["spend_to_point"] = np.round(
        _next(told["spend"].to_numpy(), settings.yearly_spend) - spend, 2
    )
    lines = households["lines"].to_numpy(np.float64)
    rows["lines_to_point"] = _next(told["lines"].to_numpy(), settings.lines) - lines
    rows["mobile_would_add"] = settings.mobile_bonus - told["mobile"]
    return rows[list(CARD_COLUMNS)]


def _next(reached: npt.NDArray[np.int64], bounds: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """Return the next bound of each row; NaN where the last is reached."""
    rising = np.append(np.asarray(bounds, dtype=np.float64), np.nan)
    following: npt.NDArray[np.float64] = rising[reached]
    return following
