"""What contacts changed, action by action: estimates, verdicts, and the effect to reckon with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Literal

import numpy as np
import pandas as pd

from churn.draws import uniform
from churn.evaluation.intervals import Z95, Figure, Interval
from churn.evaluation.multiplicity import holm
from churn.frozen import Frozen
from churn.targeting.actions import Action
from churn.targeting.effects.arms import DRAW, EARLIER, ID
from churn.targeting.effects.looking import (
    LEVEL,
    multiplier,
    p_value,
    selected_to_prove,
)
from churn.targeting.effects.outcomes import answered
from churn.targeting.effects.personal import Personal, personal
from churn.targeting.effects.randomness import LEVEL as CROOKED
from churn.targeting.effects.randomness import arms_alike
from churn.targeting.effects.settings import EffectSettings
from churn.targeting.effects.strata import (
    Arms,
    FloatArray,
    IntArray,
    difference_interval,
    ratio_interval,
    ratio_score,
)

Verdict = Literal["helps", "harms", "not_proven", "not_random", "not_measurable", "no_contacts"]
_NAN = float("nan")
_NOTHING = Interval(value=_NAN, lower=_NAN, upper=_NAN)
_GRID = np.linspace(-3.0, 2.0, 501)  # logarithms of relative risks
HALF_MONTH = 15.21875  # days
_FEWEST = 50  # rows of a campaign before it is tested on its own


class Effect(Frozen):
    """What one action changed.

    Parameters
    ----------
    treated, control, treated_left, control_left
        Subscribers assigned in believed draws, and how many of them left for the cause answered.
    treated_rate, control_rate
        Shares that left, draws weighed by what they can tell.
    difference
        Treated less control, in shares, with its 95 % interval.
    gamma
        Relative fall of the chance to leave, with its 95 % interval.
    looking
        Interval of gamma that is true at all times together, however often one looks.
    p_value
        Valid under looking, corrected for how many actions are looked at (Holm).
    campaigns_refused
        Campaigns whose arms differ in what was known before: not believed.
    balance
        Chance of arms at least as different, had a lot drawn those that are believed.
    placebo
        Difference of the shares that left between two halves of the controls, drawn by hash: an
        A/A test, whose interval misses 0 by luck alone, in 5 of 100.
    used
        Gamma to reckon with: the arms' shrunk towards the settings'.
    sure
        What gamma exceeds with the chance ``certainty``, as arms and settings have it together;
        none where no arms stand behind it.
    assumed
        Gamma of the settings.
    more_selected
        How many more would have to be selected, at the share of controls so far, to prove an
        effect as the settings assume it; none where it is proven or cannot be told.
    more_days
        In how many days that would be, at the pace of the half months in which anybody was drawn.
    personal
        The effect by subscriber; none where too few left to tell. It is reckoned with where it
        earns more than one effect for all.
    """

    action: str
    verdict: Verdict
    treated: int = 0
    control: int = 0
    treated_left: int = 0
    control_left: int = 0
    treated_rate: Figure = _NAN
    control_rate: Figure = _NAN
    difference: Interval = _NOTHING
    gamma: Interval = _NOTHING
    looking: Interval = _NOTHING
    p_value: Figure = 1.0
    campaigns_refused: int = 0
    balance: Figure = _NAN
    placebo: Interval = _NOTHING
    used: float
    sure: float | None = None
    assumed: float
    more_selected: int | None = None
    more_days: int | None = None
    personal: Personal | None = None

    @property
    def settled(self) -> bool:
        """Whether it is proven, or shown to be below what is assumed, however often one looks."""
        return self.verdict in {"helps", "harms"} or (
            self.measured and self.looking.upper < self.assumed
        )

    @property
    def measured(self) -> bool:
        """Whether believed arms stand behind the effect that is used."""
        return self.verdict in {"helps", "harms", "not_proven"}


class _Gathered(Frozen):
    """An action's rows before verdicts are corrected for how many there are."""

    effect: Effect
    halves: int = 1
    z: float = 0.0
    information: float = 0.0


def measured(
    rows: pd.DataFrame, actions: Sequence[Action], settings: EffectSettings
) -> tuple[Effect, ...]:
    """Return the effect of every action of the catalogue, in its order.

    Parameters
    ----------
    rows
        Of :func:`churn.targeting.effects.arms.assignments`, all half months together.
    """
    by_action = dict(tuple(rows.groupby("action", sort=True)))
    found = [_gathered(action, by_action.get(action.name), settings) for action in actions]
    looked_at = [place for place, each in enumerate(found) if each.effect.measured]
    z = np.array([found[place].z for place in looked_at])
    information = np.array([found[place].information for place in looked_at])
    corrected = holm(p_value(z, information))
    effects = [each.effect for each in found]
    for place, p in zip(looked_at, corrected, strict=True):
        judged = _judged(effects[place], float(p), len(looked_at))
        if judged.more_selected is not None:
            pace = (judged.treated + judged.control) / (found[place].halves * HALF_MONTH)
            judged = judged.model_copy(update={"more_days": ceil(judged.more_selected / pace)})
        effects[place] = judged
    return tuple(effects)


