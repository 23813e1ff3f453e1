"""Learning by design: what a night gives up to know sooner what its actions change.

An action is *settled* once its effect is proven, or shown to be below what the settings assume.
Until then more of those selected with it are left alone (``control_share``), some of the selected
are given another action that may be made to them (``other_action_share``), and money may go to
contacts that do not pay (``budget_share``). Who is drawn by lot is drawn one after the other, each
with chances that are known when it is drawn, and these are kept: what a policy would have earned
can be told by inverse propensity only where they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.targeting.actions import Action
from churn.targeting.allocation import Contacts, fitting, room_left
from churn.targeting.control import draws
from churn.targeting.effects.looking import selected_to_prove
from churn.targeting.effects.measuring import Effect
from churn.targeting.settings import TargetingSettings

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

BUDGET = "budget"


def unsettled(actions: Sequence[Action], effects: Sequence[Effect]) -> frozenset[str]:
    """Return the actions that may be withheld and whose effect is not settled."""
    known = {effect.action for effect in effects if effect.settled}
    return frozenset(
        action.name for action in actions if action.withheld_by_control and action.name not in known
    )


def control_shares(settings: TargetingSettings, learning: Collection[str]) -> dict[str, float]:
    """Return the share of each action's selected that is left alone; 0 where none may be."""
    early = settings.learning.control_share
    share = settings.control_share
    return {
        action.name: (
            0.0
            if not action.withheld_by_control
            else max(share, early or 0.0)
            if action.name in learning
            else share
        )
        for action in settings.actions
    }


def other_actions(
    contacts: Contacts,
    chosen: IntArray,
    row: IntArray,
    by_lot: BoolArray,
    share: float,
    lots: tuple[FloatArray, FloatArray],
) -> tuple[IntArray, FloatArray, list[tuple[int, ...]]]:
    """Give a share of the chosen another contact of the same subscriber, by lot.

    Parameters
    ----------
    row
        The subscriber of each contact, shape (k,).
    by_lot
        Which contacts may be given, or given up, by lot: shape (k,).
    share
        Chance of another one where there is any that the limits allow.
    lots
        Per chosen the draw of its customer that orders, and the one that decides: in [0, 1).

    Returns
    -------
    IntArray, FloatArray, list
        What each of the chosen was given, and the chance with which it was: shape (chosen,). 1
        where there was nothing else to give. And what else it might have been given.
    """
    given, chance = chosen.copy(), np.ones(len(chosen))
    might: list[tuple[int, ...]] = [() for _ in chosen]
    if not share:
        return given, chance, might
    room = _Room(contacts, chosen)
    starts = np.r_[contacts.starts, len(contacts)]
    group = np.searchsorted(starts, chosen, side="right") - 1
    order, decides = lots
    for at in np.argsort(order, kind="stable"):
        own = int(chosen[at])
        if not by_lot[own]:
            continue
        beside = range(starts[group[at]], starts[group[at] + 1])
        others = [
            place
            for place in beside
            if by_lot[place] and row[place] == row[own] and place != own and room.fits(own, place)
        ]
        if not others:
            continue
        might[at] = tuple(others)
        draw = float(decides[at])
        if draw >= share:
            chance[at] = 1 - share
            continue
        place = others[int(draw / share * len(others))]
        chance[at] = share / len(others)
        room.change(own, place)
        given[at] = place
    return given, chance, might


def bought(
    contacts: Contacts, chosen: IntArray, profit: IntArray, open_to: BoolArray, money: float
) -> IntArray:
    """Return contacts that do not pay and are made to learn, within what the chosen leave.

    Parameters
    ----------
    profit
        Expected, in cents: shape (k,). The least loss is taken first.
    open_to
        Which contacts teach anything: shape (k,).
    money
        The most that they may cost together, in cents.
    """
    room = [
        np.minimum(left, money) if limit.name == BUDGET else left
        for limit, left in zip(contacts.limits, room_left(contacts, chosen), strict=True)
    ]
    free = np.flatnonzero(open_to & ~np.isin(contacts.customer, contacts.customer[chosen]))
    free = free[np.lexsort((free, -profit[free]))]
    _, first = np.unique(contacts.customer[free], return_index=True)
    free = free[np.sort(first)]
    return np.sort(free[fitting(contacts, free, np.arange(len(free)), room)])


