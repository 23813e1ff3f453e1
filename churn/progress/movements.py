"""What moved since the list before: who came, whose risk rose or fell, who left and was on none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.causes import CAUSES

NOTICEABLE = math.log(1.1)
"""Least change of the log-odds of leaving that is told as a rise or a fall."""
MOVES = ("new", "rose", "fell", "same")
_MOST_EXTREME = 1e-9


@dataclass(frozen=True)
class Movements:
    """A night's list against the one handed over before it.

    Parameters
    ----------
    since
        The night of the list before.
    listed
        Per contact of tonight's list, in its order: ``subscriber_id``, ``movement`` (of ``MOVES``;
        ``new`` had no chance then), ``again`` (whether it stood on the list before),
        ``chance_before, chance`` of leaving for any cause (the former NaN if new).
    became
        What the night decided of those who stood on the list before, by code of
        :meth:`churn.targeting.TargetList.decisions`, ``not_scored``, or ``left_<cause>``.
    departed
        Whose departure was not known then and is now: ``subscriber_id, cause, left_on``,
        ``before`` (what the list before had decided; ``not_scored`` where nothing) and
        ``chance_before``.
    changed
        Everyone scored both times: ``subscriber_id, chance_before, chance, movement``.
    """

    since: date
    listed: pd.DataFrame
    became: Mapping[str, int]
    departed: pd.DataFrame
    changed: pd.DataFrame

    @property
    def unlisted(self) -> pd.DataFrame:
        """Who left without having been on the list before, the likeliest by its chances last."""
        rows = self.departed[~self.departed["before"].isin(["contact", "leave_alone"])]
        return rows.sort_values(
            ["chance_before", "subscriber_id"], na_position="first", ignore_index=True
        )

    def counts(self) -> dict[str, object]:
        """Count what moved, for the manifest."""
        moves = self.listed["movement"].value_counts()
        return {
            "since": self.since.isoformat(),
            "listed": {name: int(moves.get(name, 0)) for name in MOVES},
            "again": int(self.listed["again"].sum()),
            "became": dict(sorted(self.became.items())),
            "departed": len(self.departed),
            "departed_unlisted": len(self.unlisted),
        }


def movements(
    since: date,
    before: pd.DataFrame,
    chances_before: pd.DataFrame,
    decided: pd.DataFrame,
    chances: pd.DataFrame,
    departed: pd.DataFrame,
) -> Movements:
    """Hold a night's decisions and chances against those of the list before.

    Parameters
    ----------
    before, decided
        :meth:`churn.targeting.TargetList.decisions` of that list and of tonight's, which lists
        contacts first and best first.
    chances_before, chances
        ``subscriber_id, p_active, p_passive`` (NaN: head off) of everyone scored.
    departed
        ``subscriber_id, cause, left_on`` of departures that have become known since; a new owner,
        a move or a death is none.

    Notes
    -----
    Only what both nights knew of is compared: where a head was on in one of them alone, its cause
    counts in neither, so that a model put in place makes nobody's risk rise.
    """
    departed = departed[departed["cause"].isin(CAUSES)]
    both = [cause for cause in CAUSES if _told(chances, cause) and _told(chances_before, cause)]
    changed = chances_before[["subscriber_id"]].assign(chance_before=_leaves(chances_before, both))
    tonight = chances[["subscriber_id"]].assign(chance=_leaves(chances, both))
    changed = changed.merge(tonight, on="subscriber_id", how="inner", validate="one_to_one")
    changed["movement"] = _moved(changed["chance_before"], changed["chance"])
    listed = decided.loc[decided["tonight"] == "contact", ["subscriber_id"]]
    listed = listed.merge(tonight, on="subscriber_id", how="left")
    known = changed[["subscriber_id", "chance_before", "movement"]]
    listed = listed.merge(known, on="subscriber_id", how="left")
    listed["movement"] = listed["movement"].fillna("new")
    stood = before.loc[before["tonight"] == "contact", "subscriber_id"]
    listed["again"] = listed["subscriber_id"].isin(stood)
    fates = dict(zip(decided["subscriber_id"], decided["tonight"], strict=True))
    fates |= {
        name: f"left_{cause}"
        for name, cause in zip(departed["subscriber_id"], departed["cause"], strict=True)
    }
    became = Counter(fates.get(name, "not_scored") for name in stood)
    told = departed.merge(
        before.rename(columns={"tonight": "before"})[["subscriber_id", "before"]],
        on="subscriber_id",
        how="left",
    )
    told["before"] = told["before"].fillna("not_scored")
    then = chances_before[["subscriber_id"]].assign(
        chance_before=_leaves(chances_before, [c for c in CAUSES if _told(chances_before, c)])
    )
    told = told.merge(then, on="subscriber_id", how="left")
    return Movements(
        since,
        listed[["subscriber_id", "movement", "again", "chance_before", "chance"]],
        dict(became),
        told[["subscriber_id", "cause", "left_on", "before", "chance_before"]],
        changed,
    )


def _told(chances: pd.DataFrame, cause: str) -> bool:
    return bool(chances[f"p_{cause}"].notna().any())


def _leaves(chances: pd.DataFrame, causes: Sequence[str]) -> npt.NDArray[np.float64]:
    columns = [chances[f"p_{cause}"].to_numpy(np.float64) for cause in causes]
    if not columns:
        return np.full(len(chances), np.nan)
    summed: npt.NDArray[np.float64] = np.nansum(columns, axis=0)
    return summed


def _moved(before: pd.Series[float], now: pd.Series[float]) -> pd.Series[str]:
    change = _log_odds(now) - _log_odds(before)
    moves = np.select([change > NOTICEABLE, change < -NOTICEABLE], ["rose", "fell"], "same")
    return pd.Series(moves, index=before.index, dtype="str")


def _log_odds(chance: pd.Series[float]) -> npt.NDArray[np.float64]:
    p = np.clip(chance.to_numpy(np.float64), _MOST_EXTREME, 1 - _MOST_EXTREME)
    odds: npt.NDArray[np.float64] = np.log(p) - np.log1p(-p)
    return odds