def by_subscriber(
    effects: Sequence[Effect],
    rows: pd.DataFrame,
    actions: Sequence[Action],
    settings: EffectSettings,
    value: Callable[[pd.DataFrame, Action], FloatArray],
) -> tuple[Effect, ...]:
    """Add to measured effects what they are by subscriber.

    Parameters
    ----------
    rows
        As :func:`measured` was given.
    value
        V of each row under an action, in currency.
    """
    among = sum(effect.measured for effect in effects)
    done = []
    for effect, action in zip(effects, actions, strict=True):
        own = None
        if effect.measured:
            believed, _ = randomised(rows[rows["action"] == action.name])
            worth = value(believed, action)
            own = personal(believed, action, worth, spread=settings.prior_spread, among=among)
        done.append(effect.model_copy(update={"personal": own}))
    return tuple(done)


def reckoned(effects: Sequence[Effect], people: pd.DataFrame) -> Mapping[str, FloatArray]:
    """Return the effect to reckon with, by action: of shape (n,) where it is by subscriber."""
    return {
        effect.action: effect.personal.gamma(people)
        if effect.personal is not None and effect.personal.used
        else np.array(effect.used)
        for effect in effects
    }


def surely(effects: Sequence[Effect], gamma: Mapping[str, FloatArray]) -> Mapping[str, FloatArray]:
    """Return what the effects of measured actions exceed with the certainty asked for.

    Parameters
    ----------
    gamma
        The effects reckoned with, of :func:`reckoned`; by subscriber each lies as much nearer to
        harm as in the mean.
    """
    return {
        effect.action: 1 - (1 - gamma[effect.action]) * (1 - effect.sure) / (1 - effect.used)
        for effect in effects
        if effect.sure is not None
    }


def _gathered(action: Action, rows: pd.DataFrame | None, settings: EffectSettings) -> _Gathered:
    plain = {"action": action.name, "used": action.effect, "assumed": action.effect}
    if rows is None or rows.empty:
        alone = "no_contacts" if action.withheld_by_control else "not_measurable"
        return _Gathered(effect=Effect(verdict=alone, **plain))
    if rows["treated"].min() == 1:
        return _Gathered(effect=Effect(verdict="not_measurable", treated=len(rows), **plain))
    believed, refused = randomised(rows)
    balance = _balance(believed)
    told = {"campaigns_refused": refused, "balance": balance, **plain}
    if believed.empty or balance < CROOKED:
        return _Gathered(effect=Effect(verdict="not_random", **told))
    arms = counts(believed, action)
    sizes = {
        "treated": int(arms.treated.sum()),
        "control": int(arms.control.sum()),
        "treated_left": int(arms.treated_left.sum()),
        "control_left": int(arms.control_left.sum()),
    }
    if min(sizes["treated"], sizes["control"]) < settings.least_arm:
        return _Gathered(effect=Effect(verdict="no_contacts", **sizes, **told))
    told["placebo"] = _placebo(believed, action)
    done = _estimated(arms, Effect(verdict="not_proven", **sizes, **told), settings)
    return done.model_copy(update={"halves": int(believed["drawn_from"].nunique())})


def _placebo(rows: pd.DataFrame, action: Action) -> Interval:
    """Compare two halves of the controls as if one had been treated."""
    controls = rows[rows["treated"] == 0]
    half = uniform(f"placebo|{name}" for name in controls[ID]) < 0.5  # noqa: PLR2004 - a half
    arms = counts(controls.assign(treated=half.astype(np.int64)), action)
    return _difference(arms) if len(arms.treated) else _NOTHING


def counts(rows: pd.DataFrame, action: Action) -> Arms:
    """Count both arms of every draw that has both: arrays of shape (draws,)."""
    return counts_of(rows, answered(rows, action))


def counts_of(rows: pd.DataFrame, left: IntArray) -> Arms:
    """Count both arms of every draw that has both, for any outcome: 0 or 1, shape (n,)."""
    treated = rows["treated"].to_numpy(np.int64)
    parts = {
        "treated": treated,
        "treated_left": treated * left,
        "control": 1 - treated,
        "control_left": (1 - treated) * left,
    }
    sums = rows[list(DRAW)].assign(**parts).groupby(list(DRAW), sort=True)[list(parts)].sum()
    both = sums[(sums["treated"] > 0) & (sums["control"] > 0)]
    return Arms(*(both[name].to_numpy(np.float64) for name in parts))