class _Room:
    """What a choice leaves of every limit, changed contact by contact."""

    def __init__(self, contacts: Contacts, chosen: IntArray) -> None:
        self.limits = contacts.limits
        self.left = [each.copy() for each in room_left(contacts, chosen)]

    def fits(self, own: int, other: int) -> bool:
        """Tell whether the limits allow one contact in place of another."""
        for limit, left in zip(self.limits, self.left, strict=True):
            here, there = self._cell(limit.cell, own), self._cell(limit.cell, other)
            if here >= 0 and here != there and limit.floors[here] > 0:
                return False  # a floor's contact is not given up
            back = self._use(limit.use, own) if here == there else 0
            if there >= 0 and left[there] + back < self._use(limit.use, other):
                return False
        return True

    def change(self, own: int, other: int) -> None:
        """Put one contact in place of another."""
        for limit, left in zip(self.limits, self.left, strict=True):
            for place, sign in ((own, 1), (other, -1)):
                cell = self._cell(limit.cell, place)
                if cell >= 0:
                    left[cell] += sign * self._use(limit.use, place)

    @staticmethod
    def _cell(cell: npt.NDArray[np.integer] | None, place: int) -> int:
        return 0 if cell is None else int(cell[place])

    @staticmethod
    def _use(use: IntArray | None, place: int) -> int:
        return 1 if use is None else int(use[place])


def lots(customers: npt.NDArray[np.object_], campaign: str) -> tuple[FloatArray, FloatArray]:
    """Return the draws of customers that order and decide who is given another action."""
    return draws(customers, f"order|{campaign}"), draws(customers, f"other|{campaign}")


def learned(selected: pd.DataFrame, settings: TargetingSettings) -> dict[str, object]:
    """Return what learning took tonight, and what it is expected to cost.

    Parameters
    ----------
    selected
        Tonight's, with ``action, planned_action, profit_cents, planned_cents, bought``.

    Returns
    -------
    dict
        ``other_action`` (given another action by lot), ``forgone`` (what the best ones would have
        earned more), ``bought`` (contacts that do not pay), ``bought_profit`` (what these are
        expected to earn, mostly below 0); amounts in currency.
    """
    other = selected["action"] != selected["planned_action"]
    below = (settings.least_profit < 0) & (selected["planned_cents"] <= 0)
    paid = selected["bought"] | below
    forgone = (selected["planned_cents"] - selected["profit_cents"])[other].sum()
    return {
        "other_action": int(other.sum()),
        "forgone": int(forgone) / 100,
        "bought": int(paid.sum()),
        "bought_profit": int(selected.loc[paid, "planned_cents"].sum()) / 100,
    }


def planned_power(
    selected: pd.DataFrame,
    effects: Sequence[Effect],
    actions: Sequence[Action],
    shares: Mapping[str, float],
    learning: Collection[str],
) -> list[dict[str, object]]:
    """Return what would settle each action that is not: contacts, and nights like this one.

    Parameters
    ----------
    selected
        Tonight's, with ``action`` and ``chance`` (of the cause that the action answers).

    Returns
    -------
    list of dict
        ``action, selected, control_share, more_selected`` (beyond those drawn so far, at tonight's
        share, to prove the effect assumed however often one looks; null: cannot be told),
        ``nights`` (null where none is selected tonight).
    """
    so_far = {effect.action: effect for effect in effects}
    rows: list[dict[str, object]] = []
    for action in actions:
        if action.name not in learning:
            continue
        chances = selected.loc[selected["action"] == action.name, "chance"]
        share, effect = shares[action.name], so_far.get(action.name)
        drawn = effect is not None and effect.measured and effect.control_rate > 0
        rate = effect.control_rate if effect is not None and drawn else float(chances.mean())
        needed = selected_to_prove(
            rate, action.effect, share, looks=True, among=max(1, len(learning))
        )
        done = effect.treated + effect.control if effect is not None and drawn else 0
        more = int(np.ceil(max(0.0, needed - done))) if np.isfinite(needed) else None
        nights = None if more is None or chances.empty else int(np.ceil(more / len(chances)))
        rows.append(
            {
                "action": action.name,
                "selected": len(chances),
                "control_share": share,
                "more_selected": more,
                "nights": nights,
            }
        )
    return rows
