r"""Whom an action helps: its effect by what was known of a subscriber before the draw.

With ``x`` known before and ``t`` the arm, the chance to leave is ``exp(b + x c + t (a + x d))``,
fitted by penalised Poisson likelihood to rows that weigh what their draw can tell (treated by the
share of controls, controls by the share of treated), so that the relative risk ``exp(a + x d)`` is
by assignment. Priors draw ``a`` to the settings' effect and ``d`` to nothing: little data give one
effect for all (Zou, "A modified Poisson regression approach", *American Journal of Epidemiology*
159, 2004, is the likelihood; the policy's value is by inverse propensity, Hitsch, Misra and Zhang,
"Heterogeneous treatment effects and optimal targeting policy evaluation", 2024).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.draws import folds
from churn.evaluation.intervals import Interval
from churn.evaluation.profit import contact_profit
from churn.frozen import Frozen
from churn.targeting.actions import Action
from churn.targeting.effects.arms import DRAW, EARLIER, ID, WORDS
from churn.targeting.effects.outcomes import answered
from churn.targeting.effects.policies import Policies, added, policies, policy_value
from churn.targeting.poisson import mode

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

KNOTS = 11
"""Quantiles between which a number is placed."""
RARE = 0.03
"""Share of rows below which a value has no column of its own."""
FOLDS = 5
FEWEST = 60
"""Subscribers that left in either arm below which one effect is all that can be told."""
SLOPE_SPREAD = 0.35
"""How far one column may move the logarithm of the relative risk: standard deviation."""
RISK_SPREAD = 2.0
"""The same for the risk itself, of which nothing is known before."""
LOWEST, HIGHEST = -1.0, 0.8
"""Effects beyond which none is reckoned with."""


class Trait(Frozen):
    """One column of what is known: a number's place among others, or whether a value is there.

    Attributes
    ----------
    knots
        Ascending quantiles, at which the place goes from -0.5 to 0.5; none for a flag.
    value
        The word, or ``"0"``, or ``""`` for a missing value that the flag tells.
    word
        Whether the column holds words.
    """

    column: str
    knots: tuple[float, ...] = ()
    value: str = ""
    word: bool = False

    def of(self, known: pd.DataFrame) -> FloatArray:
        """Return the column: shape (n,)."""
        if self.word or self.column in WORDS:
            same = known[self.column].astype("str") == self.value
            return np.asarray(same, dtype=np.float64)
        values = known[self.column].to_numpy(np.float64)
        if self.knots:
            places = np.linspace(-0.5, 0.5, len(self.knots))
            return np.where(np.isnan(values), 0.0, np.interp(values, self.knots, places))
        return np.asarray(values == 0 if self.value else np.isnan(values), dtype=np.float64)


class Personal(Frozen):
    """An action's effect by subscriber.

    Attributes
    ----------
    base, slopes
        Logarithm of the relative risk where every trait is 0, and what each adds.
    gain
        What the policy that uses it earns more than one effect for all, in currency per selected
        subscriber, out of sample, with its interval, corrected for how many actions were tried.
    policies
        What each way to choose would have earned more than contacting nobody.
    """

    traits: tuple[Trait, ...]
    base: float
    slopes: tuple[float, ...]
    gain: Interval
    policies: Policies | None = None

    @property
    def used(self) -> bool:
        """Whether it earns more, by more than noise."""
        return self.gain.lower > 0

    def gamma(self, known: pd.DataFrame) -> FloatArray:
        """Return the relative fall of the chance: shape (n,)."""
        design = np.column_stack([trait.of(known) for trait in self.traits])
        return _bounded(self.base + design @ np.array(self.slopes))


class Rows(NamedTuple):
    """Rows of one action: shape (n,) each, ``design`` (n, traits)."""

    design: FloatArray
    treated: FloatArray
    left: FloatArray
    share: FloatArray
    weight: FloatArray

    def at(self, where: BoolArray) -> Rows:
        """Return the rows where the mask holds."""
        return Rows(*(part[where] for part in self))


def personal(
    rows: pd.DataFrame, action: Action, value: FloatArray, *, spread: float, among: int
) -> Personal | None:
    """Fit an action's effect by subscriber, and tell what using it would have earned.

    Parameters
    ----------
    rows
        Believed draws of the action, see :func:`churn.targeting.effects.arms.assignments`.
    value
        V of each row, in currency: shape (n,).
    spread
        Standard deviation of the prior of the mean effect's logarithm.
    among
        How many actions are looked at: intervals are corrected for it.

    Returns
    -------
    Personal or None
        None where too few left to tell.
    """
    traits = traits_of(rows)
    left = answered(rows, action).astype(np.float64)
    treated = rows["treated"].to_numpy(np.float64)
    draw = rows.groupby(list(DRAW), sort=True).ngroup()
    share = pd.Series(treated).groupby(draw.to_numpy()).transform("mean").to_numpy()
    both = (share > 0) & (share < 1)
    if min(left[both] @ treated[both], left[both] @ (1 - treated[both])) < FEWEST or not traits:
        return None
    design = np.column_stack([trait.of(rows) for trait in traits])
    weight = np.where(treated > 0, 1 - share, share)
    every = Rows(design, treated, left, share, weight).at(both)
    prior = float(np.log(max(1 - action.effect, 0.05)) - spread**2 / 2)
    gain, values = _gain(
        every, action, value[both], rows[ID].to_numpy()[both], prior, spread, among
    )
    _, _, base, slopes = fitted(every, prior, spread)
    return Personal(
        traits=traits, base=base, slopes=tuple(slopes.tolist()), gain=gain, policies=values
    )


def traits_of(
    rows: pd.DataFrame, columns: Sequence[str] = EARLIER, words: Collection[str] = WORDS
) -> tuple[Trait, ...]:
    """Return what tells rows apart: quantiles of numbers, flags, and the common words."""
    traits: list[Trait] = []
    for column in columns:
        if column in words:
            shares = rows[column].astype("str").value_counts(normalize=True).sort_index()
            common = [word for word, part in shares.items() if RARE <= part <= 1 - RARE]
            traits += [Trait(column=column, value=str(word), word=True) for word in common]
            continue
        values = rows[column].to_numpy(np.float64)
        known = values[~np.isnan(values)]
        knots = np.unique(np.quantile(known, np.linspace(0, 1, KNOTS))) if len(known) else known
        if len(knots) > 1:
            traits.append(Trait(column=column, knots=tuple(knots.tolist())))
        for flag, there in (("", np.isnan(values)), ("0", values == 0)):
            if len(knots) > 2 - (not flag) and RARE <= there.mean() <= 1 - RARE:
                traits.append(Trait(column=column, value=flag))
    return tuple(traits)


def fitted(
    rows: Rows, prior: float, spread: float, *, alike: bool = False
) -> tuple[float, FloatArray, float, FloatArray]:
    """Return the risk's base and slopes, and those of the relative risk; ``alike``: no slopes."""
    ones = np.ones((len(rows.left), 1))
    moves = rows.treated[:, None]
    parts = [ones, rows.design, moves] + ([] if alike else [moves * rows.design])
    design = np.hstack(parts)
    width = rows.design.shape[1]
    rate = (rows.weight @ rows.left + 1) / (rows.weight.sum() + 2)
    own = 0 if alike else width
    mean = np.concatenate([[np.log(rate)], np.zeros(width), [prior], np.zeros(own)])
    deviation = np.concatenate(
        [[10.0], np.full(width, RISK_SPREAD), [spread], np.full(own, SLOPE_SPREAD)]
    )
    # weights that add up to the rows that count, so that priors weigh what they should
    weight = rows.weight * (rows.weight.sum() / (rows.weight @ rows.weight))
    at = mode(design, rows.left, weight, mean, deviation)
    slopes = np.zeros(width) if alike else at[width + 2 :]
    return float(at[0]), at[1 : width + 1], float(at[width + 1]), slopes


