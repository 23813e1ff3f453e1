r"""Months to come: discrete-time survival with competing causes.

The logarithm of each cause's monthly hazard adds up of the month since one looked, the product,
the tenure, what is left of the commitment in that month, and arrears, which weigh less the longer
ago they were:

    S(k) = prod over j <= k of (1 - sum over causes c of exp(x_j b_c))

fitted by penalised Poisson likelihood to counts of months lived and left (Holford, "The analysis of
rates and of survivorship using log-linear models", *Biometrics* 36, 1980; Tutz and Schmid,
*Modeling Discrete Time-to-Event Data*, 2016). Landmarks see the same calendar months again, and
each counts for its share of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.draws import generator
from churn.evaluation.intervals import Z95, Interval
from churn.frozen import Frozen
from churn.targeting.poisson import covariance, mode
from churn.targeting.survival.history import (
    CELL,
    EARLIEST,
    LATEST,
    MONTH,
    NO_CONTRACT,
    TENURES,
    UNKNOWN,
)

FloatArray = npt.NDArray[np.float64]

CAUSES = ("active", "passive", "administrative")
"""All of them end what a customer pays."""
MONTHS = (1, 2, 3, 4, 7, 10, 13, 25)
"""First months of the bands in which hazards may differ by how long ago one looked."""
COMMITMENT = ((-4, -1), (0, 0), (1, 2), (3, 36))
"""Months of commitment left that are alike: ended lately, ends, nearly, later."""
ARREARS = ((1, 1), (2, 3), (4, 10_000))
"""Months since one looked in which arrears weigh alike."""
SPREAD, BASE_SPREAD = 1.0, 10.0
"""Of the priors: what moves a hazard, and of the hazard itself, of which nothing is known."""
DRAWS = 200
_MOST = 0.95  # of a monthly hazard


Counted = tuple[int, pd.DataFrame]


class Survival(Frozen):
    """Monthly hazards by cause.

    Attributes
    ----------
    products
        Those told apart; others are as an average one.
    observed
        Months that any life was followed: beyond them the last ones' hazards go on.
    subscribers, departures
        Lives and those that ended, at all landmarks.
    coefficients
        Per cause, see :meth:`_design`.
    mean
        Months to come within the horizon of those on the last landmark, with 95 % interval.
    by_product
        The same by product.
    """

    products: tuple[str, ...]
    horizon: int
    observed: int
    subscribers: int
    departures: int
    coefficients: dict[str, tuple[float, ...]]
    mean: Interval
    by_product: dict[str, Interval]

    def survival(self, cells: pd.DataFrame, months: int) -> FloatArray:
        """Return the share of each cell still there after 1 … months: shape (n, months)."""
        hazards = {cause: np.array(each) for cause, each in self.coefficients.items()}
        return _survival(cells, months, self.products, self.observed, hazards)

    def months(self, people: pd.DataFrame, discount_rate: float) -> FloatArray:
        """Return the months that each is expected to stay within the horizon, at today's worth.

        Parameters
        ----------
        people
            See :func:`cells_of`.
        discount_rate
            Yearly rate at which money is worth less.

        Returns
        -------
        ndarray
            Shape (n,), from 0 to the horizon.
        """
        cells = cells_of(people)
        number, first = cells.groupby(list(CELL), sort=True).ngroup(), ~cells.duplicated()
        order = np.argsort(number[first].to_numpy())
        each = self.survival(cells[first].iloc[order], self.horizon)
        worth = (1 + discount_rate) ** (-np.arange(1, self.horizon + 1) / 12)
        return np.asarray((each @ worth)[number.to_numpy()], dtype=np.float64)


def survival(counts: Sequence[Counted], horizon: int) -> Survival | None:
    """Fit hazards to lives counted at landmarks; None where nobody left.

    Parameters
    ----------
    counts
        Per landmark, oldest first: the months that its lives were followed, and rows of
        :func:`churn.targeting.survival.history.lives`. All end on one day.
    """
    rows = exposed(counts, horizon)
    total = float(rows[list(CAUSES)].to_numpy().sum())
    if rows.empty or total == 0:
        return None
    products = tuple(sorted({str(name) for name in rows["product"]} - {""}))
    observed = int(rows["month"].max())
    design = _design(rows, rows["month"].to_numpy(), products, observed)
    spread = np.full(design.shape[1], SPREAD)
    spread[0] = BASE_SPREAD
    weight = rows["at_risk"].to_numpy(np.float64)
    found: dict[str, FloatArray] = {}
    around: dict[str, FloatArray] = {}
    for cause in CAUSES:
        left = rows[cause].to_numpy(np.float64)
        if not left.any():
            continue  # who never leaves so has no hazard to speak of
        prior = np.zeros(design.shape[1])
        prior[0] = np.log((left.sum() + 0.5) / (weight.sum() + 1))
        at = mode(design, left / weight, weight, prior, spread)
        wider = _dispersion(rows, left, weight * np.exp(np.minimum(design @ at, 0.0)))
        found[cause] = at
        around[cause] = covariance(design, weight, at, spread) * wider
    people = counts[-1][1]
    people = people.groupby(list(CELL), as_index=False)["subscribers"].sum()
    mean, by_product = _told(people, horizon, products, observed, found, around)
    lives = sum(int(frame["subscribers"].sum()) for _, frame in counts)
    gone = sum(
        int(frame.loc[frame["month"].between(1, followed), "subscribers"].sum())
        for followed, frame in counts
    )
    return Survival(
        products=products,
        horizon=horizon,
        observed=observed,
        subscribers=lives,
        departures=gone,
        coefficients={cause: tuple(at.tolist()) for cause, at in found.items()},
        mean=mean,
        by_product=by_product,
    )


def cells_of(people: pd.DataFrame) -> pd.DataFrame:
    """Return :data:`CELL` of people known tonight, one row each.

    Parameters
    ----------
    people
        ``product, tenure_days, contract_days, amount_overdue`` of
        :func:`churn.targeting.context.context`.
    """
    tenure = people["tenure_days"].to_numpy(np.float64)
    left = np.floor(people["contract_days"].to_numpy(np.float64) / MONTH)
    overdue = np.nan_to_num(people["amount_overdue"].to_numpy(np.float64), nan=0.0)
    band = np.searchsorted(np.array(TENURES), np.nan_to_num(tenure), side="right")
    return pd.DataFrame(
        {
            "product": people["product"].astype("object").fillna("").to_numpy(),
            "tenure": np.where(np.isnan(tenure), UNKNOWN, band).astype(np.int64),
            "contract": np.where(
                np.isnan(left), NO_CONTRACT, np.clip(np.nan_to_num(left), EARLIEST, LATEST)
            ).astype(np.int64),
            "overdue": (overdue > 0).astype(np.int64),
        }
    )


def exposed(counts: Sequence[Counted], horizon: int) -> pd.DataFrame:
    """Return months lived, a row per cell and month: ``at_risk``, and who left by cause.

    A calendar month that several landmarks see counts once in all.
    """
    months = min(max((followed for followed, _ in counts), default=0), horizon)
    if not months:
        return pd.DataFrame(columns=[*CELL, "month", "at_risk", *CAUSES])
    every = pd.concat([frame for _, frame in counts], ignore_index=True)
    cell = every.groupby(list(CELL), sort=True).ngroup().to_numpy()
    cells = every[list(CELL)].assign(cell=cell).drop_duplicates("cell").sort_values("cell")
    risk = np.zeros((len(cells), months))
    left = np.zeros((len(CAUSES), len(cells), months))
    start = 0
    for followed, frame in counts:
        inside = slice(start, start := start + len(frame))
        seen = min(followed, months)
        shared = [sum(1 for other, _ in counts if other >= followed - k) for k in range(seen)]
        gone = np.zeros((len(CAUSES), len(cells), seen))
        month, size = (frame[name].to_numpy(np.int64) for name in ("month", "subscribers"))
        for place, cause in enumerate(CAUSES):
            here = (frame["cause"] == cause).to_numpy() & (month > 0) & (month <= seen)
            np.add.at(gone[place], (cell[inside][here], month[here] - 1), size[here])
        alive = np.bincount(cell[inside], size, len(cells))
        before = np.cumsum(gone.sum(axis=0), axis=1) - gone.sum(axis=0)
        risk[:, :seen] += (alive[:, None] - before) / shared
        left[:, :, :seen] += gone / shared
    rows = cells.drop(columns="cell").loc[cells.index.repeat(months)].reset_index(drop=True)
    rows["month"] = np.tile(np.arange(1, months + 1), len(cells))
    rows["at_risk"] = risk.ravel()
    for place, cause in enumerate(CAUSES):
        rows[cause] = left[place].ravel()
    return rows[rows["at_risk"] > 0].reset_index(drop=True)


def _design(
    cells: pd.DataFrame, month: npt.NDArray[np.int64], products: Sequence[str], observed: int
) -> FloatArray:
    """Return what the logarithm of a hazard adds up of: shape (n, parameters)."""
    month = np.minimum(month, observed)
    columns: list[npt.NDArray[np.generic]] = [np.ones(len(cells))]
    starts = [start for start in MONTHS if start <= observed]
    band = np.searchsorted(starts, month, side="right") - 1
    columns += [band == place for place in range(len(starts))]
    product = cells["product"].to_numpy()
    columns += [product == name for name in products]
    tenure = cells["tenure"].to_numpy(np.int64)
    columns += [tenure == each for each in (UNKNOWN, *range(len(TENURES) + 1))]
    contract = cells["contract"].to_numpy(np.int64)
    left = np.where(contract == NO_CONTRACT, NO_CONTRACT, contract - (month - 1))
    columns += [(left >= low) & (left <= high) for low, high in COMMITMENT]
    owes = cells["overdue"].to_numpy(np.int64) > 0
    columns += [owes & (month >= low) & (month <= high) for low, high in ARREARS]
    return np.column_stack(columns).astype(np.float64)


def _survival(
    cells: pd.DataFrame,
    months: int,
    products: Sequence[str],
    observed: int,
    coefficients: Mapping[str, FloatArray],
) -> FloatArray:
    """Return the share still there: (n, months), with a last axis if coefficients have one."""
    there: FloatArray = np.ones(1)
    found: list[FloatArray] = []
    for month in range(1, months + 1):
        design = _design(cells, np.full(len(cells), month), products, observed)
        hazard = sum(np.exp(np.minimum(design @ each, 0.0)) for each in coefficients.values())
        there = there * (1 - np.minimum(hazard, _MOST))
        found.append(there)
    return np.stack(found, axis=1)


def _dispersion(rows: pd.DataFrame, left: FloatArray, expected: FloatArray) -> float:
    """Return how much more counts vary than chance alone, by tenure and month; 1 at least."""
    sums = pd.DataFrame({"left": left, "expected": expected}).groupby(
        [rows["tenure"].to_numpy(), rows["month"].to_numpy()]
    )
    told = sums.sum()
    told = told[told["expected"] >= 5]  # noqa: PLR2004 - below it chi-squared tells nothing
    if len(told) < len(TENURES):
        return 1.0
    squared = (told["left"] - told["expected"]) ** 2 / told["expected"]
    return max(1.0, float(squared.mean()))


def _told(
    people: pd.DataFrame,
    horizon: int,
    products: Sequence[str],
    observed: int,
    found: Mapping[str, FloatArray],
    around: Mapping[str, FloatArray],
) -> tuple[Interval, dict[str, Interval]]:
    """Return the mean months to come, and by product, with intervals by draws of the hazards."""
    source = generator(0)
    draws = {
        cause: source.multivariate_normal(at, around[cause], DRAWS, method="cholesky").T
        for cause, at in found.items()
    }
    weight = people["subscribers"].to_numpy(np.float64)
    middle = _survival(people, horizon, products, observed, found).sum(axis=1)
    spread = _survival(people, horizon, products, observed, draws).sum(axis=1)

    def interval(where: npt.NDArray[np.bool_]) -> Interval:
        share = weight[where] / weight[where].sum()
        value = float(share @ middle[where])
        far = Z95 * float((share @ spread[where]).std())
        return Interval(value=value, lower=value - far, upper=value + far)

    product = people["product"].to_numpy()
    return interval(np.ones(len(people), dtype=np.bool_)), {
        name: interval(product == name) for name in products if (product == name).any()
    }