def randomised(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return the rows of the campaigns whose arms look alike, and how many do not."""
    campaigns = dict(tuple(rows.groupby("campaign_id", sort=True)))
    level = CROOKED / len(campaigns)
    refused = [
        name for name, each in campaigns.items() if len(each) >= _FEWEST and _balance(each) < level
    ]
    return rows[~rows["campaign_id"].isin(refused)], len(refused)


def _balance(rows: pd.DataFrame) -> float:
    if rows.empty:
        return _NAN
    draw = rows.groupby(list(DRAW), sort=True).ngroup()
    return arms_alike(rows["treated"], draw, rows[list(EARLIER)])


def estimates(arms: Arms) -> tuple[Interval, Interval]:
    """Return difference of the shares that left, treated less control, and gamma."""
    treated, control = (float(rate) for rate in arms.rates)
    below, above = (float(end) for end in ratio_interval(arms))
    ratio = treated / control if control > 0 else _NAN
    return (
        _difference(arms),
        Interval(value=1 - ratio, lower=1 - float(np.exp(above)), upper=1 - float(np.exp(below))),
    )


def _difference(arms: Arms) -> Interval:
    treated, control = (float(rate) for rate in arms.rates)
    low, high = (float(end) for end in difference_interval(arms))
    return Interval(value=treated - control, lower=low, upper=high)


def _estimated(arms: Arms, effect: Effect, settings: EffectSettings) -> _Gathered:
    treated, control = (float(rate) for rate in arms.rates)
    difference, gamma = estimates(arms)
    used, sure = _shrunk(arms, effect.assumed, settings)
    width = max(float(np.log(1 - gamma.lower) - np.log(1 - gamma.upper)), 1e-9)
    information = (2 * Z95 / width) ** 2
    done = effect.model_copy(
        update={
            "treated_rate": treated,
            "control_rate": control,
            "difference": difference,
            "gamma": gamma,
            "used": used,
            "sure": min(used, sure),
        }
    )
    return _Gathered(effect=done, z=float(ratio_score(arms, np.zeros(()))), information=information)


def _shrunk(arms: Arms, assumed: float, settings: EffectSettings) -> tuple[float, float]:
    """Return the mean of gamma given arms and prior, and what it exceeds with the certainty.

    On a grid of relative risks.

    The likelihood is that of the score statistic, so that arms without an event are no exception;
    the prior is normal in the logarithm, with its mean at the settings' effect.
    """
    each = (arms.treated, arms.treated_left, arms.control, arms.control_left)
    shape = Arms(*(counted[None, :] for counted in each))
    scores = ratio_score(shape, _GRID)
    spread = settings.prior_spread
    mean = np.log(max(1 - assumed, 0.05)) - spread**2 / 2  # so that the prior's mean is assumed
    logged = -(scores**2) / 2 - ((_GRID - mean) / spread) ** 2 / 2
    weight: FloatArray = np.exp(logged - logged.max())
    weight /= weight.sum()
    highest = np.interp(settings.certainty, np.cumsum(weight) - weight / 2, _GRID)
    return float(1 - weight @ np.exp(_GRID)), float(1 - np.exp(highest))


def _judged(effect: Effect, p: float, among: int) -> Effect:
    """Return the effect with its verdict, corrected for how many are looked at."""
    centre = np.log(max(1 - effect.gamma.value, 1e-6)) if effect.control_rate > 0 else _NAN
    width = np.log((1 - effect.gamma.lower) / max(1 - effect.gamma.upper, 1e-6))
    error = width / (2 * Z95)
    far = float(multiplier(1 / error**2, LEVEL / among)) * error
    proven = p < LEVEL
    helps = effect.difference.value < 0
    verdict: Verdict = ("helps" if helps else "harms") if proven else "not_proven"
    selected = effect.treated + effect.control
    share = effect.control / selected
    needed = selected_to_prove(effect.control_rate, effect.assumed, share, looks=True, among=among)
    more = None if proven or not np.isfinite(needed) else max(0, int(np.ceil(needed - selected)))
    return effect.model_copy(
        update={
            "verdict": verdict,
            "p_value": p,
            "looking": Interval(
                value=effect.gamma.value,
                lower=1 - float(np.exp(centre + far)),
                upper=1 - float(np.exp(centre - far)),
            ),
            "more_selected": more,
        }
    )
