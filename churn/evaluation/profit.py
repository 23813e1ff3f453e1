r"""What a ranking is worth: MPC, EMPC, the profit of a contact and of a planned list.

Class 0 are the churners, as in Verbraken, Verbeke and Baesens, "A novel profit maximizing
metric for measuring classification performance of customer churn prediction models", IEEE
TKDE 25 (2013). With ``delta = d / CLV``, ``phi = f / CLV``, base rates ``pi0`` (churners) and
``pi1`` (stayers), and ``F0(t)``, ``F1(t)`` the shares of churners and stayers scored above the
cut ``t``::

    P(t; gamma) = CLV (gamma (1 - delta) - phi) pi0 F0(t) - CLV (delta + phi) pi1 F1(t)

MPC is the best cut's profit at gamma's mean, EMPC the best cut's profit averaged over gamma,
both per customer and never negative (nobody need be contacted).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from churn.evaluation.ranking import FloatArray, Metric, Weighed
from churn.evaluation.settings import ProfitSettings
from churn.late import Late

special = Late("scipy.special")

NAN = float("nan")


class Empc(NamedTuple):
    """Expected maximum profit per customer, and the share of customers it contacts."""

    profit: float
    targeted_share: float


def contact_profit(
    p: npt.ArrayLike,
    *,
    gamma: npt.ArrayLike,
    value: npt.ArrayLike,
    offer_cost: npt.ArrayLike,
    contact_cost: npt.ArrayLike,
    take_rate: npt.ArrayLike,
) -> FloatArray:
    """Return what one contact earns: ``p g (V - d) - (1 - p) psi d - f``.

    Parameters
    ----------
    p
        Chance to leave when left alone, in [0, 1].
    gamma
        Relative fall of that chance under the action, at most 1; negative where it does harm.
    value
        V, the value of a customer if saved, in currency.
    offer_cost
        d, the cost of the offer to whoever takes it, in currency.
    contact_cost
        f, the cost of the contact, in currency.
    take_rate
        psi, the share of stayers who take the offer, in [0, 1].

    Returns
    -------
    ndarray
        Currency per contact; the arguments broadcast.

    Examples
    --------
    >>> terms = {"value": 200, "offer_cost": 10, "contact_cost": 1, "take_rate": 1}
    >>> contact_profit([0.01, 0.5], gamma=0.3, **terms).round(6).tolist()
    [-10.33, 22.5]
    """
    chance, saved_share, worth, offer, contact, taken = (
        np.asarray(term, dtype=np.float64)
        for term in (p, gamma, value, offer_cost, contact_cost, take_rate)
    )
    return chance * saved_share * (worth - offer) - (1 - chance) * taken * offer - contact


def break_even(
    *, gamma: float, value: float, offer_cost: float, contact_cost: float, take_rate: float
) -> float:
    """Return the chance to leave from which a contact pays; infinite where it never does.

    Examples
    --------
    >>> round(break_even(gamma=0.3, value=200, offer_cost=10, contact_cost=1, take_rate=1), 3)
    0.164
    """
    wasted = take_rate * offer_cost
    gained = gamma * (value - offer_cost) + wasted
    return (wasted + contact_cost) / gained if gained > 0 else float("inf")


def _hull(rows: Weighed) -> tuple[FloatArray, FloatArray]:
    """Return the corners (F1, F0) of the convex hull above the ROC curve, from (0, 0) to (1, 1)."""
    hits, mass = rows.cuts
    churners = np.concatenate(([0.0], hits / rows.events, [1.0])).tolist()
    stayers_weight = rows.total - rows.events
    stayers = np.concatenate(([0.0], (mass - hits) / stayers_weight, [1.0])).tolist()
    kept: list[int] = []
    for here, (x, y) in enumerate(zip(stayers, churners, strict=True)):
        while len(kept) > 1:
            x0, y0 = stayers[kept[-2]], churners[kept[-2]]
            x1, y1 = stayers[kept[-1]], churners[kept[-1]]
            if (x1 - x0) * (y - y0) < (y1 - y0) * (x - x0):
                break
            kept.pop()
        kept.append(here)
    return np.asarray(stayers)[kept], np.asarray(churners)[kept]


def mpc(rows: Weighed, settings: ProfitSettings) -> float:
    """Return the maximum profit per customer at the mean acceptance, in currency, at least 0."""
    if not 0 < rows.events < rows.total:
        return NAN
    f1, f0 = _hull(rows)
    gain = settings.acceptance * (settings.value - settings.offer_cost) - settings.contact_cost
    waste = settings.offer_cost + settings.contact_cost
    rate = rows.base_rate
    return float(np.max(gain * rate * f0 - waste * (1 - rate) * f1))


def empc(rows: Weighed, settings: ProfitSettings) -> Empc:
    """Return the expected maximum profit per customer under a Beta-distributed acceptance.

    Exact: between two neighbouring corners of the hull the best cut changes at one gamma, so
    the integral is a sum of incomplete beta functions.

    Examples
    --------
    >>> from churn.evaluation.ranking import Scored
    >>> from churn.evaluation.settings import ProfitSettings
    >>> scored = Scored.of([0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9])
    >>> round(empc(scored.weighed(), ProfitSettings()).profit, 9)
    23.875593418
    """
    if not 0 < rows.events < rows.total:
        return Empc(NAN, NAN)
    f1, f0 = _hull(rows)
    delta = settings.offer_cost / settings.value
    phi = settings.contact_cost / settings.value
    rate0 = rows.base_rate
    rate1 = 1 - rate0
    rise, run = np.diff(f0), np.diff(f1)
    flat = rise <= 0
    slope = np.divide(run, rise, out=np.full_like(run, np.inf), where=~flat)
    turns = (slope * (delta + phi) * rate1 / rate0 + phi) / (1 - delta)
    bounds = np.concatenate(([0.0], np.clip(turns, 0, 1), [1.0]))
    a, b = settings.acceptance_alpha, settings.acceptance_beta
    chance = np.diff(special.betainc(a, b, bounds))
    gamma = settings.acceptance * np.diff(special.betainc(a + 1, b, bounds))
    hits, misses = rate0 * f0, rate1 * f1
    profit = (1 - delta) * hits * gamma - (phi * hits + (delta + phi) * misses) * chance
    return Empc(settings.value * float(profit.sum()), float((hits + misses) @ chance))


def list_profit(size: float, settings: ProfitSettings) -> Metric:
    """Return the metric "what a planned list earned", in currency.

    The list takes the riskiest rows while a contact is expected to pay, up to ``size`` in
    weight. Churners in it earn what saving them is expected to bring; all others, those who had
    left before the window opened among them, cost what a stayer costs and bring nothing. A
    night on which no contact pays earns 0.
    """
    terms = settings.model_dump(include={"value", "offer_cost", "contact_cost", "take_rate"})
    worth_it = break_even(gamma=settings.acceptance, **terms)
    saved = float(contact_profit(1.0, gamma=settings.acceptance, **terms))
    wasted = float(contact_profit(0.0, gamma=settings.acceptance, **terms))

    def profit(rows: Weighed) -> float:
        paying = int(np.searchsorted(rows.scored.falling, -worth_it, side="right"))
        top = rows.top(min(size, float(rows.mass[paying])))
        return top.hits * saved + (top.mass - top.hits) * wasted

    return profit