def _gain(
    rows: Rows,
    action: Action,
    value: FloatArray,
    subscribers: npt.NDArray[np.object_],
    prior: float,
    spread: float,
    among: int,
) -> tuple[Interval, Policies]:
    """Return what contacting by own effects earns more, by fits that had not seen who is asked."""
    codes, _ = pd.factorize(subscribers, sort=True)
    fold = folds(int(codes.max()) + 1, FOLDS, 0)[codes]
    profits = {alike: np.zeros(len(codes)) for alike in (False, True)}
    for number in range(FOLDS):
        seen, asked = rows.at(fold != number), rows.at(fold == number)
        for alike, profit in profits.items():
            base, risk, mean, slopes = fitted(seen, prior, spread, alike=alike)
            profit[fold == number] = contact_profit(
                np.minimum(np.exp(base + asked.design @ risk), 1.0),
                gamma=_bounded(mean + asked.design @ slopes),
                value=value[fold == number],
                offer_cost=action.offer_cost,
                contact_cost=action.contact_cost,
                take_rate=action.take_rate,
            )
    cost = action.contact_cost + (1 - rows.left) * action.take_rate * action.offer_cost
    gain = added(-value * rows.left - rows.treated * cost, rows.treated, rows.share)
    own, one = profits[False], profits[True]
    more = (own > 0).astype(np.float64) - (one > 0)
    return (
        policy_value(gain, more, codes, among=among),
        policies(gain, codes, alike=one, own=own),
    )


def _bounded(logarithm: FloatArray) -> FloatArray:
    return np.asarray(np.clip(1 - np.exp(logarithm), LOWEST, HIGHEST), dtype=np.float64)
