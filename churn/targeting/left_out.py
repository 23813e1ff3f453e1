"""Who is left out, by what, and at what cost; and what one more unit of each limit would earn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churn.targeting.actions import Action
from churn.targeting.allocation import Allocation, Contacts, room_left
from churn.targeting.candidates import Candidates, Priced
from churn.targeting.tonight import CENTS, NightLimits

LEFT_OUT_COLUMNS = ("subscriber_id", "reason", "action", "expected_profit", "limit", "cell")


def left_out(
    people: pd.DataFrame,
    reason: pd.Series[str],
    priced: Priced,
    offers: Candidates,
    night: NightLimits,
    done: Allocation,
    actions: Sequence[Action],
) -> pd.DataFrame:
    """Return a row per scored subscriber that is not selected (``LEFT_OUT_COLUMNS``).

    ``action`` is the most profitable one that makes sense for it, ``expected_profit`` what that
    would earn, in currency: forgone where it is above 0. ``limit`` and ``cell``, for those who
    lost out to a limit, name the one that charged its best contact most.
    """
    names = np.array([*(action.name for action in actions), ""], dtype=object)
    rows = pd.DataFrame(
        {
            "subscriber_id": people["subscriber_id"],
            "reason": reason,
            "action": pd.Series(names[priced.best_action], index=people.index, dtype="str"),
            "expected_profit": priced.best_profit / CENTS,
            "limit": pd.Series("", index=people.index, dtype="str"),
            "cell": pd.Series("", index=people.index, dtype="str"),
        }
    )
    beyond = np.flatnonzero((reason == "beyond_limits").to_numpy())
    if len(beyond):
        best = _best_offers(offers, beyond)
        limit, cell = _charging(offers, best, night, done)
        where = offers.row[best]
        rows.loc[where, "limit"] = limit
        rows.loc[where, "cell"] = cell
        rows.loc[where, "action"] = names[offers.action[best]]
        rows.loc[where, "expected_profit"] = offers.profit[best] / CENTS
    return rows[(reason != "").to_numpy()].reset_index(drop=True)


def price_list(night: NightLimits, done: Allocation, contacts: Contacts) -> list[dict[str, object]]:
    """Return what each limit that costs something would earn with one more unit, dearest first.

    ``limit, cell, money`` (whether its unit is currency, else a contact), ``price`` (currency per
    unit; below 0: what each contact that a floor asks for costs), ``used``, ``at_most``,
    ``at_least`` (in its unit; none: no such limit).
    """
    found: list[dict[str, object]] = []
    picked = contacts.at(done.chosen)
    for (limit, prices), cells in zip(done.prices.of(picked.limits), night.cells, strict=True):
        money = limit.name in night.money
        unit = CENTS if money else 1
        used = limit.used(len(done.chosen))
        for place in np.flatnonzero(np.abs(prices) * unit >= 1):  # a cent per unit
            most = float(limit.at_most[place])
            found.append(
                {
                    "limit": limit.name,
                    "cell": cells[place],
                    "money": money,
                    "price": round(float(prices[place]) * unit / CENTS, 2),
                    "used": float(used[place]) / unit,
                    "at_most": most / unit if np.isfinite(most) else None,
                    "at_least": float(limit.floors[place]) or None,
                }
            )
    return sorted(
        found, key=lambda row: (-abs(float(str(row["price"]))), str(row["limit"]), str(row["cell"]))
    )


def _best_offers(offers: Candidates, rows: np.ndarray) -> np.ndarray:
    """Return the place of each row's most profitable offer."""
    of_them = np.flatnonzero(np.isin(offers.row, rows))
    order = of_them[np.lexsort((of_them, -offers.profit[of_them], offers.row[of_them]))]
    best: np.ndarray = order[np.r_[True, np.diff(offers.row[order]) != 0]]
    return best


def _charging(
    offers: Candidates, best: np.ndarray, night: NightLimits, done: Allocation
) -> tuple[np.ndarray, np.ndarray]:
    """Return which limit charges each of these offers most, and of which cell.

    Where none charges anything, the one that has the smallest part of itself left.
    """
    contacts = Contacts(offers.row[best], offers.profit[best], night.limits)
    everyone = Contacts(offers.row, offers.profit, night.limits)
    room = room_left(everyone, done.chosen)
    weights, cells = [], []
    priced = done.prices.of(night.limits)
    for (limit, prices), names, left in zip(priced, night.cells, room, strict=True):
        mine = limit.of(best)
        cell = np.zeros(len(best), np.int64) if mine.cell is None else mine.cell
        full = 1 - np.maximum(left, 0) / np.maximum(limit.at_most, 1)
        full = np.where(np.isfinite(limit.at_most), full, 0.0)
        charge = mine.charged(prices, len(contacts))
        weights.append(np.maximum(charge, np.append(full, -1.0)[cell]))
        cells.append(np.append(np.array(names, dtype=object), "")[cell])
    most = np.argmax(np.stack(weights), axis=0)
    at = np.arange(len(best))
    names_ = np.array([limit.name for limit in night.limits], dtype=object)
    return names_[most], np.stack(cells)[most, at]
