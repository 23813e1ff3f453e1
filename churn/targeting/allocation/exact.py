"""The optimum of a small choice, and of its relaxation, by HiGHS: the check on the prices.

It stops after a number of nodes, never after a time: the same choice on every run.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from churn.late import Late
from churn.targeting.allocation.problem import Contacts, FloatArray, IntArray, Limit, cells

optimize = Late("scipy.optimize")
sparse = Late("scipy.sparse")

NODES = 2_000
_INFEASIBLE = 2


class Optimum(NamedTuple):
    """The best choice found (none: there is no choice at all), ascending, and what bounds it."""

    chosen: IntArray | None
    bound: float


def relaxed_prices(contacts: Contacts) -> FloatArray | None:
    """Return the prices of the limits at the relaxation's optimum, shape (limits,)."""
    rows, lower, upper = _constraints(contacts)
    scarce, asked = np.isfinite(upper), np.isfinite(lower)
    found = optimize.linprog(
        -contacts.worth.astype(np.float64),
        A_ub=sparse.vstack([rows[scarce], -rows[asked]]),
        b_ub=np.concatenate([upper[scarce], -lower[asked]]),
        bounds=(0, None),
        method="highs",
    )
    if not found.success:
        return None
    price = np.zeros(len(upper))
    many = int(scarce.sum())
    price[scarce] -= found.ineqlin.marginals[:many]
    price[asked] += found.ineqlin.marginals[many:]
    return price[len(price) - cells(contacts.limits) :]


def optimum(contacts: Contacts) -> Optimum | None:
    """Return the optimum, or none where so many nodes did not find one."""
    rows, lower, upper = _constraints(contacts)
    found = optimize.milp(
        -contacts.worth.astype(np.float64),
        integrality=np.ones(len(contacts)),
        bounds=optimize.Bounds(0, 1),
        constraints=optimize.LinearConstraint(rows, lower, upper),
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    if found.status == _INFEASIBLE:
        return Optimum(None, float("nan"))
    if found.x is None:
        return None
    return Optimum(np.flatnonzero(np.rint(found.x)), -float(found.mip_dual_bound))


def _constraints(contacts: Contacts) -> tuple[Any, FloatArray, FloatArray]:
    """Return the rows of one contact per customer and of all limits, and what bounds them."""
    count, starts = len(contacts), contacts.starts
    place = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, count]))
    rows = [
        sparse.csr_array((np.ones(count), (place, np.arange(count))), shape=(len(starts), count))
    ]
    lower = [np.full(len(starts), -np.inf)]
    upper = [np.ones(len(starts))]
    for limit in contacts.limits:
        rows.append(_rows(limit, count))
        lower.append(np.where(limit.floors > 0, limit.floors, -np.inf))
        upper.append(limit.at_most)
    return sparse.csr_array(sparse.vstack(rows)), np.concatenate(lower), np.concatenate(upper)


def _rows(limit: Limit, count: int) -> Any:
    at = np.arange(count) if limit.cell is None else np.flatnonzero(limit.cell >= 0)
    cell = np.zeros(count, np.int64) if limit.cell is None else limit.cell[at]
    use = np.ones(len(at)) if limit.use is None else limit.use[at].astype(np.float64)
    return sparse.csr_array((use, (cell, at)), shape=(len(limit.at_most), count))
